namespace Microsoft.ML.Mixture;

/// <summary>What a fit with noise begins with.</summary>
internal static class GaussianNoise
{
    /// <summary>The noise and the rows that were marked as such; null if there is to be none.</summary>
    /// <exception cref="ArgumentException">There is not one mark a row, or too few rows are left to the Gaussians.</exception>
    public static InitialNoise? Prepare(
        RowSource source, ScaledRows scaled, CovarianceRegularization regularization, GaussianMixtureOptions options, bool[]? farRows, FitBudget budget)
    {
        if (!options.NoiseComponent) return null;
        (TrainingRows rows, FeatureMoments moments, int exponent) = scaled;
        bool[]? marks = null;
        if (options.InitialNoise is { } given)
        {
            if (given.Count != source.RowCount)
            {
                throw new ArgumentException($"The option {nameof(options.InitialNoise)} has {given.Count} entries, but there {Counted.Is(source.RowCount)} {Counted.Of(source.RowCount, "row")}. Give one entry a row.");
            }

            int used = rows.Source.RowCount;
            marks = [.. Enumerable.Range(0, used).Select(i => given[rows.Selected is { } selected ? selected[i] : i])];
            int left = marks.Count(mark => !mark);
            if (left < options.ComponentCount)
            {
                throw new ArgumentException(
                    $"The option {nameof(options.InitialNoise)} marks {used - left} of {used} rows as noise, which leaves {Counted.Of(left, "row")} to {Counted.Of(options.ComponentCount, "component")}. Mark fewer rows.");
            }
        }

        return new InitialNoise(NoiseBox.Find(rows, moments, regularization, options, exponent, budget), marks, farRows);
    }
}
