namespace Microsoft.ML.Mixture;

/// <summary>Counts the statistics of data sets in the order of their draws, in whatever order they come, and tells when there are enough.</summary>
/// <param name="observed">The statistic that they are compared with.</param>
/// <param name="replicateCount">The number of data sets, B.</param>
/// <param name="exceedanceCount">The number of statistics at least as large that are enough; null for never.</param>
/// <param name="progress">Is told the number of data sets done.</param>
internal sealed class BootstrapTally(double observed, int replicateCount, int? exceedanceCount, IProgress<int>? progress)
{
    private readonly Lock _lock = new();
    private readonly double[] _statistics = new double[replicateCount];
    private readonly bool[] _isDone = new bool[replicateCount];
    private volatile bool _isOver;
    private int _done;
    private int _counted;
    private int _exceedances;

    /// <summary>Whether there are enough: what comes now does not count.</summary>
    public bool IsOver => _isOver;

    /// <summary>The statistics that count, in the order of the draws.</summary>
    public double[] Statistics() => _statistics[.._counted];

    /// <summary>Notes the statistic of a data set.</summary>
    /// <param name="replicate">Its number, counted from zero.</param>
    /// <param name="statistic">The statistic.</param>
    /// <returns>Whether there are enough since then.</returns>
    public bool Add(int replicate, double statistic)
    {
        lock (_lock)
        {
            if (_isOver) return false;
            (_statistics[replicate], _isDone[replicate]) = (statistic, true);
            progress?.Report(++_done);

            // Those before decide, or the end would hang on which thread was faster.
            while (_counted < replicateCount && _isDone[_counted])
            {
                if (_statistics[_counted++] >= observed) _exceedances++;
                if (_exceedances == exceedanceCount) return _isOver = true;
            }

            return false;
        }
    }
}
