namespace Microsoft.ML.Mixture;

/// <summary>A mixture of factor analysers that a search has tried.</summary>
public sealed class FactorAnalyzerCandidate : SearchedMixture
{
    internal FactorAnalyzerCandidate(int componentCount, int factorCount, SpecificVarianceStructure structure)
        : base(componentCount)
    {
        FactorCount = factorCount;
        SpecificVarianceStructure = structure;
    }

    /// <summary>q, the number of factors of each component.</summary>
    public int FactorCount { get; }

    /// <summary>How the specific variances are constrained.</summary>
    public SpecificVarianceStructure SpecificVarianceStructure { get; }

    /// <summary>The model; null if there is none, and then <see cref="SearchedMixture.Failure"/> says why.</summary>
    public FactorAnalyzerMixtureModel? Model { get; internal set; }

    internal override bool HasModel => Model is not null;

    internal override IReadOnlyList<string> ModelWarnings => Model?.Report?.Warnings ?? [];

    internal override string StructureName => $"{Counted.Of(FactorCount, "factor")}, {VariancesName(SpecificVarianceStructure)}";

    internal static string VariancesName(SpecificVarianceStructure structure) => structure switch
    {
        SpecificVarianceStructure.TiedDiagonal => "tied diagonal",
        SpecificVarianceStructure.Spherical => "spherical",
        SpecificVarianceStructure.TiedSpherical => "tied spherical",
        _ => "diagonal",
    };
}
