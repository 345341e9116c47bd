using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.Mixture.Tests;

/// <summary>Trainers of factor analysers that leave the number of components or of factors to a search.</summary>
[Trait("Kind", "Pipeline")]
public class FactorAnalyzerAutoTests
{
    private readonly MLContext _context = new(seed: 1);

    [Fact]
    public void Fit_AutoForBoth_IsTheSearchAndGivesItsWinner()
    {
        IDataView data = TestData.IrisFeatures(_context);
        SpecificVarianceStructure[] structures = [SpecificVarianceStructure.Diagonal, SpecificVarianceStructure.TiedDiagonal];
        var options = new FactorAnalyzerMixtureTrainer.Options
        {
            NumberOfComponents = FactorAnalyzerMixtureTrainer.Auto,
            MaximumNumberOfComponents = 3,
            NumberOfFactors = FactorAnalyzerMixtureTrainer.Auto,
            MaximumNumberOfFactors = 2,
            SpecificVarianceStructures = structures,
        };

        FactorAnalyzerMixtureModelParameters model = Fit(data, options);

        FactorAnalyzerSearchResult search = _context.Clustering.SearchFactorAnalyzerMixture(
            data, new FactorAnalyzerMixtureSearchOptions { MaximumComponentCount = 3, MaximumFactorCount = 2, SpecificVarianceStructures = structures }).Search;
        Assert.Equal(search.ToString(), model.Search!.ToString());
        Assert.Equal(12, model.Search.Candidates.Count);
        Assert.Same(model.Search.Model, model.Mixture);
        Assert.Equal(Describe(new FactorAnalyzerMixtureModelParameters(search.Model)), Describe(model));
    }

    [Fact]
    public void Fit_AutoForOne_KeepsTheOtherAndTheStructureAndCountsWeightsAndHoles()
    {
        Point[] points = TestData.Clusters(120);
        for (int i = 0; i < points.Length; i++)
        {
            points[i].Weight = i % 3;
            if (i % 10 == 4) points[i].Features[0] = float.NaN;
        }

        IDataView data = _context.Data.LoadFromEnumerable(points);
        FactorAnalyzerMixtureTrainer.Options components = new()
        {
            NumberOfComponents = FactorAnalyzerMixtureTrainer.Auto,
            MinimumNumberOfComponents = 2,
            MaximumNumberOfComponents = 4,
            NumberOfFactors = 1,
            SpecificVarianceStructure = SpecificVarianceStructure.TiedDiagonal,
            ExampleWeightColumnName = nameof(Point.Weight),
            Criterion = MixtureCriterion.IntegratedCompletedLikelihood,
        }, factors = new() { NumberOfComponents = 2, NumberOfFactors = FactorAnalyzerMixtureTrainer.Auto };

        FactorAnalyzerMixtureModelParameters model = Fit(data, components), other = Fit(data, factors);

        Assert.Equal([2, 3, 4], model.Search!.Candidates.Select(candidate => candidate.ComponentCount));
        Assert.All(model.Search.Candidates, candidate => Assert.Equal((1, SpecificVarianceStructure.TiedDiagonal), (candidate.FactorCount, candidate.SpecificVarianceStructure)));
        Assert.Equal(MixtureCriterion.IntegratedCompletedLikelihood, model.Search.Criterion);
        Assert.Equal((80, 120), (model.Report!.RowCount, (int)model.Report.RowWeightTotal));
        Assert.True(model.Report.IncompleteRowCount > 0);

        // Two features have at most two factors.
        Assert.Equal([1, 2], other.Search!.Candidates.Select(candidate => candidate.FactorCount));
        Assert.All(other.Search.Candidates, candidate => Assert.Equal(2, candidate.ComponentCount));
    }

