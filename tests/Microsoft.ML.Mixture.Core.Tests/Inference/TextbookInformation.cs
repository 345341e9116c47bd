using MathNet.Numerics.LinearAlgebra;

namespace Microsoft.ML.Mixture.Inference.Tests;

/// <summary>
/// The covariance of maximum-likelihood estimates by differences: the log-likelihood of rows with holes and the log prior, one row at a time, as a
/// function of logits, means, logarithms of volumes and shapes, and rotations of the principal axes.
/// </summary>
internal sealed class TextbookInformation
{
    private const double Step = 1e-3;

    private readonly double[][] _rows;
    private readonly double[] _rowWeights;
    private readonly string _code;
    private readonly int _count;
    private readonly int _dimension;
    private readonly double _priorCount;
    private readonly double[] _priorVariances;
    private readonly Matrix<double>[] _axes;
    private readonly double[] _start;

    public TextbookInformation(GaussianMixtureModel model, double[][] rows, double[] rowWeights, double priorStrength)
    {
        (_rows, _rowWeights, _code) = (rows, rowWeights, model.CovarianceStructure.Code!);
        (_count, _dimension) = (model.ComponentCount, model.Dimension);
        _priorCount = priorStrength * rowWeights.Sum() / _count;
        _priorVariances = [.. Enumerable.Range(0, _dimension).Select(Variance)];
        if (_code[1] == 'I') Array.Fill(_priorVariances, _priorVariances.Average());
        Matrix<double>[] covariances = [.. model.Covariances.Select(covariance => Matrix<double>.Build.DenseOfArray(covariance.ToArray()))];
        Matrix<double> sum = covariances.Select((covariance, k) => covariance * (1 + (0.37 * k))).Aggregate((a, b) => a + b);
        _axes = [.. covariances.Select(covariance => _code[2] switch
        {
            'I' => Matrix<double>.Build.DenseIdentity(_dimension),
            'E' => sum.Evd(Symmetricity.Symmetric).EigenVectors,
            _ => covariance.Evd(Symmetricity.Symmetric).EigenVectors,
        })];
        double[][] logarithms = [.. covariances.Select((covariance, k) => (_axes[k].Transpose() * covariance * _axes[k]).Diagonal().Select(value => Math.Log(value)).ToArray())];
        var start = new List<double>();
        for (int k = 0; k < _count - 1; k++) start.Add(Math.Log(model.Weights[k] / model.Weights[^1]));
        start.AddRange(model.Means.ToArray().Cast<double>());
        for (int k = 0; k < Times(0); k++) start.Add(logarithms[k].Average());
        for (int k = 0; k < Times(1); k++) start.AddRange(logarithms[k].Take(_dimension - 1).Select(value => value - logarithms[k].Average()));
        for (int k = 0; k < Times(2); k++) start.AddRange(new double[_dimension * (_dimension - 1) / 2]);
        _start = [.. start];
    }

    /// <summary>The covariance of weights, means row by row and covariances, all K of them, each in full and row by row.</summary>
    public Matrix<double> EstimateCovariance()
    {
        int length = _start.Length;
        Matrix<double> hessian = Matrix<double>.Build.Dense(length, length);
        for (int a = 0; a < length; a++)
        {
            for (int b = 0; b <= a; b++)
            {
                double sum = 0;
                foreach ((int s, int t) in new[] { (1, 1), (1, -1), (-1, 1), (-1, -1) }) sum += s * t * Objective(Moved((a, s * Step), (b, t * Step)));
                hessian[a, b] = hessian[b, a] = -sum / (4 * Step * Step);
            }
        }

        Matrix<double> derivatives = Matrix<double>.Build.DenseOfColumnVectors(Enumerable.Range(0, length).Select(
            a => (Vector<double>.Build.Dense(Natural(Moved((a, Step / 10)))) - Vector<double>.Build.Dense(Natural(Moved((a, -Step / 10))))) / (Step / 5)));
        return derivatives * hessian.Inverse() * derivatives.Transpose();
    }

    private int Times(int letter) => _code[letter] switch { 'I' => 0, 'E' => 1, _ => _count };

    private double[] Moved(params (int At, double By)[] steps)
    {
        double[] moved = [.. _start];
        foreach ((int at, double by) in steps) moved[at] += by;
        return moved;
    }

