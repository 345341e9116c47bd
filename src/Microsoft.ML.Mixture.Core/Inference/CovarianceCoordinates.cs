using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>
/// The directions in which the covariances of a structure can move about their estimates, as many as the structure has free parameters.
/// </summary>
/// <remarks>
/// <para>
/// With F(k) F(k)' = Sigma(k), covariances near the estimates are F(k) (I + X(k)) F(k)', in units of which neither features nor components
/// have a scale of their own. The letters of <see cref="CovarianceStructure.Code"/> say which X(k) there are: volumes, proportions of the
/// variances (Helmert's contrasts) and pairs of axes, each a component's own or moving all components together.
/// </para>
/// <para>
/// Where shapes and orientations are both tied or both free, F(k) is the Cholesky factor and a pair of axes an entry beside the diagonal. X(k) is the
/// sum of the steps if volumes are tied or free as well, or else the exponential of that sum, less I. Where only one of shapes and orientations is tied, the columns of
/// F(k) are the principal axes, and pairs of these rotate. All are right to the second order.
/// </para>
/// </remarks>
internal sealed class CovarianceCoordinates
{
    private const double Irregular = 0.618033988749895;

    private readonly List<Coordinate> _coordinates = [];
    private readonly double[] _variances;
    private readonly bool _rotates;
    private readonly bool _isLinear;

    private CovarianceCoordinates(GaussianMixtureModel model, string code)
    {
        (ComponentCount, Dimension) = (model.ComponentCount, model.Dimension);
        IsDiagonal = code[2] == 'I';
        _isLinear = ComponentCount == 1 || code.All(letter => letter == 'I' || letter == code[0]);
        _rotates = !IsDiagonal && code[1] != code[2] && ComponentCount > 1;
        _variances = new double[ComponentCount * Dimension];
        Frames = [.. Enumerable.Range(0, ComponentCount).Select(_ => new double[Dimension * Dimension])];
        if (_rotates) TakePrincipalAxes(model, areCommon: code[2] == 'E');
        else TakeFactors(model);
        Add(code[0], [(Kind.Volume, 0, 0)]);
        Add(code[1], Enumerable.Range(1, Dimension - 1).Select(i => (Kind.Contrast, i, i)));
        Add(code[2], Enumerable.Range(0, Dimension).SelectMany(i => Enumerable.Range(0, i).Select(j => (Kind.Axes, i, j))));
    }

    private enum Kind
    {
        Volume,
        Contrast,
        Axes,
    }

    /// <summary>K.</summary>
    public int ComponentCount { get; }

    /// <summary>D.</summary>
    public int Dimension { get; }

    /// <summary>Whether no X(k) has entries beside the diagonal.</summary>
    public bool IsDiagonal { get; }

    /// <summary>The number of directions.</summary>
    public int Count => _coordinates.Count;

    /// <summary>F(k), K matrices of shape D x D, row-major.</summary>
    public double[][] Frames { get; }

    /// <summary>The directions of a structure of the library.</summary>
    public static CovarianceCoordinates Of(GaussianMixtureModel model) => new(model, model.CovarianceStructure.Code!);

    /// <summary>The sum of the squares of the entries of X(k), over the components that a direction moves.</summary>
    public double SquaredLength(int coordinate)
    {
        double sum = 0;
        for (int k = 0; k < ComponentCount; k++)
        {
            if (Moves(coordinate, k)) sum += Entries(coordinate, k).Sum(entry => (entry.Row == entry.Column ? 1 : 2) * entry.Value * entry.Value);
        }

        return sum;
    }

    /// <summary>Whether a direction moves a component.</summary>
    public bool Moves(int coordinate, int component) => _coordinates[coordinate].Component is var own && (own < 0 || own == component);

