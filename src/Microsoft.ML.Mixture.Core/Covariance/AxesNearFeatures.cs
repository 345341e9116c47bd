namespace Microsoft.ML.Mixture;

/// <summary>
/// A structure with common axes on another way: its axes go down from those of the features into the nearest well, and always by what equal volumes
/// would minimise, which gives wide components more of a say.
/// </summary>
internal sealed class AxesNearFeatures(CovarianceStructure structure) : CovarianceStructure
{
    public override string Name => structure.Name;

    public override CovarianceShape Shape => structure.Shape;

    public override bool IsShared => structure.IsShared;

    internal override bool TiesOrientation => true;

    internal override bool TiesVolume => structure.TiesVolume;

    internal override bool IsClosedInFactors => false;

    internal override bool MayLowerObjective => true;

    public override long FreeParameterCount(int componentCount, int dimension) => structure.FreeParameterCount(componentCount, dimension);

    public override void Estimate(CovarianceScatter scatter, Span<double> covariances) => CommonAxes.EstimateNear(scatter, TiesVolume, covariances);
}
