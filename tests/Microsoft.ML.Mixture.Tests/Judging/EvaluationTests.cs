using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.Mixture.Tests;

[Trait("Kind", "Pipeline")]
public class EvaluationTests
{
    private readonly MLContext _context = new(seed: 1);

    [Fact]
    public void EvaluateMixture_OfIris_IsWhatTheCoreSaysOfTheColumns()
    {
        IDataView flowers = TestData.IrisFeatures(_context);
        GaussianMixtureTransformer transformer = _context.Clustering.Trainers.GaussianMixture(numberOfComponents: 3).Fit(flowers);
        IDataView scored = transformer.Transform(flowers);

        MixtureMetrics metrics = _context.Clustering.EvaluateMixture(scored, nameof(Flower.Species));

        string[] species = TestData.Column<string>(scored, nameof(Flower.Species));
        int[] clusters = [.. TestData.Column<uint>(scored, "PredictedLabel").Select(label => (int)label)];
        double[,] rows = Rows(scored);
        Assert.Equal((150, 0, 0, 150, 150, 3), (metrics.RowCount, metrics.LeftOutRowCount, metrics.IncompleteRowCount, metrics.LabeledRowCount, metrics.SilhouetteRowCount, metrics.ClusterCount));
        Assert.Equal(150, metrics.RowWeightTotal);
        Assert.Equal(transformer.Model.AverageLogLikelihood, metrics.AverageLogLikelihood, 1e-6);
        Assert.Equal(ClusterSeparation.Silhouette(rows, clusters), metrics.Silhouette, 1e-12);
        Assert.Equal(ClusterSeparation.WithinClusterSumOfSquares(rows, clusters), metrics.WithinClusterSumOfSquares, 1e-9);
        Assert.Equal(ClusteringAgreement.AdjustedRandIndex(species, clusters), metrics.AdjustedRandIndex);
        Assert.Equal(ClusteringAgreement.NormalizedMutualInformation(species, clusters), metrics.NormalizedMutualInformation);
        Assert.Equal(ClusteringAgreement.MatchedAccuracy(species, clusters), metrics.MatchedAccuracy);
        Assert.InRange(metrics.AdjustedRandIndex, 0.85, 1);
        Assert.Contains("  Adjusted Rand index", metrics.ToString(), StringComparison.Ordinal);
        Assert.StartsWith("150 rows in 3 clusters\nAverage log-likelihood", metrics.ToString(), StringComparison.Ordinal);
    }

    /// <summary>Noise passed for a cluster, and three clear groups had a silhouette of 0.23 with half of the rows noise.</summary>
    [Fact]
    public void EvaluateMixture_WithNoise_LeavesItOutOfDistances()
    {
        var random = new Random(3);
        Point[] points = TestData.Clusters(400);
        for (int i = 3; i < 400; i += 4) points[i].Features = [(float)(200 * random.NextDouble()) - 100, i == 7 ? float.NaN : (float)(200 * random.NextDouble()) - 100];
        IDataView data = _context.Data.LoadFromEnumerable(points);
        var options = new GaussianMixtureTrainer.Options { NumberOfComponents = 3, NoiseComponent = true };
        IDataView scored = _context.Clustering.Trainers.GaussianMixture(options).Fit(data).Transform(data);

        MixtureMetrics metrics = _context.Clustering.EvaluateMixture(scored, "Label");

        int[] clusters = [.. TestData.Column<uint>(scored, "PredictedLabel").Select(label => label == 4 ? -1 : (int)label)];
        double[,] rows = Rows(scored);
        int noise = clusters.Count(cluster => cluster < 0), incomplete = clusters[7] < 0 ? 0 : 1;
        Assert.InRange(noise, 80, 100);
        Assert.Equal((400, 3, noise, 400 - noise - incomplete), (metrics.RowCount, metrics.ClusterCount, metrics.NoiseRowCount, metrics.SilhouetteRowCount));
        Assert.Equal(ClusterSeparation.Silhouette(rows, clusters), metrics.Silhouette, 1e-12);
        Assert.Equal(ClusterSeparation.WithinClusterSumOfSquares(rows, clusters), metrics.WithinClusterSumOfSquares, 1e-9);
        Assert.StartsWith($"400 rows in 3 clusters, {noise} of them noise\n", metrics.ToString(), StringComparison.Ordinal);
        Assert.Equal(400, metrics.LabeledRowCount);
    }

