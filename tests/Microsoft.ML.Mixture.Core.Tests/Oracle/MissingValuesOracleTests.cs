namespace Microsoft.ML.Mixture;

/// <summary>On rows with holes the library does, step by step, what <see cref="TextbookMissingValues"/> does.</summary>
[Trait("Kind", "Reference")]
public class MissingValuesOracleTests
{
    private const double TrajectoryTolerance = 1e-10;
    private const double ParameterTolerance = 1e-8;
    private const int Steps = 6;
    private const int ProblemCount = 60;
    private const int SmallProblemCount = 3;
    private const int MostFeatures = 4;

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

    public static TheoryData<int, string> SmallCases
    {
        get
        {
            var cases = new TheoryData<int, string>();
            foreach (CovarianceStructure structure in CovarianceStructure.BuiltIn)
            {
                if (structure.Code is "VVV" or "EEE" or "VVI" or "VII") continue;
                for (int seed = 0; seed < SmallProblemCount; seed++) cases.Add(seed, structure.Code ?? structure.Name);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Fit_OfRowsWithHoles_MatchesTextbook(int seed, string type) => Check(HoledProblem.Draw(seed), type, ScikitLearnReference.Structure(type));

    [Theory]
    [MemberData(nameof(SmallCases))]
    public void Fit_OfRowsWithHolesAndParsimoniousStructure_MatchesTextbook(int seed, string code) =>
        Check(HoledProblem.DrawSmall(seed, code is "EVE" or "VVE" ? 2 : MostFeatures), code, CovarianceStructure.BuiltIn.Single(structure => (structure.Code ?? structure.Name) == code));

    private static void Check(HoledProblem problem, string type, CovarianceStructure structure)
    {
        var expected = new TextbookMissingValues(problem.Rows, problem.RowWeights, type, problem.ComponentCount, problem.PriorStrength);
        expected.Start(problem.Weights, problem.Means, problem.Covariances);
        var options = new GaussianMixtureOptions
        {
            ComponentCount = problem.ComponentCount,
            CovarianceStructure = structure,
            CovariancePriorStrength = problem.PriorStrength,
            Tolerance = 0,
            MaximumIterations = Steps,
            Start = MixtureStart.FromParameters(problem.Weights, HoledProblem.Matrix(problem.Means), problem.Covariances),
        };

        GaussianMixtureModel model = GaussianMixture.Fit(HoledProblem.Matrix(problem.Rows), options, problem.RowWeights);

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
        Closeness.ToScale(expected.Covariances, model.Covariances, ParameterTolerance, "Covariance");
    }
}
