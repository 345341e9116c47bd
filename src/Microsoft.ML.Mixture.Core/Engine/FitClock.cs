namespace Microsoft.ML.Mixture;

/// <summary>
/// The only clock of the library. Time budgets, progress and elapsed times read it, and nothing else does: no parameter of a model depends
/// on it unless a budget ends a fit.
/// </summary>
internal static class FitClock
{
    /// <summary>The clock of the machine, which tests replace by one of their own.</summary>
#pragma warning disable RS0030 // The one place that reads a clock.
    public static TimeProvider OfMachine => TimeProvider.System;
#pragma warning restore RS0030
}
