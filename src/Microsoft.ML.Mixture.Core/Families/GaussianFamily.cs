namespace Microsoft.ML.Mixture;

/// <summary>Gaussians of one covariance structure.</summary>
/// <param name="structure">The covariance structure.</param>
/// <param name="regularization">What keeps covariances positive definite.</param>
/// <param name="featureName">What to call a feature in the middle of a sentence; null to number them.</param>
/// <param name="origin">A point amid the rows, shape D; null for zero. See <see cref="GaussianComponents"/>.</param>
/// <param name="unitExponent">Log-densities are those of rows times 2^-unitExponent; see <see cref="GaussianComponents.UnitLogDensity"/>.</param>
internal sealed class GaussianFamily(
    CovarianceStructure structure, CovarianceRegularization regularization, int unitExponent = 0, Func<int, string>? featureName = null, double[]? origin = null)
    : ComponentFamily
{
    public override string Name => $"Gaussian, {structure.Name}";

    public CovarianceStructure Structure => structure;

    public CovarianceRegularization Regularization => regularization;

    public string FeatureName(int feature) => featureName?.Invoke(feature) ?? $"feature {feature}";

    public int UnitExponent => unitExponent;

    public double[] Origin { get; } = origin ?? new double[regularization.PriorVariances.Length];

    public override MixtureComponents CreateAbout(int componentCount, int dimension, ReadOnlySpan<double> centres)
    {
        var components = new GaussianComponents(this, componentCount, dimension);
        components.SetMeans(centres);
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
