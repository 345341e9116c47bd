using System.Text.Json;

namespace Microsoft.ML.Mixture;

/// <summary>BIC and ICL of mclust's winners; tests/golden/README.md says what stands in the files.</summary>
[Trait("Kind", "Golden")]
public class MclustCriteriaTests
{
    [Theory]
    [InlineData("banknote")]
    [InlineData("diabetes_reaven_miller")]
    [InlineData("faithful")]
    [InlineData("iris")]
    [InlineData("wine")]
    [InlineData("wine_scaled")]
    public void CriteriaOf_MclustsWinner_AreItsBicAndIcl(string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(CsvTable.PathOf($"mclust_{name}.json")));
        JsonElement best = document.RootElement.GetProperty("result").GetProperty("best"), parameters = best.GetProperty("parameters");
        double[,] rows = MclustGrid.Rows(document.RootElement);
        GaussianMixtureModel model = GaussianMixture.Fit(rows, new GaussianMixtureOptions
        {
            ComponentCount = best.GetProperty("G").GetInt32(),
            CovarianceStructure = CovarianceStructure.FromCode(best.GetProperty("model").GetString()!),
            CovariancePriorStrength = 0,
            MaximumIterations = 0,
            Start = MixtureStart.FromParameters(
                Json.Vector(parameters.GetProperty("weights")), Json.Matrix(parameters.GetProperty("means")),
                [.. parameters.GetProperty("covariances").EnumerateArray().Select(Json.Matrix)]),
        });

        MixtureCriteria criteria = model.CriteriaOf(rows);

        // mclust's log-likelihood and posteriors are those before its last M-step.
        double bic = best.GetProperty("bic").GetDouble(), icl = best.GetProperty("icl").GetDouble();
        Assert.Equal(best.GetProperty("df").GetInt64(), criteria.FreeParameterCount);
        Closeness.Relative(-bic, criteria.BayesianInformationCriterion, 1e-5, "BIC");
        Closeness.Relative(-icl, criteria.IntegratedCompletedLikelihood, 5e-5, "ICL");
        Closeness.Absolute((bic - icl) / 2, criteria.ClassificationLoss, 1e-2 * (1 + ((bic - icl) / 2)), "Classification loss");
        Assert.InRange(criteria.ClassificationEntropy, criteria.ClassificationLoss, rows.GetLength(0) * Math.Log(model.ComponentCount));
    }
}
