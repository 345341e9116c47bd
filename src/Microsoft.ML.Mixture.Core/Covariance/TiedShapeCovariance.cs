using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>Principal axes of each component's own, along which the variances have the same proportions in all components.</summary>
/// <remarks>
/// The axes D(k) are those of S(k), and what is left is <see cref="TiedShapeDiagonalCovariance"/> of the variances along them. Source: Celeux
/// and Govaert (1995), Gaussian parsimonious clustering models, Pattern Recognition 28(5), 781-793, doi:10.1016/0031-3203(94)00125-6.
/// </remarks>
internal sealed class TiedShapeCovariance : CovarianceStructure
{
    public override string Name => "tied-shape";

    public override string Code => "VEV";

    public override CovarianceShape Shape => CovarianceShape.Full;

    public override bool IsShared => false;

    internal override bool TiesShape => true;

    internal override bool IsClosedInFactors => false;

    public override long FreeParameterCount(int componentCount, int dimension) =>
        componentCount + dimension - 1 + (componentCount * ((long)PackedTriangle.Length(dimension) - dimension));

    public override void Estimate(CovarianceScatter scatter, Span<double> covariances)
    {
        ScatterAverages.PerComponent(scatter, covariances);
        int dimension = scatter.Dimension;
        PrincipalAxes axes = PrincipalAxes.Lend(covariances, scatter.ComponentCount, dimension, scatter.IsRough, scatter.CancellationToken);
        Span<double> volumes = scatter.ComponentCount <= ScatterAverages.MostOnStack ? stackalloc double[scatter.ComponentCount] : new double[scatter.ComponentCount];
        Span<double> shape = dimension <= SquareMatrix.MostOnStack ? stackalloc double[dimension] : new double[dimension];
        if (!CommonShape.TryFind(scatter, CovarianceShape.Diagonal, axes.Variances, volumes, shape)) return;
        for (int k = 0; k < volumes.Length; k++)
        {
            for (int j = 0; j < dimension; j++) axes.Variances[(k * dimension) + j] = volumes[k] * shape[j];
        }

        axes.Compose(covariances);
        axes.Return();
    }
}
