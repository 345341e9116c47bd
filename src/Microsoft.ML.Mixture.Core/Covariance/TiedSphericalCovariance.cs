namespace Microsoft.ML.Mixture;

/// <summary>One variance for all components and features: sigma^2 = sum of trace(S(k)) / (D sum of N(k)).</summary>
internal sealed class TiedSphericalCovariance : CovarianceStructure
{
    public override string Name => "tied-spherical";

    public override string Code => "EII";

    public override CovarianceShape Shape => CovarianceShape.Spherical;

    public override bool IsShared => true;

    public override long FreeParameterCount(int componentCount, int dimension) => 1;

    public override void Estimate(CovarianceScatter scatter, Span<double> covariances)
    {
        ScatterAverages.OfAll(scatter, covariances);
        covariances[0] /= scatter.Dimension;
    }
}
