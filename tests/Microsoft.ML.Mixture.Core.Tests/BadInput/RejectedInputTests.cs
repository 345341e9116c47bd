namespace Microsoft.ML.Mixture.BadInput.Tests;

/// <summary>Input that cannot be fitted. Messages name the cause, the value and the remedy.</summary>
[Trait("Kind", "Degenerate")]
public class RejectedInputTests
{
    private static readonly double[,] _rows = { { 0, 1 }, { 1, 0 }, { 2, 3 }, { 5, 8 } };
    private static readonly double[,] _identity = { { 1, 0 }, { 0, 1 } };

    [Fact]
    public void Fit_NoRows_Throws() => Rejects(new double[0, 2], 1, null, "no rows", "for a fit as many as components");

    [Fact]
    public void Fit_NoFeatures_Throws() => Assert.ThrowsAny<ArgumentException>(() => GaussianMixture.Fit(new double[3, 0], 1));

    // An array that is none is refused as it is wrapped; of a source of one's own a number was divided by the number of features.
    [Fact]
    public void Fit_SourceWithoutFeatures_Throws()
    {
        var rows = new NoFeatures();
        Action[] actions =
        [
            () => GaussianMixture.Fit(rows, new GaussianMixtureOptions(), CancellationToken.None), () => GaussianMixture.Search(rows, new GaussianMixtureSearchOptions(), CancellationToken.None),
            () => BayesianGaussianMixture.Fit(rows, new BayesianGaussianMixtureOptions(), CancellationToken.None),
        ];
        Assert.All(actions, action => Assert.Equal("The rows have 0 features, but need at least 1. Pass rows with values.", Assert.Throws<ArgumentException>(action).Message));
    }

    // A number was divided by the number of features.
    [Fact]
    public void FromParameters_MeansWithoutFeatures_Throws()
    {
        var exception = Assert.Throws<ArgumentException>(() => GaussianMixtureModel.FromParameters([1], new double[1, 0], [new double[0, 0]]));
        Assert.Equal("means", exception.ParamName);
        Assert.StartsWith("The means have the shape 1 x 0, but need at least one feature.", exception.Message, StringComparison.Ordinal);
        Assert.Equal("means", Assert.Throws<ArgumentException>(() => FactorAnalyzerMixtureModel.FromParameters([1], new double[1, 0], [new double[0, 0]], new double[1, 0])).ParamName);
        Assert.Equal("means", Assert.Throws<ArgumentException>(() => MixtureStart.FromParameters([1], new double[1, 0], [new double[0, 0]])).ParamName);
    }

    [Fact]
    public void Fit_NullRows_Throws() => Assert.Throws<ArgumentNullException>(() => GaussianMixture.Fit(null!, 1));

    [Fact]
    public void Fit_FewerRowsThanComponents_Throws() => Rejects(_rows, 5, null, "4 rows", "5 components", "at most 4");

    [Fact]
    public void Fit_FewerDistinctRowsThanComponents_Throws() =>
        Rejects(new double[,] { { 1, 2 }, { 3, 4 }, { 1, 2 }, { 3, 4 } }, 3, null, "2 of the 4 rows differ", "3 components", "at most 2");

    [Fact]
    public void Fit_RowsThatDifferInTheSignOfZero_AreNotDistinct() => Rejects(new double[,] { { 0.0 }, { -0.0 } }, 2, null, "1 of the 2 rows differ");

    [Fact]
    public void Fit_NegativeWeight_Throws() => Rejects(_rows, 1, [1, 1, -0.5, 1], "Row 2", "-0.5", "not negative");

    [Fact]
    public void Fit_NaNWeight_Throws() => Rejects(_rows, 1, [1, double.NaN, 1, 1], "Row 1", "NaN", "finite");

    [Fact]
    public void Fit_InfiniteWeight_Throws() => Rejects(_rows, 1, [1, 1, 1, double.PositiveInfinity], "Row 3", "Infinity", "finite");

    [Fact]
    public void Fit_SumOfWeightsInfinite_Throws() => Rejects(_rows, 1, [1e308, 1e308, 1e308, 1], "sum of the row weights is infinite", "Divide");

