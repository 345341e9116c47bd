using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>Finds what rows lack that come to be scored, block by block.</summary>
internal sealed class RowHoles(int dimension, int blockSize)
{
    // Four megabytes of features.
    private const int FewestPatternsKept = 64, MostPatternsKept = 4096, MostFeaturesKept = 1 << 20;

    private readonly double[] _row = new double[dimension];
    private readonly bool[] _isInfinite = new bool[blockSize];
    private BlockHoles? _holes;
    private bool _anyInfinite;

    /// <summary>Beyond so many patterns of rows of D features all are forgotten.</summary>
    public static int MostPatterns(int dimension) => Math.Clamp(MostFeaturesKept / dimension, FewestPatternsKept, MostPatternsKept);

    /// <summary>Whether a feature of a row of the last block was infinite.</summary>
    public bool IsInfinite(int row) => _anyInfinite && _isInfinite[row];

    /// <summary>Looks at a block, feature-major.</summary>
    /// <param name="values">The values. Infinite ones become NaN.</param>
    /// <param name="stride">The distance between features.</param>
    /// <param name="rowCount">The number of rows.</param>
    /// <returns>What rows lack; null if nothing.</returns>
    public BlockHoles? Find(Span<double> values, int stride, int rowCount)
    {
        _anyInfinite = false;
        if (AreFinite(values, stride, rowCount)) return null;
        if (_holes is null || _holes.Patterns.Count > MostPatterns(dimension)) _holes = new BlockHoles(new HolePatterns(dimension), blockSize);
        _holes.Clear();
        for (int i = 0; i < rowCount; i++)
        {
            _isInfinite[i] = false;
            for (int j = 0; j < dimension; j++)
            {
                ref double value = ref values[(j * stride) + i];
                if (double.IsInfinity(value))
                {
                    _anyInfinite = _isInfinite[i] = true;
                    value = double.NaN;
                }

                _row[j] = value;
            }

            _holes.Add(_holes.Patterns.Find(_row));
        }

        return _holes;
    }

    private bool AreFinite(ReadOnlySpan<double> values, int stride, int rowCount)
    {
        double low = 0, high = 0;
        for (int j = 0; j < dimension; j++)
        {
            if (rowCount == 1)
            {
                if (!double.IsFinite(values[j * stride])) return false;
            }
            else if (!ValueRange.TryWiden(values.Slice(j * stride, rowCount), ref low, ref high))
            {
                return false;
            }
        }

        return true;
    }
}
