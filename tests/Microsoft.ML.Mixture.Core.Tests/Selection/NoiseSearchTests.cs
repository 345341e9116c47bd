using System.Text.Json;
using Microsoft.ML.Mixture.Engine.Tests;
using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.Selection.Tests;

/// <summary>Searches whose models have a component of noise.</summary>
public class NoiseSearchTests
{
    // Models of six components, far from winning, from a start that mclust is told.
    private const int WorseThanMclust = 3;

    private static readonly CovarianceStructure[] _few = [CovarianceStructure.TiedVolumeAndShape, CovarianceStructure.Full, CovarianceStructure.TiedDiagonal];

    private static double[,] Chevron => CsvTable.Load("chevron.csv").Select("x", "y");

    [Fact]
    [Trait("Kind", "Golden")]
    public void Search_ChevronWithNoise_FindsWhatMclustFindsThatIsToldWhereNoiseIs()
    {
        JsonElement root = JsonDocument.Parse(File.ReadAllText(CsvTable.PathOf("mclust_noise_search_chevron.json"))).RootElement;
        double[,] rows = Chevron;
        var options = new GaussianMixtureSearchOptions { NoiseComponent = true, NoiseLogDensity = -root.GetProperty("log_volume").GetDouble(), StopsLosersEarly = false };

        MixtureSearchResult result = GaussianMixture.Search(rows, options);

        Assert.Equal((2, CovarianceStructure.TiedVolumeAndShape), (result.Best.ComponentCount, result.Best.CovarianceStructure));
        var worse = new List<string>();
        foreach (JsonProperty structure in root.GetProperty("bic").EnumerateObject())
        {
            double[] theirs = Json.Vector(structure.Value);
            for (int k = 1; k <= theirs.Length; k++)
            {
                // A density that is given is no free parameter; mclust counts its volume always.
                double own = result.Find(k, CovarianceStructure.FromCode(structure.Name))!.Value(MixtureCriterion.Bayesian) + Math.Log(rows.GetLength(0));
                if (own > theirs[k - 1] + (1e-6 * theirs[k - 1])) worse.Add($"{structure.Name} {k} by {own - theirs[k - 1]:F2}");
                if (k == 2) Closeness.AtLeast(-theirs[k - 1], -own, 1e-6, $"BIC of {structure.Name} with two components");
            }
        }

        Assert.True(worse.Count <= WorseThanMclust, $"{worse.Count} of 126 models are worse than mclust's: {string.Join(", ", worse)}.");
    }

    [Theory]
    [Trait("Kind", "Reference")]
    [InlineData("chevron.csv")]
    [InlineData("faithful.csv")]
    [InlineData("iris.csv")]
    [InlineData("quakes.csv")]
    public void Search_NoisyRows_HasTheSameWinnerIfLosersAreNotStopped(string file)
    {
        double[,] rows = WithStrays(CsvTable.Load(file));
        GaussianMixtureSearchOptions options = Options(), whole = Options();
        whole.StopsLosersEarly = false;

        MixtureSearchResult result = GaussianMixture.Search(rows, options), expected = GaussianMixture.Search(rows, whole);

        Assert.Equal(expected.Best.ToString(), result.Best.ToString());
        MixtureAssert.SameBits(expected.Model, result.Model);
        foreach (MixtureCandidate candidate in expected.Ranking)
        {
            // A single fit races, which a search leaves out.
            GaussianMixtureOptions ofFit = options.FitOptions(candidate.ComponentCount, candidate.CovarianceStructure);
            ofFit.Start = MixtureStart.KMeansPlusPlus;
            GaussianMixtureModel alone = GaussianMixture.Fit(rows, ofFit);
            Closeness.AtLeast(alone.Report!.LogLikelihood, candidate.Criteria!.LogLikelihood, 1e-9 * Math.Abs(alone.Report.LogLikelihood), candidate.ToString());
            Assert.Equal(alone.FreeParameterCount, candidate.Criteria.FreeParameterCount);
        }
    }

    /// <summary>Axes in common took nine tenths of the time of a search of 178 rows of 30 features, for they came to rest in every step.</summary>
    [Theory]
    [Trait("Kind", "Reference")]
    [InlineData(1, true, false)]
    [InlineData(2, true, true)]
    [InlineData(2, false, false)]
    public void FitOptions_OfNoise_LetStepsBeRough(int componentCount, bool hasNoise, bool expected)
    {
        double[,] rows = Chevron;
        GaussianMixtureOptions options = new GaussianMixtureSearchOptions { NoiseComponent = hasNoise }.FitOptions(componentCount, CovarianceStructure.TiedOrientation);

        ScaledRows scaled = GaussianFit.Prepare(new ArrayRowSource<double>(rows.Cast<double>().ToArray(), 2), options, CancellationToken.None);

        Assert.Equal(expected, GaussianFit.Family(scaled, options, hasNoise).IsRough);
    }

