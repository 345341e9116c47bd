namespace Microsoft.ML.Mixture;

/// <summary>How to fit a mixture of factor analysers.</summary>
public sealed class FactorAnalyzerMixtureOptions : MixtureOptions
{
    /// <summary>The default of <see cref="SpecificVariancePriorStrength"/>.</summary>
    public const double DefaultSpecificVariancePriorStrength = 1e-6;

    /// <summary>The default of <see cref="FactorCount"/>.</summary>
    public const int DefaultFactorCount = 2;

    /// <summary>q, the number of factors of each component, at least 1 and at most the number of features.</summary>
    /// <value>The default is 2.</value>
    public int FactorCount { get; set; } = DefaultFactorCount;

    /// <summary>How the specific variances are constrained.</summary>
    /// <value>The default is <see cref="SpecificVarianceStructure.Diagonal"/>.</value>
    public SpecificVarianceStructure SpecificVarianceStructure { get; set; } = SpecificVarianceStructure.Diagonal;

    /// <summary>
    /// The weight of the inverse gamma prior on the specific variances that keeps them positive, as a share of an average component. Zero for
    /// maximum likelihood without a prior.
    /// </summary>
    /// <value>The default is 1e-6.</value>
    /// <remarks>
    /// The prior is worth nu = strength * (sum of row weights) / K rows in each component, and has the variances V of the features over all rows (for spherical
    /// structures their mean). It bears on Psi(k) alone: EM raises
    /// <code>
    ///   objective = log-likelihood - nu/2 sum over k and j of ( log psi(k,j) + V(j) / psi(k,j) )
    /// </code>
    /// Without it a feature may become a factor itself and have no variance of its own (a Heywood case), towards which EM creeps without an end.
    /// </remarks>
    public double SpecificVariancePriorStrength { get; set; } = DefaultSpecificVariancePriorStrength;

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        Check(FactorCount >= 1, nameof(FactorCount), FactorCount, "at least 1 and at most the number of features");
        Check(
            SpecificVariancePriorStrength >= 0 && double.IsFinite(SpecificVariancePriorStrength), nameof(SpecificVariancePriorStrength), SpecificVariancePriorStrength,
            "a finite number, at least 0");
        if (!Enum.IsDefined(SpecificVarianceStructure))
        {
            throw new ArgumentOutOfRangeException(
                nameof(SpecificVarianceStructure),
                $"The option {nameof(SpecificVarianceStructure)} is {(int)SpecificVarianceStructure}, but must be one of {string.Join(", ", Enum.GetNames<SpecificVarianceStructure>())}.");
        }
    }
}
