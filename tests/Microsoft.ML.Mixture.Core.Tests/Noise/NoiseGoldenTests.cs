using System.Text.Json;

namespace Microsoft.ML.Mixture.Noise.Tests;

/// <summary>Noise against mclust on its minefield data; tests/golden/README.md says what stands in the file.</summary>
[Trait("Kind", "Golden")]
public class NoiseGoldenTests
{
    private static readonly JsonElement _root = JsonDocument.Parse(File.ReadAllText(CsvTable.PathOf("mclust_noise_chevron.json"))).RootElement;
    private static readonly CsvTable _chevron = CsvTable.Load("chevron.csv");

    [Theory]
    [InlineData("VVV")]
    [InlineData("EEE")]
    [InlineData("VVI")]
    [InlineData("VII")]
    [InlineData("EEV")]
    public void Fit_FromTheStartOfMclust_ReachesItsMaximumAndLabels(string code)
    {
        JsonElement expected = _root.GetProperty("models").GetProperty(code);
        double logLikelihood = expected.GetProperty("loglik").GetDouble();
        GaussianMixtureOptions options = Options(code);
        options.Start = MixtureStart.FromLabels([.. Labels().Select(label => label - 1)]);
        options.NoiseLogDensity = -_root.GetProperty("log_volume").GetDouble();
        options.CovariancePriorStrength = 0;
        options.Tolerance = 1e-13;
        options.MaximumIterations = 20_000;
        options.Accelerate = false;

        GaussianMixtureModel model = GaussianMixture.Fit(_chevron.Select("x", "y"), options);

        Closeness.Relative(logLikelihood, model.Report!.LogLikelihood, 1e-9, "Log-likelihood");
        Closeness.ToScale(Json.Vector(expected.GetProperty("weights")), [.. model.Weights, model.NoiseWeight], 1e-4, "Weight");
        Closeness.ToScale(Json.Matrix(expected.GetProperty("means")), model.Means, 1e-4, "Mean");
        Closeness.ToScale([.. expected.GetProperty("covariances").EnumerateArray().Select(Json.Matrix)], model.Covariances, 1e-3, "Covariance");
        Assert.Equal(expected.GetProperty("agreeing_rows").GetInt32(), Agreeing(model));

        // A density that is given is no free parameter; mclust counts its volume always.
        Assert.Equal(expected.GetProperty("df").GetInt64() - 1, model.FreeParameterCount);
        Assert.Equal(model.FreeParameterCount, model.Report.FreeParameterCount);
    }

    [Fact]
    public void Fit_FromTheNoiseOfMclust_SeparatesNoiseAtLeastAsWell()
    {
        JsonElement best = _root.GetProperty("best");
        GaussianMixtureOptions options = Options(best.GetProperty("model").GetString()!);
        options.InitialNoise = [.. Labels().Select(label => label == options.ComponentCount + 1)];

        GaussianMixtureModel model = GaussianMixture.Fit(_chevron.Select("x", "y"), options);

        Closeness.Absolute(-_root.GetProperty("log_volume").GetDouble(), model.NoiseLogDensity, 0.05, "Log-density of the noise");
        Assert.Equal(best.GetProperty("df").GetInt64(), model.FreeParameterCount);
        Closeness.AtLeast(best.GetProperty("loglik").GetDouble(), model.Report!.LogLikelihood, 0, "Log-likelihood");

        // The maximum itself, for mclust stops before it, and one of its rows more agrees there by chance.
        int reached = _root.GetProperty("models").GetProperty("EEV").GetProperty("agreeing_rows").GetInt32(), agreeing = Agreeing(model);
        Assert.True(agreeing >= reached, $"{agreeing} rows agree with the labels, and {reached} of mclust's.");
    }

    [Theory]
    [InlineData("EEV")]
    [InlineData("VVV")]
    public void Fit_WithNothingSaidAboutNoise_SeparatesNoiseAsMclustWithAGuess(string code)
    {
        int reached = _root.GetProperty("best").GetProperty("agreeing_rows").GetInt32();
        for (int seed = 0; seed < 5; seed++)
        {
            GaussianMixtureOptions options = Options(code);
            options.Seed = seed;
            int agreeing = Agreeing(GaussianMixture.Fit(_chevron.Select("x", "y"), options));

            // Two rows lie on the border.
            Assert.True(agreeing >= reached - 2, $"Seed {seed}: {agreeing} rows agree with the labels, and {reached} of mclust's.");
        }
    }

    private static GaussianMixtureOptions Options(string code) => new()
    {
        ComponentCount = _root.GetProperty("G").GetInt32(),
        CovarianceStructure = CovarianceStructure.FromCode(code),
        NoiseComponent = true,
    };

    private static IEnumerable<int> Labels() => _root.GetProperty("start_labels_1based").EnumerateArray().Select(label => label.GetInt32());

    private static int Agreeing(GaussianMixtureModel model)
    {
        double[,] rows = _chevron.Select("x", "y");

        // "data" comes first, so noise is label 1.
        int[] labels = _chevron.Labels("class");
        Assert.Equal(754, labels.Sum());
        return labels.Where((label, i) => model.Predict(rows[i, 0], rows[i, 1]) == model.ComponentCount == (label == 1)).Count();
    }
}
