namespace Microsoft.ML.Mixture;

/// <summary>A feature with hardly more values than a flag has.</summary>
/// <param name="Feature">The feature.</param>
/// <param name="ValueCount">How many values it takes.</param>
internal sealed record Category(int Feature, int ValueCount)
{
    private const int MostValues = 4;
    private const int MostRows = 16384;

    // Of rows on average; with fewer, values are few because rows are.
    private const int FewestRowsOfValue = 2;

    /// <summary>Finds them.</summary>
    /// <param name="rows">The rows, of which some thousand are looked at. A missing value is none.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static IReadOnlyList<Category> FindAll(RowSource rows, CancellationToken cancellationToken)
    {
        int dimension = rows.Dimension;
        double[] values = new double[dimension * MostValues];
        int[] counts = new int[dimension], observed = new int[dimension];
        foreach (RowBlock block in new RowBlocks(SelectedRowSource.Spread(rows, MostRows), cancellationToken))
        {
            bool isDone = true;
            for (int j = 0; j < dimension; j++)
            {
                Span<double> own = values.AsSpan(j * MostValues, MostValues);
                foreach (double value in block.Feature(j)[..block.RowCount])
                {
                    if (counts[j] > MostValues) break;
                    if (double.IsNaN(value)) continue;
                    observed[j]++;
                    if (own[..counts[j]].Contains(value)) continue;
                    if (counts[j] < MostValues) own[counts[j]] = value;
                    counts[j]++;
                }

                isDone &= counts[j] > MostValues;
            }

            if (isDone) return [];
        }

        return [.. counts.Select((count, j) => new Category(j, count)).Where(category =>
            category.ValueCount is > 1 and <= MostValues && observed[category.Feature] >= FewestRowsOfValue * category.ValueCount)];
    }
}
