using MathNet.Numerics.Random;

namespace Microsoft.ML.Mixture;

/// <summary>Draws data sets that are like given rows but for their values: as many rows as the weights add up to, with the same features missing.</summary>
internal sealed class BootstrapRows
{
    // Of a data set, unless the rows have as many themselves: 512 MB.
    private const double MostValues = 1 << 26;
    private const int RowsOfCheck = 1024;

    private readonly int _count;
    private readonly int _dimension;
    private readonly HolePatterns? _patterns;
    private readonly int[] _patternOfRow = [];

    public BootstrapRows(TrainingRows rows, int componentCount, CancellationToken cancellationToken)
    {
        _dimension = rows.Source.Dimension;
        double count = Math.Round(rows.RowWeightTotal);
        if (count > rows.Source.RowCount && count * _dimension > MostValues)
        {
            throw new ArgumentException(FormattableString.Invariant(
                $"The row weights of {Counted.Of(rows.Source.RowCount, "row")} add up to {rows.RowWeightTotal:G6}, and each data set that is to be drawn would have so many rows, but {Counted.Of(_dimension, "feature")} allow for {Math.Floor(MostValues / _dimension):G6}. Weights count as repetitions of rows. Where they are no counts, multiply them by {EffectiveRowCount.Of(rows.Source, rows.RowWeightTotal, cancellationToken) / rows.RowWeightTotal:G3}, so that they add up to as many rows of one weight as they tell as much as; where they are, scale them down to as many rows as are allowed for, which tells somewhat less."));
        }

        if (!(count > componentCount) || count * _dimension > Array.MaxLength)
        {
            if (rows.RowWeightTotal == rows.Source.RowCount && count <= componentCount)
            {
                throw new ArgumentException($"There {Counted.Is(rows.Source.RowCount)} {Counted.Of(rows.Source.RowCount, "row")}, too few to draw data sets like them for {Counted.Of(componentCount, "component")}. Pass more rows, or test fewer components.");
            }

            throw new ArgumentException(FormattableString.Invariant(
                $"The row weights add up to {rows.RowWeightTotal:G6}, and data sets of so many rows are to be drawn for {Counted.Of(componentCount, "component")}. Weights count as repetitions of rows: scale them so that they add up to the number of rows."));
        }

        _count = (int)count;
        _patterns = rows.Source.Holes;
        if (_patterns is null) return;
        _patternOfRow = new int[_count];
        double passed = 0;
        int next = 0, row = 0;
        foreach (RowBlock block in new RowBlocks(rows.Source, cancellationToken))
        {
            for (int i = 0; i < block.RowCount; i++, row++)
            {
                passed += block.Weights[i];
                while (next < _count && (next + 0.5) * rows.RowWeightTotal <= passed * _count) _patternOfRow[next++] = rows.Source.PatternOf(row);
            }
        }
    }

    public RowSource Draw(GaussianMixtureModel model, int seed, CancellationToken cancellationToken)
    {
        var random = new Xoshiro256StarStar(seed, threadSafe: false);
        double[] values = new double[_count * _dimension];
        for (int i = 0; i < _count; i++)
        {
            if (i % RowsOfCheck == 0) cancellationToken.ThrowIfCancellationRequested();
            Span<double> row = values.AsSpan(i * _dimension, _dimension);
            model.Draw(random, row);
            if (_patterns is null) continue;
            foreach (int j in _patterns.Missing(_patternOfRow[i])) row[j] = double.NaN;
        }

        return new ArrayRowSource<double>(values, _dimension);
    }
}