    [Fact]
    public void Fit_WeightsBelowTheNormalNumbers_Throws() => Rejects(_rows, 1, [1e-310, 1e-310, 1e-310, 1e-310], "mean of the row weights is 1E-310", "Multiply");

    [Fact]
    public void Search_WeightsBelowTheNormalNumbers_Throws() =>
        Assert.Contains("Multiply the row weights", Assert.Throws<ArgumentException>(() => GaussianMixture.Search(_rows, null, [1e-310, 1e-310, 1e-310, 1e-310])).Message, StringComparison.Ordinal);

    [Fact]
    public void Fit_FeatureThatVariesInRowsOfHardlyAnyWeight_BlamesTheWeights() => Rejects(
        new double[,] { { 0, 1 }, { 0, 0 }, { 0, 3 }, { 1, 8 } }, 1, [1, 1, 1, 1e-290], "Feature 0 differs only between rows whose weights are next to nothing", "nearer to each other");

    [Fact]
    public void Fit_WeightsThatLetAVarianceOverflow_BlamesTheWeights() => Rejects(
        new double[,] { { -1.9, 1 }, { 1.9, 0 }, { -1.9, 1 }, { 1.9, 0 } }, 1, [4e307, 4e307, 4e307, 4e307], "variance of feature 0", "Divide them by a constant");

    [Fact]
    public void Fit_AllWeightsZero_Throws() => Rejects(_rows, 1, [0, 0, 0, 0], "All 4 row weights are zero", "positive weight");

    [Fact]
    public void Fit_WrongNumberOfWeights_Throws() => Rejects(_rows, 1, [1, 1], "2 row weights for 4 rows");

    [Fact]
    public void Fit_EmptyWeights_Throws() => Rejects(_rows, 1, [], "0 row weights for 4 rows");

    [Fact]
    public void Fit_InfiniteFeature_NamesRowAndFeature() =>
        Rejects(new double[,] { { 0, 1 }, { 1, double.NegativeInfinity }, { 2, 2 } }, 1, null, "Feature 1", "row 1", "-Infinity", "finite");

    [Fact]
    public void Fit_InfiniteFeatureBesideNaN_NamesIt() =>
        Rejects(new double[,] { { 0, 1 }, { double.NaN, double.PositiveInfinity }, { 2, 2 } }, 1, null, "Feature 1", "row 1", "Infinity");

    [Fact]
    public void Fit_InfiniteFeatureWithName_NamesIt() => Rejects(
        new double[,] { { 0, 1 }, { 1, double.PositiveInfinity }, { 2, 2 } },
        new GaussianMixtureOptions { FeatureNames = ["Height", "Weight"] }, null, "Feature 1 ('Weight')", "row 1");

    [Fact]
    public void Fit_AllRowsMissing_Throws() => Rejects(new double[,] { { double.NaN }, { double.NaN } }, 1, null, "None of the 2 rows", "2 have a missing feature", "something is observed");

    [Fact]
    public void Fit_OnlyRowOfNoUse_SpeaksOfOne()
    {
        Rejects(new double[,] { { double.NaN } }, 1, null, "The only row cannot be used: it has a missing feature (NaN). Pass rows of which something is observed.");
        Rejects(new double[,] { { 1 } }, 1, [0], "The only row weight is zero, so that no row counts. Give at least 1 row a positive weight.");
    }

    [Fact]
    public void Fit_TooFewRowsBesideMissing_CountsThem() =>
        Rejects(new double[,] { { double.NaN }, { 1 }, { 2 } }, 3, null, "2 rows", "3 components", "1 row with missing features");

    [Fact]
    public void Fit_FeatureNeverObserved_NamesIt() =>
        Rejects(new double[,] { { 1, double.NaN }, { 2, double.NaN }, { 3, double.NaN } }, 1, null, "Feature 1 is observed in none of 3 rows: all have a missing value (NaN) there. Drop the feature");

