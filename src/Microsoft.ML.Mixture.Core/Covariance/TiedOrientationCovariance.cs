using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>The same principal axes in all components, with variances of each component's own along them. See <see cref="CommonAxes"/>.</summary>
internal sealed class TiedOrientationCovariance : CovarianceStructure
{
    public override string Name => "tied-orientation";

    public override string Code => "VVE";

    public override CovarianceShape Shape => CovarianceShape.Full;

    public override bool IsShared => false;

    internal override bool TiesOrientation => true;

    internal override bool IsClosedInFactors => false;

    internal override CovarianceStructure? OtherWay => new AxesNearFeatures(this);

    public override long FreeParameterCount(int componentCount, int dimension) =>
        ((long)componentCount * dimension) + PackedTriangle.Length(dimension) - dimension;

    public override void Estimate(CovarianceScatter scatter, Span<double> covariances) => CommonAxes.Estimate(scatter, tiesVolume: false, covariances);
}
