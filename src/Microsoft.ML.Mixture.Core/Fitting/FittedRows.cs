namespace Microsoft.ML.Mixture;

/// <summary>Rows as fits see them: looked at, in units in which the largest value is about one, with their moments.</summary>
internal sealed class FittedRows
{
    // A factor of 2^1000 is still a normal number, and so is what it makes of any other.
    private const int LargestExponent = 1000;

    private IReadOnlyList<string>? _combinations;

    private FittedRows(TrainingRows rows, CancellationToken cancellationToken)
    {
        Unscaled = rows;

        // In these units nothing overflows, and a power of two in the data changes no bit of the fit.
        Exponent = rows.Magnitude == 0 ? 0 : Math.Clamp(-Math.ILogB(rows.Magnitude), -LargestExponent, LargestExponent);
        Rows = Exponent == 0 ? rows : rows.Scale(Exponent);
        Moments = FeatureMoments.Compute(Rows, cancellationToken);
    }

    /// <summary>The rows as they are given.</summary>
    public TrainingRows Unscaled { get; }

    /// <summary>The rows times 2^<see cref="Exponent"/>.</summary>
    public TrainingRows Rows { get; }

    public FeatureMoments Moments { get; }

    public int Exponent { get; }

    /// <summary>Looks at rows, for one fit or for several with up to so many components.</summary>
    /// <exception cref="ArgumentException">A row or a weight is not valid, or features are too far apart for double precision.</exception>
    public static FittedRows Prepare(RowSource source, int largestCount, Func<int, string> featureName, CancellationToken cancellationToken)
    {
        var rows = new FittedRows(TrainingRows.Inspect(source, usesHoles: true, largestCount, featureName, cancellationToken), cancellationToken);
        GaussianFit.CheckVariances(rows.Unscaled, rows.Moments, featureName);
        return rows;
    }

    /// <summary>A sentence on each feature that follows from those before it; found once.</summary>
    public IReadOnlyList<string> Combinations(Func<IEnumerable<string>> find) => _combinations ??= [.. find()];
}
