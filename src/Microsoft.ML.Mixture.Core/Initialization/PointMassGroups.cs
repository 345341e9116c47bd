using MathNet.Numerics.Random;

namespace Microsoft.ML.Mixture;

/// <summary>Groups one of which has the rows at point masses, which no distance between rows tells from those about them.</summary>
internal sealed class PointMassGroups
{
    private const int FewestRows = 2;

    private readonly double[] _points;
    private readonly double[] _others;
    private readonly int _dimension;
    private readonly bool[] _marks;
    private readonly int _markedCount;

    /// <summary>Takes rows.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="points">The rows as points, row after row.</param>
    /// <param name="weights">Their weights.</param>
    /// <param name="cancellationToken">Stops the search for point masses.</param>
    public PointMassGroups(RowSource rows, double[] points, double[] weights, CancellationToken cancellationToken)
    {
        (_points, _dimension) = (points, rows.Dimension);
        IReadOnlyList<PointMass> masses = PointMass.FindAll(rows, cancellationToken);
        _marks = masses.Count == 0 ? [] : PointMass.Mark(masses, rows, cancellationToken);
        _markedCount = _marks.Count(mark => mark);
        _others = [.. _marks.Select((mark, i) => mark ? 0 : weights[i])];
    }

    /// <summary>Whether rows are at point masses, one mark a row; none where there are no point masses.</summary>
    public IReadOnlyList<bool> Marks => _marks;

    /// <summary>Whether there are point masses, with rows enough at them and elsewhere.</summary>
    public bool CanBeGroup(int groupCount) => groupCount > 1 && _markedCount >= FewestRows && _marks.Length - _markedCount >= groupCount;

    /// <summary>Groups rows, if <see cref="CanBeGroup"/>: those at point masses are the last group, and k-means groups the others.</summary>
    /// <param name="groupCount">The number of groups.</param>
    /// <param name="random">Draws the seeds of k-means.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>One label a row.</returns>
    public int[] Find(int groupCount, Xoshiro256StarStar random, CancellationToken cancellationToken)
    {
        int last = groupCount - 1;
        int[] labels = new int[_marks.Length];
        if (last > 1)
        {
            var groups = new KMeansGroups(_points, _others, _dimension, last, cancellationToken);
            groups.Find(random);
            labels = groups.Labels;
        }

        for (int i = 0; i < labels.Length; i++)
        {
            if (_marks[i]) labels[i] = last;
        }

        return labels;
    }
}
