using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.BadInput.Tests;

/// <summary>Data that ask for trouble and yet must give a valid model, with a warning where the user should know.</summary>
[Trait("Kind", "Degenerate")]
public class DegenerateDataTests
{
    public static TheoryData<string> Structures { get; } = [.. CovarianceStructure.BuiltIn.Select(structure => structure.Name)];

    [Theory]
    [MemberData(nameof(Structures))]
    public void Fit_ConstantColumn_GivesThePosteriorsOfTheOtherColumns(string structure)
    {
        foreach (double constant in new[] { 0, 5, -1e9, 1e-12, 1e-170 })
        {
            var data = new MixtureCase(3, 2, 60, 4);
            MixtureStart start = MixtureStart.FromLabels(data.Labels);
            GaussianMixtureOptions Steps(int dimension)
            {
                // As many for both, for rounding of the constant may end a fit one step sooner.
                GaussianMixtureOptions options = Options(data, structure, start, dimension);
                (options.Tolerance, options.MaximumIterations) = (0, 30);
                return options;
            }

            GaussianMixtureModel expected = GaussianMixture.Fit(data.Rows, Steps(2));
            double[,] wider = Map(data, 3, (i, j) => j == 1 ? constant : data.Rows[i, j / 2]);

            GaussianMixtureModel actual = GaussianMixture.Fit(wider, Steps(3));

            AssertValid(actual, wider);
            Warns(actual, "Feature 1 ('b') is constant", "Drop it");

            // With one variance for all features, a constant one counts among them, and so it does where either volumes or shapes are common.
            string? code = CovarianceStructure.BuiltIn.Single(known => known.Name == structure).Code;
            if (code is null || code[1] == 'I' || (code[0] == 'E') != (code[1] == 'E')) continue;
            MixtureAssert.Close(MixtureAssert.AllResponsibilities(expected, data.Rows), MixtureAssert.AllResponsibilities(actual, wider), 1e-10, "responsibility");
        }
    }

    [Theory]
    [MemberData(nameof(Structures))]
    public void Fit_CopiedColumn_WarnsAndNamesBoth(string structure)
    {
        var data = new MixtureCase(2, 2, 60, 5);
        double[,] wider = Map(data, 3, (i, j) => j < 2 ? data.Rows[i, j] : (3 * data.Rows[i, 0]) - 1);

        GaussianMixtureModel model = GaussianMixture.Fit(wider, Options(data, structure, dimension: 3));

        AssertValid(model, wider);
        Warns(model, "Feature 2 ('c') is a copy of feature 0 ('a')", "Drop it");
    }

    [Theory]
    [MemberData(nameof(Structures))]
    public void Fit_LinearCombination_WarnsAndNamesIt(string structure)
    {
        var data = new MixtureCase(2, 2, 60, 6);
        double[,] wider = Map(data, 3, (i, j) => j < 2 ? data.Rows[i, j] : data.Rows[i, 0] - (2 * data.Rows[i, 1]));

        GaussianMixtureModel model = GaussianMixture.Fit(wider, Options(data, structure, dimension: 3));

        AssertValid(model, wider);
        Warns(model, "Feature 2 ('c') is a linear combination", "Drop it");
    }

