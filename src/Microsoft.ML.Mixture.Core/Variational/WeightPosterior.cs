namespace Microsoft.ML.Mixture;

/// <summary>The prior on the mixing weights and the posterior that counts of rows make of it.</summary>
internal abstract class WeightPosterior
{
    /// <summary>Which prior.</summary>
    public abstract MixtureWeightPrior Kind { get; }

    /// <summary>The concentration of the prior.</summary>
    public abstract double Concentration { get; }

    public static WeightPosterior Create(MixtureWeightPrior kind, double concentration) =>
        kind == MixtureWeightPrior.Dirichlet ? new DirichletWeights(concentration) : new StickBreakingWeights(concentration);

    /// <summary>Writes E[log pi(k)].</summary>
    /// <param name="counts">N(k), shape K.</param>
    /// <param name="logWeights">On return E[log pi(k)], shape K.</param>
    /// <returns>The negative Kullback-Leibler divergence of the posterior from the prior.</returns>
    public abstract double Update(ReadOnlySpan<double> counts, Span<double> logWeights);

    /// <summary>The parameters of the posterior: one number a component, or two for sticks, in which case the second are those of the rest of the stick.</summary>
    public abstract (double[] First, double[] Second) Parameters(ReadOnlySpan<double> counts);

    /// <summary>E[pi(k)] over their sum.</summary>
    public abstract double[] ExpectedWeights(ReadOnlySpan<double> counts);
}
