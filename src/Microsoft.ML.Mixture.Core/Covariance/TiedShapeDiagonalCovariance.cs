namespace Microsoft.ML.Mixture;

/// <summary>No correlation, and variances in the same proportions in all components: Sigma(k) = v(k) diag(c). See <see cref="CommonShape"/>.</summary>
internal sealed class TiedShapeDiagonalCovariance : CovarianceStructure
{
    public override string Name => "tied-shape-diagonal";

    public override string Code => "VEI";

    public override CovarianceShape Shape => CovarianceShape.Diagonal;

    public override bool IsShared => false;

    internal override bool TiesShape => true;

    internal override bool IsClosedInFactors => false;

    public override long FreeParameterCount(int componentCount, int dimension) => (long)componentCount + dimension - 1;

    public override void Estimate(CovarianceScatter scatter, Span<double> covariances) => CommonShape.Estimate(scatter, covariances);
}