    [Fact]
    public void Fit_AutoInAPipeline_SavesAndLoadsWithoutTheSearchAndLogsTheTable()
    {
        var log = new List<string>();
        _context.Log += (_, entry) =>
        {
            if (entry.Kind == ChannelMessageKind.Info) log.Add(entry.RawMessage);
        };
        IDataView flowers = TestData.Iris(_context);
        var pipeline = TestData.FlowerFeatures(_context).Append(_context.Clustering.Trainers.FactorAnalyzerMixture(new FactorAnalyzerMixtureTrainer.Options
        {
            NumberOfComponents = FactorAnalyzerMixtureTrainer.Auto,
            MaximumNumberOfComponents = 2,
            NumberOfFactors = 1,
        }));

        var model = pipeline.Fit(flowers);
        using var file = new MemoryStream();
        _context.Model.Save(model, flowers.Schema, file);
        file.Position = 0;
        ITransformer loaded = _context.Model.Load(file, out _);

        Assert.Contains(model.LastTransformer.Model.Search!.ToTable(), log);
        Assert.Equal(TestData.Bits(model.Transform(flowers), "PredictedLabel", "Score"), TestData.Bits(loaded.Transform(flowers), "PredictedLabel", "Score"));
        Assert.Null(((IEnumerable<ITransformer>)loaded).OfType<FactorAnalyzerMixtureTransformer>().Single().Model.Search);
        Assert.Null(Fit(TestData.IrisFeatures(_context), new() { NumberOfComponents = 1, NumberOfFactors = 1 }).Search);
    }

    [Fact]
    public void Options_NotValidWithAuto_AreRefused()
    {
        Refused(options => options.MinimumNumberOfComponents = 0, "MinimumNumberOfComponents is 0, but must be at least 1");
        Refused(options => options.MaximumNumberOfComponents = 0, "MaximumNumberOfComponents is 0, but must be at least MinimumNumberOfComponents, 1");
        Refused(options => options.MinimumNumberOfFactors = 0, "MinimumNumberOfFactors is 0, but must be at least 1");
        Refused(options => options.MaximumNumberOfFactors = 0, "MaximumNumberOfFactors is 0, but must be at least MinimumNumberOfFactors, 1");
        Refused(options => options.MaximumNumberOfIterations = 0, "MaximumNumberOfIterations is 0, but must be at least 1 where a search chooses");
        Refused(options => options.OptimizationTolerance = 0, "OptimizationTolerance is 0, but must be above 0 where a search chooses");
        Refused(options => options.Accelerate = false, "Accelerate must be true");
        Refused(options => options.CancellationBehavior = CancellationBehavior.ReturnBest, "CancellationBehavior must be Throw");
        Refused(options => options.Start = MixtureStart.FromLabels([0, 1]), "Start must be null, or a start that draws at random");
        Refused(options => options.SpecificVarianceStructures = [], "SpecificVarianceStructures must hold at least one structure");
        Refused(options => options.NumberOfComponents = -2, "NumberOfComponents is -2, but must be at least 1, or FactorAnalyzerMixtureTrainer.Auto");
        Refused(
            options => (options.NumberOfComponents, options.NumberOfFactors, options.SpecificVarianceStructures) = (2, 1, [SpecificVarianceStructure.TiedDiagonal]),
            "SpecificVarianceStructures is set, but neither NumberOfComponents nor NumberOfFactors is Auto, so that Diagonal would be fitted alone");
        Refused(options => options.NumberOfFactors = 0, "NumberOfFactors is 0, but must be at least 1 and at most the number of features, or FactorAnalyzerMixtureTrainer.Auto");

        void Refused(Action<FactorAnalyzerMixtureTrainer.Options> change, string expected)
        {
            var options = new FactorAnalyzerMixtureTrainer.Options { NumberOfComponents = FactorAnalyzerMixtureTrainer.Auto, NumberOfFactors = FactorAnalyzerMixtureTrainer.Auto };
            change(options);
            Assert.Contains(expected, Assert.ThrowsAny<ArgumentException>(() => _context.Clustering.Trainers.FactorAnalyzerMixture(options)).Message, StringComparison.Ordinal);
        }
    }

    private FactorAnalyzerMixtureModelParameters Fit(IDataView data, FactorAnalyzerMixtureTrainer.Options options) => _context.Clustering.Trainers.FactorAnalyzerMixture(options).Fit(data).Model;

    private static string Describe(FactorAnalyzerMixtureModelParameters model)
    {
        using var stream = new MemoryStream();
        model.Save(stream);
        return Convert.ToHexString(stream.ToArray());
    }
}
