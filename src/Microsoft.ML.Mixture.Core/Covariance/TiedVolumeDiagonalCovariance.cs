namespace Microsoft.ML.Mixture;

/// <summary>No correlation, and variances with the same product in all components: det Sigma(k) = det Sigma(l). See <see cref="CommonVolume"/>.</summary>
internal sealed class TiedVolumeDiagonalCovariance : CovarianceStructure
{
    public override string Name => "tied-volume-diagonal";

    public override string Code => "EVI";

    public override CovarianceShape Shape => CovarianceShape.Diagonal;

    public override bool IsShared => false;

    internal override bool TiesVolume => true;

    internal override bool IsClosedInFactors => false;

    public override long FreeParameterCount(int componentCount, int dimension) => 1 + ((long)componentCount * (dimension - 1));

    public override void Estimate(CovarianceScatter scatter, Span<double> covariances) => CommonVolume.Estimate(scatter, covariances);
}
