namespace Microsoft.ML.Mixture;

/// <summary>Each component has one variance for all features: sigma^2(k) = trace(S(k)) / (D N(k)).</summary>
internal sealed class SphericalCovariance : CovarianceStructure
{
    public override string Name => "spherical";

    public override string Code => "VII";

    public override CovarianceShape Shape => CovarianceShape.Spherical;

    public override bool IsShared => false;

    public override long FreeParameterCount(int componentCount, int dimension) => componentCount;

    public override void Estimate(CovarianceScatter scatter, Span<double> covariances)
    {
        for (int k = 0; k < scatter.ComponentCount; k++) covariances[k] = scatter.Of(k)[0] / (scatter.Dimension * scatter.Counts[k]);
    }
}
