namespace Microsoft.ML.Mixture;

/// <summary>The threads of a search, until its time is over or it is cancelled.</summary>
/// <param name="team">Those that do the work; null for the thread that calls alone.</param>
/// <param name="time">The time of the search.</param>
/// <param name="cancellationToken">The caller's token.</param>
internal sealed class SearchThreads(WorkerTeam? team, TimeLimit time, CancellationToken cancellationToken)
{
    /// <summary>Is cancelled when the time is over, and with the caller's token.</summary>
    public CancellationToken Token => time.Token;

    /// <summary>Whether to stop.</summary>
    public bool HaveEnded => time.HasEnded;

    /// <summary>Makes the threads of a search; none where there is a single one.</summary>
    public static WorkerTeam? CreateTeam(MixtureSearchOptions options, int modelCount)
    {
        int threads = Math.Min(options.ThreadCount ?? Environment.ProcessorCount, modelCount);
        return threads > 1 ? new WorkerTeam(threads) : null;
    }

    /// <summary>Does numbered pieces of work; none is begun when the time is over, and one that the time cuts off is left as it is.</summary>
    /// <exception cref="OperationCanceledException">The caller has cancelled.</exception>
    public void Run(int count, Action<int> work)
    {
        void Guarded(int item, int thread)
        {
            if (time.HasEnded) return;
            try
            {
                work(item);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested && time.HasEnded)
            {
                // The time is over: what is there already counts.
            }
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (team is not null)
        {
            team.Run(count, Guarded);
        }
        else
        {
            for (int item = 0; item < count; item++) Guarded(item, 0);
        }

        cancellationToken.ThrowIfCancellationRequested();
    }
}
