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

    /// <summary>
    /// The earlier model that this one is the same as, because with one component there is nothing to tie, and with one feature all variances are spherical; null if
    /// there is none. It has its model and criteria, but no rank of its own.
    /// </summary>
    public FactorAnalyzerCandidate? SameAs { get; private set; }

    internal override bool HasModel => Model is not null;

    internal override IReadOnlyList<string> ModelWarnings => Model?.Report?.Warnings ?? [];

    internal override string StructureName => $"{Counted.Of(FactorCount, "factor")}, {VariancesName(SpecificVarianceStructure)}";

    internal override bool IsItsOwn => SameAs is null;

    /// <summary>Every model that the options ask for, by K, then by structure and then by q.</summary>
    internal static FactorAnalyzerCandidate[] CreateAll(FactorAnalyzerMixtureSearchOptions options, int dimension)
    {
        int[] factors = [.. Enumerable.Range(options.MinimumFactorCount, Math.Min(options.MaximumFactorCount, dimension) - options.MinimumFactorCount + 1)];
        FactorAnalyzerCandidate[] all = [.. options.ComponentCounts.SelectMany(count => options.SpecificVarianceStructures.SelectMany(
            structure => factors.Select(q => new FactorAnalyzerCandidate(count, q, structure))))];
        for (int at = 0; at < all.Length; at++) all[at].SameAs = Array.Find(all[..at], earlier => earlier.IsSameAs(all[at], dimension));
        return all;
    }

    internal override void TakeSame()
    {
        if (SameAs is not { } same) return;
        Model = same.Model;
        Take(same);
    }

    internal static string VariancesName(SpecificVarianceStructure structure) => structure switch
    {
        SpecificVarianceStructure.TiedDiagonal => "tied diagonal",
        SpecificVarianceStructure.Spherical => "spherical",
        SpecificVarianceStructure.TiedSpherical => "tied spherical",
        _ => "diagonal",
    };

    private bool IsSameAs(FactorAnalyzerCandidate later, int dimension) =>
        SameAs is null && (ComponentCount, FactorCount) == (later.ComponentCount, later.FactorCount) && (ComponentCount == 1 || dimension == 1)
        && FreeParameterCount(dimension) == later.FreeParameterCount(dimension);

    private long FreeParameterCount(int dimension) => new FactorAnalyzerFamily(
        FactorCount, SpecificVarianceStructure, CovarianceRegularization.None(dimension), []).FreeParameterCount(ComponentCount, dimension);
}
