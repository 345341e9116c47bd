using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.Mixture.Tests;

[Trait("Kind", "Pipeline")]
public class AutoTests
{
    private static readonly CovarianceStructure[] _few = [CovarianceStructure.Full, CovarianceStructure.Tied, CovarianceStructure.Spherical];

    private readonly MLContext _context = new(seed: 1);

    [Fact]
    public void Fit_AutoForBoth_IsTheSearchAndGivesItsWinner()
    {
        IDataView data = TestData.EruptionFeatures(_context);

        var options = new GaussianMixtureTrainer.Options
        {
            NumberOfComponents = GaussianMixtureTrainer.Auto,
            MaximumNumberOfComponents = 4,
            CovarianceStructure = CovarianceStructure.Auto,
            CovarianceStructures = _few,
        };
        GaussianMixtureModelParameters model = Fit(data, options);

        MixtureSearchResult search = _context.Clustering.SearchGaussianMixture(data, new() { MaximumComponentCount = 4, CovarianceStructures = _few }).Search;
        Assert.Equal(TestData.Describe(new GaussianMixtureModelParameters(search.Model)), TestData.Describe(model));
        Assert.Equal(search.ToString(), model.Search!.ToString());
        Assert.Same(model.Search.Model, model.Mixture);
        Assert.Equal(12, model.Search.Candidates.Count);
    }

    [Fact]
    public void Options_AutoForBoth_AreTheDefaultsOfTheSearch()
    {
        GaussianMixtureSearchOptions search = new(), core = new GaussianMixtureTrainer.Options { NumberOfComponents = GaussianMixtureTrainer.Auto, CovarianceStructure = CovarianceStructure.Auto }.ToSearchOptions();

        Assert.Equal((1, 9), (core.MinimumComponentCount, core.MaximumComponentCount));
        Assert.Equal((search.MinimumComponentCount, search.MaximumComponentCount), (core.MinimumComponentCount, core.MaximumComponentCount));
        Assert.Equal(search.CovarianceStructures, core.CovarianceStructures);
        Assert.Equal(
            (search.StartCount, search.Criterion, search.TimeBudget, search.Tolerance, search.MaximumIterations, search.CovariancePriorStrength),
            (core.StartCount, core.Criterion, core.TimeBudget, core.Tolerance, core.MaximumIterations, core.CovariancePriorStrength));
    }

    [Fact]
    public void Options_StructuresChangedAfterTheTrainerWasMade_DoNotReachIt()
    {
        var structures = new List<CovarianceStructure> { CovarianceStructure.Tied };
        var options = new GaussianMixtureTrainer.Options { NumberOfComponents = 3, CovarianceStructure = CovarianceStructure.Auto, CovarianceStructures = structures };
        GaussianMixtureTrainer trainer = _context.Clustering.Trainers.GaussianMixture(options);

        structures.Clear();

        Assert.Same(CovarianceStructure.Tied, trainer.Fit(Clusters(300)).Model.CovarianceStructure);
    }

    [Fact]
    public void Fit_AutoForComponents_KeepsTheStructureAndTheRange()
    {
        GaussianMixtureModelParameters model = Fit(Clusters(300), new()
        {
            NumberOfComponents = GaussianMixtureTrainer.Auto,
            MinimumNumberOfComponents = 2,
            MaximumNumberOfComponents = 4,
            CovarianceStructure = CovarianceStructure.Tied,
        });

        Assert.Equal(3, model.NumberOfComponents);
        Assert.Same(CovarianceStructure.Tied, model.CovarianceStructure);
        Assert.Equal([2, 3, 4], model.Search!.Candidates.Select(candidate => candidate.ComponentCount));
    }

    [Fact]
    public void Fit_AutoForStructure_KeepsTheNumberAndTheCandidates()
    {
        GaussianMixtureModelParameters model = Fit(
            Clusters(300), new() { NumberOfComponents = 3, CovarianceStructure = CovarianceStructure.Auto, CovarianceStructures = _few, Criterion = MixtureCriterion.Akaike });

        Assert.Equal(3, model.NumberOfComponents);
        Assert.Equal(_few, model.Search!.Candidates.Select(candidate => candidate.CovarianceStructure));
        Assert.Equal(MixtureCriterion.Akaike, model.Search.Criterion);
        double best = model.Search.Candidates.Min(candidate => candidate.Value(MixtureCriterion.Akaike));
        Assert.Equal(best, model.AkaikeInformationCriterion, 1e-6 * Math.Abs(best));
    }

