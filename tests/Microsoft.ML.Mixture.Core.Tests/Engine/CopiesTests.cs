using Microsoft.ML.Mixture.BadInput.Tests;
using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.Engine.Tests;

/// <summary>Which rows count as copies, and as how many different ones they count.</summary>
public class CopiesTests
{
    /// <summary>Real data, rounded as they are.</summary>
    [Theory]
    [InlineData("iris.csv")]
    [InlineData("faithful.csv")]
    [InlineData("wine.csv")]
    [InlineData("banknote.csv")]
    [InlineData("diabetes_reaven_miller.csv")]
    [InlineData("penguins.csv")]
    [InlineData("olive_oil.csv")]
    [InlineData("quakes.csv")]
    [InlineData("geyser.csv")]
    [InlineData("airquality.csv")]
    [InlineData("mammal_sleep.csv")]
    [InlineData("nhanes.csv")]
    [InlineData("pima2_missing.csv")]
    [InlineData("xclara.csv")]
    [InlineData("chevron.csv")]
    [InlineData("cross.csv")]
    [InlineData("digits_1797x64.csv")]
    public void Find_DataOfTests_HaveNoCopies(string file) => Assert.Null(Find(CsvTable.Load(file).Features));

    [Theory]
    [InlineData("iris.csv")]
    [InlineData("wine.csv")]
    [InlineData("penguins.csv")]
    [InlineData("airquality.csv")]
    [InlineData("olive_oil.csv")]
    public void Find_RowsDrawnAgain_AreCopiesOfAsManyAsDiffer(string file)
    {
        double[,] rows = CopiedRowsTests.DrawnAgain(CsvTable.Load(file).Features, 6, seed: 3);
        string[] keys = [.. Enumerable.Range(0, rows.GetLength(0)).Select(i => string.Join(' ', Enumerable.Range(0, rows.GetLength(1)).Select(j => rows[i, j])))];

        CopiedRows copies = Find(rows)!;

        Assert.Equal(keys.Distinct().Count(), copies.Count);
        var groups = new Dictionary<string, int>();
        for (int i = 0; i < keys.Length; i++)
        {
            groups.TryAdd(keys[i], copies.Groups[i]);
            Assert.Equal(groups[keys[i]], copies.Groups[i]);
        }
    }

    /// <summary>Equal rows of a grid are no copies, however many there are.</summary>
    [Theory]
    [Trait("Kind", "Law")]
    [InlineData(2, 0.1)]
    [InlineData(2, 0.5)]
    [InlineData(2, 2)]
    [InlineData(4, 0.3)]
    [InlineData(4, 1)]
    [InlineData(6, 0.5)]
    [InlineData(6, 2)]
    [InlineData(10, 2)]
    [InlineData(1, 1)]
    public void Find_RoundedValues_HaveNoCopies(int dimension, double step)
    {
        foreach (int count in (int[])[30, 200, 2_000, 20_000])
        {
            for (int seed = 0; seed < 5; seed++)
            {
                var random = new Random(seed);
                Assert.Null(Find(Make(count, dimension, (i, j) => Math.Round((MixtureCase.Normal(random) + (i % 2 * 4)) / step) * step)));
            }
        }
    }

    [Theory]
    [InlineData(0.5, 8)]
    [InlineData(0.1, 8)]
    [InlineData(0.01, 4)]
    public void Find_YesAndNo_HaveNoCopies(double share, int dimension)
    {
        var random = new Random(1);
        Assert.Null(Find(Make(3_000, dimension, (_, _) => random.NextDouble() < share ? 1 : 0)));
    }

    [Fact]
    public void Find_OneFeature_HasNoCopies()
    {
        var random = new Random(1);
        Assert.Null(Find(CopiedRowsTests.DrawnAgain(Make(50, 1, (_, _) => MixtureCase.Normal(random)), 10, 0)));
    }

    /// <summary>A small class that was drawn again to be as large as the other one.</summary>
    [Fact]
    public void Find_SomeRowsManyTimes_AreCopies()
    {
        var random = new Random(1);
        double[,] rows = Make(2_000, 4, (_, _) => MixtureCase.Normal(random));
        for (int i = 1_900; i < 2_000; i++)
        {
            for (int j = 0; j < 4; j++) rows[i, j] = rows[i % 25, j];
        }

        Assert.Equal(1_900, Find(rows)!.Count);
    }

    /// <summary>Flat colours, such as those of a map, among pixels of others: each is a group, though without spread.</summary>
    [Fact]
    public void Find_FewRowsVeryManyTimes_AreNoCopies()
    {
        var random = new Random(1);
        double[,] rows = Make(2_000, 3, (_, _) => random.Next(256));
        for (int i = 12; i < 1_950; i++)
        {
            for (int j = 0; j < 3; j++) rows[i, j] = rows[i % 12, j];
        }

        Assert.Null(Find(rows));
    }

