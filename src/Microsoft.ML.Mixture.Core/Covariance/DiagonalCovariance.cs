namespace Microsoft.ML.Mixture;

/// <summary>Each component has variances of its own and no correlation: Sigma(k) = diag(S(k)) / N(k).</summary>
internal sealed class DiagonalCovariance : CovarianceStructure
{
    public override string Name => "diagonal";

    public override string Code => "VVI";

    public override CovarianceShape Shape => CovarianceShape.Diagonal;

    public override bool IsShared => false;

    public override long FreeParameterCount(int componentCount, int dimension) => (long)componentCount * dimension;

    public override void Estimate(CovarianceScatter scatter, Span<double> covariances) => ScatterAverages.PerComponent(scatter, covariances);
}
