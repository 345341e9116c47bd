namespace Microsoft.ML.Mixture;

/// <summary>What one run of EM ends with. Totals are over the weighted rows; likelihoods are in nats.</summary>
public sealed class MixtureFit
{
    // With a tolerance of zero, starts that end in the same place still differ by rounding.
    private const double LeastAgreement = 1e-9;

    private readonly double[] _effectiveCounts;
    private readonly double[] _rowCounts;
    private bool? _coincides;
    private bool? _hasTwins;

    internal MixtureFit(double[] weights, MixtureComponents components, double rowWeightTotal, FitHistory history, double[] effectiveCounts, double[] rowCounts, StopReason stopReason)
    {
        Weights = weights;
        Components = components;
        RowWeightTotal = rowWeightTotal;
        LogLikelihoodHistory = [.. history.LogLikelihoods];
        ObjectiveHistory = [.. history.Objectives];
        (_effectiveCounts, _rowCounts) = (effectiveCounts, rowCounts);
        StopReason = stopReason;
        PassCount = LogLikelihoodHistory.Count + history.RejectedCount;
    }

    /// <summary>The number of passes over the rows, those of accelerated steps that were given up included.</summary>
    internal int PassCount { get; }

    /// <summary>pi(k), the mixing weights, shape K: not negative, with sum one.</summary>
    public IReadOnlyList<double> Weights { get; }

    /// <summary>The parameters of all components.</summary>
    public MixtureComponents Components { get; }

    /// <summary>The sum of the row weights.</summary>
    public double RowWeightTotal { get; }

    /// <summary>
    /// The log-likelihood before the first step and after each one, in nats: totals. The last one belongs to the parameters here.
    /// </summary>
    public IReadOnlyList<double> LogLikelihoodHistory { get; }

    /// <summary>The same with <see cref="MixtureComponents.LogPrior"/> added: what EM never lowers.</summary>
    public IReadOnlyList<double> ObjectiveHistory { get; }

    /// <summary>N(k), the sum over rows of weight times responsibility, shape K.</summary>
    public IReadOnlyList<double> EffectiveCounts => _effectiveCounts;

    /// <summary>
    /// The rows that each component rests on, shape K: N(k), where all rows have a weight of one; else as many rows of one weight as tell as much, (sum of w r)^2 / (sum of w^2 r).
    /// </summary>
    internal IReadOnlyList<double> RowCounts => _rowCounts;

    /// <summary>The same of rows that differ from each other, as if copies of a row were one row of their weight; empty where rows are no copies.</summary>
    internal double[] DistinctCounts { get; init; } = [];

    /// <summary>Why the run stopped.</summary>
    public StopReason StopReason { get; internal set; }

    /// <summary>The number of steps behind the parameters, accelerated ones among them.</summary>
    public int IterationCount => LogLikelihoodHistory.Count - 1;

    /// <summary>The log-likelihood of the parameters here, in nats: a total.</summary>
    public double LogLikelihood => LogLikelihoodHistory[^1];

    /// <summary>The log-likelihood with the log prior added, in nats: a total.</summary>
    public double Objective => ObjectiveHistory[^1];

    /// <summary>
    /// An estimate of what the objective is below its limit, per unit of row weight, in nats: by Aitken's extrapolation of the last gains, on
    /// the side of caution. Infinite if there were too few steps to tell.
    /// </summary>
    public double RemainingGain { get; internal init; } = double.PositiveInfinity;

    /// <summary>The start that gave this run, counted from zero.</summary>
    public int StartIndex { get; internal set; }

    /// <summary>The objectives that the starts led to, in the order of the starts: totals, in nats; NaN for a start that gave no model.</summary>
    public IReadOnlyList<double> StartObjectives { get; internal set; } = [];

    /// <summary>The number of starts that were asked for and not finished, because the time was over or the fit was cancelled; the last one may be among them.</summary>
    public int UnfinishedStartCount { get; internal set; }

    /// <summary>The starts that gave no model, and why.</summary>
    public IReadOnlyList<string> FailedStarts { get; internal set; } = [];

    /// <summary>Components that rest on a handful of rows; see <see cref="MixtureComponents.FindSpurious"/>.</summary>
    public IReadOnlyList<DegenerateComponent> Spurious { get; internal set; } = [];

    /// <summary>The components among them that are so by themselves, and not all of them together.</summary>
    internal IEnumerable<int> SpuriousOnTheirOwn => Spurious.Where(found => !found.IsOfAll).Select(found => found.Component);

