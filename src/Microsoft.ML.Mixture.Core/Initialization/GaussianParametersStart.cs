namespace Microsoft.ML.Mixture;

/// <summary>Starts with given weights, means and covariances or precisions.</summary>
internal sealed class GaussianParametersStart : MixtureStart
{
    private readonly double[] _weights;
    private readonly double[] _means;
    private readonly int _dimension;
    private readonly double[][] _covariances;

    public GaussianParametersStart(IReadOnlyList<double> weights, double[,] means, IReadOnlyList<double[,]> matrices, bool arePrecisions)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(means);
        ArgumentNullException.ThrowIfNull(matrices);
        _means = GaussianParameters.CheckedMeans(means);
        _weights = GaussianParameters.CheckedWeights(weights, means.GetLength(0));
        _dimension = means.GetLength(1);
        _covariances = GaussianParameters.CheckedCovariances(matrices, _weights.Length, _dimension, arePrecisions);
    }

    /// <summary>The weight of the noise, beside which the weights of the Gaussians have the sum one; null if nothing is said about it.</summary>
    public double? NoiseWeight { get; init; }

    internal override bool IsRandom => false;

    internal override StartOutcome Create(StartAttempt attempt)
    {
        StartContext context = attempt.Context;
        if (context.Family is GaussianFamily family) return Create(context, family);
        if (context.Family is not VariationalFamily variational)
        {
            throw new ArgumentException($"A start from Gaussian parameters does not fit the family '{context.Family.Name}'. Start from labels or responsibilities.");
        }

        StartOutcome outcome = Create(context, variational.Gaussians);
        return outcome.State is { } mixture ? variational.Adopt(mixture, context) : outcome;
    }

    private StartOutcome Create(StartContext context, GaussianFamily family)
    {
        int count = _weights.Length, dimension = _dimension;
        if (count != context.ComponentCount || dimension != context.Dimension)
        {
            throw new ArgumentException(
                $"The start has {Counted.Of(count, "component")} in {Counted.Of(dimension, "dimension")}, but {Counted.Of(context.ComponentCount, "component")} {Counted.Is(context.ComponentCount)} asked for and the rows have {Counted.Of(context.Dimension, "feature")}. "
                + "Give the start as many of each.");
        }

        // The narrowest shape that can hold both the start and the structure.
        bool isShared = _covariances.Length == 1;
        CovarianceShape needed = GaussianParameters.NarrowestShape(_covariances, dimension);
        CovarianceShape shape = (CovarianceShape)Math.Min((int)needed, (int)family.Structure.Shape);
        double[] means = [.. _means.Select(value => double.ScaleB(value, context.Scaled.Exponent))];
        double[] covariances = [.. _covariances.SelectMany(matrix => GaussianParameters.Store(matrix, shape, dimension))
            .Select(value => double.ScaleB(value, 2 * context.Scaled.Exponent))];
        bool created = GaussianComponents.TryCreate(family, dimension, shape, isShared, means, covariances, out GaussianComponents components, out DegenerateComponent? failure, context.CancellationToken);
        components.ClampPivots(context.Rows.Minimum, context.Rows.Maximum);
        var state = new MixtureState([.. _weights], components);
        return StartOutcome.Of(created, context.Noise is null ? state : context.Noise.Join(state, NoiseWeight), failure);
    }
}
