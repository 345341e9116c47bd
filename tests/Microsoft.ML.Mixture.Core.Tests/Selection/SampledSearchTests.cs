namespace Microsoft.ML.Mixture.Selection.Tests;

/// <summary>Searches of more rows than are explored.</summary>
public class SampledSearchTests
{
    private static readonly CovarianceStructure[] _structures = [.. ((string[])["EII", "VII", "VVI", "EEE", "VEE", "EEV", "VVV"]).Select(CovarianceStructure.FromCode)];

    [Fact]
    [Trait("Kind", "Law")]
    public void Search_OnASample_LeavesNoModelBelowWhatTheLikeliestOfItsKLeadsTo()
    {
        double[,] rows = CsvTable.Load("xclara.csv").Select("V1", "V2");

        MixtureSearchResult result = GaussianMixture.Search(
            rows, new GaussianMixtureSearchOptions { MinimumComponentCount = 4, MaximumComponentCount = 5, CovarianceStructures = _structures });

        foreach (IGrouping<int, MixtureCandidate> models in result.Ranking.Where(model => !model.IsDoubtful).GroupBy(model => model.ComponentCount))
        {
            MixtureCandidate likeliest = models.MaxBy(model => model.Criteria!.LogLikelihood)!;
            foreach (MixtureCandidate model in models)
            {
                double led = GaussianMixture.Fit(rows, new GaussianMixtureOptions
                {
                    ComponentCount = model.ComponentCount,
                    CovarianceStructure = model.CovarianceStructure,
                    Start = MixtureStart.FromModel(likeliest.Model!),
                }).Report!.LogLikelihood;
                Closeness.AtLeast(led, model.Criteria!.LogLikelihood, 1e-6 * Math.Abs(led), $"Log-likelihood of {model}");
            }
        }
    }
}
