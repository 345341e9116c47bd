using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>Each component has a covariance matrix of its own: Sigma(k) = S(k) / N(k).</summary>
internal sealed class FullCovariance : CovarianceStructure
{
    public override string Name => "full";

    public override string Code => "VVV";

    public override CovarianceShape Shape => CovarianceShape.Full;

    public override bool IsShared => false;

    public override long FreeParameterCount(int componentCount, int dimension) => (long)componentCount * PackedTriangle.Length(dimension);

    public override void Estimate(CovarianceScatter scatter, Span<double> covariances) => ScatterAverages.PerComponent(scatter, covariances);
}
