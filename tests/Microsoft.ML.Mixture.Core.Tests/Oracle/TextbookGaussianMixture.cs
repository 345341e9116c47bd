namespace Microsoft.ML.Mixture;

/// <summary>
/// EM for Gaussian mixtures as a textbook writes it: one row at a time, one loop for each sum. The oracle of the library, which shares no
/// code with it.
/// </summary>
internal sealed class TextbookGaussianMixture
{
    private readonly double[][] _rows;
    private readonly double[] _rowWeights;
    private readonly string _structure;
    private readonly double _priorCount;
    private readonly double[] _priorVariances;
    private readonly double _floor;
    private readonly double? _noiseLogDensity;
    private readonly int _componentCount;
    private readonly int _dimension;

    /// <param name="rows">N rows of D features.</param>
    /// <param name="rowWeights">One weight a row.</param>
    /// <param name="structure">"full", "tied", "diag" or "spherical".</param>
    /// <param name="componentCount">K.</param>
    /// <param name="priorStrength">The prior is worth strength * (sum of row weights) / K rows in each component.</param>
    /// <param name="floor">Added to every variance after each M-step.</param>
    /// <param name="noiseLogDensity">The log-density of a component of noise, the last; null for none.</param>
    public TextbookGaussianMixture(
        double[][] rows, double[] rowWeights, string structure, int componentCount, double priorStrength, double floor, double? noiseLogDensity = null)
    {
        _noiseLogDensity = noiseLogDensity;
        _rows = rows;
        _rowWeights = rowWeights;
        _structure = structure;
        _componentCount = componentCount;
        _dimension = rows[0].Length;
        _floor = floor;
        _priorCount = priorStrength * rowWeights.Sum() / componentCount;
        _priorVariances = new double[_dimension];
        for (int j = 0; j < _dimension; j++)
        {
            double mean = 0;
            for (int i = 0; i < rows.Length; i++) mean += rowWeights[i] * rows[i][j];
            mean /= rowWeights.Sum();
            for (int i = 0; i < rows.Length; i++) _priorVariances[j] += rowWeights[i] * (rows[i][j] - mean) * (rows[i][j] - mean);
            _priorVariances[j] /= rowWeights.Sum();
        }

        if (structure == "spherical") Array.Fill(_priorVariances, _priorVariances.Sum() / _dimension);
    }

    /// <summary>pi(k), and after them the weight of the noise if there is any.</summary>
    public double[] Weights { get; private set; } = [];

    public double[][] Means { get; private set; } = [];

    public double[][,] Covariances { get; private set; } = [];

    /// <summary>r(i,k) under the parameters.</summary>
    public double[][] Responsibilities { get; private set; } = [];

    public List<double> LogLikelihoods { get; } = [];

    /// <summary>Log-likelihoods plus the log prior.</summary>
    public List<double> Objectives { get; } = [];

    public void Start(double[] weights, double[][] means, double[][,] covariances)
    {
        (Weights, Means, Covariances) = (weights, means, covariances);
        Expect();
    }

    public void Start(double[][] responsibilities)
    {
        Responsibilities = responsibilities;
        Maximize();
        Expect();
    }

    public void Step()
    {
        Maximize();
        Expect();
    }

    private void Expect()
    {
        double[][,] factors = [.. Covariances.Select(Factor)];
        var responsibilities = new double[_rows.Length][];
        double logLikelihood = 0;
        for (int i = 0; i < _rows.Length; i++)
        {
            double[] joint = new double[Weights.Length];
            for (int k = 0; k < _componentCount; k++) joint[k] = Math.Log(Weights[k]) + LogDensity(_rows[i], Means[k], factors[k]);
            if (_noiseLogDensity is { } density) joint[^1] = Math.Log(Weights[^1]) + density;
            double max = joint.Max(), sum = 0;
            for (int k = 0; k < joint.Length; k++) sum += Math.Exp(joint[k] - max);
            double logDensity = max + Math.Log(sum);
            responsibilities[i] = [.. joint.Select(value => Math.Exp(value - logDensity))];
            logLikelihood += _rowWeights[i] * logDensity;
        }

        Responsibilities = responsibilities;
        LogLikelihoods.Add(logLikelihood);
        Objectives.Add(logLikelihood + LogPrior(factors));
    }

