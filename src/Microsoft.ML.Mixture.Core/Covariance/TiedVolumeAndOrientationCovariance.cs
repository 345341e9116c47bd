using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>
/// The same principal axes and the same determinant in all components, with variances of each component's own along the axes. See
/// <see cref="CommonAxes"/>.
/// </summary>
internal sealed class TiedVolumeAndOrientationCovariance : CovarianceStructure
{
    public override string Name => "tied-volume-and-orientation";

    public override string Code => "EVE";

    public override CovarianceShape Shape => CovarianceShape.Full;

    public override bool IsShared => false;

    internal override bool TiesOrientation => true;

    internal override bool TiesVolume => true;

    internal override bool IsClosedInFactors => false;

    internal override CovarianceStructure? OtherWay => new AxesNearFeatures(this);

    public override long FreeParameterCount(int componentCount, int dimension) =>
        1 + ((long)componentCount * (dimension - 1)) + PackedTriangle.Length(dimension) - dimension;

    public override void Estimate(CovarianceScatter scatter, Span<double> covariances) => CommonAxes.Estimate(scatter, tiesVolume: true, covariances);
}
