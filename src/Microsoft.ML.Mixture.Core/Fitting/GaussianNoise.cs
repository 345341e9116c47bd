namespace Microsoft.ML.Mixture;

/// <summary>What a fit with noise begins with.</summary>
internal static class GaussianNoise
{
    /// <summary>The rows in use that were said to be noise; null if nothing was said, or there is to be none.</summary>
    /// <exception cref="ArgumentException">There is not one mark a row, or too few rows are left to the Gaussians.</exception>
    public static bool[]? Marks(RowSource source, TrainingRows rows, GaussianMixtureOptions options)
    {
        if (!options.NoiseComponent || options.InitialNoise is not { } given) return null;
        if (given.Count != source.RowCount)
        {
            throw new ArgumentException($"The option {nameof(options.InitialNoise)} has {given.Count} entries, but there {Counted.Is(source.RowCount)} {Counted.Of(source.RowCount, "row")}. Give one entry a row.");
        }

        int used = rows.Source.RowCount;
        bool[] marks = [.. Enumerable.Range(0, used).Select(i => given[rows.Selected is { } selected ? selected[i] : i])];
        int left = marks.Count(mark => !mark);
        if (left < options.ComponentCount)
        {
            throw new ArgumentException(
                $"The option {nameof(options.InitialNoise)} marks {used - left} of {used} rows as noise, which leaves {Counted.Of(left, "row")} to {Counted.Of(options.ComponentCount, "component")}. Mark fewer rows.");
        }

        return marks;
    }

    /// <summary>The noise and the rows that were marked as such; null if there is to be none.</summary>
    /// <param name="near">The rows, measured by those that are not far.</param>
    /// <param name="regularization">What keeps covariances positive definite.</param>
    /// <param name="options">How to fit.</param>
    /// <param name="marks">The rows that were said to be noise; null if nothing was said.</param>
    /// <param name="farRows">Those far from all others; null for none.</param>
    /// <param name="budget">What may end the search for the volume.</param>
    public static InitialNoise? Prepare(ScaledRows near, CovarianceRegularization regularization, GaussianMixtureOptions options, bool[]? marks, bool[]? farRows, FitBudget budget) =>
        options.NoiseComponent ? new InitialNoise(NoiseBox.Find(near, regularization, options, budget), marks, farRows) : null;
}