    /// <summary>Auto for the structure alone searched with five components in silence, whatever the data.</summary>
    [Theory]
    [InlineData(null, true)]
    [InlineData(5, false)]
    [InlineData(3, false)]
    public void Fit_AutoForStructure_WarnsWhereNobodyHasChosenTheNumber(int? number, bool warns)
    {
        var options = new GaussianMixtureTrainer.Options { CovarianceStructure = CovarianceStructure.Auto, CovarianceStructures = _few };
        if (number is { } chosen) options.NumberOfComponents = chosen;
        var logged = new List<string>();
        _context.Log += (_, entry) =>
        {
            if (entry.Kind == ChannelMessageKind.Warning) logged.Add(entry.RawMessage);
        };

        GaussianMixtureModelParameters model = Fit(Clusters(300), options);

        const string Expected = "The search chose among covariance structures only: the number of components was left at its default, 5. Set NumberOfComponents to GaussianMixtureTrainer.Auto to search over it as well, or to 5 if that is meant.";
        Assert.Equal(number ?? 5, model.NumberOfComponents);
        foreach (IEnumerable<string> warnings in (IEnumerable<string>[])[model.Report!.Warnings, model.Search!.Warnings, logged])
        {
            Assert.Equal(warns ? 1 : 0, warnings.Count(warning => warning == Expected));
        }
    }

    [Fact]
    public void Fit_Auto_CountsWeightsAndHolesAndSeed_AndNotThreads()
    {
        Point[] points = TestData.Clusters(120);
        for (int i = 0; i < points.Length; i++) points[i].Weight = i % 4;
        points[5].Features = [float.NaN, points[5].Features[1]];
        GaussianMixtureTrainer.Options Options(int threads) => new()
        {
            NumberOfComponents = GaussianMixtureTrainer.Auto,
            MaximumNumberOfComponents = 3,
            CovarianceStructures = _few,
            CovarianceStructure = CovarianceStructure.Auto,
            ExampleWeightColumnName = nameof(Point.Weight),
            NumberOfThreads = threads,
            Seed = 3,
        };
        IDataView data = _context.Data.LoadFromEnumerable(points);

        GaussianMixtureModelParameters model = Fit(data, Options(1));

        Assert.Equal(3, model.NumberOfComponents);
        Assert.Equal(points.Sum(point => point.Weight), model.Report!.RowWeightTotal, 1e-9);
        Assert.Equal(1, model.Report.IncompleteRowCount);
        Assert.Equal(TestData.Describe(model), TestData.Describe(Fit(data, Options(3))));
        GaussianMixtureSearchOptions core = Options(3).ToSearchOptions();
        Assert.Equal((3, 3, 1e-6, 1000, 1e-8), (core.Seed, core.ThreadCount!.Value, core.CovariancePriorStrength, core.MaximumIterations, core.Tolerance));
        core = new GaussianMixtureTrainer.Options { NumberOfRestarts = 20, OptimizationTolerance = 1e-12, TimeBudget = TimeSpan.FromMinutes(1) }.ToSearchOptions();
        Assert.Equal((20, 1e-12, TimeSpan.FromMinutes(1)), (core.StartCount, core.Tolerance, core.TimeBudget!.Value));

        // As many as there is time for: a search asked for more memory than there is.
        core = new GaussianMixtureTrainer.Options { NumberOfRestarts = int.MaxValue, TimeBudget = TimeSpan.FromMinutes(1) }.ToSearchOptions();
        core.Validate();
        Assert.Equal(1000, core.StartCount);
    }

