using MathNet.Numerics.LinearAlgebra;
using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture;

/// <summary>
/// EM for Gaussian mixtures of rows with holes as a textbook writes it: one row at a time, its own matrices inverted for it alone. Shares no
/// code with the library. What the parsimonious structures make of scatter matrices is <see cref="TextbookStructures"/>'.
/// </summary>
internal sealed class TextbookMissingValues
{
    private readonly double[][] _rows;
    private readonly double[] _rowWeights;
    private readonly string _structure;
    private readonly double _priorCount;
    private readonly double[] _priorVariances;

    /// <param name="rows">N rows of D features, NaN where one is missing; none lacks all.</param>
    /// <param name="rowWeights">One weight a row.</param>
    /// <param name="structure">"full", "tied", "diag" or "spherical", or the name of another structure, in mclust if it has one there.</param>
    /// <param name="componentCount">K.</param>
    /// <param name="priorStrength">The prior is worth strength * (sum of row weights) / K rows in each component.</param>
    public TextbookMissingValues(double[][] rows, double[] rowWeights, string structure, int componentCount, double priorStrength)
    {
        (_rows, _rowWeights, _structure) = (rows, rowWeights, structure);
        _priorCount = priorStrength * rowWeights.Sum() / componentCount;
        int dimension = rows[0].Length;
        _priorVariances = new double[dimension];
        for (int j = 0; j < dimension; j++)
        {
            double weight = 0, mean = 0;
            for (int i = 0; i < rows.Length; i++)
            {
                if (double.IsNaN(rows[i][j])) continue;
                weight += rowWeights[i];
                mean += rowWeights[i] * rows[i][j];
            }

            mean /= weight;
            for (int i = 0; i < rows.Length; i++)
            {
                if (!double.IsNaN(rows[i][j])) _priorVariances[j] += rowWeights[i] * (rows[i][j] - mean) * (rows[i][j] - mean) / weight;
            }
        }

        if (structure is "spherical" or "EII") Array.Fill(_priorVariances, _priorVariances.Sum() / dimension);
    }

    public double[] Weights { get; private set; } = [];

    public double[][] Means { get; private set; } = [];

    public double[][,] Covariances { get; private set; } = [];

    public List<double> LogLikelihoods { get; } = [];

    /// <summary>Log-likelihoods plus the log prior.</summary>
    public List<double> Objectives { get; } = [];

    /// <summary>r(i,k) under the parameters.</summary>
    public double[][] Responsibilities { get; private set; } = [];

    public void Start(double[] weights, double[][] means, double[][,] covariances)
    {
        (Weights, Means, Covariances) = (weights, means, covariances);
        Expect();
    }

    public void Step()
    {
        Maximize();
        Expect();
    }

    private void Expect()
    {
        Responsibilities = new double[_rows.Length][];
        double logLikelihood = 0;
        for (int i = 0; i < _rows.Length; i++)
        {
            double[] joint = [.. Weights.Select((weight, k) => Math.Log(weight) + LogDensity(_rows[i], k))];
            double logDensity = joint.Max() + Math.Log(joint.Sum(value => Math.Exp(value - joint.Max())));
            Responsibilities[i] = [.. joint.Select(value => Math.Exp(value - logDensity))];
            logLikelihood += _rowWeights[i] * logDensity;
        }

        LogLikelihoods.Add(logLikelihood);
        double logPrior = 0;
        foreach (double[,] covariance in Covariances)
        {
            (double[,] inverse, double logDeterminant) = Invert(covariance);
            logPrior -= _priorCount / 2 * (logDeterminant + _priorVariances.Select((variance, j) => variance * inverse[j, j]).Sum());
        }

        Objectives.Add(logLikelihood + logPrior);
    }

    private void Maximize()
    {
        int dimension = _priorVariances.Length, count = Weights.Length;
        double[] counts = new double[count];
        double[][] means = new double[count][];
        double[][,] scatters = new double[count][,];
        for (int k = 0; k < count; k++)
        {
            means[k] = new double[dimension];
            scatters[k] = new double[dimension, dimension];
            for (int i = 0; i < _rows.Length; i++)
            {
                double share = _rowWeights[i] * Responsibilities[i][k];
                double[] expected = Complete(_rows[i], k).Expectation;
                counts[k] += share;
                for (int j = 0; j < dimension; j++) means[k][j] += share * expected[j];
            }

            for (int j = 0; j < dimension; j++) means[k][j] /= counts[k];
            for (int i = 0; i < _rows.Length; i++)
            {
                double share = _rowWeights[i] * Responsibilities[i][k];
                (double[] expected, double[,] covariance) = Complete(_rows[i], k);
                for (int a = 0; a < dimension; a++)
                {
                    for (int b = 0; b < dimension; b++) scatters[k][a, b] += share * (((expected[a] - means[k][a]) * (expected[b] - means[k][b])) + covariance[a, b]);
                }
            }
        }

        Weights = [.. counts.Select(value => value / counts.Sum())];
        Means = means;
        Covariances = Estimate(counts, scatters);
    }

