using System.Text.Json;

namespace Microsoft.ML.Mixture.Judging.Tests;

[Trait("Kind", "Golden")]
public class ClusterSeparationTests
{
    [Theory]
    [InlineData("iris")]
    [InlineData("faithful")]
    [InlineData("xclara")]
    [InlineData("digits_1797x64")]
    public void SilhouetteAndSumOfSquares_OfKMeans_MatchScikitLearn(string data)
    {
        JsonElement result = JudgingReference.Load("kmeans_and_metrics.json").GetProperty("results").GetProperty(data);
        double[,] rows = CsvTable.Load(data + ".csv").Select([.. result.GetProperty("columns").EnumerateArray().Select(column => column.GetString()!)]);
        int[] clusters = JudgingReference.Integers(result.GetProperty("labels_0based"));

        Closeness.Relative(result.Number("inertia"), ClusterSeparation.WithinClusterSumOfSquares(rows, clusters), 1e-10, "Inertia");
        Closeness.Absolute(result.Number("silhouette"), ClusterSeparation.Silhouette(rows, clusters), 1e-10, "Silhouette");
    }

    [Fact]
    public void SilhouetteAndSumOfSquares_OfLabels_MatchScikitLearn_WithAndWithoutWeights()
    {
        JsonElement[] cases = [.. JudgingReference.Section("separation").EnumerateArray()];
        Assert.Equal(4, cases.Length);
        foreach (JsonElement one in cases)
        {
            CsvTable table = CsvTable.Load(one.GetProperty("dataset").GetString()!);
            double[,] rows = table.Select([.. one.GetProperty("columns").EnumerateArray().Select(column => column.GetString()!)]);
            int[] labels = table.Labels(one.GetProperty("label").GetString()!);
            double[] weights = Json.Vector(one.GetProperty("row_weights"));

            Closeness.Absolute(one.Number("silhouette"), ClusterSeparation.Silhouette(rows, labels), 1e-10, "Silhouette");
            Closeness.Relative(one.Number("inertia"), ClusterSeparation.WithinClusterSumOfSquares(rows, labels), 1e-10, "Inertia");

            // scikit-learn takes distances from products, and those of rows to their copies are not quite zero.
            Closeness.Absolute(one.Number("weighted_silhouette"), ClusterSeparation.Silhouette(rows, labels, weights), 1e-8, "Silhouette");
            Closeness.Relative(one.Number("weighted_inertia"), ClusterSeparation.WithinClusterSumOfSquares(rows, labels, weights), 1e-10, "Inertia");
        }
    }

    [Fact]
    public void Silhouette_OfManyFeatures_TakesFewerRowsByDefault()
    {
        Assert.Equal((5000, 5000, 4984, 632, 100), (ClusterSeparation.SampleSizeOf(1), ClusterSeparation.SampleSizeOf(160), ClusterSeparation.SampleSizeOf(161), ClusterSeparation.SampleSizeOf(10_000), ClusterSeparation.SampleSizeOf(1_000_000)));
        Assert.Throws<ArgumentOutOfRangeException>(() => ClusterSeparation.SampleSizeOf(0));
        const int Dimension = 4000;
        var random = new Random(2);
        float[] values = new float[1100 * Dimension];
        for (int at = 0; at < values.Length; at += 97) values[at] = random.NextSingle();
        var rows = new ArrayRowSource<float>(values, Dimension);
        int[] clusters = [.. Enumerable.Range(0, 1100).Select(i => i % 2)];

        double byDefault = ClusterSeparation.Silhouette(rows, clusters, sampleSize: null, seed: 3, CancellationToken.None);

        Assert.Equal(ClusterSeparation.Silhouette(rows, clusters, 1000, 3, CancellationToken.None), byDefault);
    }

    [Fact]
    public void Silhouette_OfASample_IsNearThatOfAllRowsAndDependsOnTheSeedOnly()
    {
        JsonElement result = JudgingReference.Load("kmeans_and_metrics.json").GetProperty("results").GetProperty("xclara");
        double[,] rows = CsvTable.Load("xclara.csv").Select("V1", "V2");
        int[] clusters = JudgingReference.Integers(result.GetProperty("labels_0based"));

        double one = ClusterSeparation.Silhouette(rows, clusters, sampleSize: 500, seed: 1);

        // The standard deviation of a silhouette here is 0.16, that of a mean of 500 therefore 0.007.
        Assert.InRange(one, result.Number("silhouette") - 0.03, result.Number("silhouette") + 0.03);
        Assert.NotEqual(result.Number("silhouette"), one);
        Assert.Equal(one, ClusterSeparation.Silhouette(rows, clusters, sampleSize: 500, seed: 1));
        Assert.NotEqual(one, ClusterSeparation.Silhouette(rows, clusters, sampleSize: 500, seed: 2));
    }

