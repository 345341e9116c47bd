namespace Microsoft.ML.Mixture;

/// <summary>What becomes of the fits of a search: models in the units of the data, and their criteria.</summary>
/// <param name="data">The rows.</param>
internal sealed class SearchModels(SearchData data)
{
    /// <summary>Makes a model of what a model has, and notes the reason if that is beyond double precision, unless it has one from before, which it keeps.</summary>
    /// <param name="cell">The model.</param>
    /// <param name="budget">What the fit has taken.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    public void Make(SearchCell cell, FitBudget budget, CancellationToken cancellationToken)
    {
        MixtureCandidate candidate = cell.Candidate;
        try
        {
            GaussianMixtureModel model = GaussianFit.Finish(data.Scaled, cell.Current!, cell.Options, budget);
            candidate.Criteria = MixtureCriteria.Compute(model, data.Unscaled, cancellationToken);
            cell.Accept(model);
        }
        catch (MixtureFitException exception)
        {
            if (!candidate.HasModel) candidate.Failure = exception.Message;
        }
    }
}