    /// <summary>The race that the start of this run has won; null where there was none.</summary>
    internal StartRaceRecord? Race { get; set; }

    /// <summary>Whether it is the start alone, because the time was over before there was anything else.</summary>
    internal bool IsMakeshift { get; set; }

    internal DegenerateComponent? Failure { get; init; }

    /// <summary>What was fitted to, in the units of the fit; null if components are judged without.</summary>
    internal RowSource? Rows { get; init; }

    /// <summary>The number of starts that were begun, whether they came to a model, or to their end, or not.</summary>
    internal int BegunStartCount { get; set; }

    /// <summary>The number of starts that ran to their end, with or without a model.</summary>
    internal int FinishedStartCount { get; set; }

    /// <summary>The starts that this run was preferred to whatever their objectives, because they have more <see cref="Unsoundness"/>; in the order of the starts.</summary>
    internal IReadOnlyList<bool> RejectedStarts { get; set; } = [];

    internal int RejectedStartCount => RejectedStarts.Count(isRejected => isRejected);

    /// <summary>The objectives of the starts that were not rejected and gave a model.</summary>
    internal IEnumerable<double> SoundObjectives => StartObjectives.Where((value, start) => double.IsFinite(value) && !RejectedStarts.ElementAtOrDefault(start));

    /// <summary>Looks for components that rest on a handful of rows.</summary>
    /// <param name="cancellationToken">Stops it: that of the caller alone, where the run has ended and may be the model.</param>
    internal void FindSpurious(CancellationToken cancellationToken = default) =>
        Spurious = Components.FindSpuriousAmong(_effectiveCounts, new RowsOfComponents(_rowCounts, DistinctCounts, Rows) { CancellationToken = cancellationToken });

    /// <summary>The mixture, to go on from: weights of its own, and the same components.</summary>
    internal MixtureState ToState() => new([.. Weights], Components);

    /// <summary>Whether this run is to be preferred to another one.</summary>
    /// <remarks>
    /// One without components that rest on a handful of rows, or none, or on rows in a plane is; those of which few rows show some feature count by what that may add. Of two with such components it is the one with fewer on a handful, then the one
    /// without two components in one place, which are one, then the one with fewer that are flat and nothing else, and then the one whose objective is better without what it owes to the others.
    /// </remarks>
    internal bool IsBetterThan(MixtureFit other, double margin = 0)
    {
        // A start that the time has hardly let begin is sound for want of steps.
        if (Objective <= other.Objective && StopReason is StopReason.TimeBudget or StopReason.Cancelled) return false;
        int own = DecidingUnsoundness, its = other.DecidingUnsoundness;
        if (own > 0 || its > 0)
        {
            own += Coincides ? EffectiveCounts.Count + 1 : 0;
            its += other.Coincides ? EffectiveCounts.Count + 1 : 0;
        }

        return own != its ? own < its : SoundPart > other.SoundPart + margin;
    }

    /// <summary>Whether two components are in one place. To be asked while the components are those of this run.</summary>
    internal bool Coincides => _coincides ??= Components.Coincide;

    /// <summary>The same where they are nearly in one place, as at a saddle.</summary>
    internal bool HasTwins(CancellationToken cancellationToken) => _hasTwins ??= Components.HaveTwins(cancellationToken);

    /// <summary>Whether it compares to others by <see cref="SoundPart"/>: it has no spurious component but for such as may owe it so much and no more.</summary>
    internal bool IsSound => Spurious.All(component => component.IsBounded);

    /// <summary><see cref="Unsoundness"/> where it decides between runs: none of those that compare by <see cref="SoundPart"/>.</summary>
    internal int DecidingUnsoundness => IsSound ? 0 : Unsoundness;

    /// <summary>Runs of which this is the same compare by their objectives; the one that has less is to be preferred whatever they are.</summary>
    internal int Unsoundness => Spurious.Count == 0 ? 0 : 1 + Spurious.Sum(component => component is { Owed: not null, IsBounded: false } ? 0 : component.HasManyRows ? 1 : EffectiveCounts.Count + 2);

    /// <summary>The objective without what it owes to spurious components, as far as that is known.</summary>
    internal double SoundPart => Objective - Spurious.Sum(component => component.Owed ?? 0);

    /// <summary>The number of starts that led as high as this run, within a tolerance per unit of row weight, and were not rejected.</summary>
    internal int AgreeingStartCount(double tolerance) =>
        SoundObjectives.Count(value => value >= Objective - (Math.Max(tolerance, LeastAgreement) * RowWeightTotal));
}
