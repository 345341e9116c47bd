using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>Covariances of the same determinant, with nothing else in common. See <see cref="CommonVolume"/>.</summary>
internal sealed class TiedVolumeCovariance : CovarianceStructure
{
    public override string Name => "tied-volume";

    public override string Code => "EVV";

    public override CovarianceShape Shape => CovarianceShape.Full;

    public override bool IsShared => false;

    internal override bool TiesVolume => true;

    internal override bool IsClosedInFactors => false;

    internal override bool IsEstimatedAtOnce => true;

    public override long FreeParameterCount(int componentCount, int dimension) => 1 + (componentCount * ((long)PackedTriangle.Length(dimension) - 1));

    public override void Estimate(CovarianceScatter scatter, Span<double> covariances) => CommonVolume.Estimate(scatter, covariances);
}
