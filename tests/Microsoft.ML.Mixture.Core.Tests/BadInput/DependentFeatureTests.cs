using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.BadInput.Tests;

/// <summary>Features that copy or combine others: what is said of them, and that they make no component degenerate.</summary>
[Trait("Kind", "Degenerate")]
public class DependentFeatureTests
{
    private const string CannotBeCompared = "Structures with and without correlations cannot be compared then";

    // From the rows of iris, for a search that is short.
    private static readonly Dictionary<string, Func<double[], double[]>> _variants = new()
    {
        ["copy"] = row => [.. row, 2 * row[2]],
        ["sum"] = row => [.. row, row[0] + row[1]],
        ["total of parts"] = row => [row[0] + row[1], row[0], row[1]],
        ["rounded sum"] = row => [.. row, (float)row[0] + (float)row[1]],
    };

    [Theory]
    [InlineData("copy", 2, 3, "Feature 4 ('e') is a copy of feature 2 ('c'), up to scale and offset. ")]
    [InlineData("sum", 2, 3, "Feature 4 ('e') is a linear combination of feature 0 ('a') and feature 1 ('b'). ")]
    [InlineData("rounded sum", 2, 3, "Feature 4 ('e') is a linear combination of feature 0 ('a') and feature 1 ('b'). ")]
    [InlineData("total of parts", 2, 3, "Feature 2 ('c') is a linear combination of feature 0 ('a') and feature 1 ('b'). ")]
    public void Search_DependentFeature_FindsTheGroupsAndNamesItOnce(string variant, int least, int most, string beginning)
    {
        MixtureSearchResult result = GaussianMixture.Search(Rows(variant), new GaussianMixtureSearchOptions { MaximumComponentCount = 5, FeatureNames = Names(variant) });

        Assert.InRange(result.Best.ComponentCount, least, most);
        Assert.Equal(CovarianceShape.Full, result.Best.CovarianceStructure.Shape);
        Assert.False(result.Best.IsDoubtful);
        Assert.All(result.Candidates.Where(candidate => candidate.ComponentCount == 1), candidate => Assert.False(candidate.IsDoubtful, $"{candidate} is doubtful."));
        string warning = Assert.Single(result.Warnings, text => text.Contains(" is a ", StringComparison.Ordinal));
        Assert.StartsWith(beginning + CannotBeCompared, warning, StringComparison.Ordinal);
        Assert.EndsWith("Drop it and search again.", warning, StringComparison.Ordinal);
        Assert.Contains(result.Model.Report!.Warnings, text => text.StartsWith(beginning[..beginning.LastIndexOf('.')], StringComparison.Ordinal));
    }

    // Parts of a whole: the last says nothing that the others do not. The prior had decided that one large component is likelier than three.
    [Theory]
    [InlineData("VVV")]
    [InlineData("EEE")]
    public void Fit_PartsOfAWhole_IsTheFitWithoutTheLast(string code)
    {
        (double[,] some, double[,] all, int[] labels) = PartsOfAWhole(seed: 1);

        (GaussianMixtureModel without, GaussianMixtureModel with) = FitBoth(some, all, labels, code, tolerance: 1e-8, toleranceOfGains: 1e-8);

        for (int k = 0; k < 3; k++)
        {
            for (int j = 0; j < 3; j++) Assert.Equal(without.Covariances[k][j, j], with.Covariances[k][j, j], 1e-6);
        }
    }

    /// <summary>Rounding of what is left of a variance had lowered the objective in some steps, by up to 1e-4.</summary>
    [Theory]
    [InlineData("VVV")]
    [InlineData("EEE")]
    public void Fit_LinearCombinations_NeverLowersItsObjective(string code)
    {
        for (int seed = 0; seed < 4; seed++)
        {
            var random = new Random(seed);
            double[,] rows = new double[600, 7];
            for (int i = 0; i < 600; i++)
            {
                for (int j = 0; j < 4; j++) rows[i, j] = (i % 2 * (j + 1) / 2.0) + ((1 + (i % 2)) * MixtureCase.Normal(random));
                rows[i, 4] = (3 * rows[i, 0]) - (2 * rows[i, 1]) + rows[i, 2] + rows[i, 3];
                rows[i, 5] = rows[i, 1] + rows[i, 3];
                rows[i, 6] = rows[i, 0] - (0.3 * rows[i, 2]) + (4 * rows[i, 3]);
            }

            var options = new GaussianMixtureOptions
            {
                ComponentCount = 2,
                CovarianceStructure = CovarianceStructure.FromCode(code),
                Seed = seed,
                Start = MixtureStart.KMeansPlusPlus,
                Tolerance = 0,
                MaximumIterations = 100,
                Accelerate = false,
            };

            FitReport report = GaussianMixture.Fit(rows, options).Report!;

            // A fall beyond 1e-12 ends a fit.
            Assert.Equal(StopReason.MaximumIterations, report.StopReason);
            Assert.All(report.ObjectiveHistory.Zip(report.ObjectiveHistory.Skip(1)), step => Assert.InRange(step.Second - step.First, -1e-12 * (1 + Math.Abs(step.First)), double.PositiveInfinity));
        }
    }

