namespace Microsoft.ML.Mixture;

/// <summary>What a covariance structure estimates from: for each component a count and a scatter matrix about its mean.</summary>
/// <remarks>
/// The scatter S(k) is the sum over i of w(i) r(i,k) (x_i - mu(k)) (x_i - mu(k))'. A conjugate prior has been added to both already, as
/// if it were rows, so a structure maximises, over its covariances,
/// <code>
///   - 1/2 sum over k of ( Counts(k) log det Sigma(k) + trace( inverse(Sigma(k)) S(k) ) )
/// </code>
/// </remarks>
public readonly ref struct CovarianceScatter
{
    private readonly ReadOnlySpan<double> _scatter;
    private readonly ReadOnlySpan<double> _current;

    internal CovarianceScatter(
        CovarianceShape shape, int dimension, ReadOnlySpan<double> counts, ReadOnlySpan<double> scatter, ReadOnlySpan<double> current = default,
        bool isRough = false, bool isHasty = false, CancellationToken cancellationToken = default)
    {
        IsHasty = isHasty;
        CancellationToken = cancellationToken;
        IsRough = isRough;
        _current = current;
        Shape = shape;
        Dimension = dimension;
        Counts = counts;
        _scatter = scatter;
    }

    /// <summary>What is stored of each scatter matrix; <see cref="CovarianceShape.Spherical"/> stores its trace.</summary>
    public CovarianceShape Shape { get; }

    /// <summary>K, the number of components.</summary>
    public int ComponentCount => Counts.Length;

    /// <summary>D, the number of features.</summary>
    public int Dimension { get; }

    /// <summary>The counts, shape K, each above zero.</summary>
    public ReadOnlySpan<double> Counts { get; }

    /// <summary>The scatter matrix of one component, in squared feature units.</summary>
    /// <param name="component">k, counted from zero.</param>
    /// <returns>The lower triangle row after row, the diagonal, or the trace, as <see cref="Shape"/> says.</returns>
    public ReadOnlySpan<double> Of(int component)
    {
        int length = Shape.Length(Dimension);
        return _scatter.Slice(component * length, length);
    }

    /// <summary>Whether an estimate that is not in closed form may leave something to later steps, as long as it is better than the current covariances.</summary>
    internal bool IsRough { get; }

    /// <summary>Whether an estimate without current covariances is to be done soon, and need not look for the best of several minima.</summary>
    internal bool IsHasty { get; }

    /// <summary>Stops an estimate that takes long, between passes over a matrix.</summary>
    internal CancellationToken CancellationToken { get; }

    /// <summary>The current covariances of all components, one after the other.</summary>
    internal ReadOnlySpan<double> Current => _current;

    /// <summary>Whether there are current covariances: not in the first step from labels or responsibilities, nor after a start of another shape.</summary>
    public bool HasCurrent => !_current.IsEmpty;

    /// <summary>The covariance of one component before this step, in squared feature units.</summary>
    /// <param name="component">k, counted from zero.</param>
    /// <returns>The covariance, stored as <see cref="Shape"/> says; empty without <see cref="HasCurrent"/>.</returns>
    public ReadOnlySpan<double> CurrentOf(int component)
    {
        int length = Shape.Length(Dimension);
        return _current.Length <= length ? _current : _current.Slice(component * length, length);
    }
}
