namespace Microsoft.ML.Mixture;

/// <summary>What a fit does when it is cancelled.</summary>
public enum CancellationBehavior
{
    /// <summary>It throws <see cref="OperationCanceledException"/>.</summary>
    Throw = 0,

    /// <summary>
    /// It returns the best model of all starts so far, with a warning that says what was not done. What starts have found on a sample
    /// of the rows takes one pass over all of them to be a model. It throws if there is nothing yet.
    /// </summary>
    ReturnBest = 1,
}
