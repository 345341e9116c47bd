namespace Microsoft.ML.Mixture.Noise.Tests;

/// <summary>With noise the library does, step by step, what <see cref="TextbookGaussianMixture"/> does.</summary>
[Trait("Kind", "Reference")]
public class NoiseOracleTests
{
    private const double TrajectoryTolerance = 1e-10;
    private const double ParameterTolerance = 1e-8;
    private const double SmallestComparable = 1e-6;
    private const int Steps = 10;
    private const int ProblemCount = 40;

    public static TheoryData<int, string> Cases
    {
        get
        {
            var cases = new TheoryData<int, string>();
            string[] types = ["full", "tied", "diag", "spherical"];
            for (int seed = 0; seed < ProblemCount; seed++) cases.Add(seed, types[seed / 2 % types.Length]);
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Fit_FromParametersAndNoiseWeight_MatchesTextbook(int seed, string type)
    {
        var problem = new RandomProblem(seed + 31_000);
        (double[] weights, double[][] means, double[][,] covariances) = problem.DrawParameters();
        if (type == "spherical") covariances = [.. covariances.Select(Sphere)];
        double noiseWeight = 0.02 + (0.01 * (seed % 30)), density = LogDensity(problem, type);
        double[] all = [.. weights.Select(weight => weight * (1 - noiseWeight)), noiseWeight];
        TextbookGaussianMixture expected = Textbook(problem, type, density);
        expected.Start(all, means, covariances);

        Check(problem, type, density, expected, MixtureStart.FromParameters(all[..^1], noiseWeight, Matrix(means), covariances));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Fit_FromResponsibilitiesWithNoise_MatchesTextbook(int seed, string type)
    {
        var problem = new RandomProblem(seed + 47_000);
        double[][] responsibilities = [.. problem.DrawResponsibilities().Select((shares, i) =>
        {
            double noise = 0.05 + (0.3 * (i % 7) / 7);
            return (double[])[.. shares.Select(share => share * (1 - noise)), noise];
        })];
        double density = LogDensity(problem, type);
        TextbookGaussianMixture expected = Textbook(problem, type, density);
        expected.Start(responsibilities);

        Check(problem, type, density, expected, MixtureStart.FromResponsibilities(Matrix(responsibilities)));
    }

    // Dense enough for the noise to have a say: that of a box of a few standard deviations, for spheres of the one that they have in common.
    private static double LogDensity(RandomProblem problem, string type)
    {
        double[] variances = [.. Enumerable.Range(0, problem.Dimension).Select(j =>
        {
            double mean = problem.Rows.Average(row => row[j]);
            return problem.Rows.Average(row => (row[j] - mean) * (row[j] - mean));
        })];
        return variances.Sum(variance => -0.5 * Math.Log(30 * (type == "spherical" ? variances.Average() : variance)));
    }

    private static TextbookGaussianMixture Textbook(RandomProblem problem, string type, double density) =>
        new(problem.Rows, problem.RowWeights, type, problem.ComponentCount, problem.PriorStrength, problem.Floor, density);

    private static void Check(RandomProblem problem, string type, double density, TextbookGaussianMixture expected, MixtureStart start)
    {
        var options = new GaussianMixtureOptions
        {
            ComponentCount = problem.ComponentCount,
            CovarianceStructure = ScikitLearnReference.Structure(type),
            CovariancePriorStrength = problem.PriorStrength,
            CovarianceFloor = problem.Floor,
            NoiseComponent = true,
            NoiseLogDensity = density,
            Tolerance = 0,
            MaximumIterations = Steps,
            Start = start,
        };

        GaussianMixtureModel model = GaussianMixture.Fit(problem.Source, options, CancellationToken.None);

        FitReport report = model.Report!;

        // Where a component or the noise has lost all rows, what is left of it is rounding, and shares below 1e-20 count as zero here.
        var counts = new List<double> { SmallestCount(problem, expected) };
        for (; counts.Count <= Steps && counts[^1] > SmallestComparable; counts.Add(SmallestCount(problem, expected))) expected.Step();
        int comparable = counts.Count - 1;
        Assert.True(comparable > 0, $"A component starts with {counts[0]:G3} rows.");
        for (int t = 0; t <= comparable; t++)
        {
            Closeness.Relative(expected.LogLikelihoods[t], report.LogLikelihoodHistory[t], TrajectoryTolerance, $"Log-likelihood after {t} steps, with {string.Join(", ", counts)} rows in the smallest component");
            Closeness.Relative(expected.Objectives[t], report.ObjectiveHistory[t], TrajectoryTolerance, $"Objective after {t} steps");
        }

        if (comparable < Steps) return;
        Assert.Equal(Steps, report.IterationCount);
        Closeness.ToScale(expected.Weights, [.. model.Weights, model.NoiseWeight], ParameterTolerance, "Weights");
        Closeness.ToScale(Matrix(expected.Means), model.Means, ParameterTolerance, "Means");
        Closeness.ToScale(expected.Covariances, model.Covariances, ParameterTolerance, "Covariance");
        for (int i = 0; i < problem.RowCount; i++)
        {
            double[] shares = model.Responsibilities(problem.Rows[i]);
            Assert.Equal(problem.ComponentCount + 1, shares.Length);
            Closeness.Absolute(1, shares.Sum(), 1e-12, $"Sum of the responsibilities for row {i}");
            for (int k = 0; k < shares.Length; k++)
            {
                Closeness.Absolute(expected.Responsibilities[i][k], shares[k], ParameterTolerance, $"Responsibility of component {k} for row {i}");
            }
        }
    }

    // Beside narrow Gaussians in the units of each feature, noise in the unit of all would have no share at all.
    private static double[,] Sphere(double[,] covariance)
    {
        int dimension = covariance.GetLength(0);
        double[,] sphere = new double[dimension, dimension];
        for (int j = 0; j < dimension; j++) sphere[j, j] = Enumerable.Range(0, dimension).Average(m => covariance[m, m]);
        return sphere;
    }

    private static double SmallestCount(RandomProblem problem, TextbookGaussianMixture textbook) => Enumerable.Range(0, problem.ComponentCount + 1).Min(
        k => problem.RowWeights.Select((weight, i) => weight * textbook.Responsibilities[i][k]).Sum());

    private static double[,] Matrix(double[][] rows) => HoledProblem.Matrix(rows);
}