    [Fact]
    public void EvaluateMixture_RowsThatAreAllNoise_HasNoDistances()
    {
        Point[] points = TestData.Clusters(200);
        points[199].Features = [5000, 5000];
        points[198].Features = [-5000, 3000];
        IDataView data = _context.Data.LoadFromEnumerable(points);
        var options = new GaussianMixtureTrainer.Options { NumberOfComponents = 3, NoiseComponent = true };
        GaussianMixtureTransformer transformer = _context.Clustering.Trainers.GaussianMixture(options).Fit(data);

        MixtureMetrics metrics = _context.Clustering.EvaluateMixture(transformer.Transform(_context.Data.LoadFromEnumerable(points[198..])));

        Assert.Equal((2, 2, 0, 0), (metrics.RowCount, metrics.NoiseRowCount, metrics.ClusterCount, metrics.SilhouetteRowCount));
        Assert.True(double.IsNaN(metrics.Silhouette) && double.IsNaN(metrics.WithinClusterSumOfSquares));
    }

    /// <summary>Beyond what an array holds there was an OutOfMemoryException, whatever the memory.</summary>
    [Fact]
    public void EvaluatedRows_MoreValuesThanAnArrayHolds_AreRefusedWithWhatToDo()
    {
        IDataView flowers = TestData.IrisFeatures(_context);
        IDataView scored = _context.Clustering.Trainers.GaussianMixture(numberOfComponents: 3).Fit(flowers).Transform(flowers);
        var columns = new EvaluatedColumns(scored.Schema, "PredictedLabel", "LogLikelihood", "Features", labels: null, weights: null);

        ArgumentException error = Assert.Throws<ArgumentException>(() => EvaluatedRows.Read(scored, columns, mostValues: 401, CancellationToken.None));

        Assert.Equal(
            "There are more than 100 rows of 4 features, the most that one array holds. Evaluate a sample of the rows, or leave out the features, and with them silhouette and sum of squares.", error.Message);
        Assert.Equal(150, EvaluatedRows.Read(scored, columns, mostValues: 600, CancellationToken.None).Evaluate(null, 0, CancellationToken.None).RowCount);
    }

