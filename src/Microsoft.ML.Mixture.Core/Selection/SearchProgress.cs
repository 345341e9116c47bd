namespace Microsoft.ML.Mixture;

/// <summary>Tells a listener how far a search has come.</summary>
/// <param name="listener">Is told; null for nobody.</param>
/// <param name="totalSteps">The number of steps of the whole search.</param>
internal sealed class SearchProgress(IProgress<MixtureSearchProgress>? listener, int totalSteps)
{
    private readonly Lock _lock = new();
    private int _steps;
    private int _toldSteps;

    /// <summary>A step is done.</summary>
    public void Report(SearchCell cell) => Report(cell.Candidate);

    /// <summary>A step is done.</summary>
    public void Report(MixtureCandidate candidate)
    {
        if (listener is null) return;
        lock (_lock)
        {
            // Rounds that are done again have been told of.
            if (++_steps <= _toldSteps) return;
            _toldSteps = _steps;
            listener.Report(new MixtureSearchProgress(_steps, totalSteps, candidate.ComponentCount, candidate.CovarianceStructure));
        }
    }

    /// <summary>Steps will be done again.</summary>
    public void GoBack(int steps) => _steps -= steps;
}
