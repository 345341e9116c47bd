namespace Microsoft.ML.Mixture;

/// <summary>How the K covariance matrices of a Gaussian mixture are constrained.</summary>
/// <remarks>
/// A structure is cold code: it turns K scatter matrices into covariances once an iteration. Derive from this class to add one; the
/// expectation step, the prior, weights, restarts, threads and scoring work with it unchanged.
/// </remarks>
public abstract class CovarianceStructure
{
    /// <summary>Each component has a covariance matrix of its own; mclust's VVV. K D (D + 1) / 2 free parameters.</summary>
    public static CovarianceStructure Full { get; } = new FullCovariance();

    /// <summary>All components share one covariance matrix; mclust's EEE. D (D + 1) / 2 free parameters.</summary>
    public static CovarianceStructure Tied { get; } = new TiedCovariance();

    /// <summary>Each component has variances of its own and no correlation; mclust's VVI. K D free parameters.</summary>
    public static CovarianceStructure Diagonal { get; } = new DiagonalCovariance();

    /// <summary>Each component has one variance for all features; mclust's VII. K free parameters.</summary>
    public static CovarianceStructure Spherical { get; } = new SphericalCovariance();

    /// <summary>The structures that come with the library. Saved models name one of them.</summary>
    public static IReadOnlyList<CovarianceStructure> BuiltIn { get; } = [Full, Tied, Diagonal, Spherical];

    /// <summary>The name, lower case, as it is written into saved models.</summary>
    public abstract string Name { get; }

    /// <summary>What is stored and summed up of each matrix.</summary>
    public abstract CovarianceShape Shape { get; }

    /// <summary>Whether one covariance matrix serves all components.</summary>
    public abstract bool IsShared { get; }

    /// <summary>The number of free parameters of the covariances.</summary>
    /// <param name="componentCount">K.</param>
    /// <param name="dimension">D.</param>
    /// <returns>The number, without means and weights.</returns>
    public abstract long FreeParameterCount(int componentCount, int dimension);

    /// <summary>Estimates the covariances; see <see cref="CovarianceScatter"/> for what is maximised.</summary>
    /// <param name="scatter">Counts and scatter matrices.</param>
    /// <param name="covariances">
    /// On return the covariances of the K components one after the other, or the one that all share, each stored as
    /// <see cref="Shape"/> says (<see cref="CovarianceShape.Spherical"/>: the variance). The caller checks that they are positive definite.
    /// </param>
    public abstract void Estimate(CovarianceScatter scatter, Span<double> covariances);

    /// <summary>Whether the scatter matrices matter by their sum alone, which costs less to find than each of them.</summary>
    internal virtual bool NeedsSumOfScatterOnly => false;

    /// <inheritdoc/>
    public override string ToString() => Name;
}
