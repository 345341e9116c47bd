namespace Microsoft.ML.Mixture;

/// <summary>
/// Scores rows under a mixture, one at a time and without allocating. Use one in each thread. NaN is a missing feature: what is observed of the
/// row is scored, and with nothing observed the log-density is zero and the responsibilities are the weights. With a noise component, noise
/// comes last, at K.
/// </summary>
public sealed class MixtureScorer
{
    private readonly BlockScorer _scorer;
    private readonly double[] _joint;
    private readonly int _dimension;

    internal MixtureScorer(MixtureModel model)
    {
        _scorer = new BlockScorer(model, capacity: 1);
        _joint = new double[model.ShareCount];
        _dimension = model.Dimension;
    }

    /// <summary>The most likely component, counted from zero, of several the first; K for noise; -1 if a feature was infinite.</summary>
    public int Component => _scorer.Component(0);

    /// <summary>log p(x), in nats; NaN if a feature was infinite, negative infinity if the row is farther away than double precision reaches.</summary>
    public double LogDensity => _scorer.LogDensity(0);

    /// <summary>log( pi(k) p(x | k) ), shape K, or K + 1 with noise, in nats; NaN if a feature was infinite.</summary>
    public ReadOnlySpan<double> JointLogDensities
    {
        get
        {
            _scorer.CopyJointLogDensities(0, _joint);
            return _joint;
        }
    }

    /// <summary>Scores a row; the other members then tell of it.</summary>
    /// <param name="row">x, shape D, in feature units.</param>
    /// <exception cref="ArgumentException">The row does not have D features.</exception>
    public void Score(ReadOnlySpan<double> row)
    {
        CheckLength(row, _dimension);
        _scorer.Score(row);
    }

    /// <summary>Throws if a row does not have as many features as a mixture.</summary>
    internal static void CheckLength(ReadOnlySpan<double> row, int dimension)
    {
        if (row.Length == dimension) return;
        throw new ArgumentException($"The row has {Counted.Of(row.Length, "feature")}, but the mixture has {dimension}. Pass a row as they were fitted.", nameof(row));
    }

    /// <summary>Copies the responsibilities of the row that was scored last.</summary>
    /// <param name="destination">
    /// r(k), shape K, or K + 1 with noise, with sum one; NaN if a feature was infinite. Zero below 1e-20 or so of the weight of the component.
    /// </param>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    public void CopyResponsibilities(Span<double> destination)
    {
        if (destination.Length < _joint.Length)
        {
            throw new ArgumentException($"There {Counted.Is(destination.Length)} {Counted.Of(destination.Length, "place")} for {_joint.Length} responsibilities. Pass one for each.", nameof(destination));
        }

        _scorer.CopyResponsibilities(0, destination[.._joint.Length]);
    }
}
