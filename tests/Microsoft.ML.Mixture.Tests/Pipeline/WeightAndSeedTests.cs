using Microsoft.ML.Trainers;

namespace Microsoft.ML.Mixture.Tests;

[Trait("Kind", "Pipeline")]
public class WeightAndSeedTests
{
    private static readonly MixtureStart _start = MixtureStart.FromParameters(
        [0.3, 0.3, 0.4], new double[,] { { 0, 0 }, { 9, 7 }, { 19, -1 } }, [new double[,] { { 4, 0 }, { 0, 9 } }]);

    private readonly MLContext _context = new(seed: 1);

    public static TheoryData<string> Structures => EstimatorCheckTests.Structures;

    [Theory]
    [MemberData(nameof(Structures))]
    public void Weight_OfTwo_EqualsTheRowTwice(string structure)
    {
        Point[] points = TestData.Clusters(120);
        for (int i = 0; i < points.Length; i++) points[i].Weight = 1 + (i % 5 / 3);
        Point[] repeated = [.. points.SelectMany(point => Enumerable.Repeat(new Point { Features = point.Features }, (int)point.Weight))];

        GaussianMixtureModelParameters weighted = Fit(points, "Weight", structure, _start), twice = Fit(repeated, null, structure, _start);

        AssertClose(twice, weighted, 1e-12);
        Assert.Equal(twice.Report!.RowWeightTotal, weighted.Report!.RowWeightTotal);
        Assert.Equal(twice.LogLikelihood, weighted.LogLikelihood, 1e-12 * Math.Abs(twice.LogLikelihood));
        Assert.Equal(twice.BayesianInformationCriterion, weighted.BayesianInformationCriterion, 1e-12 * Math.Abs(twice.BayesianInformationCriterion));
    }

    [Fact]
    public void Weight_OfZero_EqualsTheRowAbsentBitForBit()
    {
        Point[] points = TestData.Clusters(300);
        for (int i = 0; i < points.Length; i++) points[i].Weight = i % 4 == 1 ? 0 : 1;
        points[1].Features = [float.NaN, 1];
        points[5].Features = [float.PositiveInfinity, 1];
        points[9].Features = [float.MaxValue, -float.MaxValue];

        GaussianMixtureModelParameters weighted = Fit(points, "Weight", "full", null), without = Fit([.. points.Where(point => point.Weight > 0)], null, "full", null);

        Assert.Equal(Bits(without), Bits(weighted));
        Assert.Equal(75, weighted.Report!.ZeroWeightRowCount);
        Assert.Equal(0, weighted.Report!.MissingRowCount);
    }

    [Fact]
    public void Weights_TimesAConstant_GiveTheSameParameters()
    {
        Point[] points = TestData.Clusters(120);
        for (int i = 0; i < points.Length; i++) points[i].Weight = 0.5f + (i % 7);
        GaussianMixtureModelParameters expected = Fit(points, "Weight", "full", _start);
        foreach (Point point in points) point.Weight *= 1024;

        GaussianMixtureModelParameters actual = Fit(points, "Weight", "full", _start);

        AssertClose(expected, actual, 1e-12);
    }

    [Fact]
    public void Weight_OfALoneComponent_MovesItsMean()
    {
        // The example of which ML.NET's k-means makes 3.37 for one cluster, as it ignores the weight.
        IDataView data = _context.Data.LoadFromEnumerable(
            [new Point { Features = [0, 1] }, new Point { Features = [0.1f, 2] }, new Point { Features = [10, 3], Weight = 1000 }]);

        GaussianMixtureTransformer transformer = _context.Clustering.Trainers.GaussianMixture("Features", "Weight", numberOfComponents: 1).Fit(data);

        Assert.Equal((0.1 + 10_000) / 1002, transformer.Model.Means[0, 0], 1e-6);
    }

