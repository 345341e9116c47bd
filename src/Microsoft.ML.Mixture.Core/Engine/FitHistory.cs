namespace Microsoft.ML.Mixture;

/// <summary>The log-likelihoods of a run, with and without the prior.</summary>
internal sealed class FitHistory
{
    public List<double> LogLikelihoods { get; } = [];

    public List<double> Objectives { get; } = [];

    public int IterationCount => LogLikelihoods.Count - 1;

    /// <summary>Why the run ends with the last of them; null if it goes on.</summary>
    public StopReason? Decision { get; set; }

    /// <summary>The number of accelerated steps that were given up.</summary>
    public int RejectedCount { get; set; }

    public void Add(double logLikelihood, double logPrior)
    {
        LogLikelihoods.Add(logLikelihood);
        Objectives.Add(logLikelihood + logPrior);
    }

    public void RemoveLast()
    {
        LogLikelihoods.RemoveAt(LogLikelihoods.Count - 1);
        Objectives.RemoveAt(Objectives.Count - 1);
    }
}
