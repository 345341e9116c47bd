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
        bool isValid = TryAdopt(mixture, context.Rows, context.ThreadCount, context.CancellationToken, out VariationalGaussians posterior, out DegenerateComponent? failure);
        return StartOutcome.Of(isValid, new MixtureState([.. mixture.Weights], posterior), failure);
    }

    /// <summary>The same, by a pass over rows.</summary>
    public bool TryAdopt(MixtureState mixture, TrainingRows rows, int? threadCount, CancellationToken cancellationToken, out VariationalGaussians posterior, out DegenerateComponent? failure)
    {
        var about = new VariationalGaussians(this, (GaussianComponents)mixture.Components);
        using var step = new ExpectationStep(rows.Source, mixture.Components, rows.RowWeightTotal, threadCount);
        ExpectedStatistics expected = step.Run(mixture, cancellationToken);
        posterior = (VariationalGaussians)about.CreateEmpty();
        return about.TryMaximize(expected.EffectiveCounts, expected.FamilyStatistics, posterior, out failure);
    }

    internal override MixtureComponents CreateAbout(int componentCount, int dimension, ReadOnlySpan<double> centres, ReadOnlySpan<double> variances) =>
        new VariationalGaussians(this, (GaussianComponents)gaussians.CreateAbout(componentCount, dimension, centres, variances));
}
