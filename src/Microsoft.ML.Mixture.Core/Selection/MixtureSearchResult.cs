namespace Microsoft.ML.Mixture;

/// <summary>What a search has found: every Gaussian mixture tried, the ranking and the winner.</summary>
public sealed class MixtureSearchResult : MixtureRanking<MixtureCandidate>
{
    internal MixtureSearchResult(IReadOnlyList<MixtureCandidate> candidates, MixtureCriterion criterion, IReadOnlyList<string> warnings, IReadOnlyList<string> told)
        : base(candidates, criterion, warnings, told)
    {
    }

    /// <summary>The winner's model.</summary>
    public GaussianMixtureModel Model => Best.Model!;

    internal override string StructureHeading => "structure";

    /// <summary>Finds a model among those tried.</summary>
    /// <param name="componentCount">K.</param>
    /// <param name="structure">The structure.</param>
    /// <returns>The model; null if it was not tried.</returns>
    public MixtureCandidate? Find(int componentCount, CovarianceStructure structure) =>
        Candidates.FirstOrDefault(candidate => candidate.ComponentCount == componentCount && candidate.CovarianceStructure == structure);
}
