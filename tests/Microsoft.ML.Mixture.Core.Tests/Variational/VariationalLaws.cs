using CsCheck;
using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.Variational.Tests;

/// <summary>What holds for every fit by variational Bayes.</summary>
[Trait("Kind", "Law")]
public class VariationalLaws
{
    private const int Cases = 60;
    private const int Steps = 12;

    private static Gen<MixtureWeightPrior> Weights { get; } = Gen.OneOf(MixtureWeightPrior.Dirichlet, MixtureWeightPrior.DirichletProcess);

    [Fact]
    public void EvidenceLowerBound_NeverFalls_WithHolesAndWithout() =>
        Gen.Select(MixtureCase.Any, MixtureCase.Structure, Weights, Gen.Bool, Gen.Bool, Gen.Int[1, 8]).Sample(
            (data, structure, weights, hasHoles, accelerates, components) =>
            {
                double[,] rows = (double[,])data.Rows.Clone();
                for (int i = 0; i < data.RowCount && hasHoles && data.Dimension > 1; i += 3) rows[i, i % data.Dimension] = double.NaN;
                BayesianGaussianMixtureOptions options = Options(data, structure, weights);
                (options.ComponentCount, options.Start, options.Tolerance, options.Accelerate) = (components, null, accelerates ? 1e-7 : 0, accelerates);
                FitReport report = BayesianGaussianMixture.Fit(rows, options).Report!;
                for (int t = 1; t < report.EvidenceLowerBoundHistory.Count; t++)
                {
                    double before = report.EvidenceLowerBoundHistory[t - 1], after = report.EvidenceLowerBoundHistory[t];
                    Assert.True(after >= before - (1e-11 * (1 + Math.Abs(before))), $"Step {t} goes from {before:R} to {after:R}.");
                }

                Assert.NotEqual(StopReason.LikelihoodDecreased, report.StopReason);
            },
            iter: Cases);

    [Fact]
    public void Translation_MovesTheMeansAndNothingElse() => Gen.Select(MixtureCase.Any, MixtureCase.Structure, Weights).Sample(
        (data, structure, weights) =>
        {
            double[,] moved = (double[,])data.Rows.Clone();
            for (int i = 0; i < data.RowCount; i++)
            {
                for (int j = 0; j < data.Dimension; j++) moved[i, j] += 1024 * (j - 1);
            }

            GaussianMixtureModel expected = Fit(data, structure, weights), actual = BayesianGaussianMixture.Fit(moved, Options(data, structure, weights));
            Closeness.ToScale(expected.Report!.EvidenceLowerBoundHistory, actual.Report!.EvidenceLowerBoundHistory, 1e-8, "Bounds");
            Closeness.ToScale(expected.Posterior!.EffectiveCounts, actual.Posterior!.EffectiveCounts, 1e-7, "Counts");
            for (int k = 0; k < data.ComponentCount; k++)
            {
                for (int j = 0; j < data.Dimension; j++)
                {
                    Closeness.Absolute(expected.Posterior.Means[k, j] + (1024 * (j - 1)), actual.Posterior.Means[k, j], 1e-6, $"Mean {k}, {j}");
                }
            }
        },
        iter: Cases);

    [Fact]
    public void UnitsOfPowersOfTwo_ChangeNoBitOfTheWeights_AndShiftTheBound() => Gen.Select(MixtureCase.Any, MixtureCase.Structure, Weights, Gen.Int[-30, 30]).Sample(
        (data, structure, weights, exponent) =>
        {
            double[,] scaled = (double[,])data.Rows.Clone();
            for (int i = 0; i < data.RowCount; i++)
            {
                for (int j = 0; j < data.Dimension; j++) scaled[i, j] = double.ScaleB(scaled[i, j], exponent);
            }

            GaussianMixtureModel expected = Fit(data, structure, weights), actual = BayesianGaussianMixture.Fit(scaled, Options(data, structure, weights));
            Assert.Equal(expected.Posterior!.EffectiveCounts, actual.Posterior!.EffectiveCounts);
            Assert.Equal(expected.Weights, actual.Weights);
            double shift = data.RowCount * data.Dimension * exponent * Math.Log(2);
            Closeness.Absolute(expected.Report!.EvidenceLowerBound - shift, actual.Report!.EvidenceLowerBound, 1e-12 * (1 + Math.Abs(shift) + Math.Abs(expected.Report.EvidenceLowerBound)), "Bound");
        },
        iter: Cases);

