namespace Microsoft.ML.Mixture;

/// <summary>The threads of a search, until its time is over or it is cancelled.</summary>
/// <param name="time">The time of the search.</param>
/// <param name="cancellationToken">The caller's token.</param>
internal sealed class SearchThreads(TimeLimit time, CancellationToken cancellationToken)
{
    /// <summary>Does numbered pieces of work; none is begun when the time is over, and one that the time cuts off is left as it is.</summary>
    /// <exception cref="OperationCanceledException">The caller has cancelled.</exception>
    public void Run(WorkerTeam? team, int count, Action<int> work)
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
