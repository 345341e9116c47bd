namespace Microsoft.ML.Mixture.Selection.Tests;

/// <summary>How many models of a search are below what plain starts find.</summary>
internal static class PlainStartsAbove
{
    public static int Count(double[,] rows, MixtureSearchResult result, int startCount)
    {
        int below = 0;
        foreach (MixtureCandidate candidate in result.Candidates)
        {
            double plain = Enumerable.Range(0, startCount).Min(start => GaussianMixture.Fit(rows, new GaussianMixtureOptions
            {
                ComponentCount = candidate.ComponentCount,
                CovarianceStructure = candidate.CovarianceStructure,
                Start = MixtureStart.KMeansPlusPlus,
                Seed = start,
            }).Report!.BayesianInformationCriterion);
            if (candidate.Criteria!.BayesianInformationCriterion > plain + (1e-6 * Math.Abs(plain))) below++;
        }

        return below;
    }
}
