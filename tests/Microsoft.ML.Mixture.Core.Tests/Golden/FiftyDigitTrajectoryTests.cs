namespace Microsoft.ML.Mixture;

/// <summary>EM from a fixed start in 50-digit arithmetic: no initialiser, no tolerance, no seed.</summary>
[Trait("Kind", "Golden")]
public class FiftyDigitTrajectoryTests
{
    private const double Tolerance = 1e-12;

    private static readonly int[] _steps = [0, 1, 2, 3, 5, 10, 20];
    private static readonly double[] _evenWeights = [0.5, 0.5];
    private static readonly double[,] _means = { { 2, 55 }, { 4.5, 80 } };
    private static readonly double[,] _covariance = { { 1, 0 }, { 0, 100 } };

    // Log-likelihoods at the steps above.
    public static TheoryData<string, double[]> Faithful => new()
    {
        {
            "full",
            [
                -1377.5236867578134, -1146.4580476972014, -1132.9074328675522, -1130.3697757165422, -1130.2641990526086, -1130.2639601848949,
                -1130.2639601847416,
            ]
        },
        {
            "tied",
            [
                -1377.5236867578134, -1146.5865512593753, -1140.2189040930988, -1140.1869024909994, -1140.1867594417921, -1140.1867594370821,
                -1140.1867594370821,
            ]
        },
        {
            "diag",
            [
                -1377.5236867578134, -1165.3072879643593, -1150.1436592998881, -1147.8228431660794, -1147.8063526904581, -1147.8063525378108,
                -1147.8063525378108,
            ]
        },
        {
            "spherical",
            [
                -1377.5236867578134, -1712.0402012673387, -1709.5894307181056, -1709.5379249159904, -1709.5294747517669, -1709.5292821917558,
                -1709.5292821774182,
            ]
        },
    };

    // Log-likelihoods at steps 0, 1, 2, 5, 10 and 20.
    public static TheoryData<string, double[]> Iris => new()
    {
        {
            "full",
            [-182.92084860529613, -182.22173838869178, -181.72830949629401, -180.30896212915912, -180.18585204959961, -180.18547713546554]
        },
        {
            "tied",
            [-256.64618425488505, -256.38966517763123, -256.35822421176622, -256.35406764514383, -256.35404325434652, -256.35404312558854]
        },
        {
            "diag",
            [-309.3627578939421, -307.17102380681954, -307.05862911836943, -306.97633046832221, -306.91044909713717, -306.8692511868704]
        },
        {
            "spherical",
            [-392.49841449848874, -387.32802215835981, -386.57338463226015, -385.13490115723144, -384.37791085635556, -384.31420583931643]
        },
    };

    [Theory]
    [MemberData(nameof(Faithful))]
    public void LogLikelihood_OfFaithfulFromFixedParameters_MatchesFiftyDigits(string type, double[] expected) =>
        Check(_steps, expected, FitFaithful(type, 20));

    [Theory]
    [MemberData(nameof(Iris))]
    public void LogLikelihood_OfIrisFromSpecies_MatchesFiftyDigits(string type, double[] expected)
    {
        GaussianMixtureModel model = GaussianMixture.Fit(
            CsvTable.Iris.Features, Options(type, 3, 20, MixtureStart.FromLabels(CsvTable.Iris.Labels("Species"))));

        Check([0, 1, 2, 5, 10, 20], expected, model);
    }

    [Theory]
    [InlineData("full")]
    [InlineData("tied")]
    [InlineData("diag")]
    [InlineData("spherical")]
    public void Parameters_OfFaithfulAfterOneStep_MatchFiftyDigits(string type)
    {
        GaussianMixtureModel model = FitFaithful(type, 1);

        Closeness.Relative(0.3706547770557484, model.Weights[0], Tolerance, "Weight");
        Closeness.Relative(2.108654044482288, model.Means[0, 0], Tolerance, "Mean of eruptions");
        Closeness.Relative(55.10533470899489, model.Means[0, 1], Tolerance, "Mean of waiting");
    }

    [Fact]
    public void Parameters_OfFaithfulAfterTwentySteps_MatchFiftyDigits()
    {
        // One step at a time: a single run stops once the log-likelihood stands still, and parameters settle later than it does.
        GaussianMixtureModel model = FitFaithful("full", 1);
        for (int step = 2; step <= 20; step++)
        {
            model = GaussianMixture.Fit(CsvTable.Faithful.Features, Options("full", 2, 1, MixtureStart.FromModel(model)));
        }

        Closeness.Relative(0.3558728571057508, model.Weights[0], Tolerance, "Weight");
        Closeness.Relative(2.036388454620063, model.Means[0, 0], Tolerance, "Mean of eruptions");
        Closeness.Relative(54.47851637696935, model.Means[0, 1], Tolerance, "Mean of waiting");
    }

    private static GaussianMixtureModel FitFaithful(string type, int iterations) => GaussianMixture.Fit(
        CsvTable.Faithful.Features, Options(type, 2, iterations, MixtureStart.FromParameters(_evenWeights, _means, [_covariance])));

    private static GaussianMixtureOptions Options(string type, int componentCount, int iterations, MixtureStart start) => new()
    {
        ComponentCount = componentCount,
        CovarianceStructure = ScikitLearnReference.Structure(type),
        CovariancePriorStrength = 0,
        Tolerance = 0,
        MaximumIterations = iterations,
        Start = start,
    };

    private static void Check(int[] steps, double[] expected, GaussianMixtureModel model)
    {
        IReadOnlyList<double> history = model.Report!.LogLikelihoodHistory;

        // A run that gains nothing any more may stop early, at the value that it would keep.
        Assert.True(history.Count == steps[^1] + 1 || model.Report.StopReason == StopReason.Converged);
        for (int at = 0; at < steps.Length; at++)
        {
            Closeness.Relative(expected[at], history[Math.Min(steps[at], history.Count - 1)], Tolerance, $"Log-likelihood after {steps[at]} steps");
        }
    }
}
