using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>Covariances that are multiples of one matrix: Sigma(k) = v(k) C. See <see cref="CommonShape"/>.</summary>
internal sealed class TiedShapeAndOrientationCovariance : CovarianceStructure
{
    public override string Name => "tied-shape-and-orientation";

    public override string Code => "VEE";

    public override CovarianceShape Shape => CovarianceShape.Full;

    public override bool IsShared => false;

    internal override bool TiesShape => true;

    internal override bool TiesOrientation => true;

    internal override bool IsClosedInFactors => false;

    public override long FreeParameterCount(int componentCount, int dimension) => componentCount - 1 + (long)PackedTriangle.Length(dimension);

    public override void Estimate(CovarianceScatter scatter, Span<double> covariances) => CommonShape.Estimate(scatter, covariances);
}
