namespace Microsoft.ML.Mixture;

/// <summary>Starts made of a model with one component more or less.</summary>
/// <remarks>
/// Source: Ueda, Nakano, Ghahramani and Hinton (2000), SMEM algorithm for mixture models, Neural Comput. 12(9), 2109-2128,
/// doi:10.1162/089976600300015088.
/// </remarks>
internal static class NeighbourStarts
{
    /// <summary>Each component in turn becomes two, half a standard deviation to either side of its mean, along the feature in which it is widest.</summary>
    /// <param name="model">A model with one component less.</param>
    public static IEnumerable<MixtureStart> Split(GaussianMixtureModel model)
    {
        double[] spread = TotalVariances(model);
        for (int split = 0; split < model.ComponentCount; split++)
        {
            ReadOnlyMatrix covariance = model.Covariances[split];
            int widest = 0;
            for (int j = 1; j < model.Dimension; j++)
            {
                if (covariance[j, j] * spread[widest] > covariance[widest, widest] * spread[j]) widest = j;
            }

            int[] sources = [.. Enumerable.Range(0, model.ComponentCount), split];
            double[,] means = Means(model, sources);
            double deviation = Math.Sqrt(covariance[widest, widest]);
            for (int j = 0; j < model.Dimension; j++)
            {
                // Features that go with the widest one move with it.
                double step = covariance[j, widest] / deviation / 2;
                means[split, j] -= step;
                means[model.ComponentCount, j] += step;
            }

            double[] weights = [.. sources.Select(k => k == split ? model.Weights[k] / 2 : model.Weights[k])];
            yield return MixtureStart.FromParameters(weights, means, [.. sources.Select(k => model.Covariances[k].ToArray())]);
        }
    }

    /// <summary>Each component in turn is left out, and its rows go to the others.</summary>
    /// <param name="model">A model with one component more.</param>
    public static IEnumerable<MixtureStart> Drop(GaussianMixtureModel model)
    {
        for (int dropped = 0; dropped < model.ComponentCount; dropped++)
        {
            int[] sources = [.. Enumerable.Range(0, model.ComponentCount).Where(k => k != dropped)];
            double total = sources.Sum(k => model.Weights[k]);
            if (!(total > 0)) continue;
            yield return MixtureStart.FromParameters(
                [.. sources.Select(k => model.Weights[k] / total)], Means(model, sources), [.. sources.Select(k => model.Covariances[k].ToArray())]);
        }
    }

    private static double[,] Means(GaussianMixtureModel model, int[] sources)
    {
        double[,] means = new double[sources.Length, model.Dimension];
        for (int k = 0; k < sources.Length; k++)
        {
            for (int j = 0; j < model.Dimension; j++) means[k, j] = model.Means[sources[k], j];
        }

        return means;
    }

    // Of the whole mixture, within components and between them.
    private static double[] TotalVariances(GaussianMixtureModel model)
    {
        double[] variances = new double[model.Dimension];
        for (int j = 0; j < variances.Length; j++)
        {
            double mean = 0;
            for (int k = 0; k < model.ComponentCount; k++) mean += model.Weights[k] * model.Means[k, j];
            for (int k = 0; k < model.ComponentCount; k++)
            {
                double distance = model.Means[k, j] - mean;
                variances[j] += model.Weights[k] * (model.Covariances[k][j, j] + (distance * distance));
            }
        }

        return variances;
    }
}
