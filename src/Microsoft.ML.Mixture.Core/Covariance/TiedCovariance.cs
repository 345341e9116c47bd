using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>All components share one covariance matrix: Sigma = sum of S(k) / sum of N(k).</summary>
internal sealed class TiedCovariance : CovarianceStructure
{
    public override string Name => "tied";

    public override CovarianceShape Shape => CovarianceShape.Full;

    public override bool IsShared => true;

    public override long FreeParameterCount(int componentCount, int dimension) => PackedTriangle.Length(dimension);

    internal override bool NeedsSumOfScatterOnly => true;

    public override void Estimate(CovarianceScatter scatter, Span<double> covariances)
    {
        covariances.Clear();
        double count = 0;
        for (int k = 0; k < scatter.ComponentCount; k++)
        {
            ReadOnlySpan<double> source = scatter.Of(k);
            for (int i = 0; i < source.Length; i++) covariances[i] += source[i];
            count += scatter.Counts[k];
        }

        for (int i = 0; i < covariances.Length; i++) covariances[i] /= count;
    }
}
