namespace Microsoft.ML.Mixture;

/// <summary>Leaves out of a block the Gaussians that have no share beside the other Gaussians, and never the noise.</summary>
internal sealed class NoiseBounds(ComponentBounds gaussians, int noiseIndex) : ComponentBounds
{
    private NoiseComponents? _components;

    public override bool AreKnown => gaussians.AreKnown;

    public override void Forget() => gaussians.Forget();

    public override void Begin(MixtureComponents components, double[] logWeights)
    {
        _components = (NoiseComponents)components;
        gaussians.Begin(_components.Gaussians, logWeights);
    }

    public override int LogDensities(int block, RowBlock rows, Span<double> logDensities, Span<double> largest, Span<double> scratch, Span<int> components)
    {
        int count = gaussians.LogDensities(block, rows, logDensities, largest, scratch, components);
        _components!.NoiseDensities(rows, logDensities);
        components[count] = noiseIndex;
        return count + 1;
    }
}
