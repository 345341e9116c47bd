namespace Microsoft.ML.Mixture;

/// <summary>Fits to all rows of what has been explored, of which models are made.</summary>
/// <param name="grid">The models.</param>
/// <param name="phase">The phase, on all rows.</param>
/// <param name="explored">The rows that were explored.</param>
/// <param name="models">Makes models.</param>
/// <param name="budget">The time of a fit, which is that of the search.</param>
/// <param name="options">Those of the search.</param>
internal sealed class SearchCompletion(
    SearchGrid grid, SearchPhase phase, SearchRows explored, SearchModels models, FitBudget budget, GaussianMixtureSearchOptions options)
{
    // On nine sets no fit that is less likely on the sample by more, a row, was the better one on all rows.
    private const double NatsOfSecond = 0.1;

    // Models that win one after the other.
    private const int MostRaced = 4;

    // Fits to one maximum differ by less.
    private const double TolerancesOfOther = 2;

    private readonly SearchTolerance _toleranceOfExplored = new(options, phase.Scaled, explored);

    /// <summary>Makes a model of what a model has found; of one that cannot win, only if that was found on a sample, by another run.</summary>
    public void Complete(SearchCell cell)
    {
        if (cell.Current is { } current && (explored.AreSample || cell.IsContender))
        {
            MixtureFit? fit = Run(cell, current.ToState(), _toleranceOfExplored, rival: double.NegativeInfinity);
            if (explored.AreSample || fit is null) cell.Current = null;
            cell.Settle(fit);
            if (cell.Annealed is { } annealed) cell.Offer(Run(cell, annealed, _toleranceOfExplored, SearchMoves.Rival(cell, phase.Rows)));
            if (explored.AreSample && cell.Second is { } second && current.Objective - second.Objective <= NatsOfSecond * current.RowWeightTotal)
            {
                cell.Offer(Run(cell, second.ToState(), _toleranceOfExplored, SearchMoves.Rival(cell, second, phase.Rows)));
            }
        }

        cell.ReleaseMemory();
        if (cell.Current is null) cell.Candidate.Failure = cell.LastFailure;
        else models.Make(cell, budget, phase.Token);
    }

    /// <summary>Starts once more from the likeliest others: what is best on a sample need not be on all rows, and there another model of the same K may have found what is.</summary>
    public void LookAgain(SearchCell cell)
    {
        if (cell.Candidate.Model is null || cell.Candidate.ComponentCount == 1) return;
        MixtureFit? before = cell.Current;
        if (grid.Likeliest(cell, cell.Contains) is { } within && within.LogLikelihood > cell.Current!.LogLikelihood && cell.Seen.Add(within)) TryOnAll(cell, within);
        if (grid.LikeliestSound(cell) is { } likeliest && cell.Seen.Add(likeliest)) TryOnAll(cell, likeliest);
        if (cell.Current != before) Renew(cell);
        cell.ReleaseMemory();
    }

    /// <summary>Lets models near the best try splits and drops of their neighbours once more.</summary>
    /// <param name="cell">The model.</param>
    /// <param name="moves">Moves on all rows.</param>
    public void LookFurther(SearchCell cell, SearchMoves moves)
    {
        if (cell.Candidate.Model is null || !(cell.IsContender || cell.IsNearWinner)) return;
        MixtureFit? before = cell.Current;
        cell.HasTriedGroups = true;
        moves.Exchange(cell, [], isFirst: false);
        if (cell.Current is { } current && current != before)
        {
            cell.Settle(Run(cell, current.ToState(), phase.Tolerance, rival: double.NegativeInfinity));
            Renew(cell);
        }

        cell.ReleaseMemory();
    }

    /// <summary>Takes the winner to the tolerance that was asked for where it was fitted as one that cannot win; another that wins by that, too.</summary>
    public void Settle()
    {
        var settled = new HashSet<SearchCell>();
        while (Winner() is { } cell && settled.Add(cell) && cell.Current is { } current && MayGain(current))
        {
            cell.IsContender = true;
            MixtureFit? fit = Run(cell, current.ToState(), phase.Tolerance, rival: double.NegativeInfinity);

            // What leads to a doubtful maximum is itself none.
            bool isDoubtful = fit is { Spurious.Count: > 0 } && current.Spurious.Count == 0 && fit.Objective > current.Objective;
            if (isDoubtful) cell.Current = fit;
            if (cell.Settle(fit) || isDoubtful) Renew(cell);
            cell.ReleaseMemory();
        }
    }

    /// <summary>Lets starts race for the winner, as they do for a fit of that model alone, and for another that wins by that.</summary>
    /// <returns>By how much the criterion of a model became smaller, at most.</returns>
    public double Race()
    {
        double largest = 0;
        var raced = new HashSet<SearchCell>();
        while (raced.Count < MostRaced && Winner() is { Candidate.ComponentCount: > 1, Current: { } current } cell && raced.Add(cell))
        {
            double before = cell.Candidate.Value(options.Criterion);
            try
            {
                GaussianMixtureOptions alone = options.FitOptions(cell.Candidate.ComponentCount, cell.Candidate.CovarianceStructure);
                alone.ThreadCount = options.ThreadCount;
                MixtureFit fit = MixtureFitter.Fit(GaussianFit.Family(phase.Scaled, alone), phase.Scaled, default, alone, budget);
                cell.WasGivenUp = false;
                if (!fit.IsBetterThan(current, TolerancesOfOther * options.Tolerance * phase.Rows.WeightTotal)) continue;
                cell.Current = fit;
                Renew(cell);
                largest = Math.Max(largest, before - cell.Candidate.Value(options.Criterion));
            }
            catch (MixtureFitException)
            {
                // It has a model.
            }

            cell.ReleaseMemory();
        }

        return largest;
    }

    /// <summary>
    /// When the time is over, what has been found is still to become models: all fits to all rows, or of fits to a sample the best, by a step on all rows.
    /// If nothing has been found, a single component is.
    /// </summary>
    /// <param name="promising">The models, best first.</param>
    /// <param name="cancelled">The caller's token.</param>
    public void FinishFound(IEnumerable<SearchCell> promising, CancellationToken cancelled)
    {
        using var left = new FitBudget(grid.Cells[0].Options, cancelled);
        var fits = new SearchFits(phase.Scaled, phase.Rows, cancelled);
        if (Array.TrueForAll(grid.Cells, cell => cell.Current is null && cell.Candidate.Model is null)) FitSingleComponents(fits, cancelled);
        foreach (SearchCell cell in promising.Where(cell => cell.Current is not null && cell.Candidate.Model is null).ToArray())
        {
            if (cell.Current!.RowWeightTotal != phase.Rows.WeightTotal)
            {
                if (Array.Exists(grid.Cells, other => other.Candidate.Model is not null)) continue;
                cell.Current = fits.TryRun(cell, cell.Current.ToState(), new StoppingRule(1, 0, phase.Rows.WeightTotal));
                if (cell.Current is null) continue;
            }

            if (cell.Current.StopReason != StopReason.Converged) cell.Current.StopReason = StopReason.TimeBudget;
            models.Make(cell, left, cancelled);
            cell.ReleaseMemory();
        }
    }

    // One step makes a Gaussian of all rows.
    private void FitSingleComponents(SearchFits fits, CancellationToken cancelled)
    {
        SearchCell[] single = Array.FindAll(grid.Cells, cell => cell.Candidate.ComponentCount == 1 && cell.Candidate.SameAs is null && !cell.IsExcluded);
        if (single.Length == 0) return;
        RowSource rows = phase.Rows.Source;
        var all = new SearchGrouping(rows, new int[rows.RowCount], 1, phase.Scaled.Moments, cancelled);
        foreach (SearchCell cell in single)
        {
            if (fits.TryStart(cell, all, out MixtureState state)) cell.Current = fits.TryRun(cell, state, new StoppingRule(1, 0, phase.Rows.WeightTotal));
        }
    }

    // Not where it has taken all steps that it may.
    private bool MayGain(MixtureFit fit) =>
        fit.PassCount <= options.MaximumIterations && (fit.StopReason != StopReason.Converged || fit.RemainingGain > options.Tolerance);

    private SearchCell? Winner() => grid.Cells
        .Where(cell => cell.Candidate.IsItsOwn && !double.IsNaN(cell.Candidate.Value(options.Criterion)))
        .OrderBy(cell => cell.Candidate.IsDoubtful).ThenBy(cell => cell.Candidate.Value(options.Criterion)).FirstOrDefault();

    private void Renew(SearchCell cell) => models.Make(cell, budget, phase.Token);

    private void TryOnAll(SearchCell cell, MixtureFit other)
    {
        if (phase.Fits.TryAdopt(cell, other.ToState(), out MixtureState start)) cell.Offer(Run(cell, start, _toleranceOfExplored, SearchMoves.Rival(cell, other, phase.Rows)));
    }

    private MixtureFit? Run(SearchCell cell, MixtureState start, SearchTolerance tolerance, double rival) => phase.Fits.TryRun(
        cell, start, new StoppingRule(options.MaximumIterations, tolerance.OfModel(cell), phase.Rows.WeightTotal) { MakesSure = cell.IsContender, Rival = rival, StepsBesideRival = SearchMoves.StepsBesideRival });
}
