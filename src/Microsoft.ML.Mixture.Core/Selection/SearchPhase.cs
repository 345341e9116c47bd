namespace Microsoft.ML.Mixture;

/// <summary>A phase of a search: fits to some of its rows, for some of its time.</summary>
internal sealed class SearchPhase
{
    private readonly SearchThreads _threads;
    private readonly SearchProgress _progress;

    /// <summary>Prepares a phase.</summary>
    /// <param name="scaled">All rows.</param>
    /// <param name="rows">Those of the phase.</param>
    /// <param name="options">Those of the search.</param>
    /// <param name="threads">The threads, for the time of the phase.</param>
    /// <param name="progress">Is told of every model that is done.</param>
    public SearchPhase(ScaledRows scaled, SearchRows rows, GaussianMixtureSearchOptions options, SearchThreads threads, SearchProgress progress)
    {
        (Scaled, Rows, _threads, _progress) = (scaled, rows, threads, progress);
        Fits = new SearchFits(scaled, rows, threads.Token);
        Tolerance = new SearchTolerance(options, scaled, rows);
    }

    public ScaledRows Scaled { get; }

    public SearchRows Rows { get; }

    public SearchFits Fits { get; }

    public SearchTolerance Tolerance { get; }

    /// <summary>Is cancelled when the time of the phase is over.</summary>
    public CancellationToken Token => _threads.Token;

    /// <summary>Whether the time of the phase is over.</summary>
    public bool HasEnded => _threads.HaveEnded;

    /// <summary>Does numbered pieces of work.</summary>
    public void Run(int count, Action<int> work) => _threads.Run(count, work);

    /// <summary>Does some work for every model that is searched for.</summary>
    /// <param name="order">All models; the first ones begin first.</param>
    /// <param name="work">The work. It sees of other models what they have published alone, so that nothing depends on which thread is faster.</param>
    public void RunCells(SearchCell[] order, Action<SearchCell> work) => Run(order.Length, item =>
    {
        SearchCell cell = order[item];
        if (cell.IsSearched) work(cell);
        _progress.Report(cell);
    });

    /// <summary>Tells of rounds that were not needed.</summary>
    public void Skip(SearchCell[] cells, int rounds)
    {
        for (int round = 0; round < rounds; round++) Array.ForEach(cells, _progress.Report);
    }

    /// <summary>Lets rounds be done again.</summary>
    public void GoBack(SearchCell[] cells, int rounds) => _progress.GoBack(rounds * cells.Length);
}
