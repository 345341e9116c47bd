using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.Selection.Tests;

/// <summary>Rows in more groups than are searched for, of very different sizes, so that likelihoods have many maxima.</summary>
internal static class ManyGroups
{
    private const int FeatureCount = 3;
    private const int GroupCount = 12;

    public static double[,] Draw(int rowCount, int seed)
    {
        var random = new Random(seed);
        double Normal() => MixtureCase.Normal(random);
        double[,] rows = new double[rowCount, FeatureCount];
        double[] centres = [.. Enumerable.Range(0, GroupCount * FeatureCount).Select(_ => 3 * Normal())];
        double[] deviations = [.. Enumerable.Range(0, GroupCount * FeatureCount).Select(_ => 0.3 + random.NextDouble())];
        for (int i = 0; i < rowCount; i++)
        {
            int group = (int)(GroupCount * Math.Pow(random.NextDouble(), 1.5));
            double common = Normal();
            for (int j = 0; j < FeatureCount; j++) rows[i, j] = centres[(group * FeatureCount) + j] + (deviations[(group * FeatureCount) + j] * (Normal() + (0.5 * common)));
        }

        return rows;
    }
}