    [Fact]
    public void Fit_AutoInAPipeline_SavesAndLoads()
    {
        IDataView data = TestData.Eruptions(_context);
        var pipeline = _context.Transforms.Concatenate("Features", nameof(Eruption.Duration), nameof(Eruption.Waiting))
            .Append(_context.Clustering.Trainers.GaussianMixture(numberOfComponents: GaussianMixtureTrainer.Auto));
        var model = pipeline.Fit(data);
        using var file = new MemoryStream();

        _context.Model.Save(model, data.Schema, file);
        file.Position = 0;
        ITransformer loaded = new MLContext().Model.Load(file, out _);

        Assert.Equal(2, model.LastTransformer.Model.NumberOfComponents);
        Assert.Equal(TestData.Bits(model.Transform(data), "PredictedLabel", "Score"), TestData.Bits(loaded.Transform(data), "PredictedLabel", "Score"));
        Assert.Null(((IEnumerable<ITransformer>)loaded).OfType<GaussianMixtureTransformer>().Single().Model.Search);
    }

    [Fact]
    public void Fit_Auto_LogsTheTableAndTheWarnings()
    {
        var messages = new List<(ChannelMessageKind Kind, string Text)>();
        _context.Log += (_, entry) =>
        {
            lock (messages) messages.Add((entry.Kind, entry.RawMessage));
        };

        // A missing value is worth a warning.
        GaussianMixtureModelParameters model = Fit(
            _context.Data.LoadFromEnumerable(Enumerable.Range(0, 60).Select(i => new Point { Features = [i == 7 ? float.NaN : TestData.Noise(i), TestData.Noise(i + 1000)] })),
            new() { NumberOfComponents = 1, CovarianceStructure = CovarianceStructure.Auto, CovarianceStructures = [CovarianceStructure.TiedDiagonal, CovarianceStructure.TiedSpherical] });

        Assert.Contains(messages, message => message.Kind == ChannelMessageKind.Info && message.Text.Contains("BIC by structure", StringComparison.Ordinal));
        Assert.NotEmpty(model.Search!.Warnings);
        Assert.All(model.Search.Warnings, warning => Assert.Contains((ChannelMessageKind.Warning, warning), messages));
    }

