namespace Microsoft.ML.Mixture;

/// <summary>When a run of EM stops; see <see cref="MixtureOptions.Tolerance"/>. One object a run.</summary>
internal sealed class StoppingRule(int maximumIterations, double tolerance, double rowWeightTotal)
{
    /// <summary>Which maximum EM goes to is decided in about so many first steps, which are plain ones where the start is one that was asked for.</summary>
    public const int DecidingSteps = 12;

    // Sums over many rows carry rounding of about this size, relative to the objective.
    private const double Rounding = 1e-12;

    // So many steps of EM in a row must find too little left. A long run is one that has slow directions, which show only when the others are
    // done; there it takes one step more for so many.
    private const int ChecksInARow = 2;
    private const int IterationsOfFurtherCheck = 8;

    private const int IterationsBetweenLooks = 8;

    // Where components are in one place or have no rows, EM may be on a saddle, whose gains are the squares of small distances at first.
    private const double StrictnessOfDoubt = 0.01;

    private readonly RemainingGain _remaining = new();
    private int _passedChecks;
    private bool _isSettled;
    private double _doubt = 1;
    private double _hiddenByRounding = double.PositiveInfinity;

    /// <summary>
    /// Whether one step that gains no more than the tolerance is enough, as on a sample of the rows, whose maximum is not that of all rows.
    /// </summary>
    public bool TrustsLastGain { get; init; }

    /// <summary>Whether a long run takes more steps to be sure that it has ended, which are not worth their while where little hangs on it.</summary>
    public bool MakesSure { get; init; } = true;

    /// <summary>The number of steps before the first that may be accelerated.</summary>
    public int PlainSteps { get; init; }

    /// <summary>Steps are plain as well until one gains no more than this, per unit of row weight.</summary>
    public double PlainGain { get; init; } = double.PositiveInfinity;

    /// <summary>
    /// The share of the tolerance at which a run ends. A run that begins next to a maximum has few steps to show how their gains shrink, and
    /// it may be on a plateau, as any run may that no others stand beside: so it is asked for more, which costs it little.
    /// </summary>
    public double Strictness { get; init; } = 1;

    /// <summary>
    /// The objective per unit of row weight of another run. A run that is not expected to get above it by more than the tolerance ends as soon as
    /// that shows.
    /// </summary>
    public double Rival { get; init; } = double.NegativeInfinity;

    /// <summary>So many times what is estimated to be left may be, where it decides whether a rival is out of reach.</summary>
    public double CautionBesideRival { get; init; } = 1;

    /// <summary>
    /// The number of steps that are taken however good the rival is. A run from a mixture of another structure first spends some on coming into its own, and
    /// may look like the end before it turns to where it goes.
    /// </summary>
    public int StepsBesideRival { get; init; }

    /// <summary>
    /// Whether a run with such components and effective counts leads to nothing that is of use, however likely, and ends; null to go on whatever it leads to.
    /// </summary>
    public Func<MixtureComponents, double[], double[], bool>? IsOfNoUse { get; init; }

    /// <summary>How much may be left at the end, per unit of row weight.</summary>
    public double Goal => Strictness * _doubt * tolerance;

    /// <summary>An estimate of what is still to be gained, per unit of row weight.</summary>
    public double RemainingGain => Math.Min(_hiddenByRounding, _remaining.Estimate);

    /// <summary>
    /// Whether the next step may be an accelerated one: such a step and one of EM, or two of EM in its place, are still allowed, and no steps of
    /// EM in a row are wanted to see how their gains shrink.
    /// </summary>
    public bool AllowsExtrapolation(FitHistory history) =>
        history.IterationCount >= PlainSteps && (_isSettled || double.IsPositiveInfinity(PlainGain)) && _passedChecks == 0
        && history.IterationCount + history.RejectedCount + 3 <= maximumIterations;

    /// <summary>How many steps in a row must still find too little left.</summary>
    public int ChecksLeft(int iteration) => Math.Max(0, ChecksInARow + (MakesSure ? iteration / IterationsOfFurtherCheck : 0) - _passedChecks);