    [Fact]
    public void OrderOfTheRows_DoesNotMatter() => Gen.Select(MixtureCase.Any, MixtureCase.Structure, Weights, Gen.Int[0, int.MaxValue]).Sample(
        (data, structure, weights, seed) =>
        {
            int[] order = [.. Enumerable.Range(0, data.RowCount)];
            new Random(seed).Shuffle(order);
            BayesianGaussianMixtureOptions options = Options(data, structure, weights);
            options.Start = MixtureStart.FromLabels([.. order.Select(i => data.Labels[i])]);
            GaussianMixtureModel expected = Fit(data, structure, weights), actual = BayesianGaussianMixture.Fit(Select(data.Rows, order), options);
            Closeness.ToScale(expected.Report!.EvidenceLowerBoundHistory, actual.Report!.EvidenceLowerBoundHistory, 1e-10, "Bounds");
            Closeness.ToScale(expected.Posterior!.EffectiveCounts, actual.Posterior!.EffectiveCounts, 1e-8, "Counts");
        },
        iter: Cases);

    [Fact]
    public void RowWeightOfWholeNumber_EqualsRepeatedRow() => Gen.Select(MixtureCase.Any, MixtureCase.Structure, Weights, Gen.Int[0, int.MaxValue]).Sample(
        (data, structure, weights, seed) =>
        {
            var random = new Random(seed);
            double[] rowWeights = [.. Enumerable.Range(0, data.RowCount).Select(_ => (double)random.Next(0, 4))];
            int[] repeated = [.. Enumerable.Range(0, data.RowCount).SelectMany(i => Enumerable.Repeat(i, (int)rowWeights[i]))];
            BayesianGaussianMixtureOptions options = Options(data, structure, weights);
            GaussianMixtureModel actual = BayesianGaussianMixture.Fit(data.Rows, options, rowWeights);
            options.Start = MixtureStart.FromLabels([.. repeated.Select(i => data.Labels[i])]);
            GaussianMixtureModel expected = BayesianGaussianMixture.Fit(Select(data.Rows, repeated), options);
            Closeness.ToScale(expected.Report!.EvidenceLowerBoundHistory, actual.Report!.EvidenceLowerBoundHistory, 1e-10, "Bounds");
            Closeness.ToScale(expected.Posterior!.EffectiveCounts, actual.Posterior!.EffectiveCounts, 1e-8, "Counts");
            Assert.Equal(expected.ComponentCount, actual.ComponentCount);
        },
        iter: Cases);

    [Theory]
    [InlineData("full", 8)]
    [InlineData("tied", 8)]
    [InlineData("diagonal", 3)]
    [InlineData("spherical", 3)]
    public void NumberOfThreads_ChangesNoBit(string structure, int dimension)
    {
        var random = new Random(dimension);
        double[] values = [.. Enumerable.Range(0, 20_000 * dimension).Select(at => (4 * (at / dimension % 3)) + MixtureCase.Normal(random))];
        string[] results = [.. new[] { 1, 3 }.Select(threads =>
        {
            GaussianMixtureModel model = BayesianGaussianMixture.Fit(new ArrayRowSource<double>(values, dimension), new BayesianGaussianMixtureOptions
            {
                ComponentCount = 6,
                CovarianceStructure = CovarianceStructure.BuiltIn.Single(known => known.Name == structure),
                MaximumIterations = 12,
                ThreadCount = threads,
            }, default);
            using var stream = new MemoryStream();
            model.Save(stream);
            return Convert.ToHexString(stream.ToArray());
        })];
        Assert.All(results, result => Assert.Equal(results[0], result));
    }

    internal static BayesianGaussianMixtureOptions Options(MixtureCase data, CovarianceStructure structure, MixtureWeightPrior weights) => new()
    {
        ComponentCount = data.ComponentCount,
        CovarianceStructure = structure,
        WeightPrior = weights,
        Start = MixtureStart.FromLabels(data.Labels),
        MaximumIterations = Steps,
        Tolerance = 0,
        ThreadCount = 1,
    };

    private static GaussianMixtureModel Fit(MixtureCase data, CovarianceStructure structure, MixtureWeightPrior weights) =>
        BayesianGaussianMixture.Fit(data.Rows, Options(data, structure, weights));

    private static double[,] Select(double[,] rows, int[] selected)
    {
        double[,] result = new double[selected.Length, rows.GetLength(1)];
        for (int i = 0; i < selected.Length; i++)
        {
            for (int j = 0; j < rows.GetLength(1); j++) result[i, j] = rows[selected[i], j];
        }

        return result;
    }
}
