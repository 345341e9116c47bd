namespace Microsoft.ML.Mixture;

/// <summary>How much fits of a search may be short of their maximum, per unit of row weight.</summary>
/// <param name="options">Those of the search.</param>
/// <param name="scaled">All rows.</param>
/// <param name="rows">Those that are explored.</param>
internal sealed class SearchTolerance(GaussianMixtureSearchOptions options, ScaledRows scaled, SearchRows rows)
{
    // What a model with p parameters owes to the choice of n rows is about p / (2 n) nats a row: a run on a sample need not be much more exact.
    private const double ToleranceOfSample = 0.02;

    // A model that cannot win may be short of its maximum by this share of its criterion, or by so many nats.
    private const double ToleranceOfLosers = 1e-6;
    private const double NatsOfLosers = 5e-4;

    /// <summary>Of a fit from which others may go on.</summary>
    public double OfExploring(SearchCell cell) => rows.AreSample ? ToleranceOfSample * cell.FreeParameterCount / (2 * rows.WeightTotal) : OfLoser(cell);

    /// <summary>Of a fit that becomes a model.</summary>
    public double OfModel(SearchCell cell) => cell.IsContender ? options.Tolerance : OfLoser(cell);

    private double OfLoser(SearchCell cell)
    {
        double share = cell.Current is { } fit
            ? ToleranceOfLosers * Math.Abs((fit.LogLikelihood / fit.RowWeightTotal) + (scaled.LogDensityShift / scaled.Rows.RowWeightTotal)) : 0;
        return Math.Max(options.Tolerance, Math.Max(share, NatsOfLosers / rows.WeightTotal));
    }
}
