namespace Microsoft.ML.Mixture;

/// <summary>Judges rows one at a time, by a calibration. Use one in each thread.</summary>
public sealed class AnomalyScorer
{
    private readonly AnomalyCalibration _calibration;
    private readonly MixtureScorer _scorer;

    // The calibration keeps them, for all scorers together, and may forget them.
    private readonly List<WeakReference<AnomalyReference>?> _references = [];
    private HolePatterns _patterns;
    private AnomalyReference _reference;

    internal AnomalyScorer(AnomalyCalibration calibration)
    {
        _calibration = calibration;
        _scorer = calibration.Model.CreateScorer();
        _patterns = new HolePatterns(calibration.Model.Dimension);
        _reference = calibration.Complete;
    }

    /// <summary>log p(x) under the Gaussians, of what is observed, in nats; NaN if a feature was infinite.</summary>
    public double LogDensity { get; private set; }

    /// <summary>The log-density below which a row that shows what this one does is an anomaly, in nats.</summary>
    public double Threshold => _reference.Threshold;

    /// <summary>
    /// How far the log-density lies below the threshold, in nats: the higher, the more unusual; positive for an anomaly, and infinite if a feature was.
    /// It can be compared between rows that show different features.
    /// </summary>
    public double Excess => double.IsNaN(LogDensity) ? double.PositiveInfinity : LogDensity == Threshold ? 0 : Threshold - LogDensity;

    /// <summary>The p-value: above 0, at most 1.</summary>
    public double PValue => _reference.PValue(LogDensity);

    /// <summary>Whether the row is an anomaly at the false-alarm rate of the calibration.</summary>
    public bool IsAnomaly => !(LogDensity >= Threshold);

    /// <summary>Judges a row; the other members then tell of it.</summary>
    /// <param name="row">x, shape D, in feature units; NaN for a missing feature.</param>
    /// <exception cref="ArgumentException">The row does not have D features.</exception>
    public void Score(ReadOnlySpan<double> row)
    {
        _scorer.Score(row);
        LogDensity = _scorer.LogDensity;
        if (_patterns.Count > RowHoles.MostPatterns(row.Length))
        {
            _patterns = new HolePatterns(row.Length);
            _references.Clear();
        }

        int pattern = _patterns.Find(row);
        if (pattern == HolePatterns.Complete)
        {
            _reference = _calibration.Complete;
            return;
        }

        // Where nothing is observed all rows are alike, without rounding.
        if (_patterns.Observed(pattern).IsEmpty) LogDensity = 0;
        while (_references.Count <= pattern) _references.Add(null);
        _reference = Find(pattern);
    }

    private AnomalyReference Find(int pattern)
    {
        if (_references[pattern] is { } kept && kept.TryGetTarget(out AnomalyReference? known)) return known;
        AnomalyReference reference = _calibration.ReferenceOf([.. _patterns.Observed(pattern)]);
        _references[pattern] = new WeakReference<AnomalyReference>(reference);
        return reference;
    }
}
