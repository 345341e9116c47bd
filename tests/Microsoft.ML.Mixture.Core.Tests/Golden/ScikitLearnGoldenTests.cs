namespace Microsoft.ML.Mixture;

/// <summary>The same start, the same data, the same steps as scikit-learn's GaussianMixture.</summary>
[Trait("Kind", "Golden")]
public class ScikitLearnGoldenTests
{
    private const double TrajectoryTolerance = 1e-10;
    private const double ParameterTolerance = 1e-7;

    public static TheoryData<string, string> Cases => ScikitLearnReference.Cases();

    [Fact]
    public void Cases_OfTheGoldenFolder_AreTenFilesTimesFourTypes() => Assert.Equal(40, Cases.Count);

    [Theory]
    [MemberData(nameof(Cases))]
    public void LogLikelihood_OfEveryIteration_MatchesScikitLearn(string file, string type)
    {
        ScikitLearnReference reference = ScikitLearnReference.Load(file);
        ScikitLearnFit expected = reference.Fit(type);
        double[] bounds = expected.LowerBounds;

        FitReport report = Fit(reference, type, expected.IterationCount).Report!;

        Assert.Equal(expected.IterationCount, report.IterationCount);
        for (int t = 0; t < bounds.Length; t++)
        {
            Closeness.Relative(bounds[t], report.LogLikelihoodHistory[t] / report.RowCount, TrajectoryTolerance, $"Mean log-likelihood after {t} steps");
        }

        Closeness.Relative(expected.LogLikelihood, report.LogLikelihood, TrajectoryTolerance, "Log-likelihood at the end");
        Closeness.Relative(expected.Aic, report.AkaikeInformationCriterion, TrajectoryTolerance, "AIC");
        Closeness.Relative(expected.Bic, report.BayesianInformationCriterion, TrajectoryTolerance, "BIC");
        Assert.Equal(expected.ParameterCount, report.FreeParameterCount);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Parameters_AfterTheFirstStep_MatchScikitLearn(string file, string type)
    {
        ScikitLearnReference reference = ScikitLearnReference.Load(file);

        GaussianMixtureModel model = Fit(reference, type, iterations: 1);

        CheckParameters(reference.Fit(type).First, model);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Parameters_AtTheEnd_MatchScikitLearn(string file, string type)
    {
        ScikitLearnReference reference = ScikitLearnReference.Load(file);
        ScikitLearnFit expected = reference.Fit(type);

        GaussianMixtureModel model = Fit(reference, type, expected.IterationCount);

        CheckParameters(expected.Final, model);
        Closeness.ToScale(expected.PrecisionsCholesky, model.PrecisionsCholesky, ParameterTolerance, "Precision factor");
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Scores_OfEveryRow_MatchScikitLearn(string file, string type)
    {
        ScikitLearnReference reference = ScikitLearnReference.Load(file);
        ScikitLearnFit expected = reference.Fit(type);
        double[] logDensities = expected.ScoreSamples;
        double[,] responsibilities = expected.Responsibilities;
        int[] labels = expected.Labels;
        double[] shares = new double[reference.ComponentCount];

        GaussianMixtureModel model = Fit(reference, type, expected.IterationCount);

        MixtureScorer scorer = model.CreateScorer();
        double[] row = new double[model.Dimension];
        for (int i = 0; i < labels.Length; i++)
        {
            for (int j = 0; j < row.Length; j++) row[j] = reference.Rows[i, j];
            scorer.Score(row);
            scorer.CopyResponsibilities(shares);
            Closeness.Relative(logDensities[i], scorer.LogDensity, ParameterTolerance, $"Log-density of row {i}");
            Assert.Equal(labels[i], scorer.Component);
            for (int k = 0; k < shares.Length; k++)
            {
                Closeness.Absolute(responsibilities[i, k], shares[k], ParameterTolerance, $"Responsibility of component {k} for row {i}");
            }
        }
    }

    private static GaussianMixtureModel Fit(ScikitLearnReference reference, string type, int iterations) => GaussianMixture.Fit(
        reference.Rows,
        new GaussianMixtureOptions
        {
            ComponentCount = reference.ComponentCount,
            CovarianceStructure = ScikitLearnReference.Structure(type),
            CovariancePriorStrength = 0,
            CovarianceFloor = reference.CovarianceFloor,
            Tolerance = 0,
            MaximumIterations = iterations,
            Start = reference.Start(type),
        });

    private static void CheckParameters(ScikitLearnParameters expected, GaussianMixtureModel model)
    {
        Closeness.ToScale(expected.Weights, model.Weights, ParameterTolerance, "Weights");
        Closeness.ToScale(expected.Means, model.Means, ParameterTolerance, "Means");
        Closeness.ToScale(expected.Covariances, model.Covariances, ParameterTolerance, "Covariance");
    }
}