    [Fact]
    public void EvaluateMixture_ManyFeatures_TakesASilhouetteOfFewerRowsUnlessToldOtherwise()
    {
        const int Dimension = 4000;
        SchemaDefinition schema = SchemaDefinition.Create(typeof(ClusteredRow));
        schema[nameof(ClusteredRow.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, Dimension);
        IDataView data = _context.Data.LoadFromEnumerable(
            Enumerable.Range(0, 1100).Select(i => new ClusteredRow { Features = new VBuffer<float>(Dimension, 2, [1, i], [i % 2, 7 + i]), PredictedLabel = (uint)(i % 2) }), schema);

        Assert.Equal(1000, _context.Clustering.EvaluateMixture(data, logLikelihoodColumnName: null).SilhouetteRowCount);
        Assert.Equal(9, _context.Clustering.EvaluateMixture(data, logLikelihoodColumnName: null, silhouetteSampleSize: 9).SilhouetteRowCount);
        Assert.Throws<ArgumentOutOfRangeException>(() => _context.Clustering.EvaluateMixture(data, silhouetteSampleSize: 1));
    }

    [Fact]
    public void EvaluateMixture_HeldOutRows_HasTheirAverageLogLikelihood()
    {
        IDataView data = TestData.EruptionFeatures(_context);
        DataOperationsCatalog.TrainTestData split = _context.Data.TrainTestSplit(data, 0.3, seed: 2);
        GaussianMixtureTransformer transformer = _context.Clustering.Trainers.GaussianMixture(numberOfComponents: 2).Fit(split.TrainSet);

        MixtureMetrics metrics = _context.Clustering.EvaluateMixture(transformer.Transform(split.TestSet));

        double expected = transformer.Model.Mixture.CriteriaOf(Rows(split.TestSet)).AverageLogLikelihood;
        Assert.Equal(expected, metrics.AverageLogLikelihood, 1e-6);
        Assert.NotEqual(transformer.Model.AverageLogLikelihood, metrics.AverageLogLikelihood, 1e-3);
        Assert.Equal((0, double.NaN, double.NaN, double.NaN), (metrics.LabeledRowCount, metrics.AdjustedRandIndex, metrics.NormalizedMutualInformation, metrics.MatchedAccuracy));
        Assert.DoesNotContain("Rand", metrics.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void EvaluateMixture_LabelsOfAnyType_AreGroups()
    {
        LabeledRow[] rows = [.. Enumerable.Range(0, 60).Select(i => new LabeledRow(i % 3, i < 6))];
        IDataView data = _context.Data.LoadFromEnumerable(rows);
        data = _context.Transforms.Conversion.MapValueToKey("Key", nameof(LabeledRow.Text))
            .Append(_context.Transforms.Conversion.MapValueToKey("Cluster", nameof(LabeledRow.Int32))).Fit(data).Transform(data);

        foreach (string label in new[] { "Key", nameof(LabeledRow.Text), nameof(LabeledRow.Single), nameof(LabeledRow.Double) })
        {
            // The first six rows have no label.
            MixtureMetrics metrics = Evaluate(label);
            Assert.Equal((60, 54), (metrics.RowCount, metrics.LabeledRowCount));
            Assert.Equal((1, 1, 1), (metrics.AdjustedRandIndex, metrics.NormalizedMutualInformation, metrics.MatchedAccuracy));
        }

        foreach (string label in new[] { nameof(LabeledRow.Byte), nameof(LabeledRow.Int16), nameof(LabeledRow.Int32), nameof(LabeledRow.Int64), nameof(LabeledRow.UInt64), nameof(LabeledRow.UInt16), nameof(LabeledRow.SByte), nameof(LabeledRow.UInt32) })
        {
            MixtureMetrics metrics = Evaluate(label);
            Assert.Equal((60, 1), (metrics.LabeledRowCount, metrics.AdjustedRandIndex));
        }

        MixtureMetrics boolean = Evaluate(nameof(LabeledRow.Boolean));
        Assert.Equal(2.0 / 3, boolean.MatchedAccuracy, 1e-12);

        MixtureMetrics Evaluate(string label) => _context.Clustering.EvaluateMixture(data, label, featureColumnName: null, predictedLabelColumnName: "Cluster", logLikelihoodColumnName: null);
    }

    [Fact]
    public void EvaluateMixture_WithWeights_IsThatOfTheRowsRepeated()
    {
        Point[] points = TestData.Clusters(90);
        for (int i = 0; i < points.Length; i++) points[i].Weight = i % 4;
        Point[] repeated = [.. points.SelectMany(point => Enumerable.Repeat(point, (int)point.Weight))];
        GaussianMixtureTransformer transformer = _context.Clustering.Trainers.GaussianMixture(numberOfComponents: 4).Fit(_context.Data.LoadFromEnumerable(points));

        MixtureMetrics one = _context.Clustering.EvaluateMixture(
            transformer.Transform(_context.Data.LoadFromEnumerable(points)), nameof(Point.Label), exampleWeightColumnName: nameof(Point.Weight));
        MixtureMetrics other = _context.Clustering.EvaluateMixture(transformer.Transform(_context.Data.LoadFromEnumerable(repeated)), nameof(Point.Label));

        Assert.Equal((points.Count(point => point.Weight > 0), (double)repeated.Length), (one.RowCount, one.RowWeightTotal));
        Assert.Equal(other.AverageLogLikelihood, one.AverageLogLikelihood, 1e-9);
        Assert.Equal(other.Silhouette, one.Silhouette, 1e-9);
        Assert.Equal(other.WithinClusterSumOfSquares, one.WithinClusterSumOfSquares, 1e-6);
        Assert.Equal(other.AdjustedRandIndex, one.AdjustedRandIndex, 1e-12);
        Assert.Equal(other.NormalizedMutualInformation, one.NormalizedMutualInformation, 1e-12);
        Assert.Equal(other.MatchedAccuracy, one.MatchedAccuracy, 1e-12);
    }

    [Fact]
    public void EvaluateMixture_RowsWithHolesOrWithoutCluster_AreCounted()
    {
        Point[] points = TestData.Clusters(60);
        GaussianMixtureTransformer transformer = _context.Clustering.Trainers.GaussianMixture(numberOfComponents: 3).Fit(_context.Data.LoadFromEnumerable(points));
        points[0].Features = [float.NaN, 1];
        points[1].Features = [float.NaN, float.NaN];
        points[2].Features = [float.PositiveInfinity, 1];

        MixtureMetrics metrics = _context.Clustering.EvaluateMixture(transformer.Transform(_context.Data.LoadFromEnumerable(points)), nameof(Point.Label));

        Assert.Equal((58, 2, 1, 57), (metrics.RowCount, metrics.LeftOutRowCount, metrics.IncompleteRowCount, metrics.SilhouetteRowCount));
        Assert.True(double.IsFinite(metrics.AverageLogLikelihood));
        Assert.InRange(metrics.Silhouette, 0.8, 1);
        Assert.Contains("2 more left out", metrics.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void EvaluateMixture_OfKMeans_ComparesWithoutDensities()
    {
        IDataView flowers = TestData.IrisFeatures(_context);
        var kmeans = _context.Clustering.Trainers.KMeans(numberOfClusters: 3).Fit(flowers);

        MixtureMetrics metrics = _context.Clustering.EvaluateMixture(kmeans.Transform(flowers), nameof(Flower.Species), logLikelihoodColumnName: null, silhouetteSampleSize: 100);

        // scikit-learn has 78.851441426146 and 0.7302382722834697 for the best three groups.
        Assert.Equal(78.85144, metrics.WithinClusterSumOfSquares, 0.1);
        Assert.Equal(0.730, metrics.AdjustedRandIndex, 0.03);
        Assert.Equal((double.NaN, 100), (metrics.AverageLogLikelihood, metrics.SilhouetteRowCount));
    }

    [Fact]
    public void EvaluateMixture_ColumnsThatDoNotFit_AreRefusedInWords()
    {
        IDataView plain = _context.Data.LoadFromEnumerable(TestData.Clusters(30));
        IDataView scored = _context.Clustering.Trainers.GaussianMixture(numberOfComponents: 3).Fit(plain).Transform(plain);

        AssertRefused(plain, null, "The predicted label column 'PredictedLabel' is missing");
        AssertRefused(scored, "Features", "The label column 'Features' is Vector<Single, 2>, but must be a key, a number, text or a Boolean.");
        AssertRefused(scored, "Nothing", "The label column 'Nothing' is missing");
        Assert.Contains("LogLikelihood", Assert.Throws<ArgumentOutOfRangeException>(
            () => _context.Clustering.EvaluateMixture(_context.Transforms.DropColumns("LogLikelihood").Fit(scored).Transform(scored))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => _context.Clustering.EvaluateMixture(scored, silhouetteSampleSize: 1));

        Point[] points = TestData.Clusters(30);
        points[7].Weight = -1;
        IDataView negative = _context.Clustering.Trainers.GaussianMixture(numberOfComponents: 3).Fit(plain).Transform(_context.Data.LoadFromEnumerable(points));
        Assert.Contains("Row 7 has the weight -1", Assert.Throws<ArgumentException>(
            () => _context.Clustering.EvaluateMixture(negative, exampleWeightColumnName: nameof(Point.Weight))).Message, StringComparison.Ordinal);

        foreach (Point point in points) point.Features = [float.NaN, float.NaN];
        IDataView empty = _context.Clustering.Trainers.GaussianMixture(numberOfComponents: 3).Fit(plain).Transform(_context.Data.LoadFromEnumerable(points));
        Assert.Contains("There is no row to evaluate", Assert.Throws<ArgumentException>(() => _context.Clustering.EvaluateMixture(empty)).Message, StringComparison.Ordinal);
    }

    // The first row is left out, and the one that is not valid was given its number.
    [Fact]
    public void EvaluateMixture_InfiniteFeatureOfARowWithACluster_NamesTheRowOfTheData()
    {
        float[] values = [3, 1, 2, float.NegativeInfinity, 9];

        // Keys count from zero in memory, and a third one of two is missing.
        uint[] clusters = [2, 0, 0, 1, 1];
        ClusteredRow[] rows = [.. values.Zip(clusters, (value, cluster) => new ClusteredRow { Features = new VBuffer<float>(2, [0, value]), PredictedLabel = cluster })];
        var schema = SchemaDefinition.Create(typeof(ClusteredRow));
        schema[nameof(ClusteredRow.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, 2);
        IDataView data = _context.Data.LoadFromEnumerable(rows, schema);

        string message = Assert.Throws<ArgumentException>(() => _context.Clustering.EvaluateMixture(data, logLikelihoodColumnName: null)).Message;

        Assert.StartsWith("Feature 1 of row 3 is -Infinity, but features must be finite.", message, StringComparison.Ordinal);
    }

    [Fact]
    public void EvaluateMixture_Cancelled_ThrowsWithTheToken()
    {
        IDataView plain = _context.Data.LoadFromEnumerable(TestData.Clusters(30));
        IDataView scored = _context.Clustering.Trainers.GaussianMixture(numberOfComponents: 3).Fit(plain).Transform(plain);
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.Equal(source.Token, Assert.ThrowsAny<OperationCanceledException>(() => _context.Clustering.EvaluateMixture(scored, cancellationToken: source.Token)).CancellationToken);
    }

    private void AssertRefused(IDataView data, string? label, string expected) => Assert.Contains(
        expected, Assert.Throws<ArgumentOutOfRangeException>(() => _context.Clustering.EvaluateMixture(data, label)).Message, StringComparison.Ordinal);

    private static double[,] Rows(IDataView data)
    {
        float[][] features = TestData.Column<float[]>(data, "Features");
        double[,] rows = new double[features.Length, features[0].Length];
        for (int i = 0; i < features.Length; i++)
        {
            for (int j = 0; j < features[i].Length; j++) rows[i, j] = features[i][j];
        }

        return rows;
    }

    private sealed class LabeledRow(int group, bool isUnknown)
    {
        public string Text { get; } = isUnknown ? string.Empty : "group " + group;

        public float Single { get; } = isUnknown ? float.NaN : group;

        public double Double { get; } = isUnknown ? double.NaN : group;

        public byte Byte { get; } = (byte)group;

        public sbyte SByte { get; } = (sbyte)-group;

        public short Int16 { get; } = (short)group;

        public ushort UInt16 { get; } = (ushort)group;

        public int Int32 { get; } = -group;

        public uint UInt32 { get; } = (uint)group;

        public long Int64 { get; } = group;

        public ulong UInt64 { get; } = (ulong)group;

        public bool Boolean { get; } = group == 0;
    }

    private sealed class ClusteredRow
    {
        public VBuffer<float> Features { get; set; }

        [KeyType(2)]
        public uint PredictedLabel { get; set; }
    }
}
