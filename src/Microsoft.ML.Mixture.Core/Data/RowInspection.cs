using System.Globalization;
using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>A first look at rows, block after block: which can be used, what they lack, how far they reach, and which differ from each other.</summary>
internal sealed class RowInspection
{
    private readonly bool _usesHoles;
    private readonly int _largestCount;
    private readonly Func<int, string> _featureName;
    private readonly HashSet<double[]>.AlternateLookup<ReadOnlySpan<double>> _distinct;

    // On the heap: rows may have more features than a stack holds.
    private readonly double[] _row;
    private readonly double[] _low;
    private readonly double[] _high;
    private int _next;
    private double _lightest = double.PositiveInfinity;
    private double _heaviest;

    /// <param name="rowCount">The number of all rows.</param>
    /// <param name="dimension">D.</param>
    /// <param name="usesHoles">Whether rows with holes are used for what is observed of them; else they are left out.</param>
    /// <param name="largestCount">How many rows to look for that differ from each other.</param>
    /// <param name="featureName">What to call a feature.</param>
    public RowInspection(int rowCount, int dimension, bool usesHoles, int largestCount, Func<int, string> featureName)
    {
        (_usesHoles, _largestCount, _featureName) = (usesHoles, largestCount, featureName);
        _distinct = new HashSet<double[]>(RowComparer.Instance).GetAlternateLookup<ReadOnlySpan<double>>();
        (_row, _low, _high) = (new double[dimension], new double[dimension], new double[dimension]);
        (Keep, Minimum, Maximum) = (new bool[rowCount], new double[dimension], new double[dimension]);
        Array.Fill(Minimum, double.PositiveInfinity);
        Array.Fill(Maximum, double.NegativeInfinity);
    }

    /// <summary>Which rows can be used.</summary>
    public bool[] Keep { get; }

    public int UsedCount { get; private set; }

    /// <summary>The rows left out because a feature is missing, or all of them where rows with holes are used.</summary>
    public int MissingCount { get; private set; }

    public double WeightTotal { get; private set; }

    /// <summary>The smallest weight of the rows that can be used.</summary>
    public double LightestWeight => _lightest;

    /// <summary>Whether all rows that can be used have one weight.</summary>
    public bool AreWeightsEqual => _lightest == _heaviest;

    public double[] Minimum { get; }

    public double[] Maximum { get; }

    /// <summary>What is missing in the rows in use and where rows are empty; null if nothing is.</summary>
    public MissingCells? Missing { get; private set; }

    /// <summary>Rows that can be used and differ from each other, as many as were looked for.</summary>
    public List<int> DistinctRows { get; } = [];

    /// <summary>Looks at the rows that come next.</summary>
    /// <exception cref="ArgumentException">A weight or a feature is not valid.</exception>
    public void Add(RowBlock block)
    {
        if (DistinctRows.Count >= _largestCount && TryAddAll(block))
        {
            Keep.AsSpan(_next, block.RowCount).Fill(true);
            UsedCount += block.RowCount;
        }
        else
        {
            for (int i = 0; i < block.RowCount; i++) Add(block, i, _next + i);
        }

        _next += block.RowCount;
    }

    // Takes a block as a whole if nothing in it is missing, infinite or without weight.
    private bool TryAddAll(RowBlock block)
    {
        double lightest = double.PositiveInfinity, heaviest = 0;
        if (!ValueRange.TryWiden(block.Weights[..block.RowCount], ref lightest, ref heaviest) || lightest <= 0) return false;

        Minimum.CopyTo(_low, 0);
        Maximum.CopyTo(_high, 0);
        for (int j = 0; j < _low.Length; j++)
        {
            if (!ValueRange.TryWiden(block.Feature(j)[..block.RowCount], ref _low[j], ref _high[j])) return false;
        }

        (_lightest, _heaviest) = (Math.Min(_lightest, lightest), Math.Max(_heaviest, heaviest));
        _low.CopyTo(Minimum, 0);
        _high.CopyTo(Maximum, 0);
        WeightTotal += Lanes.Sum(block.Weights[..block.LaneCount]);
        return true;
    }

    private void Add(RowBlock block, int i, int row)
    {
        double weight = block.Weights[i];
        if (!(weight >= 0) || double.IsInfinity(weight))
        {
            throw new ArgumentException(string.Create(
                CultureInfo.InvariantCulture,
                $"Row {row} has the weight {weight:G9}, but a weight must be a finite number that is not negative. Correct the row weights."));
        }

        if (weight == 0) return;
        RowComparer.CopyRow(block, i, _row);
        int infinite = Array.FindIndex(_row, double.IsInfinity);
        if (infinite >= 0)
        {
            throw new ArgumentException(string.Create(
                CultureInfo.InvariantCulture,
                $"{_featureName(infinite)} of row {row} is {_row[infinite]:G9}, but features must be finite. Remove the row or replace the value."));
        }

        if (Array.Exists(_row, double.IsNaN) && !(_usesHoles && (Missing ??= new MissingCells(_row.Length, Keep.Length)).Add(row, _row)))
        {
            MissingCount++;
            return;
        }

        Keep[row] = true;
        WeightTotal += weight;
        (_lightest, _heaviest) = (Math.Min(_lightest, weight), Math.Max(_heaviest, weight));
        for (int j = 0; j < _row.Length; j++)
        {
            if (double.IsNaN(_row[j])) continue;
            Minimum[j] = Math.Min(Minimum[j], _row[j]);
            Maximum[j] = Math.Max(Maximum[j], _row[j]);
        }

        if (DistinctRows.Count < _largestCount && _distinct.Add(_row)) DistinctRows.Add(row);
        UsedCount++;
    }
}
