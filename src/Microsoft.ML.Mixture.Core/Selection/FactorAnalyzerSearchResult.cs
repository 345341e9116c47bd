namespace Microsoft.ML.Mixture;

/// <summary>What a search has found: every mixture of factor analysers tried, the ranking and the winner.</summary>
public sealed class FactorAnalyzerSearchResult : MixtureRanking<FactorAnalyzerCandidate>
{
    internal FactorAnalyzerSearchResult(
        IReadOnlyList<FactorAnalyzerCandidate> candidates, FactorAnalyzerMixtureSearchOptions options, IReadOnlyList<string> warnings, bool isLimited)
        : base(candidates, options.Criterion, warnings, ofRows: [], told: [], isLimited) => Warn([.. Edges(options)]);

    /// <summary>The winner's model.</summary>
    public FactorAnalyzerMixtureModel Model => Best.Model!;

    internal override string StructureHeading => "factors, specific variances";

    /// <summary>Finds a model among those tried.</summary>
    /// <param name="componentCount">K.</param>
    /// <param name="factorCount">q.</param>
    /// <param name="structure">How the specific variances are constrained.</param>
    /// <returns>The model; null if it was not tried.</returns>
    public FactorAnalyzerCandidate? Find(int componentCount, int factorCount, SpecificVarianceStructure structure = SpecificVarianceStructure.Diagonal) =>
        Candidates.FirstOrDefault(candidate => candidate.ComponentCount == componentCount && candidate.FactorCount == factorCount && candidate.SpecificVarianceStructure == structure);

    // The best of a range that ends there need not be the best there is.
    private IEnumerable<string> Edges(FactorAnalyzerMixtureSearchOptions options)
    {
        int mostFactors = Math.Min(options.MaximumFactorCount, Candidates.Max(candidate => candidate.FactorCount));
        if (Best.FactorCount == mostFactors && mostFactors > options.MinimumFactorCount && mostFactors < Model.Dimension)
        {
            yield return $"The best model has as many factors as were tried, {mostFactors}. More may be better: raise the maximum number of factors.";
        }
    }
}
