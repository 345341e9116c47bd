namespace Microsoft.ML.Mixture;

/// <summary>Gaussians whose parameters are distributions, see <see cref="VariationalGaussians"/>.</summary>
/// <param name="gaussians">Gaussians of the covariance structure, with a <see cref="NormalWishartPrior"/>.</param>
/// <param name="weights">The prior on the mixing weights.</param>
/// <param name="sortsComponents">Whether a step may put components in the order of their sizes, which is the best for a Dirichlet process.</param>
internal sealed class VariationalFamily(GaussianFamily gaussians, WeightPosterior weights, bool sortsComponents = false) : ComponentFamily
{
    public bool SortsComponents => sortsComponents;

    public override string Name => $"{gaussians.Name}, variational";

    public GaussianFamily Gaussians => gaussians;

    public NormalWishartPrior Prior => gaussians.Prior!;

    public WeightPosterior Weights => weights;

    internal override bool LosesComponents => true;

    internal override bool HandlesHoles => true;

    internal override ComponentFamily Hasty => new VariationalFamily((GaussianFamily)gaussians.Hasty, weights, sortsComponents);

    public override MixtureComponents CreateAbout(int componentCount, int dimension, ReadOnlySpan<double> centres) =>
        new VariationalGaussians(this, (GaussianComponents)gaussians.CreateAbout(componentCount, dimension, centres));

    /// <summary>The posterior of the responsibilities under a mixture of given parameters.</summary>
    public StartOutcome Adopt(MixtureState mixture, StartContext context)
    {
        var about = new VariationalGaussians(this, (GaussianComponents)mixture.Components);
        using var step = new ExpectationStep(context.Rows.Source, mixture.Components, context.Rows.RowWeightTotal, context.ThreadCount);
        ExpectedStatistics expected = step.Run(mixture, context.CancellationToken);
        var state = new MixtureState([.. mixture.Weights], about.CreateEmpty());
        return StartOutcome.Of(about.TryMaximize(expected.EffectiveCounts, expected.FamilyStatistics, state.Components, out DegenerateComponent? failure), state, failure);
    }

    internal override MixtureComponents CreateAbout(int componentCount, int dimension, ReadOnlySpan<double> centres, ReadOnlySpan<double> variances) =>
        new VariationalGaussians(this, (GaussianComponents)gaussians.CreateAbout(componentCount, dimension, centres, variances));
}
