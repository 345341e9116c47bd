namespace Microsoft.ML.Mixture;

/// <summary>Gaussians of one covariance structure.</summary>
/// <param name="structure">The covariance structure.</param>
/// <param name="regularization">What keeps covariances positive definite.</param>
/// <param name="featureName">What to call a feature in the middle of a sentence; null to number them.</param>
/// <param name="origin">A point amid the rows, shape D; null for zero. See <see cref="GaussianComponents"/>.</param>
/// <param name="hasHoles">Whether some rows lack some features.</param>
/// <param name="hasNoise">Whether some rows may belong to noise, so that the scatter of all rows is not that of the components.</param>
/// <param name="prior">A prior on means and covariances under which the M-step gives those of the variational posterior; null for none.</param>
/// <param name="isRough">Whether M-steps may be rough; see <see cref="CovarianceScatter.IsRough"/>.</param>
/// <param name="unitExponent">Log-densities are those of rows times 2^-unitExponent; see <see cref="GaussianComponents.UnitLogDensityOf"/>.</param>
internal sealed class GaussianFamily(
    CovarianceStructure structure, CovarianceRegularization regularization, int unitExponent = 0, Func<int, string>? featureName = null, double[]? origin = null,
    bool hasHoles = false, bool hasNoise = false, NormalWishartPrior? prior = null, bool isRough = false)
    : ComponentFamily
{
    private const double SmallestShare = 1e-12;

    private static readonly CovarianceStructure[] _simplerStructures =
        [CovarianceStructure.TiedShapeAndOrientation, CovarianceStructure.Tied, CovarianceStructure.Diagonal, CovarianceStructure.TiedShapeDiagonal];

    public override string Name => $"Gaussian, {structure.Name}";

    public CovarianceStructure Structure => structure;

    public CovarianceRegularization Regularization => regularization;

    /// <summary>What keeps the covariance of one component positive definite.</summary>
    public CovarianceRegularization RegularizationOf(int component) => RegularizationOfEach is null ? regularization : RegularizationOfEach[component];

    public string FeatureName(int feature) => featureName?.Invoke(feature) ?? $"feature {feature}";

    public int UnitExponent => unitExponent;

    public bool HasHoles => hasHoles;

    public bool HasNoise => hasNoise;

    public NormalWishartPrior? Prior => prior;

    public bool IsRough => isRough;

    /// <summary>Whether an M-step without current covariances is to take the shortest way; see <see cref="CovarianceScatter.IsHasty"/>.</summary>
    public bool IsHasty { get; private init; }

    // Null where all components have the same.
    private CovarianceRegularization[]? RegularizationOfEach { get; init; }

    internal override bool HandlesHoles => true;

    internal override ComponentFamily Hasty => new GaussianFamily(structure, regularization, unitExponent, featureName, Origin, hasHoles, hasNoise, prior, isRough: true) { IsHasty = true };

    // Others are estimated at once, or as soon.
    internal override ComponentFamily Rough => isRough || structure.Shape != CovarianceShape.Full || structure.IsClosedInFactors ? this
        : new GaussianFamily(structure, regularization, unitExponent, featureName, Origin, hasHoles, hasNoise, prior, isRough: true) { RegularizationOfEach = RegularizationOfEach };

    internal override ComponentFamily? OtherWay => structure.OtherWay is { } way && Origin.Length <= CommonAxes.MostAxes
        ? new GaussianFamily(way, regularization, unitExponent, featureName, Origin, hasHoles, hasNoise) : null;

    internal override MixtureState? Adopt(MixtureState reached)
    {
        GaussianComponents found = NoiseComponents.GaussiansOf(reached.Components);
        if (!GaussianComponents.TryCreate(this, found.Dimension, found.Shape, found.IsShared, found.Means, found.Covariances, out GaussianComponents own, out _)) return null;
        return reached with { Components = reached.Components is NoiseComponents both ? new NoiseComponents(own, both.Noise) : own };
    }

    internal override long FreeParameterCount(int componentCount, int dimension) => ((long)componentCount * dimension) + structure.FreeParameterCount(componentCount, dimension);

    internal override IReadOnlyList<ComponentFamily> SimplerFamilies(int componentCount, int dimension) => structure.Shape != CovarianceShape.Full || dimension == 1 ? [] :
    [
        .. _simplerStructures
            .Where(simpler => simpler.FreeParameterCount(componentCount, dimension) < structure.FreeParameterCount(componentCount, dimension))
            .Select(simpler => new GaussianFamily(simpler, regularization, unitExponent, featureName, Origin, hasHoles, hasNoise)),
    ];

    /// <summary>The same with a prior of its own for each component, for runs from given components.</summary>
    /// <param name="ofEach">The priors, shape K. What they say beside the prior has to be what that of the family does.</param>
    public GaussianFamily WithPriors(CovarianceRegularization[] ofEach) =>
        new(structure, regularization, unitExponent, featureName, Origin, hasHoles, hasNoise, prior, isRough) { RegularizationOfEach = ofEach };

    public double[] Origin { get; } = origin ?? new double[regularization.PriorVariances.Length];

    public override MixtureComponents CreateAbout(int componentCount, int dimension, ReadOnlySpan<double> centres)
    {
        var components = new GaussianComponents(this, componentCount, dimension);
        components.SetMeans(centres);
        return components;
    }

    internal override MixtureComponents CreateAbout(int componentCount, int dimension, ReadOnlySpan<double> centres, ReadOnlySpan<double> variances)
    {
        // A group that shows one value only has a variance nevertheless, or nothing could be a density.
        double[] positive = variances.ToArray();
        for (int at = 0; at < positive.Length; at++)
        {
            double prior = Regularization.PriorVariances[at % dimension], least = SmallestShare * (prior > 0 ? prior : 1);
            positive[at] = Math.Max(positive[at], least);
        }

        GaussianComponents.TryCreate(this, dimension, CovarianceShape.Diagonal, isShared: false, centres, positive, out GaussianComponents components, out _);
        return components;
    }

    /// <summary>The family of a model that is only scored, in units that go with its largest variance.</summary>
    public static GaussianFamily OfModel(CovarianceStructure structure, int dimension, CovarianceShape shape, ReadOnlySpan<double> covariances)
    {
        double largest = 0;
        for (int first = 0; first < covariances.Length; first += shape.Length(dimension))
        {
            for (int j = 0; j < shape.DiagonalLength(dimension); j++) largest = Math.Max(largest, covariances[first + shape.Index(j, j)]);
        }

        int exponent = double.IsFinite(largest) && largest > 0 ? Math.ILogB(largest) >> 1 : 0;
        return new GaussianFamily(structure, CovarianceRegularization.None(dimension), exponent);
    }
}