    [Fact]
    public void Fit_FeatureObservedTooRarely_CountsTheRows() => Rejects(
        new double[,] { { 1, double.NaN }, { 2, 5 }, { 3, double.NaN }, { double.NaN, double.NaN } }, 2, null, "Feature 1 is observed in 1 of 3 rows", "2 components", "at most 1");

    [Fact]
    public void Fit_SeveralFeaturesObservedTooRarely_NamesAllAndTheLargestNumberForAll()
    {
        double[,] rows = new double[9, 8];
        for (int i = 0; i < 9; i++)
        {
            for (int j = 0; j < 8; j++) rows[i, j] = j > 0 && i >= 1 + j ? double.NaN : i + (0.1 * j);
        }

        var options = new GaussianMixtureOptions { ComponentCount = 6, FeatureNames = ["A", "B", "C", "D", "E", "F", "G", "H"] };
        Rejects(
            rows, options, null, "Feature 1 ('B') is observed in 2 of 9 rows, feature 2 ('C') in 3, feature 3 ('D') in 4, feature 4 ('E') in 5, too few for 6 components",
            "Drop these features, or ask for at most 2 components.");
        options.ComponentCount = 8;
        Rejects(rows, options, null, "feature 5 ('F') in 6, and 1 more feature in too few as well, too few for 8 components", "at most 2 components");
        options.ComponentCount = 10;
        Rejects(rows, options, null, "There are 9 rows to fit 10 components to", "Ask for at most 2 components");
        rows[0, 3] = rows[1, 3] = rows[2, 3] = rows[3, 3] = double.NaN;
        options.ComponentCount = 6;
        Rejects(rows, options, null, "Feature 3 ('D') is observed in none of 9 rows: all have a missing value (NaN) there. Drop the feature.");
    }

    [Fact]
    public void Fit_OneFeatureFarSmallerThanAnother_NamesIt() => Rejects(
        new double[,] { { 1e250, 1e-250 }, { 2e250, 2e-250 }, { 3e250, 5e-250 } }, 1, null, "Feature 1", "too far apart", "Scale the features");

    [Theory]
    [InlineData(0)]
    [InlineData(-3)]
    [InlineData(int.MinValue)]
    public void Fit_ComponentCountBelowOne_Throws(int count) => RejectsOption(new() { ComponentCount = count }, nameof(MixtureOptions.ComponentCount), count.ToString(System.Globalization.CultureInfo.InvariantCulture), "at least 1");

    [Fact]
    public void Fit_MaximumIterationsNegative_Throws() => RejectsOption(new() { MaximumIterations = -1 }, nameof(MixtureOptions.MaximumIterations), "-1", "at least 0");

    [Theory]
    [InlineData(-1e-9, "-1E-09")]
    [InlineData(double.NaN, "NaN")]
    [InlineData(double.PositiveInfinity, "Infinity")]
    public void Fit_ToleranceNotANumberFromZero_Throws(double value, string text) => RejectsOption(new() { Tolerance = value }, nameof(MixtureOptions.Tolerance), text, "at least 0");

    [Fact]
    public void Fit_RestartCountZero_Throws() => RejectsOption(new() { RestartCount = 0 }, nameof(MixtureOptions.RestartCount), "0", "at least 1");

    [Fact]
    public void Fit_ThreadCountZero_Throws() => RejectsOption(new() { ThreadCount = 0 }, nameof(MixtureOptions.ThreadCount), "0", "at least 1");

    [Theory]
    [InlineData(-1, "-1")]
    [InlineData(double.NaN, "NaN")]
    [InlineData(double.PositiveInfinity, "Infinity")]
    public void Fit_PriorStrengthNotANumberFromZero_Throws(double value, string text) =>
        RejectsOption(new() { CovariancePriorStrength = value }, nameof(GaussianMixtureOptions.CovariancePriorStrength), text, "at least 0");

    [Theory]
    [InlineData(-1e-6, "-1E-06")]
    [InlineData(double.NaN, "NaN")]
    [InlineData(double.NegativeInfinity, "-Infinity")]
    public void Fit_FloorNotANumberFromZero_Throws(double value, string text) =>
        RejectsOption(new() { CovarianceFloor = value }, nameof(GaussianMixtureOptions.CovarianceFloor), text, "at least 0");

