namespace Microsoft.ML.Mixture;

/// <summary>How the K covariance matrices of a Gaussian mixture are constrained.</summary>
/// <remarks>
/// <para>
/// A structure is cold code: it turns K scatter matrices into covariances once an iteration. Derive from this class to add one; the
/// expectation step, the prior, weights, restarts, threads and scoring work with it unchanged.
/// </para>
/// <para>
/// Those of the library that have a <see cref="Code"/> say what components have in common ("tied") of the decomposition
/// <code>
///   Sigma(k) = lambda(k) D(k) A(k) D(k)'
/// </code>
/// into the volume lambda(k), the D-th root of the determinant; the shape A(k), a diagonal matrix of determinant one in descending order; and the
/// orientation D(k), whose columns are the principal axes. Source: Celeux and Govaert (1995), Gaussian parsimonious clustering models,
/// Pattern Recognition 28(5), 781-793, doi:10.1016/0031-3203(94)00125-6; with <see cref="FromCode"/> they are found by the names that Fraley
/// and Raftery gave them in mclust.
/// </para>
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

    /// <summary>All components share one variance for all features; mclust's EII. One free parameter.</summary>
    public static CovarianceStructure TiedSpherical { get; } = new TiedSphericalCovariance();

    /// <summary>All components share the same variances, without correlation; mclust's EEI. D free parameters.</summary>
    public static CovarianceStructure TiedDiagonal { get; } = new TiedDiagonalCovariance();

    /// <summary>
    /// No correlation, and variances in the same proportions in all components, each with a volume of its own; mclust's VEI. K + D - 1 free
    /// parameters.
    /// </summary>
    public static CovarianceStructure TiedShapeDiagonal { get; } = new TiedShapeDiagonalCovariance();

    /// <summary>
    /// No correlation, and variances of each component's own that have the same product in all; mclust's EVI. K (D - 1) + 1 free parameters.
    /// </summary>
    public static CovarianceStructure TiedVolumeDiagonal { get; } = new TiedVolumeDiagonalCovariance();

    /// <summary>
    /// Shape and orientation are common, volumes each component's own, so that covariances are multiples of one matrix; mclust's VEE.
    /// D (D + 1) / 2 + K - 1 free parameters.
    /// </summary>
    public static CovarianceStructure TiedShapeAndOrientation { get; } = new TiedShapeAndOrientationCovariance();

    /// <summary>
    /// Volume and orientation are common, shapes each component's own; mclust's EVE. K (D - 1) + D (D - 1) / 2 + 1 free parameters.
    /// </summary>
    public static CovarianceStructure TiedVolumeAndOrientation { get; } = new TiedVolumeAndOrientationCovariance();

    /// <summary>
    /// The orientation is common, volumes and shapes each component's own: common principal components; mclust's VVE. K D + D (D - 1) / 2
    /// free parameters.
    /// </summary>
    public static CovarianceStructure TiedOrientation { get; } = new TiedOrientationCovariance();

    /// <summary>Volume and shape are common, orientations each component's own; mclust's EEV. K D (D - 1) / 2 + D free parameters.</summary>
    public static CovarianceStructure TiedVolumeAndShape { get; } = new TiedVolumeAndShapeCovariance();

    /// <summary>The shape is common, volumes and orientations each component's own; mclust's VEV. K D (D - 1) / 2 + K + D - 1 free parameters.</summary>
    public static CovarianceStructure TiedShape { get; } = new TiedShapeCovariance();

    /// <summary>
    /// The volume is common, shapes and orientations each component's own; mclust's EVV. K (D (D + 1) / 2 - 1) + 1 free parameters.
    /// </summary>
    public static CovarianceStructure TiedVolume { get; } = new TiedVolumeCovariance();

    /// <summary>
    /// Null: no structure, but the wish that a search choose one of several, where an option says that it takes it, as that of ML.NET's trainer
    /// does. On arrays <see cref="GaussianMixture.Search(double[,], GaussianMixtureSearchOptions, double[], CancellationToken)"/> is the search.
    /// </summary>
    public static CovarianceStructure? Auto => null;

    /// <summary>The structures that come with the library. Saved models name one of them.</summary>
    public static IReadOnlyList<CovarianceStructure> BuiltIn { get; } =
    [
        Full, Tied, Diagonal, Spherical, TiedSpherical, TiedDiagonal, TiedShapeDiagonal, TiedVolumeDiagonal, TiedShapeAndOrientation,
        TiedVolumeAndOrientation, TiedOrientation, TiedVolumeAndShape, TiedShape, TiedVolume,
    ];

    /// <summary>The name, lower case, as it is written into saved models.</summary>
    public abstract string Name { get; }

    /// <summary>
    /// mclust's name: three letters for volume, shape and orientation, each E for equal in all components, V for varying, or I for none;
    /// null for a structure that mclust does not have.
    /// </summary>
    public virtual string? Code => null;

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
    /// <param name="scatter">
    /// Counts and scatter matrices, and the current covariances. An estimate that is not the global maximum must not be below what the current
    /// covariances reach.
    /// </param>
    /// <param name="covariances">
    /// On return the covariances of the K components one after the other, or the one that all share, each stored as
    /// <see cref="Shape"/> says (<see cref="CovarianceShape.Spherical"/>: the variance). The caller checks that they are positive definite.
    /// </param>
    public abstract void Estimate(CovarianceScatter scatter, Span<double> covariances);

    /// <summary>The name with mclust's, if it has one.</summary>
    internal string Title => Code is { } code ? $"{Name} ({code})" : Name;

    /// <summary>Whether the scatter matrices matter by their sum alone, which costs less to find than each of them.</summary>
    internal virtual bool NeedsSumOfScatterOnly => false;

    /// <summary>Whether components have the same shape, so that one on few rows has variances to rest on.</summary>
    internal virtual bool TiesShape => IsShared;

    /// <summary>Whether the determinants of all covariances are the same.</summary>
    internal virtual bool TiesVolume => IsShared;

    /// <summary>Whether the likelihood is bounded whatever rows a component has, since its variances are those of all components.</summary>
    internal bool TiesVariances => TiesVolume && TiesShape;

    /// <summary>Whether components have the same axes.</summary>
    internal virtual bool TiesOrientation => IsShared || Shape != CovarianceShape.Full;

    /// <summary>
    /// Whether covariances of this structure give others of it when the entries of their Cholesky factors, with logarithms on the diagonal,
    /// are added up with factors of sum one. What components have in common must stay so to the last digit: factors of long steps multiply rounding.
    /// </summary>
    internal virtual bool IsClosedInFactors => true;

    /// <summary>Whether the estimate may be less likely than the current covariances, so that the objective of EM falls.</summary>
    internal virtual bool MayLowerObjective => false;

    /// <summary>A structure whose run from the same groups may lead to where a better maximum of this one is near; null for none.</summary>
    internal virtual CovarianceStructure? OtherWay => null;

    /// <summary>Whether the estimate takes one pass over the scatter matrices and no decomposition of them.</summary>
    internal virtual bool IsEstimatedAtOnce => IsClosedInFactors;

    /// <summary>The structure of a name in mclust.</summary>
    /// <param name="code">Three letters, such as VEV, in upper or lower case.</param>
    /// <returns>The structure whose <see cref="Code"/> this is.</returns>
    /// <exception cref="ArgumentException"><paramref name="code"/> is that of no structure of <see cref="BuiltIn"/>.</exception>
    public static CovarianceStructure FromCode(string code)
    {
        ArgumentNullException.ThrowIfNull(code);
        return BuiltIn.FirstOrDefault(structure => string.Equals(structure.Code, code, StringComparison.OrdinalIgnoreCase)) ?? throw new ArgumentException(
            $"The code '{code}' is not one of a covariance structure. Pass one of {string.Join(", ", BuiltIn.Select(structure => structure.Code).OfType<string>())}; what mclust calls E and V, of one feature, is EII and VII.", nameof(code));
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
