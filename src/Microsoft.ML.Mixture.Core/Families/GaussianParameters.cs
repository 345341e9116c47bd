using System.Globalization;
using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>Checks and conversions of parameters that come from outside.</summary>
internal static class GaussianParameters
{
    private const double SumTolerance = 1e-6;
    private const double SymmetryTolerance = 1e-8;
    private const double Rounding = 1e-15;

    /// <summary>Weights that are valid, divided by their sum unless it is one up to rounding, as it is of weights that a fit gave.</summary>
    public static double[] CheckedWeights(IReadOnlyList<double> weights, int componentCount)
    {
        double sum = SumOf(weights);
        if (weights.Count != componentCount || weights.Count == 0 || !(Math.Abs(sum - 1) <= SumTolerance))
        {
            throw new ArgumentException(
                $"The mixing weights are [{string.Join(", ", weights.Select(Text))}] for {componentCount} means, but there must be one for each mean, none negative, with sum one. "
                + "Divide shares by their sum.", nameof(weights));
        }

        return Math.Abs(sum - 1) <= Rounding * componentCount ? [.. weights] : [.. weights.Select(weight => weight / sum)];
    }

    /// <summary>Throws unless weights are valid beside that of the noise.</summary>
    public static void CheckWeightsBesideNoise(IReadOnlyList<double> weights, double noiseWeight, int componentCount)
    {
        double left = 1 - noiseWeight;
        if (weights.Count == componentCount && weights.Count > 0 && Math.Abs((SumOf(weights) / left) - 1) <= SumTolerance) return;
        throw new ArgumentException(
            $"The mixing weights are [{string.Join(", ", weights.Select(Text))}] for {componentCount} means beside a weight of the noise of {Text(noiseWeight)}, but there must be one for each mean, none negative, "
            + $"with sum {Text(left)}, one minus that of the noise. Divide shares by their sum and multiply them by {Text(left)}.", nameof(weights));
    }

    /// <summary>Throws unless a weight leaves something to the Gaussians.</summary>
    public static void CheckNoiseWeight(double noiseWeight)
    {
        if (noiseWeight >= 0 && noiseWeight < 1) return;
        throw new ArgumentOutOfRangeException(nameof(noiseWeight), $"The weight of the noise is {Text(noiseWeight)}, but must be at least 0 and below 1.");
    }

    // Not a number if one is negative.
    private static double SumOf(IReadOnlyList<double> weights)
    {
        double sum = 0;
        foreach (double weight in weights) sum += weight >= 0 ? weight : double.NaN;
        return sum;
    }

    /// <summary>Means that are finite, of at least one feature, row-major.</summary>
    public static double[] CheckedMeans(double[,] means)
    {
        if (means.GetLength(1) == 0) throw new ArgumentException($"The means have the shape {means.GetLength(0)} x 0, but need at least one feature. Pass means with values.", nameof(means));
        double[] values = [.. means.Cast<double>()];
        int wrong = Array.FindIndex(values, value => !double.IsFinite(value));
        if (wrong < 0) return values;
        int component = wrong / means.GetLength(1), feature = wrong % means.GetLength(1);
        throw new ArgumentException($"The mean of component {component} is {Text(values[wrong])} at feature {feature}, but means must be finite. Pass numbers.", nameof(means));
    }

    /// <summary>One matrix a component, or one for all, each as a checked packed lower triangle.</summary>
    public static double[][] CheckedCovariances(IReadOnlyList<double[,]> matrices, int componentCount, int dimension, bool arePrecisions)
    {
        if (matrices.Count != componentCount && matrices.Count != 1)
        {
            throw new ArgumentException(
                $"There {Counted.Is(matrices.Count)} {matrices.Count} {(matrices.Count == 1 ? "matrix" : "matrices")} for {Counted.Of(componentCount, "component")}. Pass one a component, or a single one for all.",
                nameof(matrices));
        }

        return [.. matrices.Select((matrix, k) => CheckedCovariance(matrix, dimension, $"{(arePrecisions ? "precision" : "covariance")} of component {k}", arePrecisions))];
    }

