using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <content>Its symmetric matrices: lower triangles, or the D variances of structures without correlations.</content>
internal sealed partial class PriorOfGroups
{
    private const int StepsOfEigenvalue = 20;

    // The largest eigenvalue of the product of two positive definite matrices, from below.
    private double LargestOf(double[] first, double[] second)
    {
        if (!_isFull) return Enumerable.Range(0, _dimension).Max(j => first[j] * second[j]);
        double[] vector = new double[_dimension];
        Array.Fill(vector, 1);
        double largest = 0;
        for (int step = 0; step < StepsOfEigenvalue; step++)
        {
            double before = Math.Sqrt(Lanes.Dot(vector, vector));
            vector = Multiply(first, Multiply(second, vector));
            largest = Math.Sqrt(Lanes.Dot(vector, vector)) / before;
            if (!(largest > 0) || !double.IsFinite(largest)) return 0;
            for (int j = 0; j < _dimension; j++) vector[j] /= largest * before;
        }

        return largest;
    }

    private double[] Multiply(double[] matrix, double[] vector)
    {
        double[] product = new double[_dimension];
        for (int i = 0; i < _dimension; i++)
        {
            ReadOnlySpan<double> row = matrix.AsSpan(PackedTriangle.Index(i, 0), i + 1);
            product[i] += Lanes.Dot(row, vector.AsSpan(0, i + 1));
            Lanes.AddScaled(row[..i], vector[i], product.AsSpan(0, i));
        }

        return product;
    }

    private double LogDeterminant(double[] matrix)
    {
        if (!_isFull) return matrix.Sum(Math.Log);
        double[] factor = [.. matrix];
        return Cholesky.TryFactorInPlace(factor, _dimension, out _) ? Cholesky.LogDeterminant(factor, _dimension) : double.NaN;
    }

    // A lower triangle, or the D variances of a structure without correlations.
    private int Index(int i, int j) => _isFull ? PackedTriangle.Index(i, j) : i;

    // Of the features that are looked at.
    private double[] Stored(ReadOnlySpan<double> matrix)
    {
        bool isTriangle = matrix.Length == PackedTriangle.Length(_gaussians.Dimension);
        double[] stored = new double[_isFull ? PackedTriangle.Length(_dimension) : _dimension];
        for (int i = 0; i < _dimension; i++)
        {
            int feature = _features[i];
            if (!_isFull) stored[i] = matrix[isTriangle ? PackedTriangle.Index(feature, feature) : _gaussians.Shape.Index(feature, feature)];
            for (int j = 0; _isFull && j <= i; j++) stored[Index(i, j)] = matrix[PackedTriangle.Index(feature, _features[j])];
        }

        if (_gaussians.Shape == CovarianceShape.Spherical) Array.Fill(stored, stored.Average());
        return stored;
    }

    // The triangle of V for all features. Those that are not looked at have variances alone, so that it is positive definite.
    private double[] Packed(double[] stored)
    {
        double[] lower = new double[_prior.Scatter.Length];
        for (int j = 0; j < _gaussians.Dimension; j++) lower[PackedTriangle.Index(j, j)] = _prior.Scatter[PackedTriangle.Index(j, j)];
        for (int i = 0; i < _dimension; i++)
        {
            for (int j = _isFull ? 0 : i; j <= i; j++) lower[PackedTriangle.Index(_features[i], _features[j])] = stored[Index(i, j)];
        }

        if (_following.Length == 0) return lower;
        double narrower = Math.Exp((LogDeterminant(stored) - LogDeterminant(Stored(_prior.Scatter))) / _dimension);
        foreach (int feature in _following) lower[PackedTriangle.Index(feature, feature)] *= narrower;
        return lower;
    }

    // False for a matrix that is not positive definite.
    private bool TryInvert(double[] matrix)
    {
        if (!_isFull)
        {
            for (int j = 0; j < matrix.Length; j++) matrix[j] = 1 / matrix[j];
            return Array.TrueForAll(matrix, value => value > 0 && double.IsFinite(value));
        }

        if (!Cholesky.TryFactorInPlace(matrix, _dimension, out _)) return false;
        Cholesky.InvertInPlace(matrix, _dimension);
        double[] factor = [.. matrix];
        Array.Clear(matrix);
        for (int m = 0; m < _dimension; m++)
        {
            ReadOnlySpan<double> row = factor.AsSpan(PackedTriangle.Index(m, 0), m + 1);
            for (int i = 0; i <= m; i++) Lanes.AddScaled(row[..(i + 1)], row[i], matrix.AsSpan(PackedTriangle.Index(i, 0), i + 1));
        }

        return Array.TrueForAll(matrix, double.IsFinite);
    }

    private double Square(double[] matrix, double[] vector) =>
        _isFull ? Lanes.Dot(vector, Multiply(matrix, vector)) : Enumerable.Range(0, _dimension).Sum(j => matrix[j] * vector[j] * vector[j]);
}
