using Microsoft.ML;
using Microsoft.ML.Mixture;
using Microsoft.ML.Trainers;

namespace Snippets;

internal static class JudgingSnippets
{
    public static void Metrics()
    {
        var ml = new MLContext();
        IDataView test = ml.Transforms.CustomMapping<Eruption, Kind>((row, kind) => kind.Species = row.Duration < 3 ? "short" : "long", contractName: null)
            .Fit(Eruptions.Features(ml)).Transform(Eruptions.Features(ml));
        GaussianMixtureTransformer model = ml.Clustering.Trainers.GaussianMixture(numberOfComponents: 2).Fit(test);
        #region metrics
        MixtureMetrics metrics = ml.Clustering.EvaluateMixture(model.Transform(test), labelColumnName: "Species");
        Console.WriteLine($"Adjusted Rand index {metrics.AdjustedRandIndex:F2}");
        #endregion
    }

    public static void Parameters()
    {
        var ml = new MLContext();
        IDataView data = Eruptions.Features(ml);
        GaussianMixtureModelParameters mixture = ml.Clustering.Trainers.GaussianMixture(numberOfComponents: 2).Fit(data).Model;
        #region gaussianity
        GaussianityCheck check = mixture.CheckGaussianity(data);
        Console.WriteLine(check);
        #endregion
        #region errors
        Console.WriteLine(mixture.StandardErrorsOf(data));
        #endregion
    }

    private sealed class Kind
    {
        public string Species { get; set; } = "";
    }
}
