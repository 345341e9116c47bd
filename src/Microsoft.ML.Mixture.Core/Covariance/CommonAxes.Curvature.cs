using System.Runtime.CompilerServices;
using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <content>The change of the slope when the axes turn, summed up over the components once a step.</content>
/// <remarks>
/// In F'' Y each row of Y meets a matrix of its own, whatever the number of components:
/// <code>
///   (F'' Y)(i,j) = 2 V(i,j) - 2 V(j,i),   V(i,j) = sum over m of Y(i,m) E(i;m,j),
///   E(i;m,j) = sum of w(k) ( B(m,j) (1/b(i) - 1/b(j)) - 2 B(i,m) B(i,j) / b(i)^2 ),   with B and b of component k,
/// </code>
/// and with one volume for all components the sum of s(k) (s(k), Y) / (2 w(k) D) less s (s, Y) / (2 D) on top, where s(k) is the slope of component k.
/// </remarks>
internal sealed partial class CommonAxes
{
    private double[] _bends = [];
    private double[] _slopes = [];

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void FindBends()
    {
        int dimension = _dimension, square = dimension * dimension;
        if (_bends.Length == 0) _bends = new double[square * dimension];
        if (_tiesVolume && _slopes.Length == 0) _slopes = new double[square * _shares.Length];
        Array.Clear(_bends);
        Span<double> other = _product;
        other.Clear();
        for (int k = 0; k < _shares.Length; k++)
        {
            Span<double> matrix = Rotated(k), inverses = _inverses.AsSpan(k * dimension, dimension);
            double weight = _pair.Weights[k];
            for (int m = 0; m < dimension; m++)
            {
                ReadOnlySpan<double> row = matrix.Slice(m * dimension, dimension);
                for (int j = 0; j < dimension; j++) other[(m * dimension) + j] += weight * row[j] * inverses[j];
            }

            for (int i = 0; i < dimension; i++)
            {
                SquareProduct.AddScaledAndOuter(
                    matrix, weight * inverses[i], matrix.Slice(i * dimension, dimension), -2 * weight * inverses[i] * inverses[i], _bends.AsSpan(i * square, square));
            }

            for (int i = 0; i < dimension && _tiesVolume; i++)
            {
                for (int j = 0; j < dimension; j++)
                {
                    _slopes[(k * square) + (i * dimension) + j] = 2 * weight * matrix[(i * dimension) + j] * (inverses[i] - inverses[j]);
                }
            }
        }

        for (int i = 0; i < dimension; i++) Lanes.AddScaled(other, -1, _bends.AsSpan(i * square, square));
    }

    // F'' times a skew-symmetric matrix.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Curve(double[] turn, double[] destination)
    {
        int dimension = _dimension, square = dimension * dimension;
        for (int i = 0; i < dimension; i++)
        {
            SquareProduct.MultiplyRow(turn.AsSpan(i * dimension, dimension), _bends.AsSpan(i * square, square), _product.AsSpan(i * dimension, dimension));
        }

        for (int i = 0; i < dimension; i++)
        {
            for (int j = 0; j < i; j++)
            {
                double bend = 2 * (_product[(i * dimension) + j] - _product[(j * dimension) + i]);
                (destination[(i * dimension) + j], destination[(j * dimension) + i]) = (bend, -bend);
            }

            destination[(i * dimension) + i] = 0;
        }

        if (!_tiesVolume) return;
        double mean = Dot(_slope, turn) / 2;
        for (int k = 0; k < _shares.Length; k++)
        {
            ReadOnlySpan<double> slopes = _slopes.AsSpan(k * square, square);
            double change = Lanes.Dot(slopes, turn) / (2 * _pair.Weights[k]);
            Lanes.AddScaled(slopes, (change - mean) / dimension, destination);
        }
    }
}
