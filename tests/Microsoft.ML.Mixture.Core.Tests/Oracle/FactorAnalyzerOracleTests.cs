namespace Microsoft.ML.Mixture;

/// <summary>The library does, step by step, what <see cref="TextbookFactorAnalyzers"/> does.</summary>
[Trait("Kind", "Reference")]
public class FactorAnalyzerOracleTests
{
    private const double TrajectoryTolerance = 1e-9;
    private const double ParameterTolerance = 1e-7;
    private const int Steps = 5;
    private const int MostRows = 120;
    private const int ProblemCount = 40;

    public static TheoryData<int, SpecificVarianceStructure, bool> Cases
    {
        get
        {
            var cases = new TheoryData<int, SpecificVarianceStructure, bool>();
            for (int seed = 0; seed < ProblemCount; seed++) cases.Add(seed, (SpecificVarianceStructure)(seed / 2 % 4), seed % 2 == 1);
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Fit_FromTheSameStart_MatchesTextbook(int seed, SpecificVarianceStructure structure, bool hasHoles)
    {
        // Two problems are the same but for the holes, and every second pair has no prior.
        HoledProblem problem = HoledProblem.Draw(seed / 2);
        double[][] rows = [.. (hasHoles ? problem.Rows : [.. new RandomProblem(seed / 2 * 2).Rows]).Take(MostRows)];
        double[] rowWeights = [.. problem.RowWeights.Take(rows.Length)];
        double strength = seed % 4 < 2 && rows.Length > 12 * problem.ComponentCount ? 0 : problem.PriorStrength;
        (double[][,] loadings, double[][] variances) = DrawParameters(problem, seed);
        var expected = new TextbookFactorAnalyzers(rows, rowWeights, structure, problem.ComponentCount, strength);
        expected.Start(problem.Weights, problem.Means, loadings, variances);
        var start = FactorAnalyzerMixtureModel.FromParameters(problem.Weights, HoledProblem.Matrix(problem.Means), loadings, HoledProblem.Matrix(variances));
        var options = new FactorAnalyzerMixtureOptions
        {
            ComponentCount = problem.ComponentCount,
            FactorCount = start.FactorCount,
            SpecificVarianceStructure = structure,
            SpecificVariancePriorStrength = strength,
            Tolerance = 0,
            MaximumIterations = Steps,
            Start = MixtureStart.FromModel(start),
        };

        FactorAnalyzerMixtureModel model = FactorAnalyzerMixture.Fit(HoledProblem.Matrix(rows), options, rowWeights);

        FitReport report = model.Report!;
        Assert.Equal(Steps, report.IterationCount);
        for (int step = 0; step < Steps; step++) expected.Step();
        for (int t = 0; t <= Steps; t++)
        {
            Closeness.Relative(expected.LogLikelihoods[t], report.LogLikelihoodHistory[t], TrajectoryTolerance, $"Log-likelihood after {t} steps");
            Closeness.Relative(expected.Objectives[t], report.ObjectiveHistory[t], TrajectoryTolerance, $"Objective after {t} steps");
        }

        Closeness.ToScale(expected.Weights, model.Weights, ParameterTolerance, "Weights");
        Closeness.ToScale(HoledProblem.Matrix(expected.Means), model.Means, ParameterTolerance, "Means");
        for (int k = 0; k < problem.ComponentCount; k++)
        {
            Closeness.ToScale(expected.Variances[k], model.SpecificVariances.Row(k).ToArray(), ParameterTolerance, $"Specific variances {k}");
            Closeness.ToScale(expected.Covariance(k), model.Covariance(k), ParameterTolerance, $"Covariance {k}");
        }
    }

    // Loadings of one to three factors in the units of the features.
    private static (double[][,] Loadings, double[][] Variances) DrawParameters(HoledProblem problem, int seed)
    {
        var random = new Random(seed);
        int dimension = problem.Means[0].Length, factors = Math.Min(1 + (seed / 2 % 5), dimension);
        var loadings = new double[problem.ComponentCount][,];
        double[][] variances = new double[problem.ComponentCount][];
        for (int k = 0; k < loadings.Length; k++)
        {
            loadings[k] = new double[dimension, factors];
            variances[k] = [.. Enumerable.Range(0, dimension).Select(j => problem.Covariances[k][j, j] * (0.3 + random.NextDouble()))];
            for (int j = 0; j < dimension; j++)
            {
                for (int m = 0; m < factors; m++) loadings[k][j, m] = Math.Sqrt(problem.Covariances[k][j, j]) * ((2 * random.NextDouble()) - 1);
            }
        }

        return (loadings, variances);
    }
}