    private void Maximize()
    {
        double[] counts = new double[_componentCount];
        double[][] means = new double[_componentCount][];
        double[][,] scatters = new double[_componentCount][,];
        for (int k = 0; k < _componentCount; k++)
        {
            means[k] = new double[_dimension];
            for (int i = 0; i < _rows.Length; i++)
            {
                double share = _rowWeights[i] * Responsibilities[i][k];
                counts[k] += share;
                for (int j = 0; j < _dimension; j++) means[k][j] += share * _rows[i][j];
            }

            for (int j = 0; j < _dimension; j++) means[k][j] /= counts[k];
            scatters[k] = Scatter(k, means[k]);
        }

        double noise = 0;
        for (int i = 0; i < _rows.Length && _noiseLogDensity is not null; i++) noise += _rowWeights[i] * Responsibilities[i][_componentCount];
        double[] all = _noiseLogDensity is null ? counts : [.. counts, noise];
        Weights = [.. all.Select(count => count / all.Sum())];
        Means = means;
        Covariances = Estimate(counts, scatters);
        foreach (double[,] covariance in _structure == "tied" ? Covariances[..1] : Covariances)
        {
            for (int j = 0; j < _dimension; j++) covariance[j, j] += _floor;
        }
    }

    private double[,] Scatter(int component, double[] mean)
    {
        double[,] scatter = new double[_dimension, _dimension];
        for (int i = 0; i < _rows.Length; i++)
        {
            double share = _rowWeights[i] * Responsibilities[i][component];
            for (int a = 0; a < _dimension; a++)
            {
                for (int b = 0; b < _dimension; b++) scatter[a, b] += share * (_rows[i][a] - mean[a]) * (_rows[i][b] - mean[b]);
            }
        }

        return scatter;
    }

    // Sigma(k) = (S(k) + nu V) / (N(k) + nu), and what each structure makes of it.
    private double[][,] Estimate(double[] counts, double[][,] scatters)
    {
        var covariances = new double[_componentCount][,];
        double[,] pooled = new double[_dimension, _dimension];
        double pooledCount = 0;
        for (int k = 0; k < _componentCount; k++)
        {
            double count = counts[k] + _priorCount;
            pooledCount += count;
            covariances[k] = new double[_dimension, _dimension];
            double trace = 0;
            for (int a = 0; a < _dimension; a++)
            {
                scatters[k][a, a] += _priorCount * _priorVariances[a];
                trace += scatters[k][a, a];
                for (int b = 0; b < _dimension; b++)
                {
                    pooled[a, b] += scatters[k][a, b];
                    if (_structure == "full" || (_structure == "diag" && a == b)) covariances[k][a, b] = scatters[k][a, b] / count;
                }
            }

            for (int a = 0; a < _dimension && _structure == "spherical"; a++) covariances[k][a, a] = trace / (_dimension * count);
        }

        if (_structure != "tied") return covariances;
        for (int a = 0; a < _dimension; a++)
        {
            for (int b = 0; b < _dimension; b++) pooled[a, b] /= pooledCount;
        }

        return [.. Enumerable.Repeat(pooled, _componentCount)];
    }

    // - nu/2 sum over k of ( log det Sigma(k) + trace( inverse(Sigma(k)) V ) )
    private double LogPrior(double[][,] factors)
    {
        double logPrior = 0;
        foreach (double[,] factor in factors)
        {
            double logDeterminant = 0, trace = 0;
            for (int j = 0; j < _dimension; j++)
            {
                logDeterminant += 2 * Math.Log(factor[j, j]);
                double[] unit = new double[_dimension];
                unit[j] = Math.Sqrt(_priorVariances[j]);
                trace += Solve(factor, unit).Sum(value => value * value);
            }

            logPrior -= _priorCount / 2 * (logDeterminant + trace);
        }

        return logPrior;
    }

    private double LogDensity(double[] row, double[] mean, double[,] factor)
    {
        double[] difference = [.. row.Zip(mean, (x, m) => x - m)];
        double distance = Solve(factor, difference).Sum(value => value * value), logDeterminant = 0;
        for (int j = 0; j < _dimension; j++) logDeterminant += 2 * Math.Log(factor[j, j]);
        return -0.5 * ((_dimension * Math.Log(2 * Math.PI)) + logDeterminant + distance);
    }

    // L with L L' = A, lower triangular.
    private double[,] Factor(double[,] matrix)
    {
        double[,] factor = new double[_dimension, _dimension];
        for (int j = 0; j < _dimension; j++)
        {
            for (int i = j; i < _dimension; i++)
            {
                double rest = matrix[i, j];
                for (int m = 0; m < j; m++) rest -= factor[i, m] * factor[j, m];
                factor[i, j] = i == j ? Math.Sqrt(rest) : rest / factor[j, j];
            }
        }

        return factor;
    }

    // y with L y = b.
    private double[] Solve(double[,] factor, double[] right)
    {
        double[] solution = new double[_dimension];
        for (int i = 0; i < _dimension; i++)
        {
            double rest = right[i];
            for (int m = 0; m < i; m++) rest -= factor[i, m] * solution[m];
            solution[i] = rest / factor[i, i];
        }

        return solution;
    }
}
