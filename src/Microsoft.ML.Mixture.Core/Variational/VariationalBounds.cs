namespace Microsoft.ML.Mixture;

/// <summary>Bounds on the densities that a variational posterior expects: those of its Gaussians.</summary>
internal sealed class VariationalBounds(ComponentBounds bounds) : ComponentBounds
{
    public override bool AreKnown => bounds.AreKnown;

    public override void Forget() => bounds.Forget();

    public override void Begin(MixtureComponents components, double[] logWeights) => bounds.Begin(((VariationalGaussians)components).Gaussians, logWeights);

    public override int LogDensities(int block, RowBlock rows, Span<double> logDensities, Span<double> largest, Span<double> scratch, Span<int> components) =>
        bounds.LogDensities(block, rows, logDensities, largest, scratch, components);
}