    // Sigma(k) = (S(k) + nu V) / (N(k) + nu), and what each structure makes of it.
    private double[][,] Estimate(double[] counts, double[][,] scatters)
    {
        int dimension = _priorVariances.Length;
        double[,] pooled = new double[dimension, dimension];
        var covariances = new double[counts.Length][,];
        double total = counts.Sum(count => count + _priorCount);
        for (int k = 0; k < counts.Length; k++)
        {
            covariances[k] = new double[dimension, dimension];
            for (int j = 0; j < dimension; j++) scatters[k][j, j] += _priorCount * _priorVariances[j];
            double trace = Enumerable.Range(0, dimension).Sum(j => scatters[k][j, j]), count = counts[k] + _priorCount;
            for (int a = 0; a < dimension; a++)
            {
                for (int b = 0; b < dimension; b++)
                {
                    pooled[a, b] += scatters[k][a, b] / total;
                    if (_structure == "full" || (_structure == "diag" && a == b)) covariances[k][a, b] = scatters[k][a, b] / count;
                    if (_structure == "spherical" && a == b) covariances[k][a, b] = trace / (dimension * count);
                }
            }
        }

        return _structure == "tied" ? [.. Enumerable.Repeat(pooled, counts.Length)] : _structure is "full" or "diag" or "spherical" ? covariances : EstimateParsimonious(counts, scatters);
    }

    private double[][,] EstimateParsimonious(double[] counts, double[][,] scatters)
    {
        double[] shares = [.. counts.Select(count => count + _priorCount)];
        Matrix<double>[] matrices = [.. scatters.Select(Matrix<double>.Build.DenseOfArray)];
        bool isFlat = matrices[0].RowCount == 2 && (_structure is "EVE" or "VVE");
        Matrix<double>[] found = isFlat ? TextbookStructures.EstimateCommonAxesOfTwoFeatures(_structure, shares, matrices)
            : TextbookStructures.Estimate(_structure, shares, matrices, TextbookStructures.AxesOf(matrices));
        return [.. found.Select(covariance => covariance.ToArray())];
    }

    private double LogDensity(double[] row, int component)
    {
        int[] observed = [.. Enumerable.Range(0, row.Length).Where(j => !double.IsNaN(row[j]))];
        (double[,] inverse, double logDeterminant) = Invert(Part(Covariances[component], observed, observed));
        double distance = 0;
        for (int a = 0; a < observed.Length; a++)
        {
            for (int b = 0; b < observed.Length; b++)
            {
                distance += (row[observed[a]] - Means[component][observed[a]]) * inverse[a, b] * (row[observed[b]] - Means[component][observed[b]]);
            }
        }

        return -0.5 * ((observed.Length * Math.Log(2 * Math.PI)) + logDeterminant + distance);
    }

    // E[x] and Cov[x] of the whole row given what is observed of it.
    private (double[] Expectation, double[,] Covariance) Complete(double[] row, int component)
    {
        int[] observed = [.. Enumerable.Range(0, row.Length).Where(j => !double.IsNaN(row[j]))], missing = [.. Enumerable.Range(0, row.Length).Except(observed)];
        double[,] covariance = Covariances[component], inverse = Invert(Part(covariance, observed, observed)).Inverse;
        double[] expectation = [.. row];
        double[,] conditional = new double[row.Length, row.Length];
        foreach (int h in missing)
        {
            double[] coefficients = [.. observed.Select((_, b) => observed.Select((o, a) => covariance[h, o] * inverse[a, b]).Sum())];
            expectation[h] = Means[component][h] + observed.Select((o, b) => coefficients[b] * (row[o] - Means[component][o])).Sum();
            foreach (int g in missing) conditional[h, g] = covariance[h, g] - observed.Select((o, b) => coefficients[b] * covariance[o, g]).Sum();
        }

        return (expectation, conditional);
    }

    internal static double[,] Part(double[,] matrix, int[] rows, int[] columns)
    {
        double[,] part = new double[rows.Length, columns.Length];
        for (int a = 0; a < rows.Length; a++)
        {
            for (int b = 0; b < columns.Length; b++) part[a, b] = matrix[rows[a], columns[b]];
        }

        return part;
    }

    // Gauss-Jordan, with the largest pivot of each column.
    internal static (double[,] Inverse, double LogDeterminant) Invert(double[,] matrix)
    {
        int size = matrix.GetLength(0);
        double[,] left = (double[,])matrix.Clone(), inverse = new double[size, size];
        double logDeterminant = 0;
        for (int j = 0; j < size; j++) inverse[j, j] = 1;
        for (int c = 0; c < size; c++)
        {
            int best = Enumerable.Range(c, size - c).MaxBy(i => Math.Abs(left[i, c]));
            for (int j = 0; j < size && best != c; j++)
            {
                (left[c, j], left[best, j]) = (left[best, j], left[c, j]);
                (inverse[c, j], inverse[best, j]) = (inverse[best, j], inverse[c, j]);
            }

            double pivot = left[c, c];
            logDeterminant += Math.Log(Math.Abs(pivot));
            for (int j = 0; j < size; j++)
            {
                left[c, j] /= pivot;
                inverse[c, j] /= pivot;
            }

            for (int i = 0; i < size; i++)
            {
                double factor = left[i, c];
                for (int j = 0; j < size && i != c; j++)
                {
                    left[i, j] -= factor * left[c, j];
                    inverse[i, j] -= factor * inverse[c, j];
                }
            }
        }

        return (inverse, logDeterminant);
    }
}
