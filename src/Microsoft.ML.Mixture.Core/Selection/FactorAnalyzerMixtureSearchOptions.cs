namespace Microsoft.ML.Mixture;

/// <summary>Which mixtures of factor analysers to try, and by what to choose.</summary>
public sealed class FactorAnalyzerMixtureSearchOptions : MixtureSearchOptions
{
    /// <summary>The default of <see cref="RestartCount"/>.</summary>
    public const int DefaultRestartCount = 4;

    /// <summary>The default of <see cref="MixtureSearchOptions.Tolerance"/>: models with more factors than there are converge slowly.</summary>
    public new const double DefaultTolerance = 1e-6;

    /// <summary>Options with their defaults.</summary>
    public FactorAnalyzerMixtureSearchOptions() => Tolerance = DefaultTolerance;

    /// <summary>The least q to try, at least 1 and at most the number of features.</summary>
    /// <value>The default is 1.</value>
    public int MinimumFactorCount { get; set; } = 1;

    /// <summary>The largest q to try, at least <see cref="MinimumFactorCount"/>. Where there are fewer features, no more factors than features are tried.</summary>
    /// <value>The default is 4.</value>
    public int MaximumFactorCount { get; set; } = 4;

    /// <summary>How the specific variances may be constrained; each is tried with every K and every q.</summary>
    /// <value>The default is those that do not depend on the units of the features: <see cref="SpecificVarianceStructure.Diagonal"/> and
    /// <see cref="SpecificVarianceStructure.TiedDiagonal"/>.</value>
    public IReadOnlyList<SpecificVarianceStructure> SpecificVarianceStructures { get; set; } = [SpecificVarianceStructure.Diagonal, SpecificVarianceStructure.TiedDiagonal];

    /// <summary>Where to start each model.</summary>
    /// <value>The default is <see cref="MixtureStart.KMeansPlusPlus"/>: where features are many, several such starts cost less than one race of starts,
    /// <see cref="MixtureStart.Portfolio"/>.</value>
    public MixtureStart Start { get; set; } = MixtureStart.KMeansPlusPlus;

    /// <summary>The number of starts of each model, at least 1; see <see cref="MixtureOptions.RestartCount"/>.</summary>
    /// <value>The default is 4.</value>
    public int RestartCount { get; set; } = DefaultRestartCount;

    /// <summary>See <see cref="FactorAnalyzerMixtureOptions.SpecificVariancePriorStrength"/>.</summary>
    /// <value>The default is 1e-6.</value>
    public double SpecificVariancePriorStrength { get; set; } = FactorAnalyzerMixtureOptions.DefaultSpecificVariancePriorStrength;

    /// <summary>Is told after every model, on the threads that fit, by one at a time.</summary>
    public IProgress<FactorAnalyzerSearchProgress>? Progress { get; set; }

    /// <inheritdoc/>
    public override void Validate()
    {
        ArgumentNullException.ThrowIfNull(SpecificVarianceStructures);
        ArgumentNullException.ThrowIfNull(Start);
        if (SpecificVarianceStructures.Count == 0 || SpecificVarianceStructures.Distinct().Count() < SpecificVarianceStructures.Count
            || !SpecificVarianceStructures.All(Enum.IsDefined))
        {
            throw new ArgumentException($"The option {nameof(SpecificVarianceStructures)} must hold at least one structure, each once. Pass some of {string.Join(", ", Enum.GetNames<SpecificVarianceStructure>())}.");
        }

        base.Validate();
        MixtureOptions.Check(MinimumFactorCount >= 1, nameof(MinimumFactorCount), MinimumFactorCount, "at least 1 and at most the number of features");
        MixtureOptions.Check(
            MaximumFactorCount >= MinimumFactorCount, nameof(MaximumFactorCount), MaximumFactorCount, $"at least {nameof(MinimumFactorCount)}, which is {MinimumFactorCount}");
        FitOptions(MinimumComponentCount, MinimumFactorCount, SpecificVarianceStructures[0]).Validate();
    }

    internal FactorAnalyzerMixtureSearchOptions Clone()
    {
        var clone = (FactorAnalyzerMixtureSearchOptions)MemberwiseClone();
        if (SpecificVarianceStructures is not null) clone.SpecificVarianceStructures = [.. SpecificVarianceStructures];
        return clone;
    }

    /// <summary>How to fit one model, on one thread.</summary>
    internal FactorAnalyzerMixtureOptions FitOptions(int componentCount, int factorCount, SpecificVarianceStructure structure) => Share(new FactorAnalyzerMixtureOptions
    {
        ComponentCount = componentCount,
        FactorCount = factorCount,
        SpecificVarianceStructure = structure,
        SpecificVariancePriorStrength = SpecificVariancePriorStrength,
        Start = Start,
        RestartCount = RestartCount,
    });
}