    [Fact]
    [Trait("Kind", "Law")]
    public void Search_OneComponent_IsTheSameWhateverItsStructureIsCalled()
    {
        double[,] rows = WithStrays(CsvTable.Iris);
        double Bic(CovarianceStructure structure) => GaussianMixture.Search(
            rows, new GaussianMixtureSearchOptions { NoiseComponent = true, MaximumComponentCount = 1, CovarianceStructures = [structure] }).Best.Value(MixtureCriterion.Bayesian);

        Closeness.Absolute(Bic(CovarianceStructure.Full), Bic(CovarianceStructure.TiedOrientation), 1e-6, "BIC");
    }

    [Fact]
    [Trait("Kind", "Determinism")]
    public void Search_AnyNumberOfThreads_GivesTheSameBits()
    {
        double[,] rows = WithStrays(CsvTable.Faithful);
        GaussianMixtureSearchOptions options = Options();
        options.ThreadCount = 1;
        MixtureSearchResult expected = GaussianMixture.Search(rows, options);
        options.ThreadCount = 3;

        MixtureSearchResult actual = GaussianMixture.Search(rows, options);

        Assert.Equal(expected.ToString(), actual.ToString());
        foreach ((MixtureCandidate one, MixtureCandidate other) in expected.Candidates.Zip(actual.Candidates)) MixtureAssert.SameBits(one.Model!, other.Model!);
    }

    [Fact]
    [Trait("Kind", "Law")]
    public void Search_WeightsOfTwo_AreRowsTwice()
    {
        double[,] rows = WithStrays(CsvTable.Faithful);
        int count = rows.GetLength(0);
        double[] weights = new double[count];
        Array.Fill(weights, 2);
        double[,] twice = new double[2 * count, rows.GetLength(1)];
        for (int i = 0; i < twice.GetLength(0); i++)
        {
            for (int j = 0; j < twice.GetLength(1); j++) twice[i, j] = rows[i / 2, j];
        }

        MixtureSearchResult weighted = GaussianMixture.Search(rows, Options(), weights), repeated = GaussianMixture.Search(twice, Options());

        Assert.Equal(repeated.Best.ToString(), weighted.Best.ToString());
        double bic = repeated.Best.Value(MixtureCriterion.Bayesian);
        Closeness.Absolute(bic, weighted.Best.Value(MixtureCriterion.Bayesian), 1e-6 * Math.Abs(bic), "BIC");
    }

    [Fact]
    [Trait("Kind", "Law")]
    public void Search_RowsWithHoles_AreComparedByWhatTheyShow()
    {
        double[,] rows = WithStrays(CsvTable.Faithful);
        for (int i = 0; i < rows.GetLength(0); i += 7) rows[i, i % 2] = double.NaN;

        MixtureSearchResult result = GaussianMixture.Search(rows, Options());

        Assert.Equal(_few.Length * 4, result.Candidates.Count(candidate => candidate.Model is not null));
        Assert.Equal(result.Model.Report!.LogLikelihood, result.Best.Criteria!.LogLikelihood, 1e-9 * Math.Abs(result.Model.Report.LogLikelihood));
        Assert.True(result.Model.Report.IncompleteRowCount > 0);
    }

    [Fact]
    [Trait("Kind", "Robustness")]
    public void Search_ByCrossValidation_ForeseesRowsLeftOut()
    {
        GaussianMixtureSearchOptions options = Options();
        options.Criterion = MixtureCriterion.CrossValidation;
        options.FoldCount = 4;
        options.MaximumComponentCount = 2;

        MixtureSearchResult result = GaussianMixture.Search(WithStrays(CsvTable.Faithful), options);

        Assert.Equal(2, result.Best.ComponentCount);
        Assert.All(result.Ranking, candidate => Assert.True(double.IsFinite(candidate.CrossValidation!.Deviance)));
    }

