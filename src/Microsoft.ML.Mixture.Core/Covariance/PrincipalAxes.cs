using System.Runtime.CompilerServices;
using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>The principal axes of symmetric matrices and the variances along them, the largest first.</summary>
/// <remarks>
/// By cyclic Jacobi rotations, which find small variances beside large ones to more digits than a reduction to tridiagonal form does, as they
/// do not depend on the units of single features. Sources: Jacobi (1846), J. reine angew. Math. 30, 51-94, doi:10.1515/crll.1846.30.51;
/// Demmel and Veselic (1992), Jacobi's method is more accurate than QR, SIAM J. Matrix Anal. Appl. 13(4), 1204-1245, doi:10.1137/0613074.
/// Cost: about 40 D^3 multiplications a matrix.
/// </remarks>
internal sealed partial class PrincipalAxes
{
    private const int MostSweeps = 60;
    private const double Rounding = 2.220446049250313e-16;

    private readonly int _dimension;
    private readonly double[] _square;
    private readonly double[] _unsorted;
    private readonly double[] _work;

    /// <summary>Finds the axes of matrices that stand one after the other as lower triangles.</summary>
    /// <param name="matrices">The matrices.</param>
    /// <param name="count">How many there are.</param>
    /// <param name="dimension">D.</param>
    /// <param name="isRough">Whether variances and axes may be exact to some ten digits only.</param>
    /// <param name="cancellationToken">Stops the work, also within a matrix.</param>
    public PrincipalAxes(ReadOnlySpan<double> matrices, int count, int dimension, bool isRough = false, CancellationToken cancellationToken = default)
        : this(count, dimension, isRough) => Find(matrices, isRough, cancellationToken);

    private PrincipalAxes(int count, int dimension, bool isRough)
    {
        _dimension = dimension;
        Variances = new double[count * dimension];
        Axes = new double[count * dimension * dimension];
        (_square, _unsorted, _work) = (new double[dimension * dimension], new double[dimension * dimension], new double[isRough ? dimension * dimension : 0]);
    }

    /// <summary>The variances along the axes, shape count x D, in descending order unless changed.</summary>
    public double[] Variances { get; }

    /// <summary>The axes, shape count x D x D: each row a unit vector.</summary>
    public double[] Axes { get; }

    /// <summary>The same as the constructor, in memory that estimates on this thread use one after the other: to be given back by <see cref="Return"/>.</summary>
    public static PrincipalAxes Lend(ReadOnlySpan<double> matrices, int count, int dimension, bool isRough, CancellationToken cancellationToken)
    {
        PrincipalAxes? kept = Reused<PrincipalAxes>.Take();
        bool fits = kept is not null && kept._dimension == dimension && kept.Variances.Length == count * dimension && (!isRough || kept._work.Length > 0);
        PrincipalAxes lent = fits ? kept! : new PrincipalAxes(count, dimension, isRough);
        lent.Find(matrices, isRough, cancellationToken);
        return lent;
    }

    /// <summary>Gives back what <see cref="Lend"/> has lent.</summary>
    public void Return() => Reused<PrincipalAxes>.Return(this, Axes.Length + Variances.Length + (3 * _square.Length));

    /// <summary>Finds the axes of one matrix, a lower triangle, in memory that is given: three squares, the last of which only a rough result needs.</summary>
    public static void Find(
        ReadOnlySpan<double> matrix, bool isRough, Span<double> variances, Span<double> axes, double[] square, double[] unsorted, double[] work,
        CancellationToken cancellationToken = default)
    {
        int dimension = variances.Length;
        Span<double> found = dimension <= SquareMatrix.MostOnStack ? stackalloc double[dimension] : new double[dimension];
        Unpack(matrix, dimension, square);
        if (!isRough || !TryDiagonalize(square, dimension, work, found, unsorted, cancellationToken))
        {
            Diagonalize(square, unsorted, dimension, cancellationToken);
            for (int j = 0; j < dimension; j++) found[j] = square[(j * dimension) + j];
        }

        Sort(found, unsorted, variances, axes);
    }

    /// <summary>Copies a lower triangle into a square.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Unpack(ReadOnlySpan<double> lower, int dimension, Span<double> square)
    {
        for (int i = 0; i < dimension; i++)
        {
            for (int j = 0; j <= i; j++) square[(i * dimension) + j] = square[(j * dimension) + i] = lower[PackedTriangle.Index(i, j)];
        }
    }