    /// <summary>Of many rows some are looked at first.</summary>
    [Theory]
    [InlineData(2, 60_000)]
    [InlineData(20, 60_000)]
    [InlineData(2, 400_000)]
    public void Find_ManyRowsThatWereDrawnAgain_AreCopiesInAnyOrder(int times, int count)
    {
        var random = new Random(1);
        double[,] some = Make(count / times, 4, (_, _) => MixtureCase.Normal(random));
        int[] from = [.. Enumerable.Range(0, count).Select(i => i % (count / times))];
        random.Shuffle(from);

        Assert.Equal(count / times, Find(Make(count, 4, (i, j) => some[i % (count / times), j]))!.Count);
        Assert.Equal(count / times, Find(Make(count, 4, (i, j) => some[i / times, j]))!.Count);
        Assert.Equal(count / times, Find(Make(count, 4, (i, j) => some[from[i], j]))!.Count);
    }

    /// <summary>Of all rows and of some of them, whatever the weights and the order in which they are read.</summary>
    [Theory]
    [InlineData(false, 600)]
    [InlineData(true, 600)]
    [InlineData(false, 24_000)]
    [InlineData(true, 24_000)]
    public void DistinctCounts_Copies_AreThoseOfOneRowOfTheirWeight(bool hasWeights, int count)
    {
        var random = new Random(4);
        double[,] rows = CopiedRowsTests.DrawnAgain(Make(count / 6, 2, (i, _) => MixtureCase.Normal(random) + (i % 2 * 6)), 6, 1);
        double[]? weights = hasWeights ? [.. Enumerable.Range(0, count).Select(_ => 0.1 + random.NextDouble())] : null;
        RowSource source = GaussianMixture.Copy(rows, weights);
        source = new CopiesRowSource(source, CopiedRows.Find(source, CancellationToken.None)!);
        int[] some = [.. Enumerable.Range(0, count).Where(i => i % 3 != 1)];
        foreach (int[] used in (int[][])[[.. Enumerable.Range(0, count)], some])
        {
            double[]? before = null;
            foreach (int threads in (int[])[1, 2, 3])
            {
                double[] found = DistinctCounts(used == some ? new SelectedRowSource(source, some) : source, used.Sum(i => weights?[i] ?? 1), threads);
                before ??= found;
                Assert.Equal(before, found);
            }

            double[] expected = Naive(rows, weights, used);
            for (int k = 0; k < 2; k++) Closeness.Relative(expected[k], before![k], 1e-10, "Different rows");
        }
    }

    /// <summary>Rows that can only be read one after the other.</summary>
    [Fact]
    public void Fit_CopiesReadInOrder_AreJudgedAsThoseOfAnArray()
    {
        double[,] rows = CopiedRowsTests.DrawnAgain(CsvTable.Iris.Features, 6, 2);
        var options = new GaussianMixtureOptions { ComponentCount = 5 };

        FitReport ofArray = GaussianMixture.Fit(rows, options).Report!;
        FitReport inOrder = GaussianMixture.Fit(new CountedRowSource(GaussianMixture.Copy(rows, null), readsInAnyOrder: false), options, CancellationToken.None).Report!;

        Assert.Equal(ofArray.Warnings, inOrder.Warnings);
        Assert.Equal(ofArray.SpuriousComponentCount, inOrder.SpuriousComponentCount);
    }

    private static CopiedRows? Find(double[,] rows) => CopiedRows.Find(GaussianMixture.Copy(rows, null), CancellationToken.None);

    private static double[,] Make(int count, int dimension, Func<int, int, double> value)
    {
        double[,] rows = new double[count, dimension];
        for (int i = 0; i < count; i++)
        {
            for (int j = 0; j < dimension; j++) rows[i, j] = value(i, j);
        }

        return rows;
    }

    private static double[] DistinctCounts(RowSource source, double total, int threads)
    {
        var family = new GaussianFamily(CovarianceStructure.Full, CovarianceRegularization.None(2));
        GaussianComponents.TryCreate(family, 2, CovarianceShape.Spherical, isShared: false, [0, 0, 6, 6], [1, 2], out GaussianComponents components, out _);
        using var step = new ExpectationStep(source, components, total, threads);

        // Some passes, after which rows are sorted.
        for (int pass = 0; pass < 3; pass++) step.Run(new MixtureState([0.5, 0.5], components), CancellationToken.None);
        double[] found = new double[2];
        Assert.True(step.HasCopies);
        step.CopyDistinctCounts(found);
        return found;
    }

    private static double[] Naive(double[,] rows, double[]? weights, int[] used)
    {
        var weightsOf = new Dictionary<(double, double), double>();
        foreach (int i in used) weightsOf[(rows[i, 0], rows[i, 1])] = weightsOf.GetValueOrDefault((rows[i, 0], rows[i, 1])) + (weights?[i] ?? 1);
        double[] sums = new double[2], squares = new double[2];
        foreach (((double x, double y), double weight) in weightsOf)
        {
            double first = Math.Exp(-0.5 * ((x * x) + (y * y))), second = 0.5 * Math.Exp(-0.25 * (((x - 6) * (x - 6)) + ((y - 6) * (y - 6)))), all = first + second;
            double[] shares = [first / all, second / all];
            for (int k = 0; k < 2; k++) (sums[k], squares[k]) = (sums[k] + (weight * shares[k]), squares[k] + (weight * weight * shares[k]));
        }

        return [sums[0] * sums[0] / squares[0], sums[1] * sums[1] / squares[1]];
    }
}
