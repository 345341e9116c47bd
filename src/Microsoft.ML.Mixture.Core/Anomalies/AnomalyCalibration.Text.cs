using System.Globalization;

namespace Microsoft.ML.Mixture;

/// <content>A calibration in words.</content>
public sealed partial class AnomalyCalibration
{
    /// <summary>
    /// What was done instead of what was asked for, and what makes the false-alarm rate unreliable, in full sentences that say what to do; empty if nothing is known.
    /// They are saved with a model.
    /// </summary>
    public IReadOnlyList<string> Warnings => Array.AsReadOnly<string>([.. new[] { Lack, Raise, Shortage, Estimation, Foreign, Training?.Warning(FalseAlarmRate, _fitted.HasNoise), Order?.Warning, BeyondDrawn?.Warning(_fitted.HasNoise), FewRowsOfNoise }.OfType<string>()]);

    // Where the training rows stand out already, that says more.
    private string? FewRowsOfNoise => !IsSimulated || !_fitted.HasNoise || Training?.IsExcessive(FalseAlarmRate) == true || !MayHaveTakenOrdinaryRows ? null
        : $"The mixture was fitted with noise to {Counted.Of(FittedRowCount, "row")}. In so few the noise may take ordinary rows, and new ones then raise several times as many alarms as were asked for, though the training rows do not show it. "
            + "Fit without noise, or pass more rows.";

    private bool MayHaveTakenOrdinaryRows => _fitted.Report is not null && FittedRowCount < (NoiseWeight > MuchNoise ? FewestRowsOfMuchNoise : FewestRowsOfNoise);

    private string? Lack => !LacksHeldOut ? null : string.Create(
        CultureInfo.InvariantCulture,
        $"There are too few rows, or too few without missing features, to hold out for a false-alarm rate of {RequestedFalseAlarmRate:G6}: the threshold comes from rows drawn from the mixture, and is right as far as ordinary rows are like it. Pass more rows, or fill in missing features.");

    private string? Raise
    {
        get
        {
            if (!(FalseAlarmRate > RequestedFalseAlarmRate)) return null;
            if (HeldOut is null)
            {
                return string.Create(
                    CultureInfo.InvariantCulture,
                    $"A false-alarm rate of {RequestedFalseAlarmRate:G6} takes more rows drawn from the mixture than there are at most: with {Counted.Of(SampleCount, "row")} it was raised to {FalseAlarmRate:G3}. Ask for a rate of at least that, or hold out as many rows as it takes.");
            }

            int complete = CompleteHeldOutCount;
            string which = complete < HeldOut.Length / Model.Dimension ? " without missing features" : string.Empty;
            return string.Create(
                CultureInfo.InvariantCulture,
                $"A false-alarm rate of {RequestedFalseAlarmRate:G6} takes more than the {Counted.Of(complete, "row")}{which} that could be held out: it was raised to {FalseAlarmRate:G3}. Pass more rows, or ask for a larger rate.");
        }
    }

    // Rows were held out, and yet others make the threshold.
    private string? Shortage
    {
        get
        {
            if (HeldOut is null || !IsSimulated) return null;
            int complete = CompleteHeldOutCount;
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{Counted.Of(HeldOut.Length / Model.Dimension, "row")} {Counted.Was(HeldOut.Length / Model.Dimension)} held out, but only {complete} of them {(complete == 1 ? "lacks" : "lack")} nothing, and a false-alarm rate of {FalseAlarmRate:G6} takes {FewestFor(FalseAlarmRate)}: the threshold of rows that lack nothing comes from rows drawn from the mixture, and is right as far as ordinary rows are like it. Pass more rows without missing features, fill in what is missing, or ask for a larger rate.");
        }
    }

    private string? Estimation
    {
        get
        {
            if (!IsSimulated || _fitted.Report is not { } report) return null;
            int rows = EstimationRefits.RowCountOf(_fitted);
            string counts = $"{Counted.Of(report.FreeParameterCount, "free parameter")} {Counted.Was(report.FreeParameterCount)} estimated from {Counted.Of(rows, "row")}";
            if (RefitCount == 0)
            {
                return EstimationRefits.HasKnownParameters(_fitted)
                    ? null
                    : $"The parameters of the mixture count as known, but {counts}: more alarms may be raised than were asked for. Allow for it by refits, for which a time budget has to leave some time, or take the threshold from rows that are held out.";
            }

            if (FailedRefitCount > RefitCount / 2) return $"Of {Counted.Of(RefitCount, "refit")} to rows drawn from the mixture {FailedRefitCount} failed, so that the false-alarm rate cannot be relied on. Fit fewer components.";
            return rows < report.FreeParameterCount
                ? $"There are fewer rows than parameters: {counts}, so that the false-alarm rate cannot be relied on. Fit fewer components or a structure with fewer parameters, or pass more rows."
                : null;
        }
    }

    private string? Foreign => ForeignRefits is not { } share ? null : string.Create(
        CultureInfo.InvariantCulture,
        $"Refits to rows drawn from the mixture come to another mixture: under them {100 * share:G3} % of its rows lie beyond the threshold, where {100 * FalseAlarmRate:G3} % or more were to be expected. The threshold therefore takes the parameters as known, and more alarms may be raised than were asked for. Fit fewer components or a structure with fewer parameters, or take the threshold from rows that are held out.");

    /// <summary>The calibration in words, in the invariant culture. The text may change between versions.</summary>
    /// <returns>Some sentences: the threshold, what it comes from, and what makes it unreliable.</returns>
    public override string ToString()
    {
        string kind = IsSimulated ? "drawn from the mixture" : "held out", estimated = string.Empty;
        if (IsSimulated && _fitted.Report is { } report)
        {
            string rows = Counted.Of(EstimationRefits.RowCountOf(_fitted), "row");
            if (RefitCount > 0) estimated = $" {Counted.Of(RefitCount, "refit")} to as many drawn data sets of {rows} allow for the estimation of its parameters.";
            else if (EstimationRefits.HasKnownParameters(_fitted)) estimated = $" {rows} tell its {Counted.Of(report.FreeParameterCount, "free parameter")} so well that they count as known.";
        }

        return string.Create(
            CultureInfo.InvariantCulture, $"Rows with a log-density below {Threshold:G7} are anomalies, by comparison with {Counted.Of(ReferenceCount, "row")} {kind}.{estimated}{string.Concat(Warnings.Select(warning => " " + warning))}");
    }
}
