using Microsoft.ML.Trainers;

namespace Microsoft.ML.Mixture.Tests;

[Trait("Kind", "Pipeline")]
public class FactorAnalyzerSearchTests
{
    private static readonly FactorAnalyzerMixtureSearchOptions _few = new()
    {
        MaximumComponentCount = 4,
        MaximumFactorCount = 1,
        SpecificVarianceStructures = [SpecificVarianceStructure.TiedSpherical],
    };

    [Fact]
    public void SearchFactorAnalyzerMixture_Clusters_FindsThemAndGivesATransformer()
    {
        var context = new MLContext(seed: 1);
        IDataView data = context.Data.LoadFromEnumerable(TestData.Clusters(300));

        FactorAnalyzerMixtureSearchResult result = context.Clustering.SearchFactorAnalyzerMixture(data, _few);

        Assert.Equal((3, 1), (result.Model.NumberOfComponents, result.Model.NumberOfFactors));
        Assert.Equal(4, result.Search.Candidates.Count);
        Assert.Same(result.Search.Model, result.Model.Mixture);
        Assert.StartsWith("BIC by factors", result.ToString(), StringComparison.Ordinal);
        uint[] labels = TestData.Column<uint>(result.Transformer.Transform(data), "PredictedLabel");
        Assert.Equal(3, labels.Distinct().Count());
        Assert.All(Enumerable.Range(3, 297), i => Assert.Equal(labels[i % 3], labels[i]));
    }

    [Fact]
    public void SearchFactorAnalyzerMixture_TransformerOf_GivesTheOthersAndRefusesFailures()
    {
        var context = new MLContext(seed: 1);
        Point[] points = [.. Enumerable.Range(0, 30).Select(i => new Point { Features = [i % 3, (i % 3) * (i % 3)] })];
        FactorAnalyzerMixtureSearchResult result = context.Clustering.SearchFactorAnalyzerMixture(context.Data.LoadFromEnumerable(points), _few);

        FactorAnalyzerCandidate two = result.Search.Find(2, 1, SpecificVarianceStructure.TiedSpherical)!;
        Assert.Equal(2, result.TransformerOf(two).Model.NumberOfComponents);
        FactorAnalyzerMixtureSearchResult other = context.Clustering.SearchFactorAnalyzerMixture(context.Data.LoadFromEnumerable(points[..20]), _few);
        Assert.Contains("2 components is of another search", Assert.Throws<ArgumentException>(() => other.TransformerOf(two)).Message, StringComparison.Ordinal);

        // All six rows can hold six components, and two thirds of them cannot.
        var byFolds = new FactorAnalyzerMixtureSearchOptions
        {
            MaximumComponentCount = 6,
            MaximumFactorCount = 1,
            Criterion = MixtureCriterion.CrossValidation,
            FoldCount = 3,
            SpecificVarianceStructures = [SpecificVarianceStructure.TiedSpherical],
        };
        Point[] six = [.. Enumerable.Range(0, 6).Select(i => new Point { Features = [i, i * i] })];
        FactorAnalyzerMixtureSearchResult folds = context.Clustering.SearchFactorAnalyzerMixture(context.Data.LoadFromEnumerable(six), byFolds);
        ArgumentException error = Assert.Throws<ArgumentException>(() => folds.TransformerOf(folds.Search.Find(6, 1, SpecificVarianceStructure.TiedSpherical)!));
        Assert.Contains("There are 4 rows to fit 6 components to", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SearchFactorAnalyzerMixture_ProgressAndWarnings_AreInTheLog()
    {
        var context = new MLContext(seed: 1);
        var messages = new List<string>();
        context.Log += (_, entry) =>
        {
            lock (messages) messages.Add(entry.Message);
        };

        // Of three clusters, so that a warning asks for more.
        var two = new FactorAnalyzerMixtureSearchOptions { MaximumComponentCount = 2, MaximumFactorCount = 1, SpecificVarianceStructures = [SpecificVarianceStructure.TiedSpherical] };
        FactorAnalyzerMixtureSearchResult result = context.Clustering.SearchFactorAnalyzerMixture(context.Data.LoadFromEnumerable(TestData.Clusters(90)), two);

        Assert.Contains(messages, message => message.Contains("Model 1 of 2: 1 factor, tied spherical, ", StringComparison.Ordinal));
        Assert.Contains(messages, message => message.Contains("BIC by factors", StringComparison.Ordinal));
        Assert.NotEmpty(result.Search.Warnings);
        Assert.All(result.Search.Warnings, warning => Assert.Contains(messages, message => message.Contains(warning, StringComparison.Ordinal)));
        Assert.Null(two.FeatureNames);
        Assert.Null(two.Progress);
    }

    [Fact]
    public void SearchFactorAnalyzerMixture_MissingColumnOrCancelled_Throws()
    {
        var context = new MLContext(seed: 1);
        IDataView data = context.Data.LoadFromEnumerable(TestData.Clusters(30));
        using var source = new CancellationTokenSource();
        source.Cancel();

        Assert.Throws<ArgumentOutOfRangeException>(() => context.Clustering.SearchFactorAnalyzerMixture(data, _few, "Nothing"));
        var error = Assert.ThrowsAny<OperationCanceledException>(() => context.Clustering.SearchFactorAnalyzerMixture(data, _few, cancellationToken: source.Token));
        Assert.Equal(source.Token, error.CancellationToken);
    }
}
