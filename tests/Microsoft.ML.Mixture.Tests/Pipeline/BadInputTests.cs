using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.Mixture.Tests;

[Trait("Kind", "Pipeline")]
public class BadInputTests
{
    private readonly MLContext _context = new(seed: 1);

    [Fact]
    public void Fit_FeatureColumnMissing_NamesItAndTheColumnsThereAre() =>
        AssertRefused<ArgumentOutOfRangeException>(Data(_ => new Other()), new() { FeatureColumnName = "Features" }, "The feature column 'Features' is missing", "'Scalar', 'Double'");

    [Fact]
    public void Fit_FeatureColumnScalar_IsRefused() =>
        AssertRefused<ArgumentOutOfRangeException>(Data(_ => new Other()), new() { FeatureColumnName = "Scalar" }, "The feature column 'Scalar' is Single, but must be a known-sized vector of Single");

    [Fact]
    public void Fit_FeatureColumnOfVariableSize_IsRefused() =>
        AssertRefused<ArgumentOutOfRangeException>(Data(_ => new Other()), new() { FeatureColumnName = "Variable" }, "'Variable' is Vector<Single>, but must be a known-sized vector");

    [Fact]
    public void Fit_FeatureColumnDouble_IsRefused() =>
        AssertRefused<ArgumentOutOfRangeException>(Data(_ => new Other()), new() { FeatureColumnName = "Double" }, "'Double' is Vector<Double, 2>, but must be a known-sized vector of Single", "ConvertType");

    [Fact]
    public void Fit_FeatureColumnText_IsRefused() =>
        AssertRefused<ArgumentOutOfRangeException>(Data(_ => new Other()), new() { FeatureColumnName = "Text" }, "'Text' is String, but must be a known-sized vector of Single");

    [Fact]
    public void Fit_WeightColumnMissing_IsNamed() =>
        AssertRefused<ArgumentOutOfRangeException>(Points(), new() { ExampleWeightColumnName = "Mass" }, "The example weight column 'Mass' is missing: it must be a Single", "'Features', 'Weight', 'Label'");

    [Fact]
    public void Fit_WeightColumnVector_IsRefused() =>
        AssertRefused<ArgumentOutOfRangeException>(Points(), new() { ExampleWeightColumnName = "Features" }, "The example weight column 'Features' is Vector<Single, 2>, but must be a Single");

    [Fact]
    public void Fit_WeightColumnDouble_IsRefused() => AssertRefused<ArgumentOutOfRangeException>(
        Data(_ => new DoubleWeight()), new() { ExampleWeightColumnName = "Weight" }, "The example weight column 'Weight' is Double, but must be a Single");

    [Fact]
    public void Fit_NoRows_Throws() => AssertRefused<ArgumentException>(_context.Data.LoadFromEnumerable(Array.Empty<Point>()), new(), "There are no rows. Pass at least one, and for a fit as many as components.");

    [Fact]
    public void Fit_FewerRowsThanComponents_NamesBoth() =>
        AssertRefused<ArgumentException>(_context.Data.LoadFromEnumerable(TestData.Clusters(4)), new() { NumberOfComponents = 5 }, "There are 4 rows to fit 5 components to", "at most 4 components");

    [Fact]
    public void Fit_FewerDistinctRowsThanComponents_NamesBoth() =>
        AssertRefused<ArgumentException>(Data(i => new Point { Features = [i % 2, 0] }), new() { NumberOfComponents = 3 }, "Only 2 of the 30 rows differ", "too few for 3 components");

    [Fact]
    public void Fit_OnlyMissingFeatures_CountsThem() =>
        AssertRefused<ArgumentException>(Data(_ => new Point { Features = [float.NaN, float.NaN] }), new(), "None of the 30 rows can be used: 30 have a missing feature (NaN)");

    [Theory]
    [InlineData(-1f, "-1")]
    [InlineData(float.NaN, "NaN")]
    [InlineData(float.PositiveInfinity, "Infinity")]
    [InlineData(float.NegativeInfinity, "-Infinity")]
    public void Fit_WeightNotValid_NamesRowAndWeight(float weight, string text) => AssertRefused<ArgumentException>(
        Data(i => new Point { Features = [i, -i], Weight = i == 17 ? weight : 1 }), new() { ExampleWeightColumnName = "Weight" },
        $"Row 17 has the weight {text}, but a weight must be a finite number that is not negative");

