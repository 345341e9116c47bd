namespace Microsoft.ML.Mixture;

/// <summary>What a fit does when it is cancelled.</summary>
public enum CancellationBehavior
{
    /// <summary>It throws <see cref="OperationCanceledException"/>.</summary>
    Throw = 0,

    /// <summary>
    /// It returns the best model of all starts so far, with a warning that says what was not done. It throws if there is no model yet.
    /// </summary>
    ReturnBest = 1,
}