    /// <summary>What a direction is, for a message.</summary>
    public string Describe(int coordinate)
    {
        Coordinate own = _coordinates[coordinate];
        string what = own.Kind switch { Kind.Volume => "the volume", Kind.Contrast => "the shape", _ => _rotates ? "the principal axes" : "the correlations" };
        return own.Component < 0 && ComponentCount > 1 ? $"{what} of the covariances" : $"{what} of the covariance of component {Math.Max(0, own.Component)}";
    }

    /// <summary>The entries of the lower triangle of X(k) along a direction that moves component k, to the first order.</summary>
    public IEnumerable<(int Row, int Column, double Value)> Entries(int coordinate, int component)
    {
        Coordinate own = _coordinates[coordinate];
        if (own.Kind == Kind.Axes)
        {
            yield return (own.Row, own.Column, _rotates ? Turn(component, own) * Whitening(component, own) : 1);
            yield break;
        }

        for (int i = 0; i < Dimension; i++)
        {
            double value = Diagonal(own, i);
            if (value != 0) yield return (i, i, value);
        }
    }

    /// <summary>
    /// The sum over components of trace(G(k) Y(k)), where the product of the steps along two directions times Y(k) is what both together add to
    /// X(k) in the second order.
    /// </summary>
    /// <param name="first">A direction.</param>
    /// <param name="second">A direction.</param>
    /// <param name="gradients">G(k), K symmetric matrices of shape D x D.</param>
    public double Curvature(int first, int second, double[][] gradients)
    {
        Coordinate a = _coordinates[first], b = _coordinates[second];
        double sum = 0;
        for (int k = 0; k < ComponentCount && !_isLinear; k++)
        {
            if (!Moves(first, k) || !Moves(second, k)) continue;
            if (a.Kind != Kind.Axes && b.Kind != Kind.Axes)
            {
                for (int i = 0; i < Dimension; i++) sum += gradients[k][(i * Dimension) + i] * Diagonal(a, i) * Diagonal(b, i);
            }
            else if (!_rotates)
            {
                sum += Product(a, b, gradients[k]);
            }
            else if (a.Kind == Kind.Axes && b.Kind == Kind.Axes)
            {
                sum += (Turn(k, b) * Commutator(k, a, b, gradients[k])) + (Turn(k, a) * Commutator(k, b, a, gradients[k]));
            }
            else
            {
                (Coordinate axes, Coordinate diagonal) = a.Kind == Kind.Axes ? (a, b) : (b, a);
                double turn = (Variance(k, axes.Column) * Diagonal(diagonal, axes.Column)) - (Variance(k, axes.Row) * Diagonal(diagonal, axes.Row));
                sum += 2 * gradients[k][(axes.Row * Dimension) + axes.Column] * turn * Whitening(k, axes);
            }
        }

        return sum;
    }

    // One direction for all components where the letter says equal, one for each where it says varying.
    private void Add(char letter, IEnumerable<(Kind Kind, int Row, int Column)> directions)
    {
        if (letter == 'I') return;
        for (int k = letter == 'E' ? -1 : 0; k < (letter == 'E' ? 0 : ComponentCount); k++)
        {
            foreach ((Kind kind, int row, int column) in directions) _coordinates.Add(new Coordinate(kind, k, row, column));
        }
    }

    private void TakeFactors(GaussianMixtureModel model)
    {
        for (int k = 0; k < ComponentCount; k++)
        {
            double[] lower = Lower(model.Covariances[k]);
            if (!Cholesky.TryFactorInPlace(lower, Dimension, out _))
            {
                throw new InvalidOperationException($"The covariance of component {k} is singular in double precision, where there are no standard errors. Drop features that follow from others.");
            }

            for (int i = 0; i < Dimension; i++) lower.AsSpan(PackedTriangle.Index(i, 0), i + 1).CopyTo(Frames[k].AsSpan(i * Dimension));
        }
    }

