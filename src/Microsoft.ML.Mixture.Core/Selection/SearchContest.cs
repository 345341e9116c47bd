namespace Microsoft.ML.Mixture;

/// <summary>Which models of a search may still win.</summary>
/// <param name="grid">The models.</param>
/// <param name="options">Those of the search.</param>
/// <param name="all">All rows.</param>
/// <param name="hasSample">Whether models are explored on a sample.</param>
internal sealed class SearchContest(SearchGrid grid, GaussianMixtureSearchOptions options, SearchRows all, bool hasSample)
{
    /// <summary>A model whose criterion is above the best by more than this, twice what counts as very strong evidence, is not started again.</summary>
    public const double Reach = 20;

    // Of so few rows, models with many components may gain more than that, and a step costs next to nothing.
    private const int FewRows = 60;

    // What starting models again has brought: the best of each time.
    private double? _firstBest;

    /// <summary>The best sound model and its fit; null for none.</summary>
    public (SearchCell? Cell, MixtureFit? Fit) Winner { get; private set; }

    /// <summary>Whether a model near the best has gained more than its margin by being started again: then others may as well.</summary>
    public bool IsRugged { get; private set; }

    /// <summary>By how much starting models again has improved the best one, on the rows that were explored or in the end on all.</summary>
    public double Surprise { get; set; }

    /// <summary>Chooses those that may win.</summary>
    /// <param name="rows">The rows that models have been fitted to.</param>
    public void Choose(SearchRows rows)
    {
        double best = double.PositiveInfinity;
        Winner = default;
        foreach (SearchCell cell in grid.Cells)
        {
            if (!cell.IsSound || cell.Current is not { } fit || !(Criterion(cell, fit) < best)) continue;
            best = Criterion(cell, fit);
            Winner = (cell, fit);
        }

        // Criteria of a sample do not compare with those of all rows.
        bool areComparable = rows.AreSample || !hasSample;
        if (areComparable && double.IsFinite(best)) Surprise = ((_firstBest ??= best) - best) * (rows.WeightTotal / all.WeightTotal);
        double[] gains = !areComparable ? [] : [.. grid.Cells
            .Where(cell => cell.IsSound && Criterion(cell, cell.Current!) <= best + Reach)
            .Select(cell => (cell.FirstCriterion - Criterion(cell, cell.Current!)) ?? 0)];
        IsRugged |= all.Source.RowCount < FewRows || (!hasSample && Array.Exists(gains, gain => gain > Reach));
        foreach (SearchCell cell in grid.Cells)
        {
            double own = cell.Current is { } fit ? Criterion(cell, fit) : double.PositiveInfinity;
            cell.FirstCriterion ??= own;

            // A doubtful fit may give way to a sound one.
            cell.IsContender = !cell.IsExcluded && (!options.StopsLosersEarly || IsRugged || Winner.Cell is null || own <= best + Reach);
            cell.IsNearWinner = !cell.IsExcluded && Winner.Cell is { } winner && winner.Candidate.CovarianceStructure == cell.Candidate.CovarianceStructure
                && Math.Abs(winner.Candidate.ComponentCount - cell.Candidate.ComponentCount) == 1;
        }
    }

    /// <summary>Forgets the winner, so that any is a new one.</summary>
    public void GoBack() => Winner = default;

    /// <summary>BIC or AIC of all rows in the units of the fits; BIC stands for criteria that take more than a likelihood.</summary>
    /// <param name="cell">The model.</param>
    /// <param name="logLikelihood">A log-likelihood of all rows.</param>
    public double Criterion(SearchCell cell, double logLikelihood) =>
        (-2 * logLikelihood) + (cell.FreeParameterCount * (options.Criterion == MixtureCriterion.Akaike ? 2 : Math.Log(all.WeightTotal)));

    private double Criterion(SearchCell cell, MixtureFit fit) => Criterion(cell, fit.LogLikelihood * (all.WeightTotal / fit.RowWeightTotal));
}