    private double[] Natural(double[] parameters)
    {
        (double[] weights, double[][] means, Matrix<double>[] covariances) = Expand(parameters);
        return [.. weights, .. means.SelectMany(mean => mean), .. covariances.SelectMany(covariance => covariance.ToRowMajorArray())];
    }

    private (double[] Weights, double[][] Means, Matrix<double>[] Covariances) Expand(double[] parameters)
    {
        int next = 0;
        double[] Take(int count) => parameters[next..(next += count)];
        double[] weights = [.. Take(_count - 1).Append(0).Select(Math.Exp)];
        double[][] means = [.. weights.Select(_ => Take(_dimension))];
        double[][] volumes = Parts(0, 1), shapes = Parts(1, _dimension - 1), angles = Parts(2, _dimension * (_dimension - 1) / 2);
        Matrix<double> identity = Matrix<double>.Build.DenseIdentity(_dimension);
        var covariances = new Matrix<double>[_count];
        for (int k = 0; k < _count; k++)
        {
            double[] shape = shapes.Length == 0 ? new double[_dimension] : [.. shapes[k % shapes.Length], -shapes[k % shapes.Length].Sum()];
            Matrix<double> skew = Matrix<double>.Build.Dense(_dimension, _dimension);
            for (int i = 1, at = 0; i < _dimension && angles.Length > 0; i++)
            {
                for (int j = 0; j < i; j++, at++) (skew[i, j], skew[j, i]) = (angles[k % angles.Length][at], -angles[k % angles.Length][at]);
            }

            Matrix<double> axes = _axes[k] * (identity - skew).Inverse() * (identity + skew);
            covariances[k] = axes * Matrix<double>.Build.DenseOfDiagonalArray([.. shape.Select(value => Math.Exp(value + volumes[k % volumes.Length][0]))]) * axes.Transpose();
        }

        return ([.. weights.Select(weight => weight / weights.Sum())], means, covariances);

        double[][] Parts(int letter, int length) => [.. Enumerable.Range(0, Times(letter)).Select(_ => Take(length))];
    }

    private double Objective(double[] parameters)
    {
        (double[] weights, double[][] means, Matrix<double>[] covariances) = Expand(parameters);
        double[][,] matrices = [.. covariances.Select(covariance => covariance.ToArray())];
        double sum = 0;
        for (int i = 0; i < _rows.Length; i++)
        {
            double density = 0;
            for (int k = 0; k < _count; k++) density += weights[k] * Math.Exp(LogDensity(_rows[i], means[k], matrices[k]));
            sum += _rowWeights[i] * Math.Log(density);
        }

        for (int k = 0; k < _count; k++)
        {
            sum -= _priorCount / 2 * (Math.Log(covariances[k].Determinant()) + (covariances[k].Inverse() * Matrix<double>.Build.DenseOfDiagonalArray(_priorVariances)).Trace());
        }

        return sum;
    }

    // Of the features that are observed: the Cholesky factor of their part of the covariance, and the row solved with it on the way.
    private static double LogDensity(double[] row, double[] mean, double[,] covariance)
    {
        int[] observed = [.. Enumerable.Range(0, row.Length).Where(j => !double.IsNaN(row[j]))];
        double[,] factor = new double[observed.Length, observed.Length];
        double[] solution = new double[observed.Length];
        double result = -0.5 * observed.Length * Math.Log(2 * Math.PI);
        for (int a = 0; a < observed.Length; a++)
        {
            double right = row[observed[a]] - mean[observed[a]];
            for (int b = 0; b <= a; b++)
            {
                double rest = covariance[observed[a], observed[b]];
                for (int m = 0; m < b; m++) rest -= factor[a, m] * factor[b, m];
                factor[a, b] = a == b ? Math.Sqrt(rest) : rest / factor[b, b];
                if (b < a) right -= factor[a, b] * solution[b];
            }

            solution[a] = right / factor[a, a];
            result -= Math.Log(factor[a, a]) + (0.5 * solution[a] * solution[a]);
        }

        return result;
    }

    private double Variance(int feature)
    {
        int[] seen = [.. Enumerable.Range(0, _rows.Length).Where(i => !double.IsNaN(_rows[i][feature]))];
        double weight = seen.Sum(i => _rowWeights[i]), mean = seen.Sum(i => _rowWeights[i] * _rows[i][feature]) / weight;
        return seen.Sum(i => _rowWeights[i] * (_rows[i][feature] - mean) * (_rows[i][feature] - mean)) / weight;
    }
}