    /// <summary>Notes how long an extrapolation from the last two steps would be, which tells how fast they shrink.</summary>
    public void AddStepLength(double length) => _remaining.AddStepLength(length);

    /// <summary>Whether a run that has converged may be asked for more, which is once, if it may take any more steps.</summary>
    public bool MayDoubt(FitHistory history) => Strictness < 1 && _doubt == 1 && history.IterationCount + history.RejectedCount < maximumIterations;

    /// <summary>Asks a run that has converged for more because it may be on a saddle.</summary>
    public void Doubt()
    {
        _doubt = StrictnessOfDoubt;
        _passedChecks = 0;
    }

    /// <summary>Looks after a step whether the run leads to nothing that is of use; not after each, as that may take longer than a step on few rows.</summary>
    public bool LeadsNowhere(int iteration, MixtureComponents components, double[] effectiveCounts, double[] rowCounts) =>
        IsOfNoUse is not null && iteration % IterationsBetweenLooks == IterationsBetweenLooks - 1 && IsOfNoUse(components, effectiveCounts, rowCounts);

    /// <summary>Looks at the last step.</summary>
    /// <param name="history">All steps.</param>
    /// <param name="objectiveMayFall">Whether a step may go down.</param>
    /// <param name="isExtrapolated">Whether it was an accelerated step, whose gain says little about how near the top is.</param>
    /// <returns>Why to stop; null to go on.</returns>
    public StopReason? Decide(FitHistory history, bool objectiveMayFall, bool isExtrapolated)
    {
        int iteration = history.IterationCount;
        double objective = history.Objectives[^1] / rowWeightTotal;
        if (isExtrapolated) _remaining.AddExtrapolated(objective);
        else _remaining.Add(objective);
        if (iteration > 0 && !isExtrapolated)
        {
            double gain = objective - (history.Objectives[^2] / rowWeightTotal);
            double size = 1 + Math.Abs(objective), noise = Rounding * size;
            _isSettled |= gain <= PlainGain;

            // Beside infinity everything is rounding.
            if (double.IsNegativeInfinity(gain) && iteration > 1 && !objectiveMayFall) return StopReason.LikelihoodDecreased;
            if (tolerance > 0 && IsAtTheTop(gain, size, iteration, objectiveMayFall)) return StopReason.Converged;

            // The first step may go down: a start given by the user need not lie within the structure or respect the prior.
            if (!(gain >= -noise) && iteration > 1 && !objectiveMayFall) return StopReason.LikelihoodDecreased;
        }

        bool isBeaten = iteration >= StepsBesideRival && objective + (CautionBesideRival * _remaining.Estimate) <= Rival + tolerance;
        if (!isBeaten && iteration + history.RejectedCount < maximumIterations) return null;

        // What a rival has ended and may still be kept is at most as far from its limit.
        return (Strictness < 1 || isBeaten) && !isExtrapolated && tolerance > 0 && _remaining.Estimate <= tolerance ? StopReason.Converged : StopReason.MaximumIterations;
    }

    private bool IsAtTheTop(double gain, double size, int iteration, bool objectiveMayFall)
    {
        if (TrustsLastGain) return Math.Abs(gain) <= Math.Max(tolerance, gain < 0 ? Rounding * size : 0);

        // Where exact EM seems to go down by so little, what it gains is lost in rounding, and so is how fast gains shrink.
        bool isRounding = gain < 0 && !objectiveMayFall && -gain <= (iteration > 1 ? Math.Max(tolerance, Rounding * size) : Rounding * size);
        if (isRounding) _hiddenByRounding = -gain;
        _passedChecks = _remaining.Estimate <= Goal ? _passedChecks + 1 : 0;
        return isRounding || Math.Abs(gain) <= Math.Min(tolerance, Rounding * size) || ChecksLeft(iteration) == 0;
    }
}
