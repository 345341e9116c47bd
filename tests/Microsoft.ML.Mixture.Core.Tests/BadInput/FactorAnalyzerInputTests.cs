using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.BadInput.Tests;

[Trait("Kind", "BadInput")]
public class FactorAnalyzerInputTests
{
    private static readonly FactorAnalyzerCase _case = new(5, 2, 2, 60, SpecificVarianceStructure.Diagonal, 4);

    [Fact]
    public void Fit_BadOptions_NameTheOptionAndWhatIsAllowed()
    {
        AssertOption(options => options.FactorCount = 0, "FactorCount is 0", "at least 1");
        AssertOption(options => options.FactorCount = 6, "The number of factors is 6", "5 features");
        AssertOption(options => options.SpecificVariancePriorStrength = -1, "SpecificVariancePriorStrength is -1", "at least 0");
        AssertOption(options => options.SpecificVariancePriorStrength = double.NaN, "SpecificVariancePriorStrength is NaN", "finite");
        AssertOption(options => options.SpecificVarianceStructure = (SpecificVarianceStructure)9, "SpecificVarianceStructure is 9", "TiedDiagonal");
        AssertOption(options => options.ComponentCount = 0, "ComponentCount is 0", "at least 1");
        AssertOption(options => options.ComponentCount = 61, "60 rows", "at most 60");
    }

    /// <summary>The number of loadings wrapped around, to nothing in the first case, and what was thrown spoke of an index or of an overflow.</summary>
    [Theory]
    [InlineData(64, 1 << 20, 64)]
    [InlineData(40, 1 << 20, 64)]
    [InlineData(2, 40_000, 40_000)]
    public void Components_OfMoreLoadingsThanAnArrayHolds_SayWhatToDo(int componentCount, int dimension, int factorCount)
    {
        var family = new FactorAnalyzerFamily(factorCount, SpecificVarianceStructure.Diagonal, CovarianceRegularization.None(1), [1]);

        ArgumentException error = Assert.Throws<ArgumentException>(() => family.CreateAbout(componentCount, dimension, [], []));

        Assert.Contains($"{componentCount} components with {factorCount} factors in {dimension} features take more numbers than an array holds", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new FactorAnalyzerComponents(family, componentCount, dimension));
    }

