using System.Text.Json;

namespace Microsoft.ML.Mixture;

/// <summary>All fourteen structures against mclust, from the same one-hot start; tests/golden/README.md says what stands in the files.</summary>
[Trait("Kind", "Golden")]
public class MclustStructuresTests
{
    private const double Tolerance = 1e-8;

    public static TheoryData<string, string> Cases()
    {
        var cases = new TheoryData<string, string>();
        foreach (string path in Directory.EnumerateFiles(CsvTable.PathOf(string.Empty), "mclust14_*.json").Order(StringComparer.Ordinal))
        {
            using var document = JsonDocument.Parse(File.ReadAllText(path));
            foreach (JsonProperty model in document.RootElement.GetProperty("models").EnumerateObject()) cases.Add(Path.GetFileNameWithoutExtension(path), model.Name);
        }

        return cases;
    }

    /// <summary>Those of files that hold more than likelihoods; with common axes the parameters may be of other maxima.</summary>
    public static TheoryData<string, string> CasesWithParameters()
    {
        var cases = new TheoryData<string, string>();
        foreach (object[] entry in Cases())
        {
            string file = (string)entry[0], code = (string)entry[1];
            if (code is not ("EVE" or "VVE") && File.ReadAllText(CsvTable.PathOf(file + ".json")).Contains("\"parameters\"", StringComparison.Ordinal)) cases.Add(file, code);
        }

        return cases;
    }

    [Fact]
    public void Cases_OfAllFiles_AreComplete()
    {
        // mclust does not converge for one in 20,000 steps. Five files hold common axes only.
        Assert.Equal((15 * 14) - 1 + (5 * 2), Cases().Count);
        Assert.Equal(5 * 12, CasesWithParameters().Count);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Fit_FromOneHotStart_ReachesTheMaximumOfMclust(string file, string code)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(CsvTable.PathOf(file + ".json")));
        JsonElement root = document.RootElement, expected = root.GetProperty("models").GetProperty(code);
        double logLikelihood = expected.GetProperty("loglik").GetDouble();

        FitReport report = Fit(root, code, accelerate: false).Report!;

        // mclust's iterations for common axes may stop before they converge, and then its maxima are lower.
        if (code is "EVE" or "VVE") Closeness.AtLeast(logLikelihood, report.LogLikelihood, Tolerance * Math.Abs(logLikelihood), "Log-likelihood");
        else Closeness.Relative(logLikelihood, report.LogLikelihood, Tolerance, "Log-likelihood");
        Assert.Equal(expected.GetProperty("df").GetInt64(), report.FreeParameterCount);

        // mclust's BIC is larger-is-better.
        double atOurMaximum = -expected.GetProperty("bic").GetDouble() - (2 * (report.LogLikelihood - logLikelihood));
        Closeness.Relative(atOurMaximum, report.BayesianInformationCriterion, 1e-12, "BIC");
        Assert.Equal(StopReason.Converged, report.StopReason);
        for (int t = 1; t < report.ObjectiveHistory.Count; t++)
        {
            Closeness.AtLeast(report.ObjectiveHistory[t - 1], report.ObjectiveHistory[t], 1e-13 * Math.Abs(report.ObjectiveHistory[t]), $"Objective of step {t}");
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Fit_Accelerated_ReachesTheMaximumOfMclust(string file, string code)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(CsvTable.PathOf(file + ".json")));
        JsonElement root = document.RootElement;
        double logLikelihood = root.GetProperty("models").GetProperty(code).GetProperty("loglik").GetDouble();

        GaussianMixtureModel model = Fit(root, code, accelerate: true);

        Closeness.AtLeast(logLikelihood, model.Report!.LogLikelihood, Tolerance * Math.Abs(logLikelihood), "Log-likelihood");
        StructureAssert.Holds(model.CovarianceStructure, [.. model.Covariances.Select(covariance => covariance.ToArray())]);
    }

    [Theory]
    [MemberData(nameof(CasesWithParameters))]
    public void Fit_FromOneHotStart_HasTheParametersOfMclust(string file, string code)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(CsvTable.PathOf(file + ".json")));
        JsonElement parameters = document.RootElement.GetProperty("models").GetProperty(code).GetProperty("parameters");

        GaussianMixtureModel model = Fit(document.RootElement, code, accelerate: false);

        Closeness.ToScale(Json.Vector(parameters.GetProperty("weights")), model.Weights, 1e-5, "Weight");
        Closeness.ToScale(Json.Matrix(parameters.GetProperty("means")), model.Means, 1e-5, "Mean");
        Closeness.ToScale([.. parameters.GetProperty("covariances").EnumerateArray().Select(Json.Matrix)], model.Covariances, 1e-4, "Covariance");
    }

    /// <summary>With noise, too, common axes go two ways: by the first alone this one is seven nats lower than mclust's without noise.</summary>
    [Fact]
    public void Fit_WithNoiseFromOneHotStart_IsNoLessLikelyThanMclustWithout()
    {
        using var document = JsonDocument.Parse(File.ReadAllText(CsvTable.PathOf("mclust14_iris_k4_axes.json")));
        JsonElement root = document.RootElement;
        double logLikelihood = root.GetProperty("models").GetProperty("VVE").GetProperty("loglik").GetDouble();

        GaussianMixtureModel model = Fit(root, "VVE", accelerate: true, new GaussianMixtureOptions { NoiseComponent = true, CovariancePriorStrength = 1e-3 });

        Assert.True(model.HasNoise);
        Closeness.AtLeast(logLikelihood, model.Report!.LogLikelihood, 0, "Log-likelihood");
    }

    private static GaussianMixtureModel Fit(JsonElement root, string code, bool accelerate, GaussianMixtureOptions? given = null)
    {
        GaussianMixtureOptions options = given ?? new GaussianMixtureOptions { CovariancePriorStrength = 0 };
        options.ComponentCount = root.GetProperty("K").GetInt32();
        options.CovarianceStructure = CovarianceStructure.FromCode(code);
        (options.Tolerance, options.MaximumIterations, options.Accelerate) = (1e-14, 20_000, accelerate);
        options.Start = MixtureStart.FromLabels([.. root.GetProperty("start_labels_1based").EnumerateArray().Select(label => label.GetInt32() - 1)]);
        double[,] rows = CsvTable.Load(root.GetProperty("dataset").GetString()!)
            .SelectComplete([.. root.GetProperty("columns").EnumerateArray().Select(column => column.GetString()!)]);
        return GaussianMixture.Fit(root.GetProperty("scaled").GetBoolean() ? CsvTable.Standardise(rows) : rows, options);
    }
}
