namespace Microsoft.ML.Mixture;

/// <summary>What becomes of the fits of a search: models in the units of the data, and their criteria.</summary>
/// <param name="data">The rows.</param>
/// <param name="options">Those of the search.</param>
internal sealed class SearchModels(SearchData data, GaussianMixtureSearchOptions options)
{
    /// <summary>Whether models are cross-validated.</summary>
    public bool CrossValidates => options.Criterion == MixtureCriterion.CrossValidation;

    /// <summary>Makes a model of what a model has, and notes the reason if that is beyond double precision, unless it has one from before, which it keeps.</summary>
    /// <param name="cell">The model.</param>
    /// <param name="budget">What the fit has taken.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <param name="crossValidates">Whether one that cannot be cross-validated is none.</param>
    public void Make(SearchCell cell, FitBudget budget, CancellationToken cancellationToken, bool crossValidates = false)
    {
        MixtureCandidate candidate = cell.Candidate;
        try
        {
            GaussianMixtureModel model = GaussianFit.Finish(data.Scaled, cell.Current!, cell.Options, budget);
            candidate.Criteria = MixtureCriteria.Compute(model, data.Unscaled, cancellationToken);
            if (!crossValidates || TryCrossValidate(candidate, cancellationToken)) cell.Accept(model);
        }
        catch (MixtureFitException exception)
        {
            if (!candidate.HasModel) candidate.Failure = exception.Message;
        }
    }

    private bool TryCrossValidate(MixtureCandidate candidate, CancellationToken cancellationToken)
    {
        try
        {
            GaussianMixtureOptions fit = options.FitOptions(candidate.ComponentCount, candidate.CovarianceStructure);
            candidate.CrossValidation = GaussianMixture.CrossValidate(data.Source, fit, options.FoldCount, cancellationToken);
            return true;
        }
        catch (Exception exception) when (exception is MixtureFitException or ArgumentException)
        {
            candidate.Failure = $"It could not be cross-validated. {exception.Message}";
            return false;
        }
    }
}
