using System.Globalization;

namespace Microsoft.ML.Mixture;

/// <summary>Every mixture that a search has tried, the ranking and the winner.</summary>
/// <typeparam name="TCandidate">What is known of each.</typeparam>
public abstract class MixtureRanking<TCandidate>
    where TCandidate : SearchedMixture
{
    private const double BareMention = 2;

    // A lead below so many of its standard errors turns with the deal of the folds.
    private const double ErrorsOfLead = 2;
    private const string OfWinner = "Of the winner: ";

    // What the search warns of by itself and for its rows. What is told of all models need not be told of the winner again. Where rows have limited the number of components, more cannot be tried.
    private protected MixtureRanking(
        IReadOnlyList<TCandidate> candidates, MixtureCriterion criterion, IReadOnlyList<string> ofSearch, IReadOnlyList<string> ofRows, IReadOnlyList<string> told, bool isLimited)
    {
        Candidates = candidates;
        Criterion = criterion;
        Ranking = [.. candidates.Where(candidate => candidate.IsItsOwn && !double.IsNaN(candidate.Value(criterion)))
            .OrderBy(candidate => candidate.IsDoubtful).ThenBy(candidate => candidate.Value(criterion))];
        if (Ranking.Count == 0)
        {
            string reason = candidates.Select(candidate => candidate.Failure).FirstOrDefault(failure => failure is not null) ?? "The criterion is not a number for any of them.";
            throw new MixtureFitException(
                candidates.Count == 1 ? $"The model could not be fitted: {reason}" : $"None of the {candidates.Count} models could be fitted. The first failed for this reason: {reason}");
        }

        string[] ofWinner = [.. Best.ModelWarnings.Except(told).Select(warning => OfWinner + warning)], beside = [.. BesideWinner(isLimited)];
        Warnings = [.. ofSearch, .. ofRows, .. ofWinner, .. beside];
        Best.Tell(ofSearch.Concat(beside));
    }

    /// <summary>Every model tried, by K and then by structure, those without success among them. Most may have <see cref="SearchedMixture.EndedEarly"/>, as they could not win by <see cref="Criterion"/>.</summary>
    public IReadOnlyList<TCandidate> Candidates { get; }

    /// <summary>The models, best first: sound ones by the criterion, then doubtful ones. Those that are the same as another stand here once.</summary>
    public IReadOnlyList<TCandidate> Ranking { get; }

    /// <summary>By what models are ranked.</summary>
    public MixtureCriterion Criterion { get; }

    /// <summary>The winner: the first of <see cref="Ranking"/>.</summary>
    public TCandidate Best => Ranking[0];

    /// <summary>What to beware of, in full sentences: the warnings of the winner's report and whether the evidence tells the first two models apart are among them.</summary>
    /// <remarks>
    /// A difference of less than 2 in BIC is not worth more than a bare mention: Kass and Raftery (1995), Bayes factors, J. Am. Stat. Assoc.
    /// 90(430), 773-795, doi:10.1080/01621459.1995.10476572, section 3.2. By <see cref="MixtureCriterion.CrossValidation"/> a difference below two of its standard errors over the rows left out is.
    /// </remarks>
    public IReadOnlyList<string> Warnings { get; private set; }

    /// <summary>Warnings of the winner that the table leaves to its report, for who prints the one prints the other: they do not concern the search.</summary>
    internal IReadOnlyList<string> LeftToReport { get; init; } = [];

    /// <summary>Those of <see cref="Warnings"/> that stand below the table.</summary>
    internal IEnumerable<string> WarningsOfTable => Warnings.Except(LeftToReport.Select(warning => OfWinner + warning));

    /// <summary>What tells models of the same K apart, in the heading of the table.</summary>
    internal abstract string StructureHeading { get; }

    /// <summary>A table of the criterion by structure and K, the best models, and the warnings.</summary>
    /// <returns>Several lines, for people.</returns>
    public override string ToString() => MixtureSearchTable.Write(this, withWarnings: true);

    /// <summary>The same without the warnings, for a log that has them already.</summary>
    internal string ToTable() => MixtureSearchTable.Write(this, withWarnings: false);

    /// <summary>Throws if a candidate is of another search: a model of it would say that this one has chosen it.</summary>
    internal void CheckIsOwn(TCandidate candidate, string argument)
    {
        ArgumentNullException.ThrowIfNull(candidate, argument);
        if (!Candidates.Contains(candidate)) throw new ArgumentException($"The candidate with {candidate} is of another search. Pass one of the candidates of this one, or make a transformer by the search that it is of.", argument);
    }

    /// <summary>Adds to the warnings, and to those of the winner's report.</summary>
    internal void Warn(params string[] warnings)
    {
        Warnings = [.. Warnings, .. warnings];
        Best.Tell(warnings);
    }

    /// <summary>Warns of a lead of the winner of a cross-validation that its rows do not bear out.</summary>
    internal void CompareOnRowsLeftOut(CancellationToken cancellationToken)
    {
        if (Criterion == MixtureCriterion.CrossValidation && HasRival && (Best.CrossValidation!.Models, Ranking[1].CrossValidation!.Models) is ({ } own, { } others))
        {
            double lead = Ranking[1].Value(Criterion) - Best.Value(Criterion), error = 2 * own.ErrorOfDifference(others, cancellationToken);
            if (lead < ErrorsOfLead * error)
            {
                string shared = Best.ComponentCount == Ranking[1].ComponentCount ? $" Both have {Counted.Of(Best.ComponentCount, "component")}; it is their shape that is open." : string.Empty;
                Warn(string.Create(
                    CultureInfo.InvariantCulture,
                    $"The rows left out do not tell the first two models apart: {Best} and {Ranking[1]} differ by {lead:F2} in {MixtureSearchTable.Name(Criterion)}, less than twice the standard error of that over the rows, {error:F2}. Folds that are dealt otherwise may turn the order: look at both, or search with other seeds as well.{shared}"));
            }
        }

        // Nobody compares any others.
        foreach (TCandidate candidate in Candidates)
        {
            if (candidate.CrossValidation is { } crossValidation) crossValidation.Models = null;
        }
    }

    // Whether the second is as sound as the winner.
    private bool HasRival => Ranking.Count > 1 && Ranking[1].IsDoubtful == Best.IsDoubtful;

    private IEnumerable<string> BesideWinner(bool isLimited)
    {
        if (Best.IsDoubtful)
        {
            yield return "Every model has components that rest on a handful of rows, or nearly as many parameters as there are values, so likelihoods and criteria mean little. Try fewer components or simpler structures.";
        }

        // The best of a range that ends there need not be the best there is.
        if (!isLimited && Best.ComponentCount == Candidates.Max(candidate => candidate.ComponentCount) && Ranking.Any(candidate => candidate.ComponentCount < Best.ComponentCount))
        {
            yield return $"The best model has as many components as were tried, {Best.ComponentCount}. More may be better: raise the maximum number of components.";
        }

        if (!HasRival || Best.CrossValidation?.Models is not null) yield break;
        double difference = Ranking[1].Value(Criterion) - Best.Value(Criterion);
        if (!(difference < BareMention)) yield break;
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"The evidence does not tell the first two models apart: {Best} and {Ranking[1]} differ by {difference:F2} in {MixtureSearchTable.Name(Criterion)}, and a difference below 2 is not worth more than a bare mention. Look at both.");
    }
}
