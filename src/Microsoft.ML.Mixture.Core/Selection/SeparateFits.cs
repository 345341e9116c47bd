namespace Microsoft.ML.Mixture;

/// <summary>Fits models of a search each by itself, several at a time, each on one thread, until the time of the search is over.</summary>
internal sealed class SeparateFits<TCandidate> : IDisposable
    where TCandidate : SearchedMixture
{
    private readonly MixtureSearchOptions _options;
    private readonly TCandidate[] _candidates;
    private readonly WorkerTeam? _team;
    private readonly SearchThreads _threads;
    private readonly Lock _progressLock = new();

    /// <summary>Begins the time of the fits.</summary>
    /// <param name="options">Those of the search.</param>
    /// <param name="candidates">All its models.</param>
    /// <param name="time">The time of the search.</param>
    /// <param name="cancellationToken">The caller's token.</param>
    /// <param name="share">What of the time that is left they may take.</param>
    public SeparateFits(MixtureSearchOptions options, TCandidate[] candidates, TimeLimit time, CancellationToken cancellationToken, double share = 1)
    {
        (_options, _candidates) = (options, candidates);
        Time = new TimeLimit(share < 1 ? time.Left * share : time.Left, options.Clock, cancellationToken);
        _team = SearchThreads.CreateTeam(options, candidates.Length);
        _threads = new SearchThreads(_team, Time, cancellationToken);
    }

    /// <summary>The time that runs.</summary>
    public TimeLimit Time { get; }

    /// <summary>Is cancelled when the time is over, too.</summary>
    public CancellationToken Token => Time.Token;

    /// <summary>Whether the time is over.</summary>
    public bool HaveEnded => Time.HasEnded;

    /// <summary>Fits some of the models.</summary>
    /// <param name="candidates">The models, small ones first: where there is a time budget, more of them are done.</param>
    /// <param name="fit">Gives a candidate its model, or throws what becomes its failure.</param>
    /// <param name="report">Is told of each that is done, by one thread at a time.</param>
    public void Run(IReadOnlyList<TCandidate> candidates, Action<TCandidate> fit, Action<TCandidate> report) =>
        _threads.Run(candidates.Count, item => Complete(candidates[item], fit, report));

    /// <summary>Marks the models that the time was too short for, and lets those that are the same as others have what these have.</summary>
    /// <param name="areShort">Whether others may be short of their best because the time was over.</param>
    /// <returns>What is to be said of that.</returns>
    public string[] Finish(bool areShort = false)
    {
        int unfinished = _candidates.Count(candidate => candidate is { IsItsOwn: true, HasModel: false, Failure: null });
        foreach (TCandidate candidate in _candidates) candidate.Close(_options.UnfinishedReason);
        return unfinished > 0 || areShort ? [_options.WarnOfTime(unfinished, _candidates.Count(candidate => candidate.IsItsOwn))] : [];
    }

    public void Dispose()
    {
        _team?.Dispose();
        Time.Dispose();
    }

    private void Complete(TCandidate candidate, Action<TCandidate> fit, Action<TCandidate> report)
    {
        try
        {
            fit(candidate);
        }
        catch (Exception exception) when (exception is MixtureFitException or ArgumentException)
        {
            if (!candidate.HasModel) candidate.Failure = exception.Message;
        }

        lock (_progressLock) report(candidate);
    }
}