    [Fact]
    [Trait("Kind", "Robustness")]
    public void Search_MoreComponentsThanRowsDiffer_TriesAsManyAsDiffer()
    {
        double[,] rows = { { 0, 1 }, { 0, 2 }, { 5, 1 }, { 5, 2 }, { 5, 2 } };

        MixtureSearchResult result = GaussianMixture.Search(rows, new GaussianMixtureSearchOptions { NoiseComponent = true, MaximumComponentCount = 5, CovarianceStructures = [CovarianceStructure.TiedSpherical] });

        Assert.NotNull(result.Find(1, CovarianceStructure.TiedSpherical)!.Model);
        Assert.Equal([1, 2, 3, 4], result.Candidates.Select(candidate => candidate.ComponentCount));
        Assert.Contains(result.Warnings, warning => warning.StartsWith("5 components were asked for, but there are only 4 rows that differ and show every feature", StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Kind", "Robustness")]
    public void Search_NoMoreRowsThanFeatures_LeavesOutCorrelations()
    {
        double[,] rows = { { 0, 1, 4 }, { 0, 2, 7 }, { 5, 1, 5 } };

        MixtureSearchResult result = GaussianMixture.Search(rows, new GaussianMixtureSearchOptions { NoiseComponent = true, MaximumComponentCount = 1 });

        Assert.Contains("3 rows cannot tell the correlations of 3 features.", result.Find(1, CovarianceStructure.Full)!.Failure!, StringComparison.Ordinal);
        Assert.NotNull(result.Find(1, CovarianceStructure.Diagonal)!.Model);
    }

    [Fact]
    [Trait("Kind", "Robustness")]
    public void Search_Progress_CountsUpToAllSteps()
    {
        var seen = new List<MixtureSearchProgress>();
        GaussianMixtureSearchOptions options = Options();
        options.Progress = new Listener(seen.Add);

        GaussianMixture.Search(WithStrays(CsvTable.Faithful), options);

        Assert.Equal(Enumerable.Range(1, seen[0].TotalSteps), seen.Select(progress => progress.CompletedSteps));
    }

    [Theory]
    [Trait("Kind", "Robustness")]
    [InlineData(1, 11)]
    [InlineData(12, 0)]
    public void Search_TimeBudgetEnds_HasTheModelsThatAreFitted(int afterSteps, int expectedUnfinished)
    {
        var clock = new ManualClock { FiresTimers = true };
        GaussianMixtureSearchOptions options = Options();
        options.ThreadCount = 1;
        options.MaximumComponentCount = 6;
        options.CovarianceStructures = [CovarianceStructure.Full, CovarianceStructure.Diagonal];
        options.TimeBudget = TimeSpan.FromSeconds(4);
        options.Clock = clock;
        options.Progress = new Listener(progress => clock.Advance(TimeSpan.FromSeconds(progress.CompletedSteps == afterSteps ? 4 : 0)));

        MixtureSearchResult result = GaussianMixture.Search(WithStrays(CsvTable.Faithful), options);

        Assert.Equal(expectedUnfinished, result.Candidates.Count(candidate => candidate.Model is null));
        Assert.NotNull(result.Best.Model);
        string expected = expectedUnfinished == 0 ? "all 12 models are fitted, but may be short of their best" : $"before {expectedUnfinished} of 12 models were fitted";
        Assert.Contains(result.Warnings, warning => warning.Contains(expected, StringComparison.Ordinal));
        Assert.Equal(0, clock.ActiveTimerCount);
    }

    [Fact]
    [Trait("Kind", "Robustness")]
    public void Search_Cancelled_Throws()
    {
        using var source = new CancellationTokenSource();
        GaussianMixtureSearchOptions options = Options();
        options.Progress = new Listener(progress =>
        {
            if (progress.CompletedSteps == 3) source.Cancel();
        });

        Assert.ThrowsAny<OperationCanceledException>(() => GaussianMixture.Search(WithStrays(CsvTable.Faithful), options, null, source.Token));
    }

    // A box around the rows, three times as wide, with a stray row for every ten.
    private static double[,] WithStrays(CsvTable table)
    {
        double[,] rows = table.Features;
        int count = rows.GetLength(0), strays = count / 10, dimension = Math.Min(4, rows.GetLength(1));
        double[,] both = new double[count + strays, dimension];
        var random = new Random(7);
        for (int j = 0; j < dimension; j++)
        {
            double least = double.PositiveInfinity, most = double.NegativeInfinity;
            for (int i = 0; i < count; i++)
            {
                both[i, j] = rows[i, j];
                (least, most) = (Math.Min(least, rows[i, j]), Math.Max(most, rows[i, j]));
            }

            for (int i = count; i < count + strays; i++) both[i, j] = least + ((most - least) * ((3 * random.NextDouble()) - 1));
        }

        return both;
    }

    private sealed class Listener(Action<MixtureSearchProgress> told) : IProgress<MixtureSearchProgress>
    {
        public void Report(MixtureSearchProgress value) => told(value);
    }

    private static GaussianMixtureSearchOptions Options() => new() { NoiseComponent = true, MaximumComponentCount = 4, CovarianceStructures = _few };
}
