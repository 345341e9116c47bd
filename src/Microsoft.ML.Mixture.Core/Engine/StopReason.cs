namespace Microsoft.ML.Mixture;

/// <summary>Why a fit stopped.</summary>
public enum StopReason
{
    /// <summary>What is still to be gained is estimated to be no more than the tolerance.</summary>
    Converged = 0,

    /// <summary>The number of iterations that was asked for is done.</summary>
    MaximumIterations = 1,

    /// <summary>A component lost its rows or its covariance became singular; the parameters before that step are kept.</summary>
    Degenerate = 2,

    /// <summary>
    /// The objective fell by more than rounding, which exact EM never does; the parameters before the fall are kept. It points to a family
    /// whose M-step does not maximise.
    /// </summary>
    LikelihoodDecreased = 3,

    /// <summary>The time budget was over; the parameters after the last whole step are kept. See <see cref="MixtureOptions.TimeBudget"/>.</summary>
    TimeBudget = 4,

    /// <summary>
    /// The fit was cancelled and was to return what it had; the parameters after the last whole step are kept. See
    /// <see cref="MixtureOptions.CancellationBehavior"/>.
    /// </summary>
    Cancelled = 5,
}
