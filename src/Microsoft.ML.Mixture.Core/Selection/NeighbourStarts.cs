namespace Microsoft.ML.Mixture;

/// <summary>Starts made of a model with one component more or less.</summary>
/// <remarks>
/// Source: Ueda, Nakano, Ghahramani and Hinton (2000), SMEM algorithm for mixture models, Neural Comput. 12(9), 2109-2128,
/// doi:10.1162/089976600300015088.
/// </remarks>
internal static class NeighbourStarts
{
    /// <summary>Each component in turn becomes two, half a standard deviation to either side of its mean, along the feature in which it is widest.</summary>
    /// <param name="mixture">A mixture with one component less.</param>
    /// <param name="take">Makes a mixture of some of its components; null if they make none.</param>
    public static IEnumerable<MixtureState> Split(MixtureState mixture, Func<int[], MixtureState?> take)
    {
        var components = (GaussianComponents)mixture.Components;
        double[] spread = TotalVariances(mixture);
        for (int split = 0; split < mixture.Weights.Length; split++)
        {
            int[] sources = [.. Enumerable.Range(0, mixture.Weights.Length), split];
            if (take(sources) is not { } state) continue;
            state.Weights[split] /= 2;
            state.Weights[^1] = state.Weights[split];
            double total = state.Weights.Sum();
            for (int k = 0; k < state.Weights.Length; k++) state.Weights[k] /= total;
            int widest = 0;
            for (int j = 1; j < spread.Length; j++)
            {
                if (components.CovarianceOf(split, j, j) * spread[widest] > components.CovarianceOf(split, widest, widest) * spread[j]) widest = j;
            }

            // Features that go with the widest one move with it.
            double deviation = Math.Sqrt(components.CovarianceOf(split, widest, widest));
            double[] step = [.. Enumerable.Range(0, spread.Length).Select(j => components.CovarianceOf(split, j, widest) / deviation / 2)];
            ((GaussianComponents)state.Components).MoveApart(split, sources.Length - 1, step);
            yield return state;
        }
    }

    /// <summary>Each component in turn is left out, and its rows go to the others.</summary>
    /// <param name="mixture">A mixture with one component more.</param>
    /// <param name="take">Makes a mixture of some of its components; null if they make none.</param>
    public static IEnumerable<MixtureState> Drop(MixtureState mixture, Func<int[], MixtureState?> take)
    {
        for (int dropped = 0; dropped < mixture.Weights.Length; dropped++)
        {
            if (take([.. Enumerable.Range(0, mixture.Weights.Length).Where(k => k != dropped)]) is { } state) yield return state;
        }
    }

    /// <summary>Splits of a model, to fit from.</summary>
    public static IEnumerable<MixtureStart> Split(GaussianMixtureModel model) => Of(model, Split);

    /// <summary>A model with each component in turn left out, to fit from.</summary>
    public static IEnumerable<MixtureStart> Drop(GaussianMixtureModel model) => Of(model, Drop);

    private static IEnumerable<MixtureStart> Of(GaussianMixtureModel model, Func<MixtureState, Func<int[], MixtureState?>, IEnumerable<MixtureState>> change)
    {
        GaussianComponents components = model.Components;
        var family = GaussianFamily.OfModel(model.CovarianceStructure, model.Dimension, components.Shape, components.Covariances);
        var mixture = new MixtureState([.. model.Weights], components);
        return change(mixture, sources => MixtureParts.TryTake(family, mixture, sources, out MixtureState state) ? state : null)
            .Select(state => MixtureStart.FromModel(new GaussianMixtureModel(state.Weights, (GaussianComponents)state.Components, model.CovarianceStructure, report: null)));
    }

    // Of the whole mixture, within components and between them.
    private static double[] TotalVariances(MixtureState mixture)
    {
        var components = (GaussianComponents)mixture.Components;
        int dimension = components.Dimension;
        double[] variances = new double[dimension];
        for (int j = 0; j < dimension; j++)
        {
            double mean = 0;
            for (int k = 0; k < mixture.Weights.Length; k++) mean += mixture.Weights[k] * components.Means[(k * dimension) + j];
            for (int k = 0; k < mixture.Weights.Length; k++)
            {
                double distance = components.Means[(k * dimension) + j] - mean;
                variances[j] += mixture.Weights[k] * (components.CovarianceOf(k, j, j) + (distance * distance));
            }
        }

        return variances;
    }
}
