using System.Text.Json;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Double;

namespace Microsoft.ML.Mixture.Initialization.Tests;

/// <summary>The tree beside one that is built by trying all pairs, each from its points, and beside mclust's.</summary>
public class HierarchicalGroupsTests
{
    [Theory]
    [Trait("Kind", "Oracle")]
    [InlineData(1, 30, 1)]
    [InlineData(2, 40, 2)]
    [InlineData(3, 45, 3)]
    [InlineData(6, 36, 4)]
    public void Labels_AnyPoints_AreThoseOfTryingAllPairs(int dimension, int count, int seed)
    {
        var random = new Random(seed);
        double[] weights = [.. Enumerable.Range(0, count).Select(i => 1 + (0.5 * (i % 3)))];
        Matrix<double> points = Standardise(DenseMatrix.Create(count, dimension, (i, j) => (3 * (i % 4) * (j % 2)) + random.NextDouble() + random.NextDouble()), weights);

        var groups = new HierarchicalGroups(points.ToRowMajorArray(), weights, dimension, CancellationToken.None);

        Assert.Equal(count, groups.PointCount);
        Matrix<double> turned = Turn(points, weights);
        double[] shares = [.. weights.Select(weight => weight * count / weights.Sum())];
        List<List<int>> naive = [.. Enumerable.Range(0, count).Select(i => new List<int> { i })];
        for (int left = count; left >= 1; left--)
        {
            int[] labels = groups.Labels(left);
            Assert.Equal(left, Enumerable.Range(0, count).Select(i => (labels[i], naive.FindIndex(group => group.Contains(i)))).Distinct().Count());
            if (left > 1) UniteBest(naive, turned, shares);
        }
    }

    [Fact]
    [Trait("Kind", "Law")]
    public void Labels_EqualPoints_BelongTogether()
    {
        var random = new Random(5);
        double[] points = [.. Enumerable.Range(0, 40).Select(_ => random.NextDouble() - 0.5)];

        var groups = new HierarchicalGroups([.. points, .. points], [.. Enumerable.Repeat(1.0, 40)], 2, CancellationToken.None);

        Assert.Equal(20, groups.PointCount);
        for (int count = 1; count <= 20; count++)
        {
            int[] labels = groups.Labels(count);
            Assert.Equal(labels[..20], labels[20..]);
            Assert.Equal(Enumerable.Range(0, count), labels.Distinct());
        }
    }

    [Theory]
    [Trait("Kind", "Golden")]
    [InlineData("iris.csv")]
    [InlineData("diabetes_reaven_miller.csv")]
    [InlineData("banknote.csv")]
    [InlineData("wine.csv")]
    public void Labels_OfRealData_AreMclusts(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(CsvTable.PathOf("mclust_hc_vvv.json")));
        JsonElement expected = document.RootElement.GetProperty("datasets").GetProperty(file);
        int dimension = expected.GetProperty("features").GetInt32();
        double[,] features = CsvTable.Load(file).Features;
        double[] weights = [.. Enumerable.Repeat(1.0, features.GetLength(0))];
        Matrix<double> points = Standardise(DenseMatrix.OfArray(features).SubMatrix(0, weights.Length, 0, dimension), weights);

        var groups = new HierarchicalGroups(points.ToRowMajorArray(), weights, dimension, CancellationToken.None);

        foreach (JsonProperty grouping in expected.GetProperty("labels_1based").EnumerateObject())
        {
            int[] labels = groups.Labels(int.Parse(grouping.Name, null)), theirs = [.. grouping.Value.EnumerateArray().Select(label => label.GetInt32())];
            Assert.Equal(grouping.Name, $"{labels.Zip(theirs).Distinct().Count()}");
        }
    }

    private static Matrix<double> Standardise(Matrix<double> points, double[] weights)
    {
        foreach (int j in Enumerable.Range(0, points.ColumnCount))
        {
            double mean = points.Column(j).Zip(weights, (x, w) => x * w).Sum() / weights.Sum();
            double variance = points.Column(j).Zip(weights, (x, w) => (x - mean) * (x - mean) * w).Sum() / weights.Sum();
            points.SetColumn(j, (points.Column(j) - mean) / Math.Sqrt(variance));
        }

        return points;
    }

    // Unit variance by N - 1, then principal components over the square root of their singular values.
    private static Matrix<double> Turn(Matrix<double> points, double[] weights)
    {
        int count = points.RowCount;
        Matrix<double> scaled = points * Math.Sqrt((count - 1.0) / count);
        Matrix<double> shares = DenseMatrix.OfDiagonalArray([.. weights.Select(weight => weight * count / weights.Sum())]);
        var eigen = (scaled.Transpose() * shares * scaled).Evd(Symmetricity.Symmetric);
        return scaled * eigen.EigenVectors * DenseMatrix.OfDiagonalArray([.. eigen.EigenValues.Select(value => 1 / Math.Sqrt(Math.Sqrt(value.Real)))]);
    }

    private static void UniteBest(List<List<int>> groups, Matrix<double> points, double[] weights)
    {
        double ridge = Scatter([.. Enumerable.Range(0, points.RowCount)], points, weights).Trace() / points.RowCount / points.ColumnCount;
        double best = double.PositiveInfinity;
        (int one, int other) = (0, 0);
        for (int a = 0; a < groups.Count; a++)
        {
            for (int b = a + 1; b < groups.Count; b++)
            {
                double cost = Cost([.. groups[a], .. groups[b]]) - Cost(groups[a]) - Cost(groups[b]);
                if (cost < best) (best, one, other) = (cost, a, b);
            }
        }

        groups[one].AddRange(groups[other]);
        groups.RemoveAt(other);

        double Cost(List<int> group)
        {
            double count = group.Sum(i => weights[i]);
            Matrix<double> scatter = Scatter(group, points, weights);
            double determinant = count > points.ColumnCount && group.Count > points.ColumnCount ? (scatter / count).Determinant() : 0;
            return count * Math.Log(determinant + ((scatter.Trace() + ridge) / count));
        }
    }

    private static Matrix<double> Scatter(List<int> group, Matrix<double> points, double[] weights)
    {
        Vector<double> mean = group.Select(i => points.Row(i) * weights[i]).Aggregate((a, b) => a + b) / group.Sum(i => weights[i]);
        return group.Select(i => (points.Row(i) - mean).OuterProduct(points.Row(i) - mean) * weights[i]).Aggregate((a, b) => a + b);
    }
}