    [Fact]
    public void Fit_NoStructure_Throws() => Assert.Throws<ArgumentNullException>(() => GaussianMixture.Fit(_rows, new GaussianMixtureOptions { CovarianceStructure = null! }));

    /// <summary>Names that are too few or too many were accepted in silence, and stood for the wrong features.</summary>
    [Fact]
    public void Fit_FeatureNamesOfAnotherNumber_AreRefusedByEveryCall()
    {
        double[,] rows = { { 0, 1 }, { 1, 3 }, { 2, 2 }, { 5, 4 } };
        string[] one = ["a"], three = ["a", "b", "c"];
        Action[] calls =
        [
            () => GaussianMixture.Fit(rows, new GaussianMixtureOptions { FeatureNames = one }),
            () => GaussianMixture.Search(rows, new GaussianMixtureSearchOptions { MaximumComponentCount = 1, FeatureNames = one }),
            () => GaussianMixture.Search(rows, new GaussianMixtureSearchOptions { MaximumComponentCount = 1, FeatureNames = one, NoiseComponent = true }),
            () => GaussianMixture.CrossValidate(rows, new GaussianMixtureOptions { FeatureNames = one }, 2),
            () => GaussianMixture.BootstrapTest(rows, new GaussianMixtureBootstrapOptions { FeatureNames = one }),
            () => BayesianGaussianMixture.Fit(rows, new BayesianGaussianMixtureOptions { FeatureNames = one }),
            () => FactorAnalyzerMixture.Fit(rows, new FactorAnalyzerMixtureOptions { FeatureNames = one }),
            () => FactorAnalyzerMixture.Search(rows, new FactorAnalyzerMixtureSearchOptions { MaximumComponentCount = 1, FeatureNames = one }),
        ];

        const string End = "but the rows have 2 features. Pass one name a feature, empty ones for features without a name, or null to number them.";
        Assert.All(calls, call => Assert.Equal($"The option FeatureNames holds 1 name, {End}", Assert.Throws<ArgumentException>(call).Message));
        Rejects(rows, new GaussianMixtureOptions { FeatureNames = three }, null, $"The option FeatureNames holds 3 names, {End}");
        Rejects(rows, new GaussianMixtureOptions { FeatureNames = [] }, null, $"The option FeatureNames holds 0 names, {End}");
    }

    [Fact]
    public void Fit_NullFeatureName_IsNumbered() => Rejects(
        new double[,] { { double.PositiveInfinity } }, new GaussianMixtureOptions { FeatureNames = [null!] }, null, "Feature 0 of row 0");

    [Fact]
    public void FromParameters_WeightsNotSummingToOne_Throws() => RejectsStart([0.5, 0.4], new double[,] { { 0, 0 }, { 1, 1 } }, [_identity], "0.5, 0.4", "sum one");

    // It showed weights that nobody had passed, whose sum was one already, and asked for the sum one.
    [Fact]
    public void FromParameters_WeightsNotSummingToWhatTheNoiseLeaves_SaysToWhat()
    {
        double[,] means = { { 0, 0 }, { 1, 1 } };

        ArgumentException error = Assert.Throws<ArgumentException>(() => MixtureStart.FromParameters([0.5, 0.5], noiseWeight: 0.2, means, [_identity]));

        Contains(error, "[0.5, 0.5]", "weight of the noise of 0.2", "with sum 0.8", "multiply them by 0.8");
        Assert.Equal("weights", error.ParamName);
        Assert.NotNull(MixtureStart.FromParameters([0.4, 0.4], noiseWeight: 0.2, means, [_identity]));
    }

    [Fact]
    public void FromParameters_NegativeWeight_Throws() => RejectsStart([1.5, -0.5], new double[,] { { 0, 0 }, { 1, 1 } }, [_identity], "1.5, -0.5", "none negative");

    [Fact]
    public void FromParameters_NaNWeight_Throws() => RejectsStart([double.NaN, 0.5], new double[,] { { 0, 0 }, { 1, 1 } }, [_identity], "NaN");

