using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.Mixture.Tests;

[Trait("Kind", "Pipeline")]
public class SearchTests
{
    private static readonly GaussianMixtureSearchOptions _few = new()
    {
        MaximumComponentCount = 4,
        CovarianceStructures = [CovarianceStructure.Full, CovarianceStructure.Tied, CovarianceStructure.Spherical],
    };

    [Fact]
    public void SearchGaussianMixture_Clusters_FindsThemAndGivesATransformer()
    {
        var context = new MLContext(seed: 1);
        IDataView data = context.Data.LoadFromEnumerable(TestData.Clusters(300));

        GaussianMixtureSearchResult result = context.Clustering.SearchGaussianMixture(
            data, new GaussianMixtureSearchOptions { MaximumComponentCount = 3, CovarianceStructures = _few.CovarianceStructures });

        Assert.Equal(3, result.Model.NumberOfComponents);
        Assert.Equal(9, result.Search.Candidates.Count);
        Assert.Same(result.Search.Model, result.Model.Mixture);
        Assert.StartsWith("BIC by structure", result.ToString(), StringComparison.Ordinal);
        uint[] labels = TestData.Column<uint>(result.Transformer.Transform(data), "PredictedLabel");
        Assert.Equal(3, labels.Distinct().Count());
        Assert.All(Enumerable.Range(3, 297), i => Assert.Equal(labels[i % 3], labels[i]));
    }

    [Fact]
    public void SearchGaussianMixture_Winner_SavesAndLoadsInAPipeline()
    {
        var context = new MLContext(seed: 1);
        IDataView data = TestData.Eruptions(context);
        var concatenate = context.Transforms.Concatenate("Features", nameof(Eruption.Duration), nameof(Eruption.Waiting)).Fit(data);
        GaussianMixtureSearchResult result = context.Clustering.SearchGaussianMixture(concatenate.Transform(data), _few);
        var pipeline = new TransformerChain<ITransformer>(concatenate, result.Transformer);
        using var file = new MemoryStream();

        context.Model.Save(pipeline, data.Schema, file);
        file.Position = 0;
        ITransformer loaded = new MLContext().Model.Load(file, out _);

        Assert.Equal(
            TestData.Bits(pipeline.Transform(data), "PredictedLabel", "Score", "Probability", "LogLikelihood"),
            TestData.Bits(loaded.Transform(data), "PredictedLabel", "Score", "Probability", "LogLikelihood"));
    }

    [Fact]
    public void SearchGaussianMixture_WithWeights_IsThatOfTheRowsRepeated()
    {
        var context = new MLContext(seed: 1);
        Point[] points = TestData.Clusters(90);
        for (int i = 0; i < points.Length; i++) points[i].Weight = i % 4;
        Point[] repeated = [.. points.SelectMany(point => Enumerable.Repeat(point, (int)point.Weight))];
        var options = new GaussianMixtureSearchOptions { MaximumComponentCount = 3, CovarianceStructures = [CovarianceStructure.Tied] };

        MixtureSearchResult weighted = context.Clustering
            .SearchGaussianMixture(context.Data.LoadFromEnumerable(points), options, exampleWeightColumnName: nameof(Point.Weight)).Search;
        MixtureSearchResult plain = context.Clustering.SearchGaussianMixture(context.Data.LoadFromEnumerable(repeated), options).Search;

        foreach ((MixtureCandidate one, MixtureCandidate other) in weighted.Candidates.Zip(plain.Candidates))
        {
            Assert.Equal(other.Value(MixtureCriterion.Bayesian), one.Value(MixtureCriterion.Bayesian), 1e-3);
        }
    }

