namespace Microsoft.ML.Mixture;

/// <summary>The same start, data, priors and steps as scikit-learn's BayesianGaussianMixture.</summary>
[Trait("Kind", "Golden")]
public class ScikitLearnVariationalTests
{
    private const double BoundTolerance = 1e-9;
    private const double ParameterTolerance = 1e-7;

    public static TheoryData<string, string> Cases => VariationalReference.Cases();

    public static TheoryData<string, string> CasesOfDefaults => VariationalReference.Cases("default");

    [Fact]
    public void Cases_OfTheGoldenFolder_AreFourFilesTimesSixteenRuns() => Assert.Equal((64, 32), (Cases.Count, CasesOfDefaults.Count));

    [Theory]
    [MemberData(nameof(Cases))]
    public void LowerBound_OfEveryIteration_MatchesScikitLearn(string file, string run)
    {
        VariationalReference reference = VariationalReference.Load(file, run);
        double[] expected = reference.LowerBounds;
        var textbook = new TextbookVariationalMixture(Rows(reference), [.. Enumerable.Repeat(1.0, reference.Rows.GetLength(0))], reference.Type, reference.ComponentCount, reference.Prior);

        // Its bound is that of the responsibilities which led to a posterior, and of that posterior.
        GaussianMixtureModel before = Fit(reference, 0);
        double difference = double.NaN;
        for (int t = 1; t <= expected.Length; t++)
        {
            Load(textbook, before.Posterior!);
            textbook.Expect();
            GaussianMixtureModel after = Fit(reference, t);
            Load(textbook, after.Posterior!);
            double actual = textbook.ScikitLearnBound();
            Closeness.Relative(expected[t - 1], actual, BoundTolerance, $"scikit-learn's lower bound after step {t}");

            // With a floor its bound is none; else it is the evidence lower bound but for a constant, and lies between those before and after the step.
            if (reference.Prior.Floor == 0)
            {
                double bound = textbook.Bound(), slack = BoundTolerance * Math.Abs(bound);
                if (t > 1) Closeness.Absolute(difference, bound - actual, slack, $"The constant of step {t}");
                difference = bound - actual;
                Assert.InRange(bound, before.Report!.EvidenceLowerBound - slack, after.Report!.EvidenceLowerBound + slack);
            }

            before = after;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Posterior_AfterOneStepAndAtTheEnd_MatchesScikitLearn(string file, string run)
    {
        VariationalReference reference = VariationalReference.Load(file, run);

        Check(reference.First, Fit(reference, 1).Posterior!);
        GaussianMixturePosterior posterior = Fit(reference, reference.LowerBounds.Length).Posterior!;

        Check(reference.Final, posterior);
        Closeness.ToScale(reference.Weights, posterior.ExpectedWeights, ParameterTolerance, "Expected weights");
    }

    [Theory]
    [MemberData(nameof(CasesOfDefaults))]
    public void Defaults_WithScikitLearnsCovariance_AreScikitLearns(string file, string run)
    {
        VariationalReference reference = VariationalReference.Load(file, run);
        BayesianGaussianMixtureOptions given = reference.Options(5), open = reference.Options(5);
        (open.WeightConcentrationPrior, open.MeanPrior, open.DegreesOfFreedomPrior, open.MeanPrecisionPrior, open.CovariancePrior) = (null, null, null, null, null);
        ScaledRows scaled = GaussianFit.Prepare(GaussianMixture.Copy(reference.Rows, null), open.ToGaussianOptions(), CancellationToken.None);
        NormalWishartPrior prior = PriorOfRows.Create(scaled, open, CancellationToken.None);
        double count = reference.Rows.GetLength(0);
        int dimension = reference.Rows.GetLength(1);

        // Over n - 1 there, over n here.
        Closeness.ToScale(
            PackedTriangleOf(reference.Prior.Covariance), prior.Scatter.Select(value => double.ScaleB(value, -2 * scaled.Exponent) * count / (count - 1)), 1e-12, "Prior covariance");
        Assert.Equal(reference.Prior.MeanPrecision, prior.MeanPrecision);
        (open.MeanPrecisionPrior, open.CovariancePrior) = (prior.MeanPrecision, reference.Prior.Covariance);
        Closeness.ToScale(
            BayesianGaussianMixture.Fit(reference.Rows, given).Report!.EvidenceLowerBoundHistory, BayesianGaussianMixture.Fit(reference.Rows, open).Report!.EvidenceLowerBoundHistory,
            1e-12, "Evidence lower bounds");

        IEnumerable<double> PackedTriangleOf(double[,] matrix) => Enumerable.Range(0, dimension).SelectMany(i => Enumerable.Range(0, i + 1).Select(j => matrix[i, j]));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Responsibilities_UnderThePosterior_MatchScikitLearn(string file, string run)
    {
        VariationalReference reference = VariationalReference.Load(file, run);
        double[,] expected = reference.LogResponsibilities;
        var textbook = new TextbookVariationalMixture(Rows(reference), [.. Enumerable.Repeat(1.0, reference.Rows.GetLength(0))], reference.Type, reference.ComponentCount, reference.Prior);

        Load(textbook, Fit(reference, reference.LowerBounds.Length).Posterior!);
        textbook.Expect();

        for (int i = 0; i < expected.GetLength(0); i++)
        {
            for (int k = 0; k < reference.ComponentCount; k++)
            {
                Closeness.Absolute(Math.Exp(expected[i, k]), textbook.Responsibilities[i][k], ParameterTolerance, $"Responsibility of component {k} for row {i}");
            }
        }
    }

    internal static void Load(TextbookVariationalMixture textbook, GaussianMixturePosterior posterior) => textbook.Load(
        [.. posterior.EffectiveCounts], [.. Enumerable.Range(0, posterior.ComponentCount).Select(k => posterior.Means.Row(k).ToArray())],
        [.. posterior.Covariances.Select(covariance => covariance.ToArray())]);

    private static double[][] Rows(VariationalReference reference) =>
        [.. Enumerable.Range(0, reference.Rows.GetLength(0)).Select(i => Enumerable.Range(0, reference.Rows.GetLength(1)).Select(j => reference.Rows[i, j]).ToArray())];

    private static GaussianMixtureModel Fit(VariationalReference reference, int iterations) => BayesianGaussianMixture.Fit(reference.Rows, reference.Options(iterations));

    private static void Check(VariationalReference.VariationalParameters expected, GaussianMixturePosterior posterior)
    {
        Closeness.ToScale(expected.WeightConcentrations, posterior.WeightConcentrations, ParameterTolerance, "Weight concentrations");
        Closeness.ToScale(expected.RemainderConcentrations, posterior.RemainderConcentrations, ParameterTolerance, "Remainder concentrations");
        Closeness.ToScale(expected.MeanPrecisions, posterior.MeanPrecisions, ParameterTolerance, "Mean precisions");
        Closeness.ToScale(expected.DegreesOfFreedom, posterior.DegreesOfFreedom, ParameterTolerance, "Degrees of freedom");
        Closeness.ToScale(expected.Means, posterior.Means, ParameterTolerance, "Means");
        Closeness.ToScale(expected.Covariances, posterior.Covariances, ParameterTolerance, "Covariance");
    }
}