    [Fact]
    public void FromParameters_FewerWeightsThanMeans_Throws() => RejectsStart([1], new double[,] { { 0, 0 }, { 1, 1 } }, [_identity], "2 means");

    [Fact]
    public void FromParameters_WrongNumberOfMatrices_Throws() =>
        RejectsStart([0.5, 0.25, 0.25], new double[,] { { 0, 0 }, { 1, 1 }, { 2, 2 } }, [_identity, _identity], "2 matrices for 3 components", "one a component");

    [Fact]
    public void FromParameters_NaNMean_Throws() => RejectsStart([1], new double[,] { { 0, double.NaN } }, [_identity], "mean of component 0 is NaN at feature 1", "finite");

    [Fact]
    public void FromParameters_WrongShape_Throws() => RejectsStart([1], new double[,] { { 0, 0 } }, [new double[,] { { 1 } }], "1 x 1", "2 features");

    [Fact]
    public void FromParameters_NoMatrix_Throws() => RejectsStart([1], new double[,] { { 0, 0 } }, [null!], "covariance of component 0 is null", "2 x 2");

    [Fact]
    public void FromParameters_Asymmetric_Throws() => RejectsStart([1], new double[,] { { 0, 0 } }, [new double[,] { { 1, 0.5 }, { 0.25, 1 } }], "0.25 at (1, 0)", "0.5 at (0, 1)", "symmetric");

    [Fact]
    public void FromParameters_NotPositiveDefinite_Throws() => RejectsStart([1], new double[,] { { 0, 0 } }, [new double[,] { { 1, 2 }, { 2, 1 } }], "not positive definite", "feature 1");

    [Fact]
    public void FromParameters_InfiniteEntry_Throws() => RejectsStart([1], new double[,] { { 0, 0 } }, [new double[,] { { double.PositiveInfinity, 0 }, { 0, 1 } }], "finite");

    [Fact]
    public void FromPrecisions_NotPositiveDefinite_SaysPrecision() =>
        Contains(Assert.Throws<ArgumentException>(() => MixtureStart.FromPrecisions([1], new double[,] { { 0, 0 } }, [new double[,] { { 1, 2 }, { 2, 1 } }])), "precision of component 0");

    [Fact]
    public void FromPrecisions_InverseOfCovariances_IsTheSameStart()
    {
        double[,] means = { { 0, 1 }, { 3, 5 } }, covariance = { { 2, 1 }, { 1, 3 } }, precision = { { 0.6, -0.2 }, { -0.2, 0.4 } };
        double Likelihood(MixtureStart start) =>
            GaussianMixture.Fit(_rows, new GaussianMixtureOptions { ComponentCount = 2, MaximumIterations = 0, Start = start }).Report!.LogLikelihood;

        Assert.Equal(Likelihood(MixtureStart.FromParameters([0.5, 0.5], means, [covariance])), Likelihood(MixtureStart.FromPrecisions([0.5, 0.5], means, [precision])), 1e-12);
    }

    [Fact]
    public void Fit_StartOfAnotherSize_Throws()
    {
        MixtureStart start = MixtureStart.FromParameters([1], new double[,] { { 0, 0 } }, [_identity]);
        Rejects(_rows, new GaussianMixtureOptions { ComponentCount = 2, Start = start }, null, "1 component in 2 dimensions", "2 components are asked for");
        Rejects(new double[,] { { 1 }, { 2 } }, new GaussianMixtureOptions { Start = start }, null, "2 dimensions", "1 feature");
    }

    [Fact]
    public void Fit_LabelOutOfRange_NamesRow()
    {
        Rejects(_rows, new GaussianMixtureOptions { ComponentCount = 2, Start = MixtureStart.FromLabels([0, 1, 2, 0]) }, null, "row 2", "label 2", "0 to 1");
        Rejects(_rows, new GaussianMixtureOptions { ComponentCount = 2, Start = MixtureStart.FromLabels([0, -1, 1, 0]) }, null, "row 1", "label -1");
    }

