namespace Microsoft.ML.Mixture;

/// <summary>The library does, step by step, what <see cref="TextbookGaussianMixture"/> does.</summary>
[Trait("Kind", "Reference")]
public class TextbookOracleTests
{
    private const double TrajectoryTolerance = 1e-10;
    private const double ParameterTolerance = 1e-8;
    private const int Steps = 12;
    private const int ProblemCount = 120;

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
    public void Fit_OfRandomRowsFromParameters_MatchesTextbook(int seed, string type)
    {
        var problem = new RandomProblem(seed);
        (double[] weights, double[][] means, double[][,] covariances) = problem.DrawParameters();
        TextbookGaussianMixture expected = Textbook(problem, type);
        expected.Start(weights, means, covariances);

        Check(problem, type, expected, MixtureStart.FromParameters(weights, Matrix(means), covariances));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Fit_OfRandomRowsFromResponsibilities_MatchesTextbook(int seed, string type)
    {
        var problem = new RandomProblem(seed + 1_000_000);
        double[][] responsibilities = problem.DrawResponsibilities();
        TextbookGaussianMixture expected = Textbook(problem, type);
        expected.Start(responsibilities);

        Check(problem, type, expected, MixtureStart.FromResponsibilities(Matrix(responsibilities)));
    }

    private static TextbookGaussianMixture Textbook(RandomProblem problem, string type) =>
        new(problem.Rows, problem.RowWeights, type, problem.ComponentCount, problem.PriorStrength, problem.Floor);

    private static void Check(RandomProblem problem, string type, TextbookGaussianMixture expected, MixtureStart start)
    {
        var options = new GaussianMixtureOptions
        {
            ComponentCount = problem.ComponentCount,
            CovarianceStructure = ScikitLearnReference.Structure(type),
            CovariancePriorStrength = problem.PriorStrength,
            CovarianceFloor = problem.Floor,
            Tolerance = 0,
            MaximumIterations = Steps,
            Start = start,
        };

        GaussianMixtureModel model = GaussianMixture.Fit(problem.Source, options, CancellationToken.None);

        FitReport report = model.Report!;
        for (int step = 0; step < report.IterationCount; step++) expected.Step();
        Assert.True(report.IterationCount == Steps || report.StopReason == StopReason.Converged, $"Stopped early: {report.StopReason}.");
        for (int t = 0; t <= report.IterationCount; t++)
        {
            Closeness.Relative(expected.LogLikelihoods[t], report.LogLikelihoodHistory[t], TrajectoryTolerance, $"Log-likelihood after {t} steps");
            Closeness.Relative(expected.Objectives[t], report.ObjectiveHistory[t], TrajectoryTolerance, $"Objective after {t} steps");
        }

        Closeness.ToScale(expected.Weights, model.Weights, ParameterTolerance, "Weights");
        Closeness.ToScale(Matrix(expected.Means), model.Means, ParameterTolerance, "Means");
        Closeness.ToScale(expected.Covariances, model.Covariances, ParameterTolerance, "Covariance");
        for (int i = 0; i < problem.RowCount; i++)
        {
            double[] shares = model.Responsibilities(problem.Rows[i]);
            for (int k = 0; k < shares.Length; k++)
            {
                Closeness.Absolute(expected.Responsibilities[i][k], shares[k], ParameterTolerance, $"Responsibility of component {k} for row {i}");
            }
        }
    }

    private static double[,] Matrix(double[][] rows)
    {
        double[,] matrix = new double[rows.Length, rows[0].Length];
        for (int i = 0; i < rows.Length; i++)
        {
            for (int j = 0; j < rows[i].Length; j++) matrix[i, j] = rows[i][j];
        }

        return matrix;
    }
}
