namespace Microsoft.ML.Mixture;

/// <content>Fits to all rows of what has been found on a sample.</content>
internal sealed partial class GaussianMixtureSearch
{
    // Where steps take little time, more than the likeliest model is listened to.
    private const int FewComponents = 5;
    private const int LongRunsOnAll = 2;

    // In nats a row: mixtures of a sample that differ by less after some steps are one, and those that are so much worse are no better on all rows.
    private const double SameOnSample = 1e-3;
    private const double HopelessOnSample = 0.1;

    // What is best on a sample need not be on all rows, and there another model of the same K may have found what is.
    private void LookAgain(SearchCell cell)
    {
        if (cell.Candidate.Model is null || cell.Candidate.ComponentCount == 1) return;
        MixtureFit? before = cell.Current;
        if (Likeliest(cell, cell.Contains) is { } within && within.LogLikelihood > cell.Current!.LogLikelihood && cell.Seen.Add(within)) TryOnAll(cell, within);
        if (cell.Candidate.ComponentCount > FewComponents)
        {
            if (LikeliestSound(cell) is { } likeliest && cell.Seen.Add(likeliest)) TryOnAll(cell, likeliest);
        }
        else
        {
            foreach (MixtureFit promising in Screen(cell)) TryOnAll(cell, promising);
        }

        if (cell.Current != before && MakeModel(cell, _budget, _time.Token) is { } model)
        {
            cell.Candidate.IsDoubtful = cell.Current!.Spurious.Count > 0;
            cell.Candidate.Model = model;
        }

        cell.ReleaseMemory();
    }

    private void TryOnAll(SearchCell cell, MixtureFit other)
    {
        MixtureFit current = cell.Current!;
        double rival = current.Spurious.Count <= other.Spurious.Count ? current.Objective / _all.WeightTotal : double.NegativeInfinity;
        if (_fits.TryAdopt(cell, State(other), out MixtureState start)) cell.Offer(RunOnAll(cell, start, rival));
    }

    // Of what the models of the same K have found that which a few steps on the sample make most of, and each mixture once.
    private List<MixtureFit> Screen(SearchCell cell)
    {
        var chosen = new List<MixtureFit>();
        if (RunShortly(cell, cell.Current!) is not { } own) return chosen;
        IEnumerable<MixtureFit> found = OfSameCount(cell, other => other.Published!.Spurious.Count == 0 && cell.Seen.Add(other.Published))
            .Select(other => RunShortly(cell, other.Published!)).OfType<MixtureFit>().OrderByDescending(fit => fit.Objective);
        foreach (MixtureFit fit in found)
        {
            double behind = (own.Objective - fit.Objective) / _explored.WeightTotal;
            if (chosen.Count == LongRunsOnAll || behind > HopelessOnSample) break;
            if (chosen.Prepend(own).All(other => Math.Abs(other.Objective - fit.Objective) > SameOnSample * _explored.WeightTotal)) chosen.Add(fit);
        }

        return chosen;
    }

    private MixtureFit? RunShortly(SearchCell cell, MixtureFit fit) => _fits.TryAdopt(cell, State(fit), out MixtureState start) ? Run(cell, start, ScreeningSteps) : null;

    private MixtureFit? RunOnAll(SearchCell cell, MixtureState start, double rival) => _fits.TryRun(
        cell, _all, start, new StoppingRule(_options.MaximumIterations, Tolerance(cell, cell.IsContender), _all.WeightTotal) { MakesSure = cell.IsContender, Rival = rival });
}