    private void TakePrincipalAxes(GaussianMixtureModel model, bool areCommon)
    {
        double[][] covariances = [.. model.Covariances.Select(Lower)];
        double[] sum = new double[covariances[0].Length];
        for (int k = 0; k < ComponentCount; k++)
        {
            // A sum of matrices with the same axes has them too, and one with irregular factors ties no axes that they tell apart.
            double trace = Enumerable.Range(0, Dimension).Sum(j => covariances[k][PackedTriangle.Index(j, j)]);
            Lanes.AddScaled(covariances[k], (1 + (Irregular * k)) / trace, sum);
        }

        var common = new PrincipalAxes(sum, 1, Dimension);
        for (int k = 0; k < ComponentCount; k++)
        {
            double[] axes = areCommon ? common.Axes : new PrincipalAxes(covariances[k], 1, Dimension).Axes;
            ReadOnlyMatrix covariance = model.Covariances[k];
            for (int a = 0; a < Dimension; a++)
            {
                ReadOnlySpan<double> axis = axes.AsSpan(a * Dimension, Dimension);
                double variance = 0;
                for (int i = 0; i < Dimension; i++) variance += axis[i] * Lanes.Dot(axis, covariance.Row(i));
                _variances[(k * Dimension) + a] = variance;
                for (int i = 0; i < Dimension; i++) Frames[k][(i * Dimension) + a] = Math.Sqrt(variance) * axis[i];
            }
        }
    }

    private static double[] Lower(ReadOnlyMatrix matrix) => [.. Enumerable.Range(0, matrix.RowCount).SelectMany(i => matrix.Row(i)[..(i + 1)].ToArray())];

    private double Variance(int component, int axis) => _variances[(component * Dimension) + axis];

    // With S = e(i) e(j)' - e(j) e(i)' and B the variances along the axes: the entry (i, j) of S B - B S.
    private double Turn(int component, Coordinate axes) => Variance(component, axes.Column) - Variance(component, axes.Row);

    private double Whitening(int component, Coordinate axes) => 1 / Math.Sqrt(Variance(component, axes.Row) * Variance(component, axes.Column));

    private static double Diagonal(Coordinate coordinate, int feature) => coordinate.Kind switch
    {
        Kind.Volume => 1,
        Kind.Contrast when feature < coordinate.Row => 1 / Math.Sqrt(coordinate.Row * (coordinate.Row + 1.0)),
        Kind.Contrast when feature == coordinate.Row => -Math.Sqrt(coordinate.Row / (coordinate.Row + 1.0)),
        _ => 0,
    };

    // trace(G A B), of which one factor at least is an entry beside the diagonal, and G symmetric: what exp leaves of the second order.
    private double Product(Coordinate a, Coordinate b, double[] gradient)
    {
        if (a.Kind != Kind.Axes) (a, b) = (b, a);
        if (b.Kind != Kind.Axes) return gradient[(a.Row * Dimension) + a.Column] * (Diagonal(b, a.Row) + Diagonal(b, a.Column));

        // A = e(r) e(c)' + e(c) e(r)', and the same of B: G A B has the trace of what they have in common.
        double sum = 0;
        if (a.Column == b.Row) sum += gradient[(b.Column * Dimension) + a.Row];
        if (a.Column == b.Column) sum += gradient[(b.Row * Dimension) + a.Row];
        if (a.Row == b.Row) sum += gradient[(b.Column * Dimension) + a.Column];
        if (a.Row == b.Column) sum += gradient[(b.Row * Dimension) + a.Column];
        return sum;
    }

    // The entry of G S - S G at the axes of b, with S the rotation of a and G in units of the axes.
    private double Commutator(int component, Coordinate a, Coordinate b, double[] gradient)
    {
        double Entry(int i, int j) => gradient[(i * Dimension) + j] / Math.Sqrt(Variance(component, i) * Variance(component, j));
        double Rotated(int i, int j) => j == a.Column ? Entry(i, a.Row) : j == a.Row ? -Entry(i, a.Column) : 0;
        return Rotated(b.Row, b.Column) + Rotated(b.Column, b.Row);
    }

    // One direction: of component Component, or of all if that is negative.
    private readonly record struct Coordinate(Kind Kind, int Component, int Row, int Column);
}
