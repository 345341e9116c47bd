using MathNet.Numerics.LinearAlgebra;

namespace Microsoft.ML.Mixture.Laws.Tests;

/// <summary>One EM step as a textbook has it, with matrices inverted by elimination. Slow and plain on purpose.</summary>
internal static class TextbookMixture
{
    /// <summary>r(i,k) and the log-likelihood.</summary>
    public static (double[,] Responsibilities, double LogLikelihood) Expect(GaussianMixtureModel model, double[,] rows)
    {
        int count = rows.GetLength(0), components = model.ComponentCount, dimension = model.Dimension;
        double[,] responsibilities = new double[count, components];
        (double[,] Inverse, double LogDeterminant)[] inverses = [.. model.Covariances.Select(covariance => Invert(covariance.ToArray()))];
        double total = 0;
        for (int i = 0; i < count; i++)
        {
            double[] joint = new double[components];
            for (int k = 0; k < components; k++)
            {
                joint[k] = Math.Log(model.Weights[k])
                    - (0.5 * ((dimension * Math.Log(2 * Math.PI)) + inverses[k].LogDeterminant + Distance(inverses[k].Inverse, rows, i, model.Means.Row(k))));
            }

            double max = joint.Max(), sum = joint.Sum(value => Math.Exp(value - max));
            total += max + Math.Log(sum);
            for (int k = 0; k < components; k++) responsibilities[i, k] = Math.Exp(joint[k] - max) / sum;
        }

        return (responsibilities, total);
    }

    /// <summary>(x - mu)' A (x - mu).</summary>
    public static double Distance(double[,] matrix, double[,] rows, int row, ReadOnlySpan<double> mean)
    {
        double sum = 0;
        for (int a = 0; a < mean.Length; a++)
        {
            for (int b = 0; b < mean.Length; b++) sum += (rows[row, a] - mean[a]) * matrix[a, b] * (rows[row, b] - mean[b]);
        }

        return sum;
    }

    /// <summary>Weights, means and covariances that responsibilities make most likely, with nu rows of variances V as a prior.</summary>
    /// <remarks>Of the structures with common axes there may be several maxima; the one near the axes of <paramref name="answer"/> is found.</remarks>
    public static double[] Maximize(
        double[,] responsibilities, double[,] rows, CovarianceStructure structure, double strength, IReadOnlyList<ReadOnlyMatrix>? answer = null)
    {
        int count = rows.GetLength(0), dimension = rows.GetLength(1), components = responsibilities.GetLength(1);
        double nu = strength * count / components;
        double[] variances = [.. Enumerable.Range(0, dimension).Select(j =>
        {
            double mean = Enumerable.Range(0, count).Average(i => rows[i, j]);
            return Enumerable.Range(0, count).Average(i => (rows[i, j] - mean) * (rows[i, j] - mean));
        })];
        double[] counts = new double[components];
        double[,] means = new double[components, dimension];
        var scatters = new double[components][,];
        for (int k = 0; k < components; k++)
        {
            for (int i = 0; i < count; i++) counts[k] += responsibilities[i, k];
            for (int j = 0; j < dimension; j++) means[k, j] = Enumerable.Range(0, count).Sum(i => responsibilities[i, k] * rows[i, j]) / counts[k];
            scatters[k] = new double[dimension, dimension];
            for (int a = 0; a < dimension; a++)
            {
                for (int b = 0; b < dimension; b++)
                {
                    scatters[k][a, b] = a == b ? nu * variances[a] : 0;
                    for (int i = 0; i < count; i++) scatters[k][a, b] += responsibilities[i, k] * (rows[i, a] - means[k, a]) * (rows[i, b] - means[k, b]);
                }
            }
        }

        Matrix<double>[] matrices = [.. scatters.Select(scatter => Matrix<double>.Build.DenseOfArray(scatter))];
        Matrix<double> axes = TextbookStructures.AxesOf(answer is null ? matrices : [.. answer.Select(matrix => Matrix<double>.Build.DenseOfArray(matrix.ToArray()))]);
        Matrix<double>[] covariances = TextbookStructures.Estimate(structure, [.. counts.Select(value => value + nu)], matrices, axes);
        return [.. counts.Select(value => value / count), .. means.Cast<double>(), .. covariances.SelectMany(covariance => covariance.ToArray().Cast<double>())];
    }

    /// <summary>Inverse and log-determinant by Gauss-Jordan elimination.</summary>
    public static (double[,] Inverse, double LogDeterminant) Invert(double[,] matrix)
    {
        int n = matrix.GetLength(0);
        double[,] a = (double[,])matrix.Clone(), inverse = new double[n, n];
        for (int i = 0; i < n; i++) inverse[i, i] = 1;
        double logDeterminant = 0;
        for (int c = 0; c < n; c++)
        {
            double pivot = a[c, c];
            logDeterminant += Math.Log(pivot);
            for (int j = 0; j < n; j++) (a[c, j], inverse[c, j]) = (a[c, j] / pivot, inverse[c, j] / pivot);
            for (int r = 0; r < n; r++)
            {
                if (r == c) continue;
                double factor = a[r, c];
                for (int j = 0; j < n; j++) (a[r, j], inverse[r, j]) = (a[r, j] - (factor * a[c, j]), inverse[r, j] - (factor * inverse[c, j]));
            }
        }

        return (inverse, logDeterminant);
    }
}
