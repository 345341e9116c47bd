using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>The first and second derivatives of the log-density of one component, summed over rows by responsibility, in units of its frame.</summary>
/// <remarks>
/// <para>
/// A step moves the mean by F m and the covariance to F (I + X) F'. With a the row in the frame and P the projector of what is observed (see
/// <see cref="PatternFrame"/>), the log-density changes by
/// <code>
///   m' a + 1/2 (a' X a - trace(P X))                                          to the first order, and by
///   - 1/2 m' P m - m' P X a + 1/4 trace(P X P X) - 1/2 a' X P X a             to the second.
/// </code>
/// All that rows give to the second is in sums of 1, a and a a' for each set of observed features.
/// </para>
/// <para>Derivatives are by the D entries of m, then by the entries of the lower triangle of X, or its diagonal.</para>
/// </remarks>
internal sealed class ComponentInformation
{
    private readonly CovarianceCoordinates _coordinates;
    private readonly int _component;
    private readonly int _dimension;
    private readonly (int Row, int Column)[] _cells;
    private readonly OuterProducts _products;
    private readonly double[] _second;
    private readonly double[] _row;
    private readonly double[] _rowSum;
    private readonly double[] _squares;
    private PatternFrame? _frame;
    private double _count;

    public ComponentInformation(CovarianceCoordinates coordinates, int component)
    {
        _coordinates = coordinates;
        _component = component;
        _dimension = coordinates.Dimension;
        _cells = [.. Enumerable.Range(0, _dimension).SelectMany(i => Enumerable.Range(0, i + 1).Where(j => i == j || !coordinates.IsDiagonal).Select(j => (i, j)))];
        First = new double[_dimension + _cells.Length];
        Gradient = new double[_dimension * _dimension];
        Score = new double[First.Length];
        _products = new OuterProducts(First.Length);
        _second = new double[PackedTriangle.Length(First.Length)];
        _row = new double[_dimension];
        _rowSum = new double[_dimension];
        _squares = new double[_dimension * _dimension];
    }

    /// <summary>N(k), the sum of the responsibilities.</summary>
    public double EffectiveCount { get; private set; }

    /// <summary>The derivatives of the log-density of the last row.</summary>
    public double[] Score { get; }

    /// <summary>The sum of the scores by responsibility; complete after <see cref="EndPattern"/>.</summary>
    public double[] First { get; }

    /// <summary>The same by X as a symmetric matrix, shape D x D, and with a prior in it.</summary>
    public double[] Gradient { get; }

    /// <summary>The place of an entry of X, row not below column, in <see cref="First"/>.</summary>
    public int Cell(int row, int column) => _dimension + (_coordinates.IsDiagonal ? row : PackedTriangle.Index(row, column));

    /// <summary>Begins rows of which the same features are observed.</summary>
    public void BeginPattern(ReadOnlySpan<double> mean, ReadOnlySpan<int> observed) => _frame = new PatternFrame(_coordinates.Frames[_component], mean, observed);

    /// <summary>Adds a row, whose <see cref="Score"/> is then there.</summary>
    /// <param name="row">x, shape D.</param>
    /// <param name="share">Its weight times its responsibility.</param>
    public void Add(ReadOnlySpan<double> row, double share)
    {
        _frame!.Map(row, _row);
        _count += share;
        Lanes.AddScaled(_row, share, _rowSum);
        _row.CopyTo(Score, 0);
        for (int i = 0; i < _dimension; i++) Lanes.AddScaled(_row, share * _row[i], _squares.AsSpan(i * _dimension, _dimension));
        for (int c = 0; c < _cells.Length; c++)
        {
            (int i, int j) = _cells[c];
            double value = (_row[i] * _row[j]) - _frame.Projector[(i * _dimension) + j];
            Score[_dimension + c] = i == j ? 0.5 * value : value;
        }

        _products.Add(Score, share);
    }

    /// <summary>Takes what the rows since <see cref="BeginPattern"/> have summed up to.</summary>
    public void EndPattern()
    {
        if (_frame is null) return;
        double[] projector = _frame.Projector;
        EffectiveCount += _count;
        for (int i = 0; i < _dimension; i++)
        {
            First[i] += _rowSum[i];
            for (int j = 0; j <= i; j++) _second[PackedTriangle.Index(i, j)] -= _count * projector[(i * _dimension) + j];
        }

        AddSquares(_squares, _count, projector, First);
        for (int c = 0; c < _cells.Length; c++)
        {
            (int u, int v) = _cells[c];
            for (int i = 0; i < _dimension; i++)
            {
                double value = projector[(i * _dimension) + u] * _rowSum[v];
                if (u != v) value += projector[(i * _dimension) + v] * _rowSum[u];
                _second[PackedTriangle.Index(_dimension + c, i)] -= value;
            }
        }

        _frame = null;
        _count = 0;
        Array.Clear(_rowSum);
        Array.Clear(_squares);
    }

    /// <summary>Adds the log prior - count/2 (log det Sigma + trace(inverse(Sigma) V)).</summary>
    /// <param name="count">nu.</param>
    /// <param name="variances">V, shape D.</param>
    public void AddPrior(double count, double[] variances)
    {
        double[] squares = new double[_dimension * _dimension], unit = new double[_dimension], mapped = new double[_dimension];
        var frame = new PatternFrame(_coordinates.Frames[_component], unit, [.. Enumerable.Range(0, _dimension)]);
        for (int j = 0; j < _dimension; j++)
        {
            unit[j] = Math.Sqrt(variances[j]);
            frame.Map(unit, mapped);
            unit[j] = 0;
            for (int i = 0; i < _dimension; i++) Lanes.AddScaled(mapped, count * mapped[i], squares.AsSpan(i * _dimension, _dimension));
        }

        AddSquares(squares, count, frame.Projector, default);
    }

    /// <summary>
    /// The sum over the rows of weight times responsibility times (the second derivatives of the log-density plus the outer product of the first), with
    /// the second derivatives of a prior; see <see cref="PackedTriangle"/>.
    /// </summary>
    public double[] Curvature()
    {
        double[] products = _products.Sum(), result = [.. _second];
        Lanes.AddScaled(products, 1, result);
        return result;
    }

    // What sums of a a', and of rows, give by X: the gradient (A - n P) / 2 and the second derivatives n/2 trace(P E P E') - trace(E P E' A).
    private void AddSquares(double[] squares, double count, double[] projector, Span<double> first)
    {
        double[] rest = new double[squares.Length];
        for (int at = 0; at < squares.Length; at++)
        {
            Gradient[at] += 0.5 * (squares[at] - (count * projector[at]));
            rest[at] = (0.5 * count * projector[at]) - squares[at];
        }

        for (int c = 0; c < _cells.Length; c++)
        {
            (int u, int v) = _cells[c];
            if (!first.IsEmpty) first[_dimension + c] += (u == v ? 0.5 : 1) * (squares[(u * _dimension) + v] - (count * projector[(u * _dimension) + v]));
            Span<double> second = _second.AsSpan(PackedTriangle.Index(_dimension + c, _dimension), c + 1);
            for (int d = 0; d <= c; d++)
            {
                (int x, int y) = _cells[d];
                double value = Entry(v, x, y, u);
                if (u != v) value += Entry(u, x, y, v);
                if (x != y) value += Entry(v, y, x, u);
                if (u != v && x != y) value += Entry(u, y, x, v);
                second[d] += value;
            }
        }

        double Entry(int v, int x, int y, int u) => projector[(v * _dimension) + x] * rest[(y * _dimension) + u];
    }
}