    [Fact]
    public void Fit_AllWeightsZero_Throws() => AssertRefused<ArgumentException>(
        Data(i => new Point { Features = [i, -i], Weight = 0 }), new() { ExampleWeightColumnName = "Weight" }, "All 30 row weights are zero");

    [Theory]
    [InlineData(float.PositiveInfinity, "Infinity")]
    [InlineData(float.NegativeInfinity, "-Infinity")]
    public void Fit_InfiniteFeature_NamesRowAndColumn(float value, string text)
    {
        IDataView data = Data(i => new Eruption { Duration = i, Waiting = i == 21 ? value : i * i });
        data = _context.Transforms.Concatenate("Features", "Duration", "Waiting").Fit(data).Transform(data);

        string expected = $"Feature 1 ('Waiting') of row 21 is {text}, but features must be finite";
        AssertRefused<ArgumentException>(data, new(), expected);
        ArgumentException error = Assert.ThrowsAny<ArgumentException>(() => _context.AnomalyDetection.Trainers.GaussianMixture().Fit(data));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_InfiniteFeatureWithoutSlotNames_NumbersIt() =>
        AssertRefused<ArgumentException>(Data(i => new Point { Features = [i == 3 ? float.PositiveInfinity : i, 0] }), new(), "Feature 0 of row 3 is Infinity");

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    public void Options_NumberOfComponentsBelowOne_AreRefused(int value) => AssertOption(
        new() { NumberOfComponents = value }, $"The option NumberOfComponents is {value}, but must be at least 1, or GaussianMixtureTrainer.Auto.");

    [Fact]
    public void Options_NegativeIterations_AreRefused() => AssertOption(
        new() { MaximumNumberOfIterations = -1 }, "The option MaximumNumberOfIterations is -1, but must be at least 0.");

    [Theory]
    [InlineData(-1e-9, "-1E-09")]
    [InlineData(double.NaN, "NaN")]
    [InlineData(double.PositiveInfinity, "Infinity")]
    public void Options_NumbersThatMakeNoSense_AreRefused(double value, string text)
    {
        AssertOption(new() { OptimizationTolerance = value }, $"The option OptimizationTolerance is {text}, but must be a finite number, at least 0.");
        AssertOption(new() { CovariancePriorStrength = value }, $"The option CovariancePriorStrength is {text}, but must be a finite number, at least 0.");
        AssertOption(new() { CovarianceFloor = value }, $"The option CovarianceFloor is {text}, but must be a finite number, at least 0.");
    }

    [Fact]
    public void Options_NoRestart_AreRefused() => AssertOption(new() { NumberOfRestarts = 0 }, "The option NumberOfRestarts is 0, but must be at least 1.");

    [Fact]
    public void Options_NoThread_AreRefused() => AssertOption(
        new() { NumberOfThreads = 0 }, "The option NumberOfThreads is 0, but must be at least 1, or null for all processors.");

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" ")]
    public void Options_NoFeatureColumn_AreRefused(string? name) => AssertOption(new() { FeatureColumnName = name! }, "The option FeatureColumnName is empty.");

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    public void Options_EmptyWeightColumn_AreRefused(string name) => AssertOption(
        new() { ExampleWeightColumnName = name }, "The option ExampleWeightColumnName is empty. Name the column that holds the weights, or pass null for weights of one.");

    [Fact]
    public void Catalog_Null_Throws()
    {
        Assert.Throws<ArgumentNullException>("options", () => _context.Clustering.Trainers.GaussianMixture(options: null!));
        Assert.Throws<ArgumentNullException>("catalog", () => GaussianMixtureCatalog.GaussianMixture(null!));
        Assert.Throws<ArgumentNullException>("input", () => _context.Clustering.Trainers.GaussianMixture().Fit(null!));
        Assert.Throws<ArgumentNullException>("inputSchema", () => _context.Clustering.Trainers.GaussianMixture().GetOutputSchema(null!));
    }

    [Fact]
    public void Transformer_Null_Throws()
    {
        GaussianMixtureTransformer transformer = _context.Clustering.Trainers.GaussianMixture(numberOfComponents: 2).Fit(Points());

        Assert.Throws<ArgumentNullException>("input", () => transformer.Transform(null!));
        Assert.Throws<ArgumentNullException>("inputSchema", () => transformer.GetOutputSchema(null!));
        Assert.Throws<ArgumentNullException>("inputSchema", () => ((ITransformer)transformer).GetRowToRowMapper(null!));
    }

    [Fact]
    public void Transform_OtherNumberOfFeatures_NamesBoth()
    {
        GaussianMixtureTransformer transformer = _context.Clustering.Trainers.GaussianMixture(numberOfComponents: 2).Fit(Points());
        IDataView flowers = TestData.IrisFeatures(_context);

        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => transformer.Transform(flowers));

        Assert.Contains("The feature column 'Features' is Vector<Single, 4>, but must be a vector of 2 Single, as in training", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Start_OfTooFewLabels_IsRefused() =>
        AssertRefused<ArgumentException>(Points(), new() { NumberOfComponents = 2, Start = MixtureStart.FromLabels([0, 1, 0]) }, "The start has 3 rows, but there are 30");

    [Fact]
    public void Start_LabelOutOfRange_NamesTheRow() => AssertRefused<ArgumentException>(
        Points(), new() { NumberOfComponents = 2, Start = MixtureStart.FromLabels([.. Enumerable.Range(0, 30).Select(i => i == 4 ? 2 : i % 2)]) },
        "The start gives row 4 the label 2, but labels run from 0 to 1");

    [Fact]
    public void Start_ResponsibilitiesOfAnotherNumberOfComponents_AreRefused() => AssertRefused<ArgumentException>(
        Points(), new() { NumberOfComponents = 2, Start = MixtureStart.FromResponsibilities(new double[30, 3]) }, "responsibilities for 3 components, but 2 are asked for");

    [Fact]
    public void Start_ParametersOfOtherSizes_AreRefused() => AssertRefused<ArgumentException>(
        Points(), new() { NumberOfComponents = 2, Start = MixtureStart.FromParameters([1], new double[,] { { 0, 0, 0 } }, [new double[,] { { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 } }]) },
        "The start has 1 component in 3 dimensions, but 2 components are asked for and the rows have 2 features");

    [Fact]
    public void PromisedSchema_OfBadShapes_IsRefusedBeforeThereAreData()
    {
        SchemaShape other = EstimatorCheck.Shape(Data(_ => new Other()).Schema), points = EstimatorCheck.Shape(Points().Schema);

        AssertShapeRefused(other, new(), "The feature column 'Features' is missing");
        AssertShapeRefused(other, new() { FeatureColumnName = "Scalar" }, "The feature column 'Scalar' is Single, but must be");
        AssertShapeRefused(other, new() { FeatureColumnName = "Variable" }, "The feature column 'Variable' is VariableVector of Single");
        AssertShapeRefused(other, new() { FeatureColumnName = "Double" }, "The feature column 'Double' is Vector of Double");
        AssertShapeRefused(points, new() { ExampleWeightColumnName = "Mass" }, "The example weight column 'Mass' is missing");
        AssertShapeRefused(points, new() { ExampleWeightColumnName = "Features" }, "The example weight column 'Features' is Vector of Single");
    }

    private void AssertShapeRefused(SchemaShape shape, GaussianMixtureTrainer.Options options, string part)
    {
        GaussianMixtureTrainer trainer = _context.Clustering.Trainers.GaussianMixture(options);
        Assert.Contains(part, Assert.Throws<ArgumentOutOfRangeException>(() => trainer.GetOutputSchema(shape)).Message, StringComparison.Ordinal);
    }

    private void AssertOption(GaussianMixtureTrainer.Options options, string message) => Assert.Contains(
        message, Assert.ThrowsAny<ArgumentException>(() => _context.Clustering.Trainers.GaussianMixture(options)).Message, StringComparison.Ordinal);

    private void AssertRefused<T>(IDataView data, GaussianMixtureTrainer.Options options, params string[] parts)
        where T : ArgumentException
    {
        GaussianMixtureTrainer trainer = _context.Clustering.Trainers.GaussianMixture(options);
        var exception = Assert.Throws<T>(() => trainer.Fit(data));
        Assert.All(parts, part => Assert.Contains(part, exception.Message, StringComparison.Ordinal));
    }

    private IDataView Points() => _context.Data.LoadFromEnumerable(TestData.Clusters(30));

    private IDataView Data<T>(Func<int, T> row)
        where T : class => _context.Data.LoadFromEnumerable(Enumerable.Range(0, 30).Select(row));

    private sealed class Other
    {
        public float Scalar { get; set; }

        [VectorType(2)]
        public double[] Double { get; set; } = [0, 0];

        [VectorType]
        public float[] Variable { get; set; } = [0, 0];

        public string Text { get; set; } = string.Empty;
    }

    private sealed class DoubleWeight
    {
        [VectorType(2)]
        public float[] Features { get; set; } = [0, 0];

        public double Weight { get; set; } = 1;
    }
}