    [Fact]
    public void SearchGaussianMixture_TransformerOf_GivesTheOthersAndRefusesFailures()
    {
        var context = new MLContext(seed: 1);
        Point[] points = [.. Enumerable.Range(0, 30).Select(i => new Point { Features = [i % 3, i % 3] })];
        GaussianMixtureSearchResult result = context.Clustering.SearchGaussianMixture(context.Data.LoadFromEnumerable(points), _few);

        MixtureCandidate two = result.Search.Find(2, CovarianceStructure.Spherical)!;
        Assert.Equal(2, result.TransformerOf(two).Model.NumberOfComponents);
        GaussianMixtureSearchResult other = context.Clustering.SearchGaussianMixture(context.Data.LoadFromEnumerable(points[..20]), _few);
        Assert.Contains("spherical (VII), 2 components is of another search", Assert.Throws<ArgumentException>(() => other.TransformerOf(two)).Message, StringComparison.Ordinal);

        // All six rows can hold six components, and two thirds of them cannot.
        var byFolds = new GaussianMixtureSearchOptions { MaximumComponentCount = 6, Criterion = MixtureCriterion.CrossValidation, FoldCount = 3, CovarianceStructures = [CovarianceStructure.TiedSpherical] };
        Point[] six = [.. Enumerable.Range(0, 6).Select(i => new Point { Features = [i, i * i] })];
        GaussianMixtureSearchResult folds = context.Clustering.SearchGaussianMixture(context.Data.LoadFromEnumerable(six), byFolds);
        ArgumentException error = Assert.Throws<ArgumentException>(() => folds.TransformerOf(folds.Search.Find(6, CovarianceStructure.TiedSpherical)!));
        Assert.Contains("There are 4 rows to fit 6 components to", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SearchGaussianMixture_Cancelled_ThrowsWithTheToken()
    {
        var context = new MLContext(seed: 1);
        using var source = new CancellationTokenSource();
        source.Cancel();
        var error = Assert.ThrowsAny<OperationCanceledException>(() => context.Clustering.SearchGaussianMixture(
            context.Data.LoadFromEnumerable(TestData.Clusters(300)), _few, cancellationToken: source.Token));
        Assert.Equal(source.Token, error.CancellationToken);
    }

    [Fact]
    public void SearchGaussianMixture_MissingColumn_Throws()
    {
        var context = new MLContext(seed: 1);
        Assert.Throws<ArgumentOutOfRangeException>(
            () => context.Clustering.SearchGaussianMixture(context.Data.LoadFromEnumerable(TestData.Clusters(30)), _few, "Nothing"));
    }

    [Fact]
    public void SearchGaussianMixture_ProgressAndWarnings_AreInTheLog()
    {
        var context = new MLContext(seed: 1);
        var messages = new List<string>();
        context.Log += (_, entry) =>
        {
            lock (messages) messages.Add(entry.Message);
        };

        GaussianMixtureSearchResult result = context.Clustering.SearchGaussianMixture(context.Data.LoadFromEnumerable(TestData.Clusters(90)), _few);

        Assert.Contains(messages, message => message.Contains("Step 1 of ", StringComparison.Ordinal));
        Assert.NotEmpty(result.Search.Warnings);
        Assert.All(result.Search.Warnings, warning => Assert.Contains(messages, message => message.Contains(warning, StringComparison.Ordinal)));
        Assert.Null(_few.FeatureNames);
    }

    [Fact]
    public void SearchGaussianMixture_Log_HasALineATenthAndEachWarningOnce()
    {
        var context = new MLContext(seed: 1);
        var messages = new List<string>();
        context.Log += (_, entry) =>
        {
            lock (messages) messages.Add(entry.RawMessage);
        };
        Point[] points = TestData.Clusters(90);
        points[4].Features = [float.NaN, points[4].Features[1]];
        var steps = new List<int>();
        var options = new GaussianMixtureSearchOptions
        {
            MaximumComponentCount = 3,
            CovarianceStructures = [CovarianceStructure.Tied, CovarianceStructure.Spherical],
            Progress = new Recorder(progress => steps.Add(progress.CompletedSteps)),
        };

        MixtureSearchResult result = context.Clustering.SearchGaussianMixture(context.Data.LoadFromEnumerable(points), options).Search;

        string[] lines = [.. messages.Where(message => message.StartsWith("Step ", StringComparison.Ordinal))];
        Assert.Equal(Enumerable.Range(1, 72), steps);
        Assert.Equal([1, 8, 15, 22, 29, 36, 44, 51, 58, 65, 72], lines.Select(line => int.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Contains(result.Warnings, warning => warning.Contains("1 value is missing (NaN) in 1 of 90 rows", StringComparison.Ordinal));
        Assert.All(
            result.Warnings.Select(warning => warning.Replace("Of the winner: ", "", StringComparison.Ordinal)),
            warning => Assert.Single(messages, message => message.Contains(warning, StringComparison.Ordinal)));
        Assert.Contains(messages, message => message.StartsWith("BIC by structure", StringComparison.Ordinal));
    }

    private sealed class Recorder(Action<MixtureSearchProgress> record) : IProgress<MixtureSearchProgress>
    {
        public void Report(MixtureSearchProgress value) => record(value);
    }
}
