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
    public FactorAnalyzerMixtureModel? Model
    {
        get => (FactorAnalyzerMixtureModel?)Found;
        internal set => Found = value;
    }

    /// <summary>
    /// The earlier model that this one is the same as, because with one component there is nothing to tie, and with one feature all variances are spherical; null if
    /// there is none. It has its model and criteria, but no rank of its own.
    /// </summary>
    public FactorAnalyzerCandidate? SameAs => (FactorAnalyzerCandidate?)Twin;

    internal override string StructureName => $"{Counted.Of(FactorCount, "factor")}, {VariancesName(SpecificVarianceStructure)}";

    /// <summary>Every model that the options ask for, by K, then by structure and then by q.</summary>
    internal static FactorAnalyzerCandidate[] CreateAll(FactorAnalyzerMixtureSearchOptions options, int dimension)
    {
        int[] factors = [.. Enumerable.Range(options.MinimumFactorCount, Math.Min(options.MaximumFactorCount, dimension) - options.MinimumFactorCount + 1)];
        return FindTwins<FactorAnalyzerCandidate>(
            [.. options.ComponentCounts.SelectMany(count => options.SpecificVarianceStructures.SelectMany(
                structure => factors.Select(q => new FactorAnalyzerCandidate(count, q, structure))))],
            dimension);
    }

    internal static string VariancesName(SpecificVarianceStructure structure) => structure switch
    {
        SpecificVarianceStructure.TiedDiagonal => "tied diagonal",
        SpecificVarianceStructure.Spherical => "spherical",
        SpecificVarianceStructure.TiedSpherical => "tied spherical",
        _ => "diagonal",
    };

    private protected override bool IsSameAs(SearchedMixture later, int dimension) =>
        later is FactorAnalyzerCandidate other && (ComponentCount, FactorCount) == (other.ComponentCount, other.FactorCount) && (ComponentCount == 1 || dimension == 1)
        && FreeParameterCount(dimension) == other.FreeParameterCount(dimension);

    private long FreeParameterCount(int dimension) => new FactorAnalyzerFamily(
        FactorCount, SpecificVarianceStructure, CovarianceRegularization.None(dimension), []).FreeParameterCount(ComponentCount, dimension);
}
