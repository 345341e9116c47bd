using Xunit.Abstractions;

namespace Microsoft.ML.Mixture.Inference.Tests;

/// <summary>The standard errors beside the spread of fits to many more data of the same kind.</summary>
[Trait("Kind", "Recovery")]
public class StandardErrorBootstrapTests(ITestOutputHelper output)
{
    // The standard deviation of so many fits has itself a relative standard error of 1 / sqrt(2 n), here 4 %.
    private const int Repetitions = 300;

    /// <summary>mclust's name of the structure, and the share of missing cells.</summary>
    public static TheoryData<string, double> Cases => new()
    {
        { "VVV", 0 },
        { "VVV", 0.25 },
        { "EEE", 0.25 },
        { "VEV", 0.15 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void StandardErrors_OfMixture_AreTheSpreadOfFitsToItsDraws(string code, double share)
    {
        const int RowCount = 500;
        GaussianMixtureModel truth = GaussianMixtureModel.FromParameters(
            [0.4, 0.6], new double[,] { { 0, 0 }, { 5, 4 } }, code switch
            {
                "EEE" => [new double[,] { { 1, 0.5 }, { 0.5, 1.5 } }, new double[,] { { 1, 0.5 }, { 0.5, 1.5 } }],
                _ => [new double[,] { { 1, 0.5 }, { 0.5, 2 } }, new double[,] { { 4, -1 }, { -1, 2 } }],
            });
        var options = new GaussianMixtureOptions
        {
            ComponentCount = 2,
            CovarianceStructure = CovarianceStructure.FromCode(code),
            CovariancePriorStrength = 0,
            Tolerance = 1e-10,
            MaximumIterations = 5000,
            Start = MixtureStart.FromModel(truth),
            ThreadCount = 1,
        };
        double[,] rows = Remove(truth.Sample(RowCount, seed: 1), share, 1);
        GaussianMixtureModel model = GaussianMixture.Fit(rows, options);
        MixtureStandardErrors errors = model.StandardErrorsOf(rows, covariancePriorStrength: 0);
        options.Start = MixtureStart.FromModel(model);

        var fits = Enumerable.Range(0, Repetitions).Select(seed => GaussianMixture.Fit(Remove(model.Sample(RowCount, seed + 100), share, seed + 100), options)).ToArray();

        Compare(Parameters(errors), fits, 0.2, 0.1, $"{code}, {share:P0} missing");
    }

    // Real rows, drawn again with their holes: as often as each is drawn is its weight.
    [Fact]
    public void StandardErrors_OfRealRows_AreTheSpreadOfFitsToRowsDrawnAgain()
    {
        double[,] rows = Remove(CsvTable.Faithful.Features, 0.15, 3);
        var options = new GaussianMixtureOptions { ComponentCount = 2, CovariancePriorStrength = 0, Tolerance = 1e-10, MaximumIterations = 5000, ThreadCount = 1, RestartCount = 4 };
        GaussianMixtureModel model = GaussianMixture.Fit(rows, options);
        MixtureStandardErrors errors = model.StandardErrorsOf(rows, covariancePriorStrength: 0);
        options.Start = MixtureStart.FromModel(model);

        var fits = Enumerable.Range(0, Repetitions).Select(seed =>
        {
            var random = new Random(seed);
            double[] weights = new double[rows.GetLength(0)];
            for (int i = 0; i < weights.Length; i++) weights[random.Next(weights.Length)]++;
            return GaussianMixture.Fit(rows, options, weights);
        }).ToArray();

        // Rows drawn again do not know that the mixture is Gaussian, as the information does.
        Compare(Parameters(errors), fits, 0.35, 0.15, "faithful, 15 % missing");
    }

    private void Compare(double[] errors, GaussianMixtureModel[] fits, double mostOfOne, double mostOfAll, string what)
    {
        double[][] estimates = [.. fits.Select(Parameters)];
        double sum = 0;
        int count = 0;
        for (int a = 0; a < errors.Length; a++)
        {
            double mean = estimates.Average(estimate => estimate[a]), deviation = Math.Sqrt(estimates.Sum(estimate => Math.Pow(estimate[a] - mean, 2)) / (estimates.Length - 1));
            if (errors[a] == 0)
            {
                Assert.Equal(0, deviation);
                continue;
            }

            double ratio = Math.Log(deviation / errors[a]);
            output.WriteLine(FormattableString.Invariant($"{what}, parameter {a}: {errors[a]:G4}, bootstrap {deviation:G4}, ratio {deviation / errors[a]:F3}"));
            Assert.True(Math.Abs(ratio) < mostOfOne, $"{what}, parameter {a}: the standard error is {errors[a]:G4}, and the spread of {estimates.Length} fits {deviation:G4}.");
            sum += ratio;
            count++;
        }

        output.WriteLine(FormattableString.Invariant($"{what}: mean log ratio {sum / count:F3}"));
        Assert.InRange(sum / count, -mostOfAll, mostOfAll);
    }

    private static double[] Parameters(MixtureStandardErrors errors) =>
        [.. errors.Weights, .. errors.Means.ToArray().Cast<double>(), .. errors.Covariances.SelectMany(covariance => covariance.ToArray().Cast<double>())];

    private static double[] Parameters(GaussianMixtureModel model) => Laws.Tests.MixtureAssert.Parameters(model);

    private static double[,] Remove(double[,] rows, double share, int seed) => Laws.Tests.MissingValueLaws.Remove(rows, share, seed);
}
