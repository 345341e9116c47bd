using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.Selection.Tests;

/// <summary>Searches of more rows than are explored.</summary>
public class SampledSearchTests
{
    [Fact]
    [Trait("Kind", "Law")]
    public void Search_OnASample_LeavesNoModelOfAllRowsBelowOneThatItContains()
    {
        var random = new Random(5);
        double[,] means = new double[6, 3], rows = new double[6000, 3];
        for (int k = 0; k < 6; k++)
        {
            for (int j = 0; j < 3; j++) means[k, j] = 1.8 * MixtureCase.Normal(random);
        }

        for (int i = 0; i < 6000; i++)
        {
            int k = random.Next(6);
            for (int j = 0; j < 3; j++) rows[i, j] = means[k, j] + MixtureCase.Normal(random);
        }

        MixtureSearchResult result = GaussianMixture.Search(rows, new GaussianMixtureSearchOptions { MaximumComponentCount = 6 });

        int pairs = 0;
        foreach (MixtureCandidate wide in result.Ranking.Where(model => !model.IsDoubtful))
        {
            foreach (MixtureCandidate narrow in result.Ranking.Where(model => !model.IsDoubtful && model.ComponentCount == wide.ComponentCount && IsWithin(model, wide)))
            {
                double expected = narrow.Criteria!.LogLikelihood;
                Closeness.AtLeast(expected, wide.Criteria!.LogLikelihood, 1e-6 * Math.Abs(expected), $"Log-likelihood of {wide} beside {narrow}");
                pairs++;
            }
        }

        Assert.True(pairs > 100);
    }

    private static bool IsWithin(MixtureCandidate narrow, MixtureCandidate wide) =>
        narrow != wide && narrow.CovarianceStructure.Code!.Zip(wide.CovarianceStructure.Code!).All(letters => "IEV".IndexOf(letters.First, StringComparison.Ordinal) <= "IEV".IndexOf(letters.Second, StringComparison.Ordinal));
}
