namespace Microsoft.ML.Mixture;

/// <summary>The model of each fold of a cross-validation, with the rows that it has not seen: row by row they tell whether one mixture foresees more than another by more than chance.</summary>
/// <remarks>
/// Source: Vehtari, Gelman and Gabry (2017), Practical Bayesian model evaluation using leave-one-out cross-validation and WAIC, Stat. Comput. 27(5), 1413-1432,
/// doi:10.1007/s11222-016-9696-4, equation 24, there for each row left out by itself.
/// </remarks>
/// <param name="folds">The rows.</param>
/// <param name="models">The model of each fold.</param>
internal sealed class HeldOutModels(RowFolds folds, IReadOnlyList<MixtureModel> models)
{
    private const int BlockSize = 32;

    /// <summary>
    /// The standard error of the difference between the log-likelihoods of rows left out under these models and others, in nats: a total, as that. A row counts by its weight; rows that are copies of
    /// each other count together, as one with the sum of their weights.
    /// </summary>
    /// <param name="others">Those of another mixture on the same folds.</param>
    /// <param name="cancellationToken">Stops the passes over the rows.</param>
    /// <returns>The standard error; NaN if a density is beyond double precision, or there is a single row.</returns>
    public double ErrorOfDifference(HeldOutModels others, CancellationToken cancellationToken)
    {
        // Copies are in one fold, but groups are numbered over all.
        double[] weights = new double[folds.GroupCount], differences = new double[folds.GroupCount];
        for (int fold = 0; fold < folds.Count; fold++)
        {
            double[] own = LogDensities(fold, cancellationToken), theirs = others.LogDensities(fold, cancellationToken);
            ReadOnlySpan<int> groups = folds.GroupsOf(fold);
            int row = 0;
            foreach (RowBlock block in new RowBlocks(folds.RowsOf(fold), cancellationToken))
            {
                foreach (double weight in block.Weights[..block.RowCount])
                {
                    weights[groups[row]] += weight;
                    differences[groups[row]] += weight * (own[row] - theirs[row]);
                    row++;
                }
            }
        }

        double mean = differences.Sum() / weights.Sum(), squares = 0;
        for (int group = 0; group < weights.Length; group++)
        {
            double rest = differences[group] - (mean * weights[group]);
            squares += rest * rest;
        }

        return Math.Sqrt(squares * weights.Length / (weights.Length - 1.0));
    }

    private double[] LogDensities(int fold, CancellationToken cancellationToken)
    {
        RowSource rows = folds.RowsOf(fold);
        double[] values = new double[BlockSize * rows.Dimension], densities = new double[rows.RowCount];
        var scorer = new BlockScorer(models[fold], BlockSize);
        int first = 0;
        foreach (RowBlock block in new RowBlocks(rows, cancellationToken, BlockSize))
        {
            block.CopyRows(values);
            scorer.Score<double>(values.AsSpan(0, block.RowCount * rows.Dimension));
            for (int i = 0; i < block.RowCount; i++) densities[first + i] = scorer.LogDensity(i);
            first += block.RowCount;
        }

        return densities;
    }
}