    [Fact]
    public void StandardErrors_PartsOfAWhole_SayWhyThereIsNoMaximum()
    {
        (double[,] some, double[,] all, int[] labels) = PartsOfAWhole(seed: 1);
        var options = new GaussianMixtureOptions { ComponentCount = 3, Start = MixtureStart.FromLabels(labels) };

        MixtureStandardErrors without = GaussianMixture.Fit(some, options).StandardErrorsOf(some), with = GaussianMixture.Fit(all, options).StandardErrorsOf(all);

        Assert.Empty(without.Warnings);
        Assert.StartsWith("Feature 3 follows from others, ", Assert.Single(with.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void FitAndSearch_PartsOfAWhole_FindTheGroups()
    {
        for (int seed = 0; seed < 3; seed++)
        {
            (double[,] some, double[,] all, int[] labels) = PartsOfAWhole(seed);

            double expected = AgreementOf(GaussianMixture.Fit(some, 3), some, labels);
            MixtureSearchResult search = GaussianMixture.Search(all, new GaussianMixtureSearchOptions { MaximumComponentCount = 5 });

            Assert.InRange(expected, 0.7, 1);
            Assert.Equal(expected, AgreementOf(GaussianMixture.Fit(all, 3), all, labels), 0.02);
            Assert.Equal(3, search.Best.ComponentCount);
            Assert.Equal(expected, AgreementOf(search.Model, all, labels), 0.02);
            Assert.All(
                search.Candidates.Where(candidate => candidate is { ComponentCount: > 1, CovarianceStructure: { Shape: CovarianceShape.Full, IsClosedInFactors: false } }),
                candidate => Assert.StartsWith("Features follow from others, so that what the covariances share where no row varies", candidate.Failure, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Search_PartsOfAWhole_OfStructuresThatShareInPartAlone_FitsThem()
    {
        var options = new GaussianMixtureSearchOptions { MaximumComponentCount = 2, CovarianceStructures = [CovarianceStructure.FromCode("EVV"), CovarianceStructure.FromCode("VEE")] };

        MixtureSearchResult search = GaussianMixture.Search(PartsOfAWhole(seed: 0).All, options);

        Assert.All(search.Candidates, candidate => Assert.NotNull(candidate.Model));
    }

    [Fact]
    public void Search_DependentFeatures_OfOneKindOfStructure_IsToldOfTheWinnerAlone()
    {
        foreach (CovarianceStructure structure in (CovarianceStructure[])[CovarianceStructure.Full, CovarianceStructure.Diagonal, CovarianceStructure.Spherical])
        {
            var options = new GaussianMixtureSearchOptions { MaximumComponentCount = 2, CovarianceStructures = [structure] };

            MixtureSearchResult result = GaussianMixture.Search(Rows("copy"), options);

            Assert.Contains(result.Warnings, text => text.StartsWith("Of the winner: Feature 4 is a copy of feature 2, up to scale and offset, ", StringComparison.Ordinal));
            Assert.DoesNotContain(result.Warnings, text => text.Contains(CannotBeCompared, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("full", "so the covariances are singular but for the prior or floor. Drop it.")]
    [InlineData("tied", "so the covariances are singular but for the prior or floor. Drop it.")]
    [InlineData("diagonal", "and a structure without correlations counts twice what it says. Drop it.")]
    [InlineData("spherical", "and a structure without correlations counts twice what it says. Drop it.")]
    public void Fit_DependentFeature_WarnsWhateverTheStructureAndIsSound(string structure, string end)
    {
        foreach (string variant in _variants.Keys)
        {
            var options = new GaussianMixtureOptions { ComponentCount = 2, CovarianceStructure = Engine.Tests.BoundsTests.Structure(structure), FeatureNames = Names(variant) };

            FitReport report = GaussianMixture.Fit(Rows(variant), options).Report!;

            Assert.Equal(0, report.SpuriousComponentCount);
            string warning = Assert.Single(report.Warnings, text => text.Contains(" is a ", StringComparison.Ordinal));
            Assert.EndsWith(end, warning, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Fit_SumButForNextToNothing_IsSoundAndToldWithWhatIsLeft()
    {
        var random = new Random(2);
        double[,] rows = Rows("sum");
        for (int i = 0; i < rows.GetLength(0); i++) rows[i, 4] += 1e-4 * MixtureCase.Normal(random);

        FitReport report = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 2 }).Report!;

        Assert.Equal(0, report.SpuriousComponentCount);
        string warning = Assert.Single(report.Warnings);
        Assert.Matches("^Feature 4 is a linear combination of feature 0 and feature 1, but for [0-9.]+E-08 of its variance, so the covariances are singular but for the prior or floor", warning);
    }

    [Fact]
    public void Fit_ComponentThatIsFlatWhereTheRowsAreNot_IsDoubtedBesideACopy()
    {
        var random = new Random(3);
        double[,] rows = new double[120, 3];
        for (int i = 0; i < 120; i++)
        {
            rows[i, 0] = random.NextDouble();
            rows[i, 1] = i < 60 ? 5 : random.NextDouble();
            rows[i, 2] = 3 - rows[i, 0];
        }

        var options = new GaussianMixtureOptions { ComponentCount = 2, Start = MixtureStart.FromLabels([.. Enumerable.Range(0, 120).Select(i => i / 60)]) };

        FitReport report = GaussianMixture.Fit(rows, options).Report!;

        Assert.Equal(1, report.SpuriousComponentCount);
        Assert.Contains(report.Warnings, text => text.StartsWith("Feature 2 is a copy of feature 0", StringComparison.Ordinal));
        Assert.Contains(report.Warnings, text => text.StartsWith("Component 0 has next to no spread of its own in feature 1", StringComparison.Ordinal));
    }

    [Fact]
    public void Find_ManyRows_IsFoundWhereverItBreaks()
    {
        // A copy in all rows, and one that a single row of many breaks.
        var random = new Random(5);
        double[,] rows = new double[5_000, 4];
        for (int i = 0; i < 5_000; i++)
        {
            for (int j = 0; j < 2; j++) rows[i, j] = MixtureCase.Normal(random);
            rows[i, 2] = rows[i, 0] - (3 * rows[i, 1]);
            rows[i, 3] = -rows[i, 1];
        }

        rows[1_234, 3] += 100;
        TrainingRows training = TrainingRows.Inspect(Source(rows), 1, usesHoles: true, feature => $"{feature}", CancellationToken.None);

        FeatureDependencies dependencies = FeatureDependencies.Find(training, FeatureMoments.Compute(training, CancellationToken.None), CancellationToken.None);

        FeatureDependency found = Assert.Single(dependencies.Found);
        Assert.Equal((2, 0.0), (found.Feature, found.Unexplained));
        Assert.Equal([0, 1], found.Sources);
        Assert.Equal(0, dependencies.UnexplainedVariances![2]);
        Assert.True(dependencies.UnexplainedVariances[3] > 1);
    }

    [Fact]
    public void Find_FeatureThatFewRowsShow_IsNotTakenForOneThatFollows()
    {
        // In the rows that are looked at first it is constant.
        var random = new Random(7);
        double[,] rows = new double[5_000, 3];
        for (int i = 0; i < 5_000; i++) (rows[i, 1], rows[i, 2]) = (MixtureCase.Normal(random), MixtureCase.Normal(random));
        rows[1_234, 0] = 1;

        FitReport report = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 1 }).Report!;

        Assert.DoesNotContain(report.Warnings, text => text.Contains(" is a ", StringComparison.Ordinal));
        Assert.Equal(0, report.SpuriousComponentCount);
    }

    [Fact]
    public void Find_IndependentFeaturesOfManyRows_ReadsFewOfThem()
    {
        var random = new Random(6);
        double[,] rows = new double[50_000, 3];
        for (int at = 0; at < rows.Length; at++) rows[at / 3, at % 3] = MixtureCase.Normal(random);
        var source = new Engine.Tests.CountedRowSource(Source(rows), readsInAnyOrder: true);
        TrainingRows training = TrainingRows.Inspect(source, 1, usesHoles: true, feature => $"{feature}", CancellationToken.None);
        FeatureMoments moments = FeatureMoments.Compute(training, CancellationToken.None);
        long before = source.RowsRead;

        Assert.Same(FeatureDependencies.None, FeatureDependencies.Find(training, moments, CancellationToken.None));

        Assert.InRange(source.RowsRead - before, 1, 100);
    }

    /// <summary>Fifteen steps from given groups, without the last feature and with it: the same weights, and log-likelihoods that differ by a constant.</summary>
    internal static (GaussianMixtureModel Without, GaussianMixtureModel With) FitBoth(double[,] some, double[,] all, int[] labels, string code, double tolerance, double toleranceOfGains)
    {
        var options = new GaussianMixtureOptions
        {
            ComponentCount = 3,
            CovarianceStructure = CovarianceStructure.FromCode(code),
            Start = MixtureStart.FromLabels(labels),
            Tolerance = 0,
            MaximumIterations = 15,
            Accelerate = false,
        };

        GaussianMixtureModel without = GaussianMixture.Fit(some, options), with = GaussianMixture.Fit(all, options);

        Closeness.ToScale(without.Weights, with.Weights, tolerance, "Weights");
        double[] gains = [.. without.Report!.LogLikelihoodHistory.Zip(with.Report!.LogLikelihoodHistory, (one, other) => other - one)];
        Assert.All(gains, gain => Assert.Equal(gains[0], gain, toleranceOfGains));
        return (without, with);
    }

    // Three groups that overlap, in three parts and what is left to a hundred.
    internal static (double[,] Some, double[,] All, int[] Labels) PartsOfAWhole(int seed)
    {
        double[,] centres = { { 0, 0, 0 }, { 2.25, 2.25, 0 }, { 0, 2.25, 2.25 } };
        double[][,] factors =
        [
            new[,] { { 1, 0, 0 }, { 0.5, 0.8, 0 }, { 0, 0.3, 0.7 } }, new[,] { { 0.7, 0, 0 }, { -0.5, 0.9, 0 }, { 0.4, 0, 1 } },
            new[,] { { 1.2, 0, 0 }, { 0, 0.5, 0 }, { -0.6, 0.4, 0.8 } },
        ];
        var random = new Random(seed);
        int[] labels = [.. Enumerable.Range(0, 1000).Select(_ => random.Next(3))];
        double[,] some = new double[1000, 3], all = new double[1000, 4];
        for (int i = 0; i < 1000; i++)
        {
            double[] normal = [MixtureCase.Normal(random), MixtureCase.Normal(random), MixtureCase.Normal(random)];
            all[i, 3] = 100;
            for (int j = 0; j < 3; j++)
            {
                some[i, j] = all[i, j] = 30 + centres[labels[i], j] + Enumerable.Range(0, 3).Sum(l => factors[labels[i]][j, l] * normal[l]);
                all[i, 3] -= all[i, j];
            }
        }

        return (some, all, labels);
    }

    private static double AgreementOf(GaussianMixtureModel model, double[,] rows, int[] labels) => ClusteringAgreement.AdjustedRandIndex(
        labels, [.. Enumerable.Range(0, labels.Length).Select(i => model.Predict([.. Enumerable.Range(0, rows.GetLength(1)).Select(j => rows[i, j])]))]);

    private static ArrayRowSource<double> Source(double[,] rows) => new(rows.Cast<double>().ToArray(), rows.GetLength(1));

    private static double[,] Rows(string variant)
    {
        double[,] iris = CsvTable.Iris.Features;
        double[][] made = [.. Enumerable.Range(0, iris.GetLength(0)).Select(i => _variants[variant]([.. Enumerable.Range(0, 4).Select(j => iris[i, j])]))];
        double[,] rows = new double[made.Length, made[0].Length];
        for (int at = 0; at < rows.Length; at++) rows[at / made[0].Length, at % made[0].Length] = made[at / made[0].Length][at % made[0].Length];
        return rows;
    }

    private static string[] Names(string variant) => [.. "abcde"[.._variants[variant](new double[4]).Length].Select(letter => letter.ToString())];
}
