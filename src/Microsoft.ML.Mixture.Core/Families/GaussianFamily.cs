namespace Microsoft.ML.Mixture;

/// <summary>Gaussians of one covariance structure.</summary>
internal sealed class GaussianFamily(CovarianceStructure structure, CovarianceRegularization regularization) : ComponentFamily
{
    public override string Name => $"Gaussian, {structure.Name}";

    public CovarianceStructure Structure => structure;

    public CovarianceRegularization Regularization => regularization;

    public override MixtureComponents CreateAbout(int componentCount, int dimension, ReadOnlySpan<double> centres)
    {
        var components = new GaussianComponents(this, componentCount, dimension);
        centres.CopyTo(components.MutableMeans);
        return components;
    }
}