    [Fact]
    public void Fit_AutoCancelled_ThrowsWithTheToken()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        var error = Assert.ThrowsAny<OperationCanceledException>(() => Fit(Clusters(90), new() { NumberOfComponents = GaussianMixtureTrainer.Auto, CancellationToken = source.Token }));
        Assert.Equal(source.Token, error.CancellationToken);
    }

    [Fact]
    public void ReplaceMissingValues_WithAuto_ChoosesTheMixture()
    {
        Point[] points = TestData.Clusters(90);
        points[4].Features = [float.NaN, points[4].Features[1]];
        var options = new Transforms.MixtureMissingValueReplacingEstimator.Options
        {
            Mixture = new() { NumberOfComponents = GaussianMixtureTrainer.Auto, MaximumNumberOfComponents = 4, CovarianceStructure = CovarianceStructure.Tied },
        };

        IDataView data = _context.Data.LoadFromEnumerable(points);
        float[][] filled = TestData.Column<float[]>(_context.Transforms.ReplaceMissingValuesByMixture(options).Fit(data).Transform(data), "Features");

        Assert.InRange(filled[4][0], 9, 11);
    }

    [Fact]
    public void Fit_AutoWithNoise_KeepsStrayRowsOutOfTheComponents()
    {
        Point[] points = [.. TestData.Clusters(120), .. Strays];
        IDataView data = _context.Data.LoadFromEnumerable(points);
        var options = new GaussianMixtureTrainer.Options { NumberOfComponents = GaussianMixtureTrainer.Auto, MaximumNumberOfComponents = 5, NoiseComponent = true };

        GaussianMixtureTransformer transformer = _context.Clustering.Trainers.GaussianMixture(options).Fit(data);

        Assert.Equal(3, transformer.Model.NumberOfComponents);
        Assert.True(transformer.Model.Search!.Candidates.All(candidate => candidate.Model is null or { NoiseWeight: > 0 }));
        uint[] labels = TestData.Column<uint>(transformer.Transform(data), "PredictedLabel");
        Assert.All(labels[120..], label => Assert.Equal(4u, label));
        Assert.All(labels[..120], label => Assert.InRange(label, 1u, 3u));
    }

    [Fact]
    public void AnomalyTrainer_WithAuto_FindsTheMixtureAndKeepsItsRate()
    {
        Point[] points = TestData.Clusters(300);
        var options = new GaussianMixtureAnomalyTrainer.Options
        {
            FalseAlarmRate = 0.05,
            Mixture = new() { NumberOfComponents = GaussianMixtureTrainer.Auto, MaximumNumberOfComponents = 4, NoiseComponent = true, CovarianceStructure = CovarianceStructure.TiedSpherical },
        };

        GaussianMixtureAnomalyTransformer transformer = _context.AnomalyDetection.Trainers.GaussianMixture(options).Fit(_context.Data.LoadFromEnumerable(points));

        Assert.Equal(3, transformer.Model.NumberOfComponents);
        Assert.Equal(59, transformer.Calibration.ReferenceCount);
        Assert.Equal(241, transformer.Model.Report!.RowCount);
        bool[] found = TestData.Column<bool>(transformer.Transform(_context.Data.LoadFromEnumerable((Point[])[.. points, .. Strays])), "PredictedLabel");
        Assert.InRange(found[..300].Count(isAnomaly => isAnomaly), 3, 30);
        Assert.All(found[300..], Assert.True);
    }

    public static TheoryData<GaussianMixtureTrainer.Options, string> Absurd() => new()
    {
        { new() { MinimumNumberOfComponents = 0 }, "The option MinimumNumberOfComponents is 0, but must be at least 1." },
        { new() { MinimumNumberOfComponents = 4, MaximumNumberOfComponents = 3 }, "The option MaximumNumberOfComponents is 3, but must be at least MinimumNumberOfComponents, 4." },
        { new() { MaximumNumberOfIterations = 0 }, "The option MaximumNumberOfIterations is 0, but must be at least 1 where a search" },
        { new() { OptimizationTolerance = 0 }, "The option OptimizationTolerance is 0, but must be above 0 where a search" },
        { new() { CovarianceFloor = 0.1 }, "The option CovarianceFloor is 0.1, but must be 0 where a search" },
        { new() { Start = MixtureStart.FromLabels([0, 1]) }, "The option Start must be null where a search" },
        { new() { NoiseLogDensity = -3 }, "The option NoiseLogDensity is set, but NoiseComponent is false." },
        { new() { CancellationBehavior = CancellationBehavior.ReturnBest }, "The option CancellationBehavior must be Throw where a search" },
        { new() { Accelerate = false }, "The option Accelerate must be true where a search" },
        { new() { CovarianceStructure = null, CovarianceStructures = [] }, "The option CovarianceStructures must hold at least one structure" },
        { new() { TimeBudget = TimeSpan.Zero }, "TimeBudget" },
        { new() { Criterion = (MixtureCriterion)9 }, "Criterion is 9" },
    };

    [Theory]
    [MemberData(nameof(Absurd), DisableDiscoveryEnumeration = true)]
    public void Options_OfASearchWithoutSense_AreRefused(GaussianMixtureTrainer.Options options, string expected)
    {
        options.NumberOfComponents = GaussianMixtureTrainer.Auto;
        ArgumentException error = Assert.ThrowsAny<ArgumentException>(() => _context.Clustering.Trainers.GaussianMixture(options));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    /// <summary>They were left aside without a word, and the one structure was fitted.</summary>
    [Theory]
    [InlineData(3)]
    [InlineData(GaussianMixtureTrainer.Auto)]
    public void Options_StructuresToTryBesideOneThatIsGiven_AreRefused(int numberOfComponents)
    {
        var options = new GaussianMixtureTrainer.Options { NumberOfComponents = numberOfComponents, CovarianceStructures = _few };

        ArgumentException error = Assert.Throws<ArgumentException>("CovarianceStructures", () => _context.Clustering.Trainers.GaussianMixture(options));

        Assert.StartsWith("The option CovarianceStructures is set, but CovarianceStructure is full", error.Message, StringComparison.Ordinal);
    }

    private static Point[] Strays => [.. new[] { (-40f, 31f), (57f, -44f), (38f, 62f), (-55f, -38f), (3f, -70f), (80f, 5f) }.Select(at => new Point { Features = [at.Item1, at.Item2] })];

    private IDataView Clusters(int count) => _context.Data.LoadFromEnumerable(TestData.Clusters(count));

    private GaussianMixtureModelParameters Fit(IDataView data, GaussianMixtureTrainer.Options options) => _context.Clustering.Trainers.GaussianMixture(options).Fit(data).Model;
}
