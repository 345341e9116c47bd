namespace Microsoft.ML.Mixture;

/// <summary>Log-densities of ordinary rows, in ascending order, and the one below which a row is an anomaly.</summary>
internal sealed class AnomalyReference
{
    // Whole numbers that come out of a product of the rate must not be lost to rounding.
    private const double Rounding = 1e-9;

    private readonly double[] _logDensities;

    public AnomalyReference(double[] logDensities, double falseAlarmRate, bool isSimulated)
    {
        IsSimulated = isSimulated;
        Array.Sort(logDensities);
        _logDensities = logDensities;
        Threshold = logDensities[AlarmCount(logDensities.Length, falseAlarmRate)];
    }

    /// <summary>Whether the rows are drawn from the mixture, and not held out.</summary>
    public bool IsSimulated { get; }

    public int Count => _logDensities.Length;

    public double Threshold { get; }

    /// <summary>How many reference rows may be no denser than an anomaly; negative if they are too few for any.</summary>
    public static int AlarmCount(int count, double falseAlarmRate) => (int)Math.Min(count, Math.Floor((falseAlarmRate * (count + 1.0)) + Rounding)) - 1;

    /// <summary>How many reference rows are less dense.</summary>
    public int CountBelow(double logDensity) => Array.FindIndex(_logDensities, density => density >= logDensity) is var first && first < 0 ? Count : first;

    public double PValue(double logDensity)
    {
        if (double.IsNaN(logDensity)) logDensity = double.NegativeInfinity;
        return (1.0 + SortedValues.CountUpTo(_logDensities, logDensity)) / (1.0 + _logDensities.Length);
    }
}
