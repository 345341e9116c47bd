namespace Microsoft.ML.Mixture;

/// <content>What becomes of fits: models in the units of the data, and their criteria.</content>
internal sealed partial class GaussianMixtureSearch
{
    private void Complete(SearchCell cell)
    {
        if (cell.Current is { } current && (IsSampled || cell.IsContender))
        {
            MixtureFit? fit = RunOnAll(cell, State(current), rival: double.NegativeInfinity);
            if (IsSampled || fit is null) cell.Current = null;
            cell.Offer(fit);
        }

        cell.ReleaseMemory();
        MixtureCandidate candidate = cell.Candidate;
        if (cell.Current is null)
        {
            candidate.Failure = cell.LastFailure;
            return;
        }

        if (MakeModel(cell, _budget, _time.Token) is not { } model) return;
        if (_options.Criterion == MixtureCriterion.CrossValidation)
        {
            try
            {
                candidate.CrossValidation = GaussianMixture.CrossValidate(_source, _options.FitOptions(candidate.ComponentCount, candidate.CovarianceStructure), _options.FoldCount, _time.Token);
            }
            catch (Exception exception) when (exception is MixtureFitException or ArgumentException)
            {
                candidate.Failure = $"It could not be cross-validated. {exception.Message}";
                return;
            }
        }

        cell.Accept(model);
    }

    // When the time is over, what has been found is still to become models: all fits to all rows, or of fits to a sample the best, by a step on all rows.
    private void FinishFound()
    {
        if (_options.Criterion == MixtureCriterion.CrossValidation) return;
        using var budget = new FitBudget(_cells[0].Options, _cancelled);
        foreach (SearchCell cell in Promising().Where(cell => cell.Current is not null && cell.Candidate.Model is null).ToArray())
        {
            if (cell.Current!.RowWeightTotal != _all.WeightTotal)
            {
                if (Array.Exists(_cells, other => other.Candidate.Model is not null)) continue;
                cell.Current = new SearchFits(_rows, _cancelled).TryRun(cell, _all, State(cell.Current), new StoppingRule(1, 0, _all.WeightTotal));
                if (cell.Current is null) continue;
            }

            if (cell.Current.StopReason != StopReason.Converged) cell.Current.StopReason = StopReason.TimeBudget;
            if (MakeModel(cell, budget, _cancelled) is { } model) cell.Accept(model);
            cell.ReleaseMemory();
        }
    }

    // Null, with the reason noted, if it is beyond double precision.
    private GaussianMixtureModel? MakeModel(SearchCell cell, FitBudget budget, CancellationToken cancellationToken)
    {
        try
        {
            GaussianMixtureModel model = GaussianFit.Finish(_rows, cell.Current!, cell.Options, budget);
            cell.Candidate.Criteria = MixtureCriteria.Compute(model, _unscaled, cancellationToken);
            return model;
        }
        catch (MixtureFitException exception)
        {
            cell.Candidate.Failure = exception.Message;
            return null;
        }
    }

    private MixtureCandidate Finish(SearchCell cell)
    {
        MixtureCandidate candidate = cell.Candidate;
        candidate.TakeSame();
        if (candidate.Model is not null) return candidate;
        (candidate.Criteria, candidate.CrossValidation) = (null, null);
        candidate.Failure ??= _options.UnfinishedReason;
        return candidate;
    }
}
