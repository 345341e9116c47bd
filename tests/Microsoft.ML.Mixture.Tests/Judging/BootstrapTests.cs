using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mixture.Tests;

/// <summary>Bootstrap tests of data views are those of their rows.</summary>
[Trait("Kind", "Pipeline")]
public class BootstrapTests
{
    private readonly MLContext _context = new(seed: 1);

    [Fact]
    public void BootstrapTestGaussianMixture_OfADataView_IsThatOfItsRows()
    {
        IDataView data = _context.Data.LoadFromEnumerable(TestData.Clusters(60));
        var options = new GaussianMixtureBootstrapOptions { ComponentCount = 2, ReplicateCount = 19, StartCount = 1, CovarianceStructure = CovarianceStructure.Tied };
        var rows = new ArrayRowSource<float>(TestData.Column<float[]>(data, "Features").SelectMany(row => row).ToArray(), 2);

        MixtureBootstrapTest test = _context.Clustering.BootstrapTestGaussianMixture(data, options);

        Assert.Equal(GaussianMixture.BootstrapTest(rows, options, CancellationToken.None).ReplicateStatistics, test.ReplicateStatistics);
        Assert.Equal(0.05, test.PValue);
        Assert.Null(options.FeatureNames);
        Assert.Throws<ArgumentOutOfRangeException>(() => _context.Clustering.BootstrapTestGaussianMixture(data, options, "Nothing"));
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.Equal(source.Token, Assert.ThrowsAny<OperationCanceledException>(
            () => _context.Clustering.BootstrapTestGaussianMixture(data, options, cancellationToken: source.Token)).CancellationToken);
    }

    [Fact]
    public void BootstrapSequenceGaussianMixture_WeightsAndHoles_IsThatOfTheRows()
    {
        Point[] points = TestData.Clusters(60);
        for (int i = 0; i < points.Length; i++)
        {
            points[i].Weight = 1 + (i % 2);
            if (i % 11 == 4) points[i].Features[1] = float.NaN;
        }

        IDataView data = _context.Data.LoadFromEnumerable(points);
        var options = new GaussianMixtureBootstrapOptions { ReplicateCount = 19, StartCount = 1, CovarianceStructure = CovarianceStructure.TiedSpherical };
        var rows = new ArrayRowSource<float>(points.SelectMany(point => point.Features).ToArray(), 2, points.Select(point => point.Weight).ToArray());
        var log = new List<string>();
        _context.Log += (_, entry) =>
        {
            if (entry.Kind == ChannelMessageKind.Info) log.Add(entry.RawMessage);
        };

        MixtureBootstrapSequence sequence = _context.Clustering.BootstrapSequenceGaussianMixture(
            data, options, level: 0.1, maximumNumberOfComponents: 5, exampleWeightColumnName: nameof(Point.Weight));

        MixtureBootstrapSequence expected = GaussianMixture.BootstrapSequence(rows, options, 0.1, 5, CancellationToken.None);
        Assert.Equal(expected.ToString(), sequence.ToString());
        Assert.Equal(expected.SelectMany(test => test.ReplicateStatistics), sequence.SelectMany(test => test.ReplicateStatistics));
        Assert.Equal((0.1, 3), (sequence.Level, sequence.ComponentCount));
        Assert.Contains(expected.ToString(), log);
        Assert.Equal(1, options.ComponentCount);
    }

    [Fact]
    public void BootstrapSequenceGaussianMixture_BadInput_IsRefused()
    {
        IDataView data = _context.Data.LoadFromEnumerable(TestData.Clusters(60));
        ClusteringCatalog clustering = _context.Clustering;
        var two = new GaussianMixtureBootstrapOptions { ComponentCount = 2 };

        Assert.Throws<ArgumentNullException>(() => clustering.BootstrapSequenceGaussianMixture(null!));
        Assert.Throws<ArgumentException>(() => clustering.BootstrapSequenceGaussianMixture(data, featureColumnName: " "));
        Assert.Throws<ArgumentException>(() => clustering.BootstrapTestGaussianMixture(data, featureColumnName: " "));
        Assert.Throws<ArgumentOutOfRangeException>(() => clustering.BootstrapSequenceGaussianMixture(data, featureColumnName: "Nothing"));
        Assert.Throws<ArgumentOutOfRangeException>(() => clustering.BootstrapSequenceGaussianMixture(data, exampleWeightColumnName: "Nothing"));
        Assert.Contains("level is 1, ", Assert.Throws<ArgumentOutOfRangeException>(() => clustering.BootstrapSequenceGaussianMixture(data, level: 1)).Message, StringComparison.Ordinal);
        Assert.Contains(
            "maximumNumberOfComponents is 2, but must be above the ComponentCount to begin with, 2",
            Assert.Throws<ArgumentOutOfRangeException>(() => clustering.BootstrapSequenceGaussianMixture(data, two, maximumNumberOfComponents: 2)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => clustering.BootstrapSequenceGaussianMixture(data, new GaussianMixtureBootstrapOptions { ReplicateCount = 0 }));
        Assert.Throws<ArgumentException>(() => clustering.BootstrapSequenceGaussianMixture(_context.Data.LoadFromEnumerable(TestData.Clusters(2)), two));
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.Equal(source.Token, Assert.ThrowsAny<OperationCanceledException>(
            () => clustering.BootstrapSequenceGaussianMixture(data, cancellationToken: source.Token)).CancellationToken);
    }
}
