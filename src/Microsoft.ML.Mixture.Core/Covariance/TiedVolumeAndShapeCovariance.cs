using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>Principal axes of each component's own, along which the variances are the same in all components.</summary>
/// <remarks>
/// The axes are those of S(k), and the j-th largest variance is the average over all components of the j-th largest variance of each. Source:
/// Celeux and Govaert (1995), Gaussian parsimonious clustering models, Pattern Recognition 28(5), 781-793, doi:10.1016/0031-3203(94)00125-6.
/// </remarks>
internal sealed class TiedVolumeAndShapeCovariance : CovarianceStructure
{
    public override string Name => "tied-volume-and-shape";

    public override string Code => "EEV";

    public override CovarianceShape Shape => CovarianceShape.Full;

    public override bool IsShared => false;

    internal override bool TiesVolume => true;

    internal override bool TiesShape => true;

    internal override bool IsClosedInFactors => false;

    public override long FreeParameterCount(int componentCount, int dimension) =>
        dimension + (componentCount * ((long)PackedTriangle.Length(dimension) - dimension));

    public override void Estimate(CovarianceScatter scatter, Span<double> covariances)
    {
        ScatterAverages.PerComponent(scatter, covariances);
        int dimension = scatter.Dimension;
        PrincipalAxes axes = PrincipalAxes.Lend(covariances, scatter.ComponentCount, dimension, scatter.IsRough, scatter.CancellationToken);
        Span<double> shares = scatter.ComponentCount <= ScatterAverages.MostOnStack ? stackalloc double[scatter.ComponentCount] : new double[scatter.ComponentCount];
        Span<double> variances = dimension <= SquareMatrix.MostOnStack ? stackalloc double[dimension] : new double[dimension];
        ScatterAverages.Shares(scatter, shares);
        variances.Clear();
        for (int at = 0; at < axes.Variances.Length; at++) variances[at % dimension] += shares[at / dimension] * axes.Variances[at];
        for (int at = 0; at < axes.Variances.Length; at++) axes.Variances[at] = variances[at % dimension];
        axes.Compose(covariances);
        axes.Return();
    }
}
