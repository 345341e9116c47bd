namespace Microsoft.ML.Mixture;

/// <summary>Gaussians whose parameters are distributions, see <see cref="VariationalGaussians"/>.</summary>
/// <param name="gaussians">Gaussians of the covariance structure, with a <see cref="NormalWishartPrior"/>.</param>
/// <param name="weights">The prior on the mixing weights.</param>
internal sealed class VariationalFamily(GaussianFamily gaussians, WeightPosterior weights) : ComponentFamily
{
    public override string Name => $"{gaussians.Name}, variational";

    public GaussianFamily Gaussians => gaussians;

    public NormalWishartPrior Prior => gaussians.Prior!;

    public WeightPosterior Weights => weights;

    // A component that a sample has no rows for dies, and would not come back.
    internal override bool StartsOnSamples => false;

    internal override bool HandlesHoles => true;

    public override MixtureComponents CreateAbout(int componentCount, int dimension, ReadOnlySpan<double> centres) =>
        new VariationalGaussians(this, (GaussianComponents)gaussians.CreateAbout(componentCount, dimension, centres));

    internal override MixtureComponents CreateAbout(int componentCount, int dimension, ReadOnlySpan<double> centres, ReadOnlySpan<double> variances) =>
        new VariationalGaussians(this, (GaussianComponents)gaussians.CreateAbout(componentCount, dimension, centres, variances));
}
