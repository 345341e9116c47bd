namespace Microsoft.ML.Mixture;

/// <summary>Small data sets from the tests of Accord.NET and Spark, with their true maximum-likelihood values.</summary>
[Trait("Kind", "Golden")]
public class SmallDataTests
{
    private const double Tolerance = 1e-12;

    private static readonly double[,] _tenPoints = { { 0, 1 }, { 1, 2 }, { 1, 1 }, { 0, 7 }, { 1, 1 }, { 6, 2 }, { 6, 5 }, { 5, 1 }, { 7, 1 }, { 5, 1 } };
    private static readonly int[] _halves = [0, 0, 0, 0, 0, 1, 1, 1, 1, 1];
    private static readonly double[] _line = [0, 3, 1, 7, 3, 5, 1, 2, -1, 2, 7, 6, 8, 6];
    private static readonly double[] _lineWeights = [10, 1, 1, 2, 2, 1, 1, 1, 8, 1, 2, 5, 1, 1];
    private static readonly double[,] _onePlane = { { 6, 9 }, { 5, 10 }, { 4, 11 } };
    private static readonly double[,] _threePoints = { { 4, 0, 2 }, { 2, 0, 4 }, { 0, 6, 0 } };

    // Accord itself prints other values, since it divides by n - 1.
    [Theory]
    [InlineData("full", -35.69929646022543)]
    [InlineData("diag", -36.716024833276414)]
    [InlineData("tied", -37.40247818119165)]
    public void LogLikelihood_OfAccordsTenPoints_IsTheMaximum(string type, double expected)
    {
        GaussianMixtureModel model = GaussianMixture.Fit(_tenPoints, MaximumLikelihood(2, type, MixtureStart.FromLabels(_halves)));

        Closeness.Relative(expected, model.Report!.LogLikelihood, Tolerance, "Log-likelihood");
    }

    [Fact]
    public void Means_OfAccordsTenPointsFromTheirHalves_AreThoseOfTheHalves()
    {
        GaussianMixtureOptions options = MaximumLikelihood(2, "full", MixtureStart.FromLabels(_halves));
        options.MaximumIterations = 0;

        GaussianMixtureModel model = GaussianMixture.Fit(_tenPoints, options);

        Closeness.ToScale([0.6, 2.4, 5.8, 2.0], model.Means.ToArray().Cast<double>(), 1e-15, "Means");
    }

    [Fact]
    public void Fit_OfAccordsWeightedPoints_IsTheMaximum()
    {
        GaussianMixtureModel model = FitLine(_line, _lineWeights);

        Closeness.Relative(-79.28642575907156, model.Report!.LogLikelihood, Tolerance, "Log-likelihood");
        Closeness.Absolute(0.28214369, model.Means[0, 0], 1e-8, "First mean");
        Closeness.Absolute(6.41775365, model.Means[1, 0], 1e-8, "Second mean");
        Closeness.Absolute(1.73130664, model.Covariances[0][0, 0], 1e-8, "First variance");
        Closeness.Absolute(0.57586417, model.Covariances[1][0, 0], 1e-8, "Second variance");
        Closeness.Absolute(0.6759692, model.Weights[0], 1e-7, "First weight");
        Closeness.Absolute(0.3240308, model.Weights[1], 1e-7, "Second weight");
        Assert.Equal(37, model.Report.RowWeightTotal);
    }

    [Fact]
    public void RowWeight_OfAnInteger_EqualsThatManyRows()
    {
        double[] repeated = [.. _line.SelectMany((value, i) => Enumerable.Repeat(value, (int)_lineWeights[i]))];

        GaussianMixtureModel weighted = FitLine(_line, _lineWeights), duplicated = FitLine(repeated, null);

        Closeness.Relative(weighted.Report!.LogLikelihood, duplicated.Report!.LogLikelihood, 1e-13, "Log-likelihood");
        int steps = Math.Min(weighted.Report.IterationCount, duplicated.Report.IterationCount);
        for (int t = 0; t <= steps; t++)
        {
            Closeness.Relative(weighted.Report.LogLikelihoodHistory[t], duplicated.Report.LogLikelihoodHistory[t], 1e-13, $"Log-likelihood after {t} steps");
        }
    }

