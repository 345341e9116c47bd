using CsCheck;

namespace Microsoft.ML.Mixture.Laws.Tests;

/// <summary>What holds between a mixture, its marginals and its conditionals, and of scores of rows with holes.</summary>
[Trait("Kind", "Law")]
public class ConditionalLaws
{
    private const double Tolerance = 1e-10;

    private static readonly Gen<(GaussianMixtureModel Model, double[] Row, double[] Holed)> _case =
        Gen.Select(MixtureCase.Any, MixtureCase.Structure, Gen.Int[0, int.MaxValue]).Where((data, _, _) => data.Dimension > 1).Select((data, structure, seed) =>
        {
            GaussianMixtureModel model = GaussianMixture.Fit(data.Rows, data.Options(structure, 3, prior: 1e-3));
            var random = new Random(seed);
            double[] row = MixtureAssert.RowOf(data.Rows, random.Next(data.RowCount)), holed = [.. row];
            int missing = random.Next(1, data.Dimension), first = random.Next(data.Dimension);
            for (int j = 0; j < missing; j++) holed[(first + j) % data.Dimension] = double.NaN;
            return (model, row, holed);
        });

    [Fact]
    public void Density_OfRow_IsMarginalTimesConditional() => _case.Sample(
        problem =>
        {
            (GaussianMixtureModel model, double[] row, double[] holed) = problem;
            double[] rest = [.. row.Where((_, j) => double.IsNaN(holed[j]))];
            MixtureAssert.Close([model.LogDensity(row)], [model.LogDensity(holed) + model.Conditional(holed).LogDensity(rest)], Tolerance, "log-density");
        },
        iter: MixtureCase.Cases);

    [Fact]
    public void Scores_OfHoledRow_AreThoseOfTheMarginal() => _case.Sample(
        problem =>
        {
            (GaussianMixtureModel model, _, double[] holed) = problem;
            int[] observed = [.. Enumerable.Range(0, holed.Length).Where(j => !double.IsNaN(holed[j]))];
            double[] values = [.. observed.Select(j => holed[j])];
            GaussianMixtureModel marginal = model.Marginal(observed);
            MixtureAssert.Close([marginal.LogDensity(values)], [model.LogDensity(holed)], Tolerance, "log-density");
            MixtureAssert.Close(marginal.Responsibilities(values), model.Responsibilities(holed), Tolerance, "responsibility");
            Assert.Equal(marginal.Predict(values), model.Predict(holed));
        },
        iter: MixtureCase.Cases);

    [Fact]
    public void Conditional_OfOneComponent_IsTheRegression() => Gen.Select(Gen.Int[2, 6], Gen.Int[0, int.MaxValue]).Sample(
        (dimension, seed) =>
        {
            var data = new MixtureCase(1, dimension, 50, seed);
            GaussianMixtureModel model = GaussianMixture.Fit(data.Rows, data.Options(CovarianceStructure.Full, 2, prior: 1e-3));
            double[] row = MixtureAssert.RowOf(data.Rows, 7);
            row[dimension - 1] = double.NaN;

            GaussianMixtureModel conditional = model.Conditional(row);

            // With P the inverse of the covariance: mean m - P(h,o) (x - m) / P(h,h), variance 1 / P(h,h).
            double[,] inverse = TextbookMixture.Invert(model.Covariances[0].ToArray()).Inverse;
            double sum = 0;
            for (int j = 0; j < dimension - 1; j++) sum += inverse[dimension - 1, j] * (row[j] - model.Means[0, j]);
            MixtureAssert.Close([model.Means[0, dimension - 1] - (sum / inverse[dimension - 1, dimension - 1])], conditional.OverallMean, Tolerance, "mean");
            MixtureAssert.Close([1 / inverse[dimension - 1, dimension - 1]], [conditional.OverallCovariance[0, 0]], Tolerance, "variance");
        },
        iter: 60);

    [Fact]
    public void OverallMoments_OfFittedMixture_AreThoseOfTheRows()
    {
        var data = new MixtureCase(3, 3, 60, 5);
        GaussianMixtureModel model = data.Fit(CovarianceStructure.Full, 4);

        for (int i = 0; i < 3; i++)
        {
            double[] column = [.. Enumerable.Range(0, data.RowCount).Select(row => data.Rows[row, i])];
            MixtureAssert.Close([column.Average()], [model.OverallMean[i]], 1e-12, "mean");
            for (int j = 0; j < 3; j++)
            {
                double[] other = [.. Enumerable.Range(0, data.RowCount).Select(row => data.Rows[row, j])];
                MixtureAssert.Close([column.Zip(other, (x, y) => (x - column.Average()) * (y - other.Average())).Average()], [model.OverallCovariance[i, j]], 1e-11, "covariance");
            }
        }
    }

