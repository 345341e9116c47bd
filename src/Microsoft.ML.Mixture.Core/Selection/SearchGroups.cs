using MathNet.Numerics.Random;

namespace Microsoft.ML.Mixture;

/// <summary>Groupings of rows, from which all models with the same number of components start.</summary>
internal sealed class SearchGroups
{
    // A tree takes about so many multiplications at most, which is some tenths of a second, and is of at most so many rows.
    private const double MostOperations = 4e8;
    private const int MostRowsOfTree = 2000;

    private readonly ScaledRows _rows;
    private readonly int _seed;
    private readonly RowSource _explored;
    private readonly double[] _points;
    private readonly double[]? _withoutCategories;
    private readonly double[] _weights;
    private readonly int[] _treeRows;
    private readonly PointMassGroups _atMasses;
    private HierarchicalGroups? _tree;

    /// <summary>Takes rows.</summary>
    /// <param name="rows">All rows.</param>
    /// <param name="explored">Those to group.</param>
    /// <param name="seed">The seed of every draw.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    public SearchGroups(ScaledRows rows, RowSource explored, int seed, CancellationToken cancellationToken)
    {
        (_rows, _explored, _seed) = (rows, explored, seed);
        StartPoints standardised = StartPoints.Standardise(explored, rows.Moments, cancellationToken);
        (_points, _weights) = (standardised.Standardised, standardised.Weights);
        _withoutCategories = standardised.Without(Category.FindAll(explored, cancellationToken).Select(category => category.Feature))?.Standardised;
        _atMasses = new PointMassGroups(explored, _points, _weights, cancellationToken);
        int dimension = explored.Dimension, count = Math.Min(_weights.Length, Math.Min(MostRowsOfTree, HierarchicalGroups.MostPoints(dimension, MostOperations)));

        // One row of each stretch: explored rows have been drawn at random already, or are few.
        _treeRows = [.. Enumerable.Range(0, count).Select(i => (int)((long)i * _weights.Length / count))];
    }

    /// <summary>See <see cref="HierarchicalGroups.EvenShare"/>.</summary>
    public double EvenShare => Tree.EvenShare;

    private HierarchicalGroups Tree => _tree ?? throw new InvalidOperationException("The tree has not been built.");

    /// <summary>Builds the tree.</summary>
    public void GrowTree(CancellationToken cancellationToken)
    {
        int dimension = _explored.Dimension;
        double[] points = [.. _treeRows.SelectMany(i => _points.AsSpan(i * dimension, dimension).ToArray())];
        _tree = new HierarchicalGroups(points, [.. _treeRows.Select(i => _weights[i])], dimension, cancellationToken);
    }

    /// <summary>A grouping. The first is that of the tree, every second one after it is by k-means, and the others are around rows at random.</summary>
    public SearchGrouping Find(int groupCount, int index, CancellationToken cancellationToken)
    {
        int dimension = _explored.Dimension;
        if (index == 0 && groupCount <= Tree.PointCount)
        {
            RowSource rows = _treeRows.Length == _weights.Length ? _explored : new SelectedRowSource(_explored, _treeRows);
            return new SearchGrouping(rows, Tree.Labels(groupCount), groupCount, _rows.Moments, cancellationToken);
        }

        var random = new Xoshiro256StarStar(unchecked(_seed + (index * SeedSteps.OfRestart) + groupCount), threadSafe: false);
        var groups = new KMeansGroups(_points, _weights, dimension, groupCount, cancellationToken);
        if (index % 2 == 1)
        {
            groups.Find(random);
        }
        else
        {
            groups.SeedAtRandom(random);
        }

        return new SearchGrouping(_explored, groups.Labels, groupCount, _rows.Moments, cancellationToken);
    }

    /// <summary>
    /// Groupings that see what distances between rows do not: one with the rows at values that many share as a group of its own, and one without categories, for where
    /// one of those is constant within a group, nothing else counts any more. None where there are neither.
    /// </summary>
    public IReadOnlyList<SearchGrouping> FindByRepeatedValues(int groupCount, CancellationToken cancellationToken)
    {
        var found = new List<SearchGrouping>();
        var random = new Xoshiro256StarStar(unchecked(_seed + groupCount), threadSafe: false);
        if (_atMasses.CanBeGroup(groupCount)) found.Add(new SearchGrouping(_explored, _atMasses.Find(groupCount, random, cancellationToken), groupCount, _rows.Moments, cancellationToken));
        if (groupCount == 1 || _withoutCategories is null) return found;
        var groups = new KMeansGroups(_withoutCategories, _weights, _explored.Dimension, groupCount, cancellationToken);
        groups.Find(random);
        found.Add(new SearchGrouping(_explored, groups.Labels, groupCount, _rows.Moments, cancellationToken));
        return found;
    }
}
