using System.Globalization;

namespace Microsoft.ML.Mixture;

/// <summary>What a search has found: every Gaussian mixture tried, the ranking and the winner.</summary>
public sealed class MixtureSearchResult : MixtureRanking<MixtureCandidate>
{
    /// <summary>Ranks models.</summary>
    /// <param name="candidates">The models.</param>
    /// <param name="criterion">By what.</param>
    /// <param name="ofSearch">What the search has to say.</param>
    /// <param name="ofRows">What there is to be said of the rows.</param>
    /// <param name="told">Warnings of models that need not be repeated of the winner.</param>
    /// <param name="surprise">What the best model has gained in BIC by starting models again, if that is much; else zero.</param>
    /// <param name="isLimited">Whether fewer components were tried than asked for.</param>
    internal MixtureSearchResult(
        IReadOnlyList<MixtureCandidate> candidates, MixtureCriterion criterion, IReadOnlyList<string> ofSearch, IReadOnlyList<string> ofRows, IReadOnlyList<string> told, double surprise = 0, bool isLimited = false)
        : base(candidates, criterion, ofSearch, ofRows, told, isLimited)
    {
        if (criterion == MixtureCriterion.CrossValidation || Ranking.Count < 2) return;
        double difference = Ranking[1].Value(criterion) - Best.Value(criterion);
        if (difference >= surprise || Ranking[1].IsDoubtful) return;
        Warn(string.Create(
            CultureInfo.InvariantCulture,
            $"Starting models again improved the best one by {surprise:F0}, more than the {difference:F1} between the first two: the likelihoods of these rows have many maxima, and better ones may be left. Fit the first few models with ten restarts each and compare them."));
    }

    /// <summary>The winner's model.</summary>
    public GaussianMixtureModel Model => Best.Model!;

    internal override string StructureHeading => "structure";

    /// <summary>Warns of a winner that is an artefact of values that are rounded.</summary>
    internal MixtureSearchResult Check(GridLines lines)
    {
        if (lines.Find(Ranking) is { } warning) Warn(warning);
        return this;
    }

    /// <summary>Finds a model among those tried.</summary>
    /// <param name="componentCount">K.</param>
    /// <param name="structure">The structure.</param>
    /// <returns>The model; null if it was not tried.</returns>
    public MixtureCandidate? Find(int componentCount, CovarianceStructure structure) =>
        Candidates.FirstOrDefault(candidate => candidate.ComponentCount == componentCount && candidate.CovarianceStructure == structure);
}