    [Theory]
    [InlineData("full")]
    [InlineData("tied")]
    [InlineData("diagonal")]
    [InlineData("spherical")]
    public void Sample_OfMixture_HasItsMoments(string structure)
    {
        const int Count = 40_000;
        var data = new MixtureCase(3, 2, 60, 5);
        GaussianMixtureModel model = data.Fit(CovarianceStructure.BuiltIn.Single(known => known.Name == structure), 4);

        double[,] rows = model.Sample(Count, seed: 3);

        // Within five standard errors; that of a covariance is at most about twice that of a normal one here.
        for (int i = 0; i < 2; i++)
        {
            double mean = Enumerable.Range(0, Count).Average(row => rows[row, i]), deviation = Math.Sqrt(model.OverallCovariance[i, i]);
            Closeness.Absolute(model.OverallMean[i], mean, 5 * deviation / Math.Sqrt(Count), "mean");
            for (int j = 0; j < 2; j++)
            {
                double product = Enumerable.Range(0, Count).Average(row => (rows[row, i] - model.OverallMean[i]) * (rows[row, j] - model.OverallMean[j]));
                Closeness.Absolute(
                    model.OverallCovariance[i, j], product, 5 * 2 * deviation * Math.Sqrt(2 * model.OverallCovariance[j, j]) / Math.Sqrt(Count), "covariance");
            }
        }

        Assert.Equal(rows.Cast<double>(), model.Sample(Count, seed: 3).Cast<double>());
        Assert.NotEqual(rows.Cast<double>(), model.Sample(Count, seed: 4).Cast<double>());
        double[] shares = new double[3];
        for (int i = 0; i < Count; i++) shares[model.Predict(rows[i, 0], rows[i, 1])]++;
        Assert.All(shares, share => Assert.True(share > 0));
    }

    [Fact]
    public void Score_HoledRowInAnyBlock_IsTheSame()
    {
        var data = new MixtureCase(3, 5, 40, 5);
        GaussianMixtureModel model = data.Fit(CovarianceStructure.Full, 4);
        double[,] rows = MissingValueLaws.Remove(data.Rows, 0.3, 4);
        double[] flat = [.. rows.Cast<double>()];
        var together = new BlockScorer(model, 120);
        together.Score<double>(flat);
        double[] expected = new double[3], actual = new double[3];
        for (int i = 0; i < 120; i++)
        {
            MixtureScorer alone = model.CreateScorer();
            alone.Score(flat.AsSpan(i * 5, 5));
            together.CopyJointLogDensities(i, actual);
            Assert.Equal(alone.JointLogDensities.ToArray(), actual);
            alone.CopyResponsibilities(expected);
            together.CopyResponsibilities(i, actual.AsSpan());
            Assert.Equal(expected, actual);
            Assert.Equal((alone.Component, alone.LogDensity), (together.Component(i), together.LogDensity(i)));
        }
    }

    [Fact]
    public void Score_NothingObserved_GivesTheWeights()
    {
        double[] empty = [double.NaN, double.NaN, double.NaN];
        for (int seed = 0; seed < 20; seed++) Assert.Equal(0.0, new MixtureCase(3, 3, 40, seed).Fit(CovarianceStructure.Diagonal, 4).LogDensity(empty));

        GaussianMixtureModel model = new MixtureCase(2, 3, 40, 9).Fit(CovarianceStructure.Full, 4);

        MixtureAssert.Close(model.Weights, model.Responsibilities(empty), 1e-15, "responsibility");
        MixtureAssert.Close(model.OverallMean, model.Conditional(empty).OverallMean, 1e-14, "mean");
    }

    [Fact]
    public void Marginal_FeaturesInAnyOrder_AreInThatOrder()
    {
        GaussianMixtureModel model = new MixtureCase(2, 3, 40, 9).Fit(CovarianceStructure.Tied, 4), marginal = model.Marginal(2, 0);

        Assert.Same(CovarianceStructure.Tied, marginal.CovarianceStructure);
        Assert.Equal([model.Means[1, 2], model.Means[1, 0]], marginal.Means.Row(1).ToArray());
        Assert.Equal(model.Covariances[1][2, 0], marginal.Covariances[1][0, 1]);
        Assert.Equal(model.Covariances[1][0, 0], marginal.Covariances[1][1, 1]);
    }

    [Theory]
    [InlineData(new int[0], "no features")]
    [InlineData(new[] { 0, 3 }, "Feature 3 at place 1")]
    [InlineData(new[] { 1, 1 }, "Feature 1 at place 1")]
    [InlineData(new[] { -1 }, "Feature -1 at place 0")]
    public void Marginal_FeaturesNotValid_Throws(int[] features, string part)
    {
        GaussianMixtureModel model = new MixtureCase(2, 3, 40, 9).Fit(CovarianceStructure.Full, 4);

        Assert.Contains(part, Assert.Throws<ArgumentException>(() => model.Marginal(features)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 2, 3, "lacks no feature")]
    [InlineData(1, double.NaN, double.PositiveInfinity, "infinite")]
    public void Conditional_RowNotValid_Throws(double first, double second, double third, string part)
    {
        GaussianMixtureModel model = new MixtureCase(2, 3, 40, 9).Fit(CovarianceStructure.Full, 4);

        Assert.Contains(part, Assert.Throws<ArgumentException>(() => model.Conditional(first, second, third)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => model.Conditional(first, second));
    }
}