    [Fact]
    public void RowsWithoutClusterOrWithHoles_AreLeftOut()
    {
        double[,] rows = { { 0, 0 }, { 1, 0 }, { 9, 0 }, { 10, 0 }, { double.NaN, 3 }, { 5, 5 } };
        double[,] few = { { 0, 0 }, { 1, 0 }, { 9, 0 }, { 10, 0 } };

        Assert.Equal(ClusterSeparation.Silhouette(few, [0, 0, 1, 1]), ClusterSeparation.Silhouette(rows, [3, 3, 8, 8, 3, -1]));
        Assert.Equal(1, ClusterSeparation.WithinClusterSumOfSquares(rows, [3, 3, 8, 8, 3, -1]), 1e-15);

        // By hand: a is 1 for all, b is 9.5 for the outer rows and 8.5 for the inner ones.
        Assert.Equal((((9.5 - 1) / 9.5) + ((8.5 - 1) / 8.5)) / 2, ClusterSeparation.Silhouette(few, [0, 0, 1, 1]), 1e-15);
    }

    // Rows of small weights had none, or one in which they were far from their own clusters: one whole row was taken away.
    [Theory]
    [InlineData(0.01)]
    [InlineData(0.25)]
    [InlineData(0.4)]
    public void Silhouette_WeightsOfOneOrLess_CountByTheirRatios(double factor)
    {
        double[,] rows = { { 0 }, { 1 }, { 3 }, { 8 }, { 9 }, { 20 } };
        int[] clusters = [0, 0, 0, 1, 1, 2];
        double[] weights = [1, 2, 1, 1, 2, 1], equal = [.. weights.Select(_ => factor)], unequal = [.. weights.Select(weight => factor * weight)];

        Assert.Equal(ClusterSeparation.Silhouette(rows, clusters), ClusterSeparation.Silhouette(rows, clusters, equal), 1e-14);

        // By hand: that of a row counts by its weight, and a and b are means by weight over the other rows.
        double[] one = [1 - ((2 + 3) / 3.0 / (26 / 3.0)), 1 - ((1 + 2) / 2.0 / (23 / 3.0)), 1 - ((3 + 4) / 3.0 / (17 / 3.0)), 1 - (1 / ((8 + 14 + 5) / 4.0)), 1 - (1 / ((9 + 16 + 6) / 4.0)), 0];
        Closeness.Absolute(one.Zip(weights, (value, weight) => value * weight).Sum() / 8, ClusterSeparation.Silhouette(rows, clusters, unequal), 1e-14, "Silhouette");
    }

    // Squares of distances were infinite or zero.
    [Theory]
    [InlineData(-1050)]
    [InlineData(-560)]
    [InlineData(560)]
    [InlineData(1019)]
    public void Silhouette_InAnyUnits_IsTheSame(int exponent)
    {
        double[] rows = [0, 1, 8, 9, -15], scaled = [.. rows.Select(value => Math.ScaleB(value, exponent))];
        int[] clusters = [0, 0, 1, 1, 0];

        double silhouette = ClusterSeparation.Silhouette(new ArrayRowSource<double>(scaled, 1), clusters, sampleSize: null, seed: 0, CancellationToken.None);

        Assert.Equal(ClusterSeparation.Silhouette(new ArrayRowSource<double>(rows, 1), clusters, sampleSize: null, seed: 0, CancellationToken.None), silhouette);
    }

    [Fact]
    public void Silhouette_WhereThereIsNone_IsNaN()
    {
        Assert.Equal(double.NaN, ClusterSeparation.Silhouette(new double[,] { { 0 }, { 1 }, { 2 } }, [4, 4, 4]));
        Assert.Equal(double.NaN, ClusterSeparation.Silhouette(new double[,] { { 0 }, { 1 }, { 2 } }, [0, 1, 2]));

        // A row that is alone has 0; one on top of a cluster of rows that coincide too.
        Assert.Equal(0, ClusterSeparation.Silhouette(new double[,] { { 0 }, { 0 }, { 0 } }, [0, 0, 1]));
    }

    [Fact]
    public void BadInput_IsRefusedInWords()
    {
        double[,] rows = { { 0 }, { 1 } };
        ArgumentException count = Assert.Throws<ArgumentException>(() => ClusterSeparation.Silhouette(rows, [0]));
        Assert.Contains("There is 1 cluster for 2 rows", count.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => ClusterSeparation.Silhouette(rows, [0, 1], sampleSize: 1));
        Assert.Throws<ArgumentNullException>(() => ClusterSeparation.Silhouette((RowSource)null!, [0], sampleSize: null, seed: 0, CancellationToken.None));
        ArgumentException weight = Assert.Throws<ArgumentException>(() => ClusterSeparation.WithinClusterSumOfSquares(rows, [0, 1], [1, -1]));
        Assert.Contains("Row 1 has the weight -1", weight.Message, StringComparison.Ordinal);
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(
            () => ClusterSeparation.Silhouette(new ArrayRowSource<double>(new double[] { 0, 1, 2 }, 1), [0, 0, 1], 100, 0, cancelled.Token));
    }
}