    /// <summary>Where a row was left out or had a hole, labels of too many rows were taken, and of too few if the last ones were left out: they may be those of other data.</summary>
    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    public void Fit_WrongNumberOfLabels_Throws(int count)
    {
        var options = new GaussianMixtureOptions { ComponentCount = 2, Start = MixtureStart.FromLabels([.. Enumerable.Range(0, count).Select(i => i % 2)]) };
        Rejects(_rows, options, null, $"{count} rows", "there are 4");
        Rejects(_rows, options, [1, 1, 1, 0], $"{count} rows", "there are 4");
        double[,] holed = (double[,])_rows.Clone();
        holed[1, 0] = double.NaN;
        Rejects(holed, options, null, $"{count} rows", "there are 4");
    }

    [Fact]
    public void Fit_ResponsibilitiesNotSummingToOne_NamesRow() => Rejects(
        _rows, new GaussianMixtureOptions { ComponentCount = 2, Start = MixtureStart.FromResponsibilities(new double[,] { { 1, 0 }, { 0.5, 0.4 }, { 0, 1 }, { 0, 1 } }) }, null,
        "row 1", "0.5, 0.4", "sum one");

    [Theory]
    [InlineData(double.NaN, 1)]
    [InlineData(-1, 2)]
    [InlineData(double.PositiveInfinity, 0)]
    public void Fit_ResponsibilitiesNotShares_NamesRow(double first, double second) => Rejects(
        _rows, new GaussianMixtureOptions { ComponentCount = 2, Start = MixtureStart.FromResponsibilities(new double[,] { { 1, 0 }, { 1, 0 }, { 0, 1 }, { first, second } }) }, null, "row 3");

    [Fact]
    public void Fit_ResponsibilitiesOfAnotherCount_Throws() => Rejects(
        _rows, new GaussianMixtureOptions { ComponentCount = 3, Start = MixtureStart.FromResponsibilities(new double[4, 2]) }, null, "2 components", "3 are asked for");

    [Fact]
    public void Score_RowOfAnotherLength_Throws()
    {
        GaussianMixtureModel model = GaussianMixture.Fit(_rows, 1);
        Contains(Assert.Throws<ArgumentException>(() => model.Predict(1, 2, 3)), "3 features", "has 2");
    }

    [Fact]
    public void CopyResponsibilities_TooFewPlaces_Throws()
    {
        MixtureScorer scorer = GaussianMixture.Fit(_rows, 2).CreateScorer();
        scorer.Score([1, 2]);
        Contains(Assert.Throws<ArgumentException>(() => scorer.CopyResponsibilities(new double[1])), "1 place for 2 responsibilities", "one for each");
    }

    private static void RejectsStart(double[] weights, double[,] means, double[][,] covariances, params string[] parts)
    {
        Contains(Assert.ThrowsAny<ArgumentException>(() => MixtureStart.FromParameters(weights, means, covariances)), parts);
        Assert.ThrowsAny<ArgumentException>(() => GaussianMixtureModel.FromParameters(weights, means, covariances));
    }

    private static void RejectsOption(GaussianMixtureOptions options, params string[] parts) => Rejects(_rows, options, null, parts);

    private static void Rejects(double[,] rows, int componentCount, double[]? weights, params string[] parts) =>
        Rejects(rows, new GaussianMixtureOptions { ComponentCount = componentCount }, weights, parts);

    private static void Rejects(double[,] rows, GaussianMixtureOptions options, double[]? weights, params string[] parts) =>
        Contains(Assert.ThrowsAny<ArgumentException>(() => GaussianMixture.Fit(rows, options, weights)), parts);

    private static void Contains(ArgumentException exception, params string[] parts) =>
        Assert.All(parts, part => Assert.Contains(part, exception.Message, StringComparison.Ordinal));

    private sealed class NoFeatures : RowSource
    {
        public override int Dimension => 0;

        public override int RowCount => 3;

        public override void Read(int firstRow, int rowCount, Span<double> values, int stride, Span<double> weights) => weights[..rowCount].Fill(1);
    }
}