    [Fact]
    public void Seed_TheSame_GivesTheSameBitsOnAnyContext()
    {
        IDataView data = TestData.IrisFeatures(_context);
        string expected = Fit(_context, data, 5);

        Assert.Equal(expected, Fit(_context, data, 5));
        Assert.Equal(expected, Fit(new MLContext(seed: 77), TestData.IrisFeatures(new MLContext()), 5));
        Assert.Equal(expected, Fit(new MLContext(), TestData.IrisFeatures(new MLContext()), 5));
        Assert.Contains(Enumerable.Range(0, 8), seed => Fit(_context, data, seed) != expected);
    }

    [Fact]
    public void Trainer_FittedTwice_GivesTheSameBits()
    {
        IDataView data = TestData.IrisFeatures(_context);
        GaussianMixtureTrainer trainer = _context.Clustering.Trainers.GaussianMixture(numberOfComponents: 4);

        Assert.Equal(TestData.Describe(trainer.Fit(data).Model), TestData.Describe(trainer.Fit(data).Model));
    }

    [Theory]
    [MemberData(nameof(Structures))]
    public void NumberOfThreads_Any_GivesTheSameBits(string structure)
    {
        // Enough rows that threads are used at all.
        IDataView data = _context.Data.Cache(_context.Data.LoadFromEnumerable(Enumerable.Range(0, 60_000).Select(i => new Wide
        {
            Features = [.. Enumerable.Range(0, 6).Select(j => (i % 4 * (j % 2 == 0 ? 1 : -1)) + (2 * TestData.Noise((6 * i) + j)))],
        })));

        string[] models = [.. new int?[] { 1, 2, 3, 7, null }.Select(threads => TestData.Describe(_context.Clustering.Trainers.GaussianMixture(
            new GaussianMixtureTrainer.Options
            {
                NumberOfComponents = 4,
                CovarianceStructure = CovarianceStructure.BuiltIn.Single(known => known.Name == structure),
                NumberOfThreads = threads,
                MaximumNumberOfIterations = 6,
                OptimizationTolerance = 0,
            }).Fit(data).Model))];

        Assert.Single(models.Distinct());
    }

    private GaussianMixtureModelParameters Fit(Point[] points, string? weight, string structure, MixtureStart? start) =>
        _context.Clustering.Trainers.GaussianMixture(new GaussianMixtureTrainer.Options
        {
            NumberOfComponents = 3,
            ExampleWeightColumnName = weight,
            CovarianceStructure = CovarianceStructure.BuiltIn.Single(known => known.Name == structure),
            Start = start,
        }).Fit(_context.Data.LoadFromEnumerable(points)).Model;

    private static string Fit(MLContext context, IDataView data, int seed) => TestData.Describe(context.Clustering.Trainers.GaussianMixture(
        new GaussianMixtureTrainer.Options { NumberOfComponents = 5, Seed = seed }).Fit(data).Model);

    private static void AssertClose(GaussianMixtureModelParameters expected, GaussianMixtureModelParameters actual, double tolerance)
    {
        AssertClose(expected.Weights, actual.Weights, tolerance);
        AssertClose(expected.Means.ToArray().Cast<double>(), actual.Means.ToArray().Cast<double>(), tolerance);
        for (int k = 0; k < expected.NumberOfComponents; k++)
        {
            AssertClose(expected.Covariances[k].ToArray().Cast<double>(), actual.Covariances[k].ToArray().Cast<double>(), tolerance);
        }
    }

    private static long[] Bits(GaussianMixtureModelParameters model) =>
    [
        .. model.Weights.Concat(model.Means.ToArray().Cast<double>()).Concat(model.Covariances.SelectMany(covariance => covariance.ToArray().Cast<double>()))
            .Concat(model.Report!.ObjectiveHistory).Select(BitConverter.DoubleToInt64Bits),
    ];

    private static void AssertClose(IEnumerable<double> expected, IEnumerable<double> actual, double tolerance) =>
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, tolerance * (1 + Math.Abs(pair.First))));

    private sealed class Wide
    {
        [Microsoft.ML.Data.VectorType(6)]
        public float[] Features { get; set; } = [];
    }
}
