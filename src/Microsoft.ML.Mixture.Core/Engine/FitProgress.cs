using System.Globalization;
using System.Text;

namespace Microsoft.ML.Mixture;

/// <summary>How far a fit has come.</summary>
/// <param name="Start">The start at work, counted from zero.</param>
/// <param name="Iteration">The number of steps, of EM and accelerated ones, behind the parameters that were just evaluated.</param>
/// <param name="AverageLogLikelihood">Their log-likelihood per unit of row weight, in nats.</param>
/// <param name="AverageObjective">The same with the prior, which is what EM raises.</param>
public readonly record struct FitProgress(int Start, int Iteration, double AverageLogLikelihood, double AverageObjective)
{
    /// <summary>What the last step has gained of <see cref="AverageObjective"/>, in nats; NaN before the first step of a start.</summary>
    public double Gain { get; init; } = double.NaN;

    /// <summary>
    /// An estimate of what this start may still gain of <see cref="AverageObjective"/>, in nats, on the side of caution; infinite as long as
    /// there are too few steps to tell. The start ends when it is no more than a part of <see cref="MixtureOptions.Tolerance"/>, a hundredth as a rule (see there).
    /// </summary>
    public double RemainingGain { get; init; } = double.PositiveInfinity;

    /// <summary>The number of steps a second since this start began to iterate; NaN before its first step.</summary>
    public double IterationsPerSecond { get; init; } = double.NaN;

    /// <summary>
    /// While starts of several kinds race, which the default start lets them do: how many have run so far. The iteration is 0 then, and the
    /// likelihoods are those of the best of them so far, on a sample of the rows where these are many; as long as none has run, those of the one at work. A race
    /// that says nothing new is told of about once a second. Null once the best is carried on.
    /// </summary>
    public int? RacedStarts { get; init; }

    /// <summary>
    /// While starts race: how many components of the best of them rest on a handful of rows. Of two mixtures the one with fewer of them is the better, so that the
    /// likelihoods of the best fall where such a mixture gives way to a sound one. 0 once the best is carried on.
    /// </summary>
    public int SpuriousComponentCount { get; init; }

    /// <summary>The time since the fit began.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>
    /// An estimate of how long the fit will still take, with the starts to come. It follows from how fast <see cref="RemainingGain"/> has shrunk
    /// of late and from how long earlier starts took, and is never more than what the limit of iterations and the time budget leave. While starts
    /// race, it is what the race may take without a new best one, on a sample with what all rows take afterwards as a rule, and not the iterations that follow it. As long as
    /// nothing is known, it is what the time budget leaves, and null without one. It may be wrong by far: gains may shrink
    /// faster or slower later on, and a race ends early where starts agree.
    /// </summary>
    public TimeSpan? TimeLeft { get; init; }

    // The text of a record follows the culture, and a log would have two kinds of numbers.
    private bool PrintMembers(StringBuilder text)
    {
        text.Append(
            CultureInfo.InvariantCulture,
            $"{nameof(Start)} = {Start}, {nameof(Iteration)} = {Iteration}, {nameof(AverageLogLikelihood)} = {AverageLogLikelihood}, {nameof(AverageObjective)} = {AverageObjective}, {nameof(Gain)} = {Gain}, ");
        text.Append(
            CultureInfo.InvariantCulture,
            $"{nameof(RemainingGain)} = {RemainingGain}, {nameof(IterationsPerSecond)} = {IterationsPerSecond}, {nameof(RacedStarts)} = {RacedStarts}, {nameof(SpuriousComponentCount)} = {SpuriousComponentCount}, {nameof(Elapsed)} = {Elapsed}, {nameof(TimeLeft)} = {TimeLeft}");
        return true;
    }
}
