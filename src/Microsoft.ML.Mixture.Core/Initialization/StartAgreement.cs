namespace Microsoft.ML.Mixture;

/// <summary>
/// Counts how many starts of a race have come to the best maximum so far. Where many do that have nothing in common, there is hardly a better one
/// that none of them has found, and the race is over.
/// </summary>
/// <param name="needed">How many have to.</param>
/// <param name="margin">How far below the best objective a run that ended as beaten may be and still be on its way there.</param>
internal sealed class StartAgreement(double needed, double margin)
{
    // A move that leads back says less than a start that knows nothing of the best, and one that splits what it has merged says nothing.
    private const double ShareOfMove = 0.15;

    private double _count;

    /// <summary>How many starts and moves have come there.</summary>
    public int Count { get; private set; }

    /// <summary>How many are missing; not positive where it is reached.</summary>
    /// <param name="twice">Whether twice as many have to.</param>
    public double Missing(bool twice) => (twice ? 2 * needed : needed) - _count;

    /// <summary>Whether that is likely to come.</summary>
    public bool IsHalfReached => _count >= 0.5 * needed;

    /// <summary>Notes where a run has led to.</summary>
    /// <param name="step">What it started from.</param>
    /// <param name="fit">The run.</param>
    /// <param name="best">The best one before; null if there was none.</param>
    /// <param name="isBetter">Whether it is better than that, which one is not for its objective alone.</param>
    public void Add(StartStep step, MixtureFit fit, MixtureFit? best, bool isBetter)
    {
        bool isThere = best is not null && fit.Unsoundness == best.Unsoundness && Math.Abs(fit.Objective - best.Objective) <= margin;
        if (!isThere && !isBetter) return;
        if (!isThere) (_count, Count) = (0, 0);
        Count++;
        if (fit.IsSound) _count += ShareOf(step.Move);
    }

    private static double ShareOf(StartMove? move) => move switch
    {
        null => 1,
        StartMove.MergeAndSplit or StartMove.Relocate or StartMove.RelocateRunnerUp => ShareOfMove,
        _ => 0,
    };
}