    /// <summary>The sum of variance times axis times axis', as a lower triangle.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Compose(ReadOnlySpan<double> variances, ReadOnlySpan<double> axes, Span<double> lower)
    {
        int dimension = variances.Length;
        lower.Clear();
        for (int a = 0; a < dimension; a++)
        {
            ReadOnlySpan<double> axis = axes.Slice(a * dimension, dimension);
            for (int i = 0; i < dimension; i++) Lanes.AddScaled(axis[..(i + 1)], variances[a] * axis[i], lower.Slice(PackedTriangle.Index(i, 0), i + 1));
        }
    }

    /// <summary>Rotates rows p and q of a matrix: p becomes cosine p + sine q, q becomes cosine q - sine p.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void RotateRows(Span<double> matrix, int dimension, int p, int q, double cosine, double sine)
    {
        Span<double> first = matrix.Slice(p * dimension, dimension), second = matrix.Slice(q * dimension, dimension);
        for (int j = 0; j < first.Length; j++)
        {
            double x = first[j], y = second[j];
            first[j] = (cosine * x) + (sine * y);
            second[j] = (cosine * y) - (sine * x);
        }
    }

    /// <summary>Rotates rows p and q of a symmetric matrix and its columns alike; the 2 x 2 block in the middle is the caller's.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void RotateBothSides(Span<double> matrix, int dimension, int p, int q, double cosine, double sine)
    {
        RotateRows(matrix, dimension, p, q, cosine, sine);
        for (int j = 0; j < dimension; j++)
        {
            matrix[(j * dimension) + p] = matrix[(p * dimension) + j];
            matrix[(j * dimension) + q] = matrix[(q * dimension) + j];
        }
    }

    /// <summary>Puts the matrices of variances along the axes together again.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Compose(Span<double> matrices)
    {
        int length = PackedTriangle.Length(_dimension), square = _dimension * _dimension;
        for (int k = 0; k * square < Axes.Length; k++)
        {
            Compose(Variances.AsSpan(k * _dimension, _dimension), Axes.AsSpan(k * square, square), matrices.Slice(k * length, length));
        }
    }

    private void Find(ReadOnlySpan<double> matrices, bool isRough, CancellationToken cancellationToken)
    {
        int length = PackedTriangle.Length(_dimension), count = Variances.Length / _dimension;
        for (int k = 0; k < count; k++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Find(
                matrices.Slice(k * length, length), isRough, Variances.AsSpan(k * _dimension, _dimension), Axes.AsSpan(k * _square.Length, _square.Length),
                _square, _unsorted, _work, cancellationToken);
        }
    }

    private static void Diagonalize(double[] matrix, double[] axes, int dimension, CancellationToken cancellationToken)
    {
        Array.Clear(axes);
        for (int j = 0; j < dimension; j++) axes[(j * dimension) + j] = 1;
        bool hasRotated = true;
        for (int sweep = 0; hasRotated && sweep < MostSweeps; sweep++)
        {
            hasRotated = false;
            for (int p = 0; p < dimension - 1; p++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                for (int q = p + 1; q < dimension; q++) hasRotated |= Rotate(matrix, axes, dimension, p, q);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool Rotate(double[] matrix, double[] axes, int dimension, int p, int q)
    {
        double a = matrix[(p * dimension) + p], b = matrix[(q * dimension) + q], c = matrix[(p * dimension) + q];
        if (!(Math.Abs(c) > Rounding * Math.Sqrt(Math.Abs(a)) * Math.Sqrt(Math.Abs(b)))) return false;
        double ratio = (b - a) / (2 * c);
        double tangent = double.IsFinite(ratio * ratio) ? Math.CopySign(1, ratio) / (Math.Abs(ratio) + Math.Sqrt(1 + (ratio * ratio))) : 0.5 / ratio;
        double cosine = 1 / Math.Sqrt(1 + (tangent * tangent)), sine = tangent * cosine;
        RotateBothSides(matrix, dimension, p, q, cosine, -sine);
        RotateRows(axes, dimension, p, q, cosine, -sine);
        matrix[(p * dimension) + p] = a - (tangent * c);
        matrix[(q * dimension) + q] = b + (tangent * c);
        matrix[(p * dimension) + q] = matrix[(q * dimension) + p] = 0;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sort(Span<double> found, ReadOnlySpan<double> axes, Span<double> variances, Span<double> sorted)
    {
        int dimension = found.Length;
        Span<int> order = dimension <= SquareMatrix.MostOnStack ? stackalloc int[dimension] : new int[dimension];
        for (int j = 0; j < dimension; j++)
        {
            int at = j;
            for (; at > 0 && found[order[at - 1]] < found[j]; at--) order[at] = order[at - 1];
            order[at] = j;
        }

        for (int j = 0; j < dimension; j++)
        {
            variances[j] = Math.Max(0, found[order[j]]);
            axes.Slice(order[j] * dimension, dimension).CopyTo(sorted[(j * dimension)..]);
        }
    }
}
