namespace Microsoft.ML.Mixture;

/// <summary>All components share the same variances, without correlation: Sigma = diag(sum of S(k)) / sum of N(k).</summary>
internal sealed class TiedDiagonalCovariance : CovarianceStructure
{
    public override string Name => "tied-diagonal";

    public override string Code => "EEI";

    public override CovarianceShape Shape => CovarianceShape.Diagonal;

    public override bool IsShared => true;

    public override long FreeParameterCount(int componentCount, int dimension) => dimension;

    public override void Estimate(CovarianceScatter scatter, Span<double> covariances) => ScatterAverages.OfAll(scatter, covariances);
}