    [Fact]
    public void Fit_StartThatDoesNotFit_SaysWhy()
    {
        FactorAnalyzerMixtureModel model = FactorAnalyzerMixture.Fit(_case.Rows, _case.Options);
        GaussianMixtureModel gaussian = model.ToGaussianMixture();
        AssertOption(options => (options.Start, options.FactorCount) = (MixtureStart.FromModel(model), 3), "2 components with 2 factors", "3 factors are asked for");
        AssertOption(options => options.Start = MixtureStart.FromModel(gaussian), "Gaussian parameters", "factor analysers");
        ArgumentException exception = Assert.Throws<ArgumentException>(() => GaussianMixture.Fit(
            _case.Rows, new GaussianMixtureOptions { ComponentCount = 2, Start = MixtureStart.FromModel(model) }));
        Assert.Contains("start from factor analysers", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FromParameters_BadValues_NameThem()
    {
        double[,] means = { { 0, 0 } }, variances = { { 1, 1 } }, loadings = { { 1 }, { 1 } };
        AssertParameters(() => FactorAnalyzerMixtureModel.FromParameters([0.5], means, [loadings], variances), "0.5");
        AssertParameters(() => FactorAnalyzerMixtureModel.FromParameters([1], means, [], variances), "0 matrices");
        AssertParameters(() => FactorAnalyzerMixtureModel.FromParameters([1], means, [new double[2, 3]], variances), "2 x 3");
        AssertParameters(() => FactorAnalyzerMixtureModel.FromParameters([1], means, [new double[2, 0]], variances), "2 x 0");
        AssertParameters(() => FactorAnalyzerMixtureModel.FromParameters([1], means, [new double[3, 1]], variances), "3 x 1");
        AssertParameters(() => FactorAnalyzerMixtureModel.FromParameters([1], means, [loadings], new double[2, 2]), "2 x 2");
        AssertParameters(() => FactorAnalyzerMixtureModel.FromParameters([1], means, [loadings], new double[,] { { 1, 0 } }), "variance is 0");
        AssertParameters(() => FactorAnalyzerMixtureModel.FromParameters([1], means, [new double[,] { { 1 }, { double.NaN } }], variances), "loading is NaN");
        AssertParameters(() => FactorAnalyzerMixtureModel.FromParameters([1], new double[,] { { 0, double.NaN } }, [loadings], variances), "NaN");
    }

    [Fact]
    public void Model_BadArguments_AreRejected()
    {
        FactorAnalyzerMixtureModel model = FactorAnalyzerMixture.Fit(_case.Rows, _case.Options);
        Assert.Throws<ArgumentException>(() => model.FactorScores(0, 1, 2, 3));
        Assert.Throws<ArgumentException>(() => model.FactorScores(0, 1, 2, double.PositiveInfinity, 3, 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => model.FactorScores(2, 1, 2, 3, 4, 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => model.Covariance(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => model.Sample(-1, 0));
        Assert.Throws<ArgumentException>(() => model.LogDensity(1, 2));
        Assert.Equal(-1, model.Predict(1, 2, double.NegativeInfinity, 4, 5));
    }

    [Fact]
    public void Predict_RowFartherThanSquaresReach_IsTheNearestComponent()
    {
        var model = FactorAnalyzerMixtureModel.FromParameters(
            [0.5, 0.5], new double[,] { { 0, 0 }, { 0, 0 } }, [new double[,] { { 5 }, { 0.1 } }, new double[,] { { 0.1 }, { 5 } }], new double[,] { { 1, 1 }, { 1, 1 } });
        foreach (double far in new[] { 1e160, 1e300, 1.7e308 })
        {
            Assert.Equal(0, model.Predict(far, 0));
            Assert.Equal(1, model.Predict(0, -far));
            Assert.Equal(1, model.Predict(double.NaN, far));
            Assert.Equal([1, 0], model.Responsibilities(far, 0));
            Assert.Equal(double.NegativeInfinity, model.LogDensity(far, 0));
        }
    }

    [Fact]
    public void Fit_ConstantAndCopiedFeatures_FitsAndWarns()
    {
        double[,] rows = new double[60, 6];
        for (int i = 0; i < 60; i++)
        {
            for (int j = 0; j < 5; j++) rows[i, j] = _case.Rows[i, j];
            rows[i, 4] = 3;
            rows[i, 5] = rows[i, 0];
        }

        foreach (SpecificVarianceStructure structure in Enum.GetValues<SpecificVarianceStructure>())
        {
            FactorAnalyzerMixtureOptions options = _case.Options;
            options.SpecificVarianceStructure = structure;
            FactorAnalyzerMixtureModel model = FactorAnalyzerMixture.Fit(rows, options);
            Assert.True(double.IsFinite(model.Report!.LogLikelihood));
            Assert.Contains(model.Report.Warnings, warning => warning.StartsWith("Feature 4 is constant", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Fit_MoreComponentsThanGroupsInFewRows_WarnsOfThoseThatRestOnAHandful()
    {
        var data = new FactorAnalyzerCase(8, 3, 3, 12, SpecificVarianceStructure.Diagonal, 7);
        FactorAnalyzerMixtureOptions options = data.Options;
        options.ComponentCount = 6;

        FactorAnalyzerMixtureModel model = FactorAnalyzerMixture.Fit(data.Rows, options);

        Assert.Contains(model.Report!.Warnings, warning => warning.Contains("too few for 3 factors", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(3, 1, SpecificVarianceStructure.Spherical, "rests on 3 rows, hardly enough for 1 factor of its own. If they are stray rows, remove them; if not, ask for fewer components or factors")]
    [InlineData(4, 1, SpecificVarianceStructure.Spherical, null)]
    [InlineData(4, 1, SpecificVarianceStructure.Diagonal, "has next to no variance of its own in ")]
    [InlineData(5, 1, SpecificVarianceStructure.Diagonal, null)]
    [InlineData(5, 2, SpecificVarianceStructure.Diagonal, "rests on 5 rows, hardly enough for 2 factors of its own. ")]
    [InlineData(3, 1, SpecificVarianceStructure.TiedDiagonal, "rests on 3 rows, hardly enough for 1 factor of its own. ")]
    [InlineData(4, 1, SpecificVarianceStructure.TiedDiagonal, null)]
    [InlineData(3, 2, SpecificVarianceStructure.Diagonal, "rests on 3 rows, too few for 2 factors of its own. ")]
    public void Fit_ComponentOnAHandfulOfRows_IsToldOf(int count, int factors, SpecificVarianceStructure structure, string? expected)
    {
        var random = new Random(1);
        double[,] rows = new double[200, 6];
        for (int i = 0; i < 200; i++)
        {
            for (int j = 0; j < 6; j++) rows[i, j] = (i < count ? 50 : 0) + MixtureCase.Normal(random);
        }

        IReadOnlyList<string> warnings = FactorAnalyzerMixture.Fit(
            rows,
            new FactorAnalyzerMixtureOptions
            {
                ComponentCount = 2,
                FactorCount = factors,
                SpecificVarianceStructure = structure,
                Start = MixtureStart.FromLabels([.. Enumerable.Range(0, 200).Select(i => i < count ? 0 : 1)]),
            }).Report!.Warnings;

        if (expected is null) Assert.DoesNotContain(warnings, text => text.Contains("rests on", StringComparison.Ordinal));
        else Assert.Contains(warnings, text => text.Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void Fit_ComponentWhoseRowsCoincideInAFeature_LosesToOneWithout()
    {
        // 29 of 50 setosas have a petal width of 0.2: a component of them is likelier than a species by 64 nats, and means nothing.
        double[,] rows = CsvTable.Iris.Features;
        var options = new FactorAnalyzerMixtureOptions { ComponentCount = 3, FactorCount = 1 };
        FitReport raced = FactorAnalyzerMixture.Fit(rows, options).Report!;
        options.Start = MixtureStart.FromLabels([.. Enumerable.Range(0, 150).Select(i => i >= 50 ? 2 : Math.Abs(rows[i, 3] - 0.2) < 1e-9 ? 0 : 1)]);
        FitReport coinciding = FactorAnalyzerMixture.Fit(rows, options).Report!;

        Assert.True(coinciding.LogLikelihood > raced.LogLikelihood + 30, "The trap is none.");
        Assert.Empty(raced.Warnings);
        Assert.Contains(coinciding.Warnings, warning => warning.StartsWith("Component 0 has next to no variance in feature 3, which is nearly constant there", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(SpecificVarianceStructure.Diagonal)]
    [InlineData(SpecificVarianceStructure.TiedDiagonal)]
    public void Fit_FeaturesThatAreConstantInAGroup_NamesTheStructuresThatHelp(SpecificVarianceStructure structure)
    {
        // Of the first group all features but two are constant; with tied variances both are.
        var random = new Random(4);
        double[,] rows = new double[80, 6];
        for (int i = 0; i < 80; i++)
        {
            bool isFlat = i < 40 || structure == SpecificVarianceStructure.TiedDiagonal;
            for (int j = 0; j < 6; j++) rows[i, j] = (i < 40 ? 0 : 5) + (isFlat && j > 1 ? 0 : MixtureCase.Normal(random));
        }

        var options = new FactorAnalyzerMixtureOptions
        {
            ComponentCount = 2,
            FactorCount = 1,
            SpecificVarianceStructure = structure,
            Start = MixtureStart.FromLabels([.. Enumerable.Range(0, 80).Select(i => i / 40)]),
        };
        string warning = Assert.Single(
            FactorAnalyzerMixture.Fit(rows, options).Report!.Warnings, text => text.StartsWith("Component 0 has next to no variance", StringComparison.Ordinal));
        Assert.EndsWith(
            "strengthen the prior on the specific variances, or, if features have one scale as pixels do, set SpecificVarianceStructure to Spherical or TiedSpherical.", warning,
            StringComparison.Ordinal);
        foreach (SpecificVarianceStructure other in (SpecificVarianceStructure[])[SpecificVarianceStructure.Spherical, SpecificVarianceStructure.TiedSpherical])
        {
            options.SpecificVarianceStructure = other;
            Assert.DoesNotContain(FactorAnalyzerMixture.Fit(rows, options).Report!.Warnings, text => text.Contains("next to no variance", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData(1, "in 4 of 4 features, feature 0 the first of them: its 1 factor reproduces its rows there")]
    [InlineData(2, "in 4 of 4 features, feature 0 the first of them: its 2 factors reproduce its rows there")]
    public void Fit_RowsThatFactorsReproduce_CountsFactors(int factors, string expected)
    {
        var random = new Random(5);
        double[,] rows = new double[80, 4];
        for (int i = 0; i < 80; i++)
        {
            double one = MixtureCase.Normal(random), other = factors == 1 ? 0 : MixtureCase.Normal(random);
            for (int j = 0; j < 4; j++) rows[i, j] = i < 40 ? (one * (j + 1)) + (other * (j % 2)) + (j == 3 ? other : 0) : 9 + MixtureCase.Normal(random);
        }

        var options = new FactorAnalyzerMixtureOptions { ComponentCount = 2, FactorCount = factors, Start = MixtureStart.FromLabels([.. Enumerable.Range(0, 80).Select(i => i / 40)]) };

        Assert.Contains(FactorAnalyzerMixture.Fit(rows, options).Report!.Warnings, warning => warning.Contains(expected, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(250, true)]
    [InlineData(251, false)]
    public void Fit_MoreParametersThanRows_Warns(int rowCount, bool expected)
    {
        // Each of two components has 50 means and 50 loadings, and both have a weight and 50 variances.
        var data = new FactorAnalyzerCase(50, 1, 2, rowCount, SpecificVarianceStructure.TiedDiagonal, 3);

        FitReport report = FactorAnalyzerMixture.Fit(data.Rows, data.Options).Report!;

        Assert.Equal(251, report.FreeParameterCount);
        Assert.Equal(
            expected,
            report.Warnings.Contains(
                $"The model has 251 free parameters for {rowCount} rows, so that much of it is chance. Ask for fewer components, or for fewer factors or tied specific variances."));
    }

    [Fact]
    public void Fit_MoreFactorsThanAFullCovarianceNeeds_Warns()
    {
        FactorAnalyzerMixtureOptions options = _case.Options;
        options.FactorCount = 4;
        Assert.Contains(FactorAnalyzerMixture.Fit(_case.Rows, options).Report!.Warnings, warning => warning.Contains("more parameters than a full covariance", StringComparison.Ordinal));
        options.FactorCount = 1;
        Assert.DoesNotContain(FactorAnalyzerMixture.Fit(_case.Rows, options).Report!.Warnings, warning => warning.Contains("more parameters", StringComparison.Ordinal));
    }

    [Fact]
    public void Fit_RowsThatCoincideWithoutAPrior_ThrowsAndNamesTheFeature()
    {
        double[,] rows = new double[20, 3];
        for (int i = 0; i < 20; i++) (rows[i, 0], rows[i, 1], rows[i, 2]) = (i % 2, i, i * i);
        rows[0, 0] = 0;
        FactorAnalyzerMixtureOptions options = new() { FactorCount = 1, SpecificVariancePriorStrength = 0, ComponentCount = 2, Start = MixtureStart.FromLabels([.. Enumerable.Range(0, 20).Select(i => i % 2)]) };

        MixtureFitException exception = Assert.Throws<MixtureFitException>(() => FactorAnalyzerMixture.Fit(rows, options));

        Assert.Contains("feature 0", exception.Message, StringComparison.Ordinal);
    }

    private static void AssertOption(Action<FactorAnalyzerMixtureOptions> change, params string[] parts)
    {
        FactorAnalyzerMixtureOptions options = _case.Options;
        change(options);
        ArgumentException exception = Assert.ThrowsAny<ArgumentException>(() => FactorAnalyzerMixture.Fit(_case.Rows, options));
        Assert.All(parts, part => Assert.Contains(part, exception.Message, StringComparison.Ordinal));
    }

    private static void AssertParameters(Func<FactorAnalyzerMixtureModel> make, string part) =>
        Assert.Contains(part, Assert.ThrowsAny<ArgumentException>(make).Message, StringComparison.Ordinal);

    // Variances of such rows have no double.
    [Theory]
    [InlineData(1e160)]
    [InlineData(1e300)]
    [InlineData(1e-200)]
    [InlineData(1e-310)]
    public void Fit_RowsWhoseSquaresAreBeyondDoubles_SaysSo(double scale)
    {
        double[,] rows = new MixtureCase(2, 3, 60, 4).Rows;
        for (int i = 0; i < rows.GetLength(0); i++)
        {
            for (int j = 0; j < 3; j++) rows[i, j] *= scale;
        }

        MixtureFitException error = Assert.Throws<MixtureFitException>(() => FactorAnalyzerMixture.Fit(rows, 2, 1));

        Assert.Contains("Scale the features", error.Message, StringComparison.Ordinal);
    }
}
