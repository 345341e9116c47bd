using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>Features that follow from those before them in all rows, as copies or linear combinations do, exactly or but for next to nothing.</summary>
internal sealed partial class FeatureDependencies
{
    /// <summary>What is left of a variance that is rounding.</summary>
    public const double Rounding = 1e-12;

    // What is left of a variance at most, for a feature to be noted.
    private const double MostUnexplained = 1e-3;

    // What part of a combination is worth naming, in standard deviations.
    private const double LeastPart = 1e-6;

    // Beyond two for each feature.
    private const int MoreSampledRows = 64;

    private FeatureDependencies(IReadOnlyList<FeatureDependency> found, double[]? unexplainedVariances, double[] correlations)
    {
        Found = found;
        UnexplainedVariances = unexplainedVariances;
        Correlations = correlations;
    }

    public static FeatureDependencies None { get; } = new([], null, []);

    /// <summary>Them, in the order of the features.</summary>
    public IReadOnlyList<FeatureDependency> Found { get; }

    /// <summary>
    /// The variance of each feature over all rows that the features before it leave unexplained, shape D; null if no feature is found, or where no more rows
    /// differ than there are features, which follow from each other then whatever they are.
    /// </summary>
    public double[]? UnexplainedVariances { get; }

    /// <summary>Covariances of the features in units of their standard deviations over all rows, where one is found; see <see cref="PackedTriangle"/>.</summary>
    public double[] Correlations { get; }

    /// <summary>Looks for them, in rows that are more than the features.</summary>
    /// <remarks>
    /// What follows in all rows follows in some of them. So a few rows, spread over all, are looked at first, and where nothing follows there the rest need not be
    /// read. Cost: D^3 and a pass over the rows at worst, and some passes where there are holes.
    /// </remarks>
    public static FeatureDependencies Find(TrainingRows rows, FeatureMoments moments, CancellationToken cancellationToken)
    {
        RowSource source = rows.Source;
        int dimension = source.Dimension, sampled = (2 * dimension) + MoreSampledRows;
        if (dimension == 1 || dimension >= source.RowCount) return None;
        if (source.Holes is not null) return FindBesideHoles(source, moments, sampled, cancellationToken);
        if (source.RowCount > 2 * sampled)
        {
            if (Find(SelectedRowSource.Spread(source, sampled), moments, cancellationToken).Found.Count == 0) return None;
        }

        FeatureDependencies all = Find(source, moments, cancellationToken);
        return all.Found.Count == 0 || RowComparer.HasMoreDistinctRows(source, dimension, cancellationToken) ? all : new FeatureDependencies(all.Found, null, all.Correlations);
    }

    // A feature of which next to nothing is left follows from those before it.
    private static FeatureDependencies Find(RowSource rows, FeatureMoments moments, CancellationToken cancellationToken)
    {
        double[] correlations = FeatureCorrelations.Compute(rows, moments, cancellationToken);
        int dimension = moments.Means.Length;
        var found = new List<FeatureDependency>();
        var elimination = new FeatureElimination(correlations);
        double[] unexplained = new double[dimension];
        for (int j = 0; j < dimension; j++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (moments.Variances[j] == 0) continue;
            double pivot = elimination.Unexplained(j);
            if (pivot <= Rounding) pivot = 0;
            if (pivot <= MostUnexplained) found.Add(new FeatureDependency(j, PartsOf(j, correlations, elimination, pivot), pivot));
            unexplained[j] = pivot * moments.Variances[j];
            if (pivot > 0) elimination.Keep(j, pivot);
        }

        return found.Count == 0 ? None : new FeatureDependencies(found, unexplained, correlations);
    }

    // One feature that is the whole of it, or all that have a part in the combination. None of what is constant in a sample.
    private static int[] PartsOf(int feature, double[] correlations, FeatureElimination elimination, double pivot)
    {
        IReadOnlyList<int> independent = elimination.Kept;
        int[] whole = [.. independent.Where(other => 1 - Math.Abs(correlations[PackedTriangle.Index(feature, other)]) <= Math.Max(Rounding, pivot)).Take(1)];
        if (whole.Length > 0 || independent.Count == 0) return whole;
        double[] parts = elimination.PartsOfLast();

        // What is smaller than the rest that they leave may be there by chance.
        double least = Math.Min(Math.Max(LeastPart, Math.Sqrt(pivot)), 0.5 * parts.Max(Math.Abs));
        return [.. independent.Where((_, a) => Math.Abs(parts[a]) > least)];
    }
}

/// <summary>A feature that follows from others.</summary>
/// <param name="Feature">The feature.</param>
/// <param name="Sources">What it is a copy of, up to scale and offset, if it is one feature; else what it combines.</param>
/// <param name="Unexplained">The share of its variance that they leave; zero if that is rounding.</param>
internal sealed record FeatureDependency(int Feature, IReadOnlyList<int> Sources, double Unexplained)
{
    /// <summary>Whether all rows show it and what it follows from. Where some do not, what is filled in varies beside them, and a variance that every row has is not the same in each component.</summary>
    public bool IsShown { get; init; } = true;
}
