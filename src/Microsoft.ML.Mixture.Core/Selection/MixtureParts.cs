namespace Microsoft.ML.Mixture;

/// <summary>Gaussian mixtures made of components of others.</summary>
internal static class MixtureParts
{
    /// <summary>Takes some of the components of a mixture, or some of them twice, into a family.</summary>
    /// <returns>Whether they make a mixture.</returns>
    public static bool TryTake(GaussianFamily family, MixtureState mixture, int[] components, out MixtureState state)
    {
        var source = (GaussianComponents)mixture.Components;
        int dimension = source.Dimension;

        // The shape that can hold both.
        CovarianceShape shape = (CovarianceShape)Math.Min((int)source.Shape, (int)family.Structure.Shape);
        double[] weights = [.. components.Select(k => mixture.Weights[k])], means = [.. components.SelectMany(k => source.Means.Slice(k * dimension, dimension).ToArray())];
        double total = weights.Sum();
        for (int k = 0; k < weights.Length; k++) weights[k] /= total;
        double[] covariances = [.. (source.IsShared ? [0] : components).SelectMany(k => Store(source.Covariance(k), source.Shape, shape, dimension))];
        bool created = GaussianComponents.TryCreate(family, dimension, shape, source.IsShared, means, covariances, out GaussianComponents taken, out _);
        state = new MixtureState(weights, taken);
        return created && total > 0;
    }

    private static double[] Store(ReadOnlySpan<double> covariance, CovarianceShape from, CovarianceShape shape, int dimension)
    {
        if (from == shape) return covariance.ToArray();
        double[] stored = new double[shape.Length(dimension)];
        for (int j = 0; j < dimension; j++) stored[shape.Index(j, j)] = covariance[from.Index(j, j)];
        return stored;
    }
}