    /// <summary>The packed lower triangle of a covariance, checked; inverts a precision.</summary>
    public static double[] CheckedCovariance(double[,] matrix, int dimension, string name, bool isPrecision)
    {
        if (matrix is null) throw new ArgumentException($"The {name} is null. Pass a matrix of {dimension} x {dimension}.", nameof(matrix));
        if (matrix.GetLength(0) != dimension || matrix.GetLength(1) != dimension)
        {
            throw new ArgumentException(
                $"The {name} has the shape {matrix.GetLength(0)} x {matrix.GetLength(1)}, but there {Counted.Is(dimension)} {Counted.Of(dimension, "feature")}. "
                + $"Pass a matrix of {dimension} x {dimension}.", nameof(matrix));
        }

        double[] lower = new double[PackedTriangle.Length(dimension)];
        for (int i = 0; i < dimension; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                double scale = Math.Sqrt(Math.Abs(matrix[i, i])) * Math.Sqrt(Math.Abs(matrix[j, j]));
                if (!double.IsFinite(matrix[i, j]) || !(Math.Abs(matrix[i, j] - matrix[j, i]) <= SymmetryTolerance * scale))
                {
                    throw new ArgumentException(
                        $"The {name} has {Text(matrix[i, j])} at ({i}, {j}) and {Text(matrix[j, i])} at ({j}, {i}), but must be finite and symmetric. "
                        + "Pass a symmetric positive definite matrix.", nameof(matrix));
                }

                lower[PackedTriangle.Index(i, j)] = matrix[i, j];
            }
        }

        double[] factor = [.. lower];
        if (!Cholesky.TryFactorInPlace(factor, dimension, out int pivot))
        {
            throw new ArgumentException(
                $"The {name} is not positive definite: it fails at feature {pivot}, whose diagonal entry is {Text(matrix[pivot, pivot])}. "
                + "Pass a symmetric positive definite matrix.", nameof(matrix));
        }

        return isPrecision ? Inverse(factor, dimension) : lower;
    }

    public static CovarianceShape NarrowestShape(double[][] covariances, int dimension)
    {
        CovarianceShape shape = CovarianceShape.Spherical;
        foreach (double[] covariance in covariances)
        {
            for (int i = 0; i < dimension; i++)
            {
                for (int j = 0; j < i; j++)
                {
                    if (covariance[PackedTriangle.Index(i, j)] != 0) return CovarianceShape.Full;
                }

                if (covariance[PackedTriangle.Index(i, i)] != covariance[0]) shape = CovarianceShape.Diagonal;
            }
        }

        return shape;
    }

    /// <summary>The entries that a shape stores.</summary>
    public static double[] Store(ReadOnlySpan<double> lower, CovarianceShape shape, int dimension)
    {
        if (shape == CovarianceShape.Full) return lower.ToArray();
        double[] stored = new double[shape.Length(dimension)];
        for (int j = 0; j < stored.Length; j++) stored[j] = lower[PackedTriangle.Index(j, j)];
        return stored;
    }

    // With A = L L', inverse(A) = T' T for T = inverse(L).
    private static double[] Inverse(double[] factor, int dimension)
    {
        Cholesky.InvertInPlace(factor, dimension);
        double[] inverse = new double[factor.Length];
        for (int i = 0; i < dimension; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                double sum = 0;
                for (int m = i; m < dimension; m++) sum += factor[PackedTriangle.Index(m, i)] * factor[PackedTriangle.Index(m, j)];
                inverse[PackedTriangle.Index(i, j)] = sum;
            }
        }

        return inverse;
    }

    private static string Text(double value) => value.ToString("G6", CultureInfo.InvariantCulture);
}
