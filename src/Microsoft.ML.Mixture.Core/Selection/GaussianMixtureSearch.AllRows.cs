namespace Microsoft.ML.Mixture;

/// <content>Fits to all rows of what has been found on a sample.</content>
internal sealed partial class GaussianMixtureSearch
{
    // What is best on a sample need not be on all rows, and there another model of the same K may have found what is.
    private void LookAgain(SearchCell cell)
    {
        if (cell.Candidate.Model is null || cell.Candidate.ComponentCount == 1) return;
        MixtureFit? before = cell.Current;
        if (Likeliest(cell, cell.Contains) is { } within && within.LogLikelihood > cell.Current!.LogLikelihood && cell.Seen.Add(within)) TryOnAll(cell, within);
        if (LikeliestSound(cell) is { } likeliest && cell.Seen.Add(likeliest)) TryOnAll(cell, likeliest);
        if (cell.Current != before) Renew(cell);
        cell.ReleaseMemory();
    }

    // Models near the best try splits and drops of their neighbours once more.
    private void LookFurther(SearchCell cell)
    {
        if (cell.Candidate.Model is null || !(cell.IsContender || cell.IsNearWinner)) return;
        MixtureFit? before = cell.Current;
        cell.HasTriedGroups = true;
        Exchange(cell, [], isFirst: false);
        if (cell.Current is { } current && current != before)
        {
            cell.Offer(RunOnAll(cell, State(current), rival: double.NegativeInfinity));
            Renew(cell);
        }

        cell.ReleaseMemory();
    }

    private void Renew(SearchCell cell)
    {
        if (MakeModel(cell, _budget, _time.Token) is { } model) cell.Accept(model);
    }

    private void TryOnAll(SearchCell cell, MixtureFit other)
    {
        if (_fits.TryAdopt(cell, State(other), out MixtureState start)) cell.Offer(RunOnAll(cell, start, Rival(cell, other, _all)));
    }

    private MixtureFit? RunOnAll(SearchCell cell, MixtureState start, double rival) => _fits.TryRun(
        cell, _all, start, new StoppingRule(_options.MaximumIterations, Tolerance(cell, cell.IsContender), _all.WeightTotal) { MakesSure = cell.IsContender, Rival = rival });
}
