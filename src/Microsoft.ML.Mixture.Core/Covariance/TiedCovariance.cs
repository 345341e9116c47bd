using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>All components share one covariance matrix: Sigma = sum of S(k) / sum of N(k).</summary>
internal sealed class TiedCovariance : CovarianceStructure
{
    public override string Name => "tied";

    public override string Code => "EEE";

    public override CovarianceShape Shape => CovarianceShape.Full;

    public override bool IsShared => true;

    public override long FreeParameterCount(int componentCount, int dimension) => PackedTriangle.Length(dimension);

    internal override bool NeedsSumOfScatterOnly => true;

    public override void Estimate(CovarianceScatter scatter, Span<double> covariances) => ScatterAverages.OfAll(scatter, covariances);
}