    [Fact]
    public void Fit_CopiedColumnWithoutPrior_ThrowsAndSaysWhy()
    {
        var data = new MixtureCase(2, 1, 60, 6);
        double[,] wider = Map(data, 2, (i, _) => data.Rows[i, 0]);

        var exception = Assert.Throws<MixtureFitException>(() => GaussianMixture.Fit(wider, new GaussianMixtureOptions { ComponentCount = 2, CovariancePriorStrength = 0 }));

        Assert.Contains("not positive definite: given the features before it, feature 1 has no variance left", exception.Message, StringComparison.Ordinal);
        Assert.Contains("strengthen the covariance prior", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Structures))]
    public void Fit_MoreColumnsThanRows_IsValidAndWarns(string structure)
    {
        var random = new Random(1);
        double[,] rows = new double[10, 30];
        for (int at = 0; at < rows.Length; at++) rows[at / 30, at % 30] = MixtureCase.Normal(random);

        GaussianMixtureModel model = GaussianMixture.Fit(rows, Options(structure, 2, 30));

        AssertValid(model, rows);
        if (structure is "full" or "tied") Warns(model, "30 features but only 10 rows", "fewer features", "or a mixture of factor analyzers (FactorAnalyzerMixture).");
    }

    [Theory]
    [MemberData(nameof(Structures))]
    public void Fit_AsManyComponentsAsRows_IsValid(string structure)
    {
        var data = new MixtureCase(1, 2, 6, 3);

        AssertValid(GaussianMixture.Fit(data.Rows, Options(structure, 6)), data.Rows);
    }

    [Theory]
    [MemberData(nameof(Structures))]
    public void Fit_AllRowsEqualOneComponent_IsValidAndWarns(string structure)
    {
        foreach (double value in new[] { 0, 2.5, -1e150, 1e-150 })
        {
            double[,] rows = { { value, 7 }, { value, 7 }, { value, 7 } };
            GaussianMixtureModel model = GaussianMixture.Fit(rows, Options(structure, 1));

            AssertValid(model, rows);
            Warns(model, "Feature 0 ('a') is constant");
            Warns(model, "Feature 1 ('b') is constant");
            Assert.Equal([value, 7], model.Means.Row(0).ToArray());
        }
    }

    [Theory]
    [MemberData(nameof(Structures))]
    public void Fit_TwoPointsRepeatedTwoComponents_FindsThem(string structure)
    {
        double[,] rows = new double[100, 2];
        for (int i = 0; i < 100; i++) (rows[i, 0], rows[i, 1]) = (i % 2, 3 * (i % 2));

        GaussianMixtureModel model = GaussianMixture.Fit(rows, Options(structure, 2));

        AssertValid(model, rows);
        Assert.Equal([0.0, 1], new[] { model.Means[0, 0], model.Means[1, 0] }.Order().Select(mean => Math.Round(mean, 6)));
    }

    [Theory]
    [MemberData(nameof(Structures))]
    public void Fit_RowsWithNothingObserved_ChangeNothing(string structure)
    {
        var data = new MixtureCase(2, 2, 40, 7);
        int[] kept = [.. Enumerable.Range(0, data.RowCount).Where(i => i % 5 != 2)];
        double[,] holes = Map(data, 2, (i, j) => i % 5 == 2 ? double.NaN : data.Rows[i, j]), without = new double[kept.Length, 2];
        for (int i = 0; i < kept.Length; i++) (without[i, 0], without[i, 1]) = (data.Rows[kept[i], 0], data.Rows[kept[i], 1]);

        GaussianMixtureModel expected = GaussianMixture.Fit(without, Options(data, structure)), actual = GaussianMixture.Fit(holes, Options(data, structure));

        MixtureAssert.SameBits(expected, actual);
        Assert.Equal((kept.Length, data.RowCount - kept.Length), (actual.Report!.RowCount, actual.Report.MissingRowCount));
        Assert.Equal([16, 16], actual.Report.MissingValueCounts);
        Assert.Equal((0, 1), (actual.Report.IncompleteRowCount, actual.Report.MissingPatternCount));
        Warns(actual, "16 rows with nothing but missing features (NaN) were left out");
    }

    [Fact]
    public void Fit_PairNeverObservedTogether_WarnsAndNamesThePair()
    {
        var data = new MixtureCase(1, 3, 60, 7);
        double[,] holes = Map(data, 3, (i, j) => j == (i % 2 == 0 ? 0 : 2) ? double.NaN : data.Rows[i, j]);
        GaussianMixtureOptions Named(CovarianceStructure structure) => new() { CovarianceStructure = structure, FeatureNames = ["height", "age", "mass"] };

        GaussianMixtureModel model = GaussianMixture.Fit(holes, Named(CovarianceStructure.Full));

        string warning = Assert.Single(model.Report!.Warnings, warning => warning.Contains("No row shows both", StringComparison.Ordinal));
        Assert.Contains("feature 0 ('height') and feature 2 ('mass')", warning, StringComparison.Ordinal);
        Assert.Contains("diagonal", warning, StringComparison.Ordinal);
        Assert.DoesNotContain(GaussianMixture.Fit(holes, Named(CovarianceStructure.Diagonal)).Report!.Warnings, warning => warning.Contains("No row shows both", StringComparison.Ordinal));

        // One row with both is enough.
        for (int j = 0; j < 3; j++) holes[5, j] = data.Rows[5, j];
        Assert.DoesNotContain(GaussianMixture.Fit(holes, Named(CovarianceStructure.Full)).Report!.Warnings, warning => warning.Contains("No row shows both", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Structures))]
    public void Fit_ExtremeScaleOrOffset_FindsTheSameGroups(string structure)
    {
        var data = new MixtureCase(2, 2, 60, 8);

        // A race of starts ends so near to the maximum that rounding decides how many steps are left.
        GaussianMixtureOptions Plain()
        {
            GaussianMixtureOptions options = Options(data, structure);
            options.Start ??= MixtureStart.KMeansPlusPlus;
            return options;
        }

        GaussianMixtureModel expected = GaussianMixture.Fit(data.Rows, Plain());
        int[] labels = Labels(expected, data.Rows);
        foreach ((double scale, double offset) in new[] { (1e150, 0.0), (1e-150, 0), (1e20, 0), (1e-20, 0), (1, 1e8), (1, -1e8), (1, 1e6) })
        {
            double[,] rows = Map(data, 2, (i, j) => (data.Rows[i, j] * scale) + offset);
            GaussianMixtureModel actual = GaussianMixture.Fit(rows, Plain());
            AssertValid(actual, rows);
            Assert.Equal(labels, Labels(actual, rows));
            double shift = data.RowCount * 2 * Math.Log(scale);
            Assert.Equal(expected.Report!.LogLikelihood, actual.Report!.LogLikelihood + shift, 1e-6 * Math.Abs(expected.Report.LogLikelihood));
            Assert.InRange(actual.Report.IterationCount, expected.Report.IterationCount - 1, expected.Report.IterationCount + 1);
        }
    }

    [Theory]
    [MemberData(nameof(Structures))]
    public void Fit_OneRowFarAway_IsValidOrThrowsATypedException(string structure)
    {
        foreach (double far in new[] { 1e12, 1e99, 1e101, 1e120, 1e200, 1e300, double.MaxValue })
        {
            for (int components = 1; components <= 3; components++)
            {
                var data = new MixtureCase(2, 2, 40, 9);
                data.Rows[17, 1] = far;
                try
                {
                    AssertValid(GaussianMixture.Fit(data.Rows, Options(structure, components)), data.Rows);
                }
                catch (Exception exception) when (exception is ArgumentException or MixtureFitException)
                {
                    Assert.Contains("Scale the features", exception.Message, StringComparison.Ordinal);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Structures))]
    public void Score_DistantRow_GivesFinitePosteriors(string structure)
    {
        var data = new MixtureCase(3, 2, 40, 10);
        foreach (double size in new[] { 1, 1e-6, 1e6 })
        {
            double[,] rows = Map(data, 2, (i, j) => data.Rows[i, j] * size);
            GaussianMixtureModel model = GaussianMixture.Fit(rows, Options(structure, 3));
            foreach (double far in new[] { 1e3, 1e10, 1e155, 1e200, 1e300, double.MaxValue })
            {
                foreach ((int first, int second) in new[] { (1, 1), (1, -1), (-1, 1), (1, 0) }) AssertScores(model, [first * far, second * far]);
            }
        }
    }

    [Fact]
    public void Score_DistantRowAndCorrelatedNarrowComponent_GivesFinitePosteriors()
    {
        // The terms of the triangular product overflow with opposite signs.
        double[,] narrow = { { 1e-8, 0.999e-8 }, { 0.999e-8, 1e-8 } }, wide = { { 1e8, 0 }, { 0, 1e8 } };
        foreach (double[][,] covariances in new double[][][,] { [narrow, wide], [wide, narrow], [narrow, narrow] })
        {
            GaussianMixtureModel model = GaussianMixtureModel.FromParameters([0.5, 0.5], new double[,] { { 0, 0 }, { 1, 1 } }, covariances);
            AssertScores(model, [1e306, 1e306]);
            AssertScores(model, [double.MaxValue, double.MaxValue]);
            AssertScores(model, [double.MaxValue, -double.MaxValue]);
        }

        GaussianMixtureModel mixed = GaussianMixtureModel.FromParameters([0.5, 0.5], new double[,] { { 0, 0 }, { 0, 0 } }, [narrow, wide]);
        Assert.Equal(1, mixed.Predict(1e306, 1e306));

        // Both overflow, and the second is the nearer one.
        double[,] wider = { { 4e-8, 3.996e-8 }, { 3.996e-8, 4e-8 } };
        GaussianMixtureModel both = GaussianMixtureModel.FromParameters([0.5, 0.5], new double[,] { { 0, 0 }, { 0, 0 } }, [narrow, wider]);
        foreach (double far in new[] { 1e170, 1e300, 1e306, double.MaxValue }) Assert.Equal((1, 1), (both.Predict(far, far), both.Predict(far, -far)));
    }

    [Theory]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void Score_FeatureInfinite_GivesMinusOneAndNaN(double bad)
    {
        GaussianMixtureModel model = new MixtureCase(2, 2, 40, 10).Fit(CovarianceStructure.Full, 3);

        Assert.Equal(-1, model.Predict(1, bad));
        Assert.True(double.IsNaN(model.LogDensity(bad, 0)));
        Assert.All(model.Responsibilities(bad, 0), share => Assert.True(double.IsNaN(share)));
        MixtureScorer scorer = model.CreateScorer();
        scorer.Score([bad, 1]);
        Assert.True(double.IsNaN(scorer.JointLogDensities[0]));
        scorer.Score([bad, double.NaN]);
        Assert.Equal(-1, scorer.Component);
        scorer.Score([0, 1]);
        Assert.True(double.IsFinite(scorer.LogDensity));
    }

    [Fact]
    public void Fit_ComponentThatLosesAllRows_KeepsThePrior()
    {
        var data = new MixtureCase(1, 2, 60, 11);
        MixtureStart start = MixtureStart.FromParameters([0.5, 0.5], new double[,] { { 1, 1 }, { 1e6, 1e6 } }, [new double[,] { { 1, 0 }, { 0, 1 } }]);

        GaussianMixtureModel model = GaussianMixture.Fit(data.Rows, new GaussianMixtureOptions { ComponentCount = 2, Start = start });

        AssertValid(model, data.Rows);
        Warns(model, "Component 1 rests on no row, ", "fewer components");
        Assert.Equal(0, model.Weights[1]);
    }

    [Fact]
    public void Fit_EmptyComponentWithoutPrior_ThrowsAndNamesIt()
    {
        var data = new MixtureCase(1, 2, 60, 11);
        var options = new GaussianMixtureOptions { ComponentCount = 2, CovariancePriorStrength = 0, Start = MixtureStart.FromLabels(new int[60]) };

        var exception = Assert.Throws<MixtureFitException>(() => GaussianMixture.Fit(data.Rows, options));

        Assert.Contains("Component 1 is empty", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Structures))]
    public void Fit_ComponentWithoutSpreadAndWithoutPrior_IsNamedUnlessOthersLendItTheirs(string structure)
    {
        var data = new MixtureCase(1, 3, 60, 11);
        for (int at = 0; at < 90; at++) data.Rows[30 + (at / 3), at % 3] = 9 + (at % 3);
        GaussianMixtureOptions options = Options(structure, 2, dimension: 3);
        options.CovariancePriorStrength = 0;
        options.Start = MixtureStart.FromLabels([.. Enumerable.Range(0, 60).Select(i => i / 30)]);

        // With volume and shape in common, the other component's variances do. A structure without a code stands here by its name if they do.
        string? code = CovarianceStructure.BuiltIn.Single(known => known.Name == structure).Code;
        if ((code ?? structure) is "EII" or "EEI" or "EEE" or "EEV")
        {
            AssertValid(GaussianMixture.Fit(data.Rows, options), data.Rows);
            return;
        }

        var exception = Assert.Throws<MixtureFitException>(() => GaussianMixture.Fit(data.Rows, options));

        Assert.Contains("The covariance of component 1 is not positive definite", exception.Message, StringComparison.Ordinal);
        Assert.Contains(code is null ? "has no variance left" : "definite: feature 0 ('a') has no variance left", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_MaximumIterationsReached_WarnsAndIsNotConverged()
    {
        var data = new MixtureCase(3, 2, 40, 12);
        GaussianMixtureOptions options = data.Options(CovarianceStructure.Full, 2, null, 1e-6);
        options.Tolerance = 1e-12;

        GaussianMixtureModel model = GaussianMixture.Fit(data.Rows, options);

        Assert.Equal(StopReason.MaximumIterations, model.Report!.StopReason);
        Warns(model, "stopped after 2 iterations before it converged", "Raise the maximum");
    }

    [Fact]
    public void Fit_SinglePrecisionBesideLargeOffset_KeepsTheVariance()
    {
        var source = new ArrayRowSource<float>(new float[] { 9999, 0 }, 1);

        GaussianMixtureModel model = GaussianMixture.Fit(source, new GaussianMixtureOptions { CovariancePriorStrength = 0 }, default);

        Assert.Equal(9999.0 * 9999 / 4, model.Covariances[0][0, 0], 1e-6);
    }

    private static GaussianMixtureOptions Options(string structure, int components, int dimension = 2) => new()
    {
        ComponentCount = components,
        CovarianceStructure = CovarianceStructure.BuiltIn.Single(known => known.Name == structure),
        FeatureNames = [.. Enumerable.Range(0, dimension).Select(j => $"{(char)('a' + j)}")],
    };

    private static GaussianMixtureOptions Options(MixtureCase data, string structure, MixtureStart? start = null, int dimension = 2)
    {
        GaussianMixtureOptions options = Options(structure, data.ComponentCount, dimension);
        options.Start = start;
        return options;
    }

    private static double[,] Map(MixtureCase data, int columns, Func<int, int, double> value)
    {
        double[,] rows = new double[data.RowCount, columns];
        for (int at = 0; at < rows.Length; at++) rows[at / columns, at % columns] = value(at / columns, at % columns);
        return rows;
    }

    private static int[] Labels(GaussianMixtureModel model, double[,] rows) => [.. Enumerable.Range(0, rows.GetLength(0)).Select(i => model.Predict(MixtureAssert.RowOf(rows, i)))];

    private static void Warns(GaussianMixtureModel model, params string[] parts) =>
        Assert.Contains(model.Report!.Warnings, warning => parts.All(part => warning.Contains(part, StringComparison.Ordinal)));

    private static void AssertScores(GaussianMixtureModel model, double[] row)
    {
        double[] responsibilities = model.Responsibilities(row);
        Assert.All(responsibilities, share => Assert.InRange(share, 0, 1));
        Assert.Equal(1, responsibilities.Sum(), 1e-12);
        Assert.Equal(Array.IndexOf(responsibilities, responsibilities.Max()), model.Predict(row));
        Assert.False(double.IsNaN(model.LogDensity(row)));
    }

    private static void AssertValid(GaussianMixtureModel model, double[,] rows)
    {
        Assert.All(MixtureAssert.Parameters(model), value => Assert.True(double.IsFinite(value)));
        Assert.Equal(1, model.Weights.Sum(), 1e-12);
        Assert.All(model.Weights, weight => Assert.True(weight >= 0));
        Assert.True(double.IsFinite(model.Report!.LogLikelihood) && double.IsFinite(model.Report.ObjectiveHistory[^1]));
        for (int i = 0; i < rows.GetLength(0); i++) AssertScores(model, MixtureAssert.RowOf(rows, i));

        // A model that can be loaded again has covariances that are positive definite.
        var stream = new MemoryStream();
        model.Save(stream);
        stream.Position = 0;
        GaussianMixtureModel.Load(stream);
    }
}
