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
        double[] weights = new double[components.Length], means = new double[components.Length * dimension];
        double total = 0;
        for (int k = 0; k < components.Length; k++)
        {
            total += weights[k] = mixture.Weights[components[k]];
            source.Means.Slice(components[k] * dimension, dimension).CopyTo(means.AsSpan(k * dimension));
        }

        for (int k = 0; k < weights.Length; k++) weights[k] /= total;
        int length = shape.Length(dimension);
        double[] covariances = new double[(source.IsShared ? 1 : components.Length) * length];
        for (int k = 0; k * length < covariances.Length; k++) Store(source.Covariance(components[k]), source.Shape, shape, dimension, covariances.AsSpan(k * length, length));
        bool created = GaussianComponents.TryCreate(family, dimension, shape, source.IsShared, means, covariances, out GaussianComponents taken, out _);
        state = new MixtureState(weights, taken);
        return created && total > 0;
    }

    private static void Store(ReadOnlySpan<double> covariance, CovarianceShape from, CovarianceShape shape, int dimension, Span<double> stored)
    {
        if (from == shape) covariance.CopyTo(stored);
        else for (int j = 0; j < dimension; j++) stored[shape.Index(j, j)] = covariance[from.Index(j, j)];
    }
}