    [Fact]
    public void Parameters_OfRowsRepeatedOrWeighted_AreEqualStepByStep()
    {
        double[] repeated = [.. _line.SelectMany((value, i) => Enumerable.Repeat(value, (int)_lineWeights[i]))];
        for (int steps = 0; steps <= 10; steps++)
        {
            GaussianMixtureModel weighted = FitLine(_line, _lineWeights, steps), duplicated = FitLine(repeated, null, steps);

            Closeness.ToScale(weighted.Weights, duplicated.Weights, 1e-13, "Weights");
            Closeness.ToScale(weighted.Means.ToArray(), duplicated.Means, 1e-13, "Means");
            Closeness.ToScale([.. weighted.Covariances.Select(matrix => matrix.ToArray())], duplicated.Covariances, 1e-13, "Variance");
        }
    }

    [Fact]
    public void Fit_OfAccordsPointsWithoutWeights_IsTheMaximum()
    {
        GaussianMixtureModel model = FitLine(_line, null);

        Closeness.Relative(-31.266643833084515, model.Report!.LogLikelihood, Tolerance, "Log-likelihood");
        Closeness.Absolute(1.42856852, model.Means[0, 0], 1e-7, "First mean");
        Closeness.Absolute(6.52605803, model.Means[1, 0], 1e-7, "Second mean");
    }

    [Fact]
    public void Fit_OfRowsInAPlaneWithoutPrior_ThrowsAndNamesTheComponent()
    {
        foreach (double[,] rows in new[] { _onePlane, _threePoints })
        {
            foreach (string type in new[] { "full", "tied" })
            {
                GaussianMixtureOptions options = MaximumLikelihood(1, type, MixtureStart.KMeansPlusPlus);

                MixtureFitException error = Assert.Throws<MixtureFitException>(() => GaussianMixture.Fit(rows, options));

                Assert.Contains("component 0", error.Message, StringComparison.Ordinal);
                Assert.Contains("prior", error.Message, StringComparison.Ordinal);
            }
        }
    }

    // Of no more rows than features Sigma = (S + nu V) / (N + nu), with V the diagonal of S / N: the diagonal stays, all else shrinks by N / (N + nu). Of more a feature that
    // follows from another has what the prior adds beside it, and the rest stays.
    [Fact]
    public void Fit_OfRowsInAPlaneWithTheDefaultPrior_IsTheClosedForm()
    {
        double shrink = 1 / (1 + GaussianMixtureOptions.DefaultCovariancePriorStrength);

        GaussianMixtureModel line = GaussianMixture.Fit(_onePlane, 1), points = GaussianMixture.Fit(_threePoints, 1);

        double third = 2.0 / 3;
        Closeness.ToScale(new double[,] { { 5, 10 } }, line.Means, 1e-15, "Mean");
        Closeness.ToScale(new double[,] { { third, -third }, { -third, third * (2 - shrink) } }, line.Covariances[0], 1e-14, "Covariance");
        Closeness.ToScale(new double[,] { { 2, 2, 2 } }, points.Means, 1e-15, "Mean");
        double[,] expected =
        {
            { 8 / 3.0, -4 * shrink, 4 / 3.0 * shrink },
            { -4 * shrink, 8, -4 * shrink },
            { 4 / 3.0 * shrink, -4 * shrink, 8 / 3.0 },
        };
        Closeness.ToScale(expected, points.Covariances[0], 1e-14, "Covariance");
        Assert.NotEmpty(line.Report!.Warnings);
        Assert.NotEmpty(points.Report!.Warnings);
    }

    private static GaussianMixtureModel FitLine(double[] values, double[]? weights, int? steps = null)
    {
        GaussianMixtureOptions options = MaximumLikelihood(
            2, "full", MixtureStart.FromParameters([0.5, 0.5], new double[,] { { 0 }, { 6 } }, [new double[,] { { 1 } }]));
        options.MaximumIterations = steps ?? options.MaximumIterations;
        return GaussianMixture.Fit(new ArrayRowSource<double>(values, 1, weights), options, CancellationToken.None);
    }

    private static GaussianMixtureOptions MaximumLikelihood(int componentCount, string type, MixtureStart start) => new()
    {
        ComponentCount = componentCount,
        CovarianceStructure = ScikitLearnReference.Structure(type),
        CovariancePriorStrength = 0,
        Tolerance = 0,
        MaximumIterations = 20_000,
        Start = start,
    };
}
