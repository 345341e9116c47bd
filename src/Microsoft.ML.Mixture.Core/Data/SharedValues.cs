namespace Microsoft.ML.Mixture;

/// <summary>How many rows may coincide in a feature, how far apart its values are, and where most of them lie.</summary>
/// <param name="LargestShares">The share of the rows that take the most frequent value of each feature, by weight of those that were looked at and show the feature, shape D.</param>
/// <param name="Spacings">How far the values of each feature are from the next, in the middle of all rows, where most rows share theirs with others; zero for other features, shape D.</param>
/// <param name="Quartiles">Between which values the middle half of the rows that show the feature lies, by weight, shape D.</param>
internal sealed record SharedValues(double[] LargestShares, double[] Spacings, (double Lower, double Upper)[] Quartiles)
{
    // The middle half of a Gaussian is so many standard deviations wide.
    private const double DeviationsOfMiddle = 1.35;
    private const int MostRows = 512;
    private const int MostValues = 1 << 20;

    // Beyond so many values for rows, values are not shared.
    private const int RowsOfValue = 4;

    /// <summary>The standard deviation that a feature has by where the middle half of the rows lies, if it is that of a Gaussian.</summary>
    public double DeviationOfMiddle(int feature) => (Quartiles[feature].Upper - Quartiles[feature].Lower) / DeviationsOfMiddle;

    /// <summary>Looks at some hundred rows.</summary>
    /// <remarks>Cost: their values of each feature are sorted.</remarks>
    /// <param name="rows">The rows. A missing value is none.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>What is found; null where features are very many.</returns>
    public static SharedValues? Find(RowSource rows, CancellationToken cancellationToken)
    {
        if (rows.Dimension > MostValues / MostRows) return null;
        int dimension = rows.Dimension;
        var values = new FeatureValues(SelectedRowSource.Spread(rows, MostRows), cancellationToken);
        double[] shares = new double[dimension], spacings = new double[dimension];
        var quartiles = new (double, double)[dimension];
        for (int j = 0; j < dimension; j++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            (shares[j], spacings[j], quartiles[j]) = Look(values.Distinct(j));
        }

        return new SharedValues(shares, spacings, quartiles);
    }

    private static (double LargestShare, double Spacing, (double, double) Quartiles) Look(List<(double Value, double Weight, int RowCount)> distinct)
    {
        double largest = 0, total = 0;
        int rows = 0;
        foreach ((_, double weight, int count) in distinct)
        {
            rows += count;
            total += weight;
            largest = Math.Max(largest, weight);
        }

        if (!(total > 0)) return (1, 0, default);
        return (largest / total, distinct.Count > 1 && distinct.Count * RowsOfValue <= rows ? Spacing(distinct, total) : 0, (Quantile(distinct, 0.25 * total), Quantile(distinct, 0.75 * total)));
    }

    // The first value up to which there is so much weight.
    private static double Quantile(List<(double Value, double Weight, int RowCount)> distinct, double weight)
    {
        double sum = 0;
        foreach ((double value, double own, _) in distinct)
        {
            if ((sum += own) >= weight) return value;
        }

        return distinct[^1].Value;
    }

    // The median over the rows of the distance to the next value on either side.
    private static double Spacing(List<(double Value, double Weight, int RowCount)> distinct, double total)
    {
        var gaps = new List<(double Gap, double Weight)>();
        for (int i = 0; i < distinct.Count; i++)
        {
            double below = i > 0 ? distinct[i].Value - distinct[i - 1].Value : double.PositiveInfinity;
            double above = i < distinct.Count - 1 ? distinct[i + 1].Value - distinct[i].Value : double.PositiveInfinity;
            gaps.Add((Math.Min(below, above), distinct[i].Weight));
        }

        double sum = 0;
        foreach ((double gap, double weight) in gaps.OrderBy(one => one.Gap))
        {
            if (2 * (sum += weight) >= total) return gap;
        }

        return gaps[^1].Gap;
    }
}
