namespace Microsoft.ML.Mixture.Engine.Tests;

/// <summary>Rows are read in an order that puts those of one component side by side, whatever the number of threads, and results agree with those of the order given.</summary>
public class RowOrderTests
{
    public static TheoryData<int, int, int> Sizes => new() { { 8_192, 2, 2 }, { 8_193, 3, 7 }, { 30_011, 1, 3 }, { 50_000, 16, 9 }, { 20_000, 5, 200 } };

    [Theory]
    [Trait("Kind", "Law")]
    [MemberData(nameof(Sizes))]
    public void Rearrange_AnyLabels_SortsAPermutationWithinRegions(int rowCount, int dimension, int componentCount)
    {
        var source = new ArrayRowSource<double>(new double[rowCount * dimension], dimension);
        var random = new Random(rowCount + componentCount);
        int[] threads = [1, 2, 3, 7, 16], first = [];
        RowOrder[] orders = [.. threads.Select(count => Create(source, componentCount, count))];
        Assert.All(orders, order => Assert.True(Enumerable.Range(0, rowCount).SequenceEqual(order.Rows(0, rowCount).ToArray())));
        for (int round = 0; round < 4; round++)
        {
            // In the last round some labels are missing.
            int[] labels = [.. Enumerable.Range(0, rowCount).Select(_ => round == 3 ? componentCount / 2 : random.Next(componentCount))];
            for (int at = 0; at < orders.Length; at++)
            {
                RowOrder order = orders[at];
                using WorkerTeam? team = at == 0 ? null : new WorkerTeam(threads[at]);
                int[] before = order.Rows(0, rowCount).ToArray();
                Span<int> noted = order.Labels(0, rowCount);
                for (int i = 0; i < rowCount; i++) noted[i] = labels[before[i]];
                Assert.True(order.Rearrange(64 << round, team));
                Assert.True(order.IsSorted);
                int[] after = order.Rows(0, rowCount).ToArray();
                if (at == 0) CheckSorted(first = after, before, labels, order.Labels(0, rowCount), componentCount);
                else Assert.True(first.SequenceEqual(after), $"The order of {threads[at]} threads is another one.");
            }
        }
    }

    [Fact]
    [Trait("Kind", "Law")]
    public void Rearrange_FewRowsMoved_LeavesTheOrder()
    {
        const int RowCount = 20_000;
        RowOrder order = Create(new ArrayRowSource<double>(new double[RowCount], 1), 4, 1);
        for (int i = 0; i < RowCount; i++) order.Labels(0, RowCount)[i] = i % 4;
        Assert.True(order.Rearrange(1, null));
        int[] before = order.Rows(0, RowCount).ToArray();

        order.Labels(7, 1)[0] = 3;

        Assert.False(order.Rearrange(2, null));
        Assert.Equal(before, order.Rows(0, RowCount).ToArray());
    }

    [Fact]
    [Trait("Kind", "Law")]
    public void Create_WhereNothingIsGained_IsNull()
    {
        var source = new ArrayRowSource<double>(new double[20_000], 1);
        Assert.Null(RowOrder.Create(source, new RowPartition(20_000, 1, 4), componentCount: 1, 1));
        Assert.Null(RowOrder.Create(new CountedRowSource(source, readsInAnyOrder: false), new RowPartition(20_000, 1, 4), componentCount: 3, 1));
        Assert.Null(RowOrder.Create(new ArrayRowSource<double>(new double[1_000], 1), new RowPartition(1_000, 1, 4), componentCount: 3, 1));
    }

    [Theory]
    [Trait("Kind", "Reference")]
    [InlineData("full", 2)]
    [InlineData("full", 9)]
    [InlineData("tied", 5)]
    [InlineData("diagonal", 4)]
    [InlineData("spherical", 3)]
    public void Fit_SortedRows_AgreesWithTheOrderGiven(string name, int dimension)
    {
        foreach (RowKind kind in Enum.GetValues<RowKind>())
        {
            var problem = new EngineProblem(kind, 20_011, dimension, 6, dimension, hasWeights: true);
            var options = new GaussianMixtureOptions
            {
                ComponentCount = 6,
                CovarianceStructure = BoundsTests.Structure(name),
                Start = problem.Start(),
                MaximumIterations = 15,
                Tolerance = 0,
            };
            CountedRowSource ordered = new(problem.Source, readsInAnyOrder: false), sorted = new(problem.Source, readsInAnyOrder: true);
            GaussianMixtureModel given = GaussianMixture.Fit(ordered, options, CancellationToken.None), actual = GaussianMixture.Fit(sorted, options, CancellationToken.None);

            if (kind == RowKind.Clustered) Assert.True(sorted.RowsReadOutOfOrder >= 10 * problem.RowCount, $"Only {sorted.RowsReadOutOfOrder} rows were read out of order.");
            for (int t = 0; t < given.Report!.LogLikelihoodHistory.Count; t++)
            {
                Closeness.Relative(given.Report.LogLikelihoodHistory[t], actual.Report!.LogLikelihoodHistory[t], 1e-11, $"{kind}: log-likelihood after {t} steps");
            }

            Closeness.ToScale(given.Weights, actual.Weights, 1e-9, "Weights");
            Closeness.ToScale(given.Means.ToArray(), actual.Means, 1e-9, "Means");
            for (int k = 0; k < 6; k++) Closeness.ToScale(given.Covariances[k].ToArray(), actual.Covariances[k], 1e-9, $"Covariance {k}");
        }
    }

    private static RowOrder Create(RowSource source, int componentCount, int threads) =>
        RowOrder.Create(source, new RowPartition(source.RowCount, source.Dimension, 100), componentCount, threads)!;

    // Where labels begin anew a region begins: no row has crossed over.
    private static void CheckSorted(int[] rows, int[] before, int[] labels, ReadOnlySpan<int> noted, int componentCount)
    {
        int regions = 1;
        var open = new HashSet<int>();
        for (int i = 0; i < rows.Length; i++)
        {
            Assert.True(labels[rows[i]] == noted[i], $"Place {i} has another label than its row.");
            if (i > 0 && noted[i] < noted[i - 1])
            {
                regions++;
                Assert.True(open.Count == 0, $"A row has moved across the beginning of a region at {i}.");
            }

            if (!open.Remove(rows[i])) open.Add(rows[i]);
            if (!open.Remove(before[i])) open.Add(before[i]);
        }

        Assert.Empty(open);
        Assert.True(Enumerable.Range(0, rows.Length).SequenceEqual(rows.Order()));
        Assert.InRange(regions, 1, Math.Max(1, rows.Length / Math.Min(1024 * componentCount, rows.Length) + 1));
    }
}
