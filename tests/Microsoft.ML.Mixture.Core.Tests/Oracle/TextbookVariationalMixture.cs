namespace Microsoft.ML.Mixture;

/// <summary>
/// Variational Bayes for Gaussian mixtures as section 10.2 of Bishop (2006) writes it: one row at a time, one loop for each sum, each expectation
/// of the bound by itself. The oracle of the library, which shares no code with it.
/// </summary>
/// <remarks>
/// Tied, diagonal and spherical posteriors restrict the scale matrices W(k) under the same full model. Missing values (NaN) are possible where features
/// are not correlated.
/// </remarks>
internal sealed class TextbookVariationalMixture(double[][] rows, double[] rowWeights, string structure, int componentCount, TextbookPrior prior)
{
    private readonly int _dimension = rows[0].Length;
    private double[] _counts = [];
    private double[] _degrees = [];
    private double[][,] _precisions = [];
    private double[] _logDeterminants = [];

    /// <summary>r(i,k).</summary>
    public double[][] Responsibilities { get; set; } = [];

    public double[][] Means { get; private set; } = [];

    /// <summary>C(k) = inverse(nu(k) W(k)).</summary>
    public double[][,] Covariances { get; private set; } = [];

    public IReadOnlyList<double> Counts => _counts;

    /// <summary>Takes over a posterior.</summary>
    public void Load(double[] counts, double[][] means, double[][,] covariances)
    {
        (_counts, Means, Covariances) = (counts, means, covariances);
        _degrees = Degrees(counts);
        _precisions = [.. covariances.Select(Textbook.Inverse)];
        _logDeterminants = [.. Enumerable.Range(0, componentCount).Select(ExpectedLogDeterminant)];
    }

    /// <summary>The responsibilities under the posterior.</summary>
    public void Expect()
    {
        double[] logWeights = ExpectedLogWeights();
        double[][] next = new double[rows.Length][];
        for (int i = 0; i < rows.Length; i++)
        {
            double[] joint = new double[componentCount];
            for (int k = 0; k < componentCount; k++) joint[k] = logWeights[k] + RowTerm(i, k);
            double sum = joint.Max() + Math.Log(joint.Sum(value => Math.Exp(value - joint.Max())));
            next[i] = [.. joint.Select(value => Math.Exp(value - sum))];
        }

        Responsibilities = next;
    }

    /// <summary>The posterior of the responsibilities.</summary>
    public void Maximize()
    {
        double[] counts = new double[componentCount];
        double[][] means = new double[componentCount][];
        double[][,] scatters = new double[componentCount][,];
        for (int k = 0; k < componentCount; k++)
        {
            double[] sums = new double[_dimension];
            for (int i = 0; i < rows.Length; i++)
            {
                double share = rowWeights[i] * Responsibilities[i][k];
                counts[k] += share;
                for (int j = 0; j < _dimension; j++) sums[j] += share * Filled(i, k)[j];
            }

            double[] centre = [.. sums.Select((sum, j) => counts[k] > 0 ? sum / counts[k] : prior.Mean[j])];
            double beta = prior.MeanPrecision + counts[k];
            means[k] = [.. centre.Select((value, j) => ((prior.MeanPrecision * prior.Mean[j]) + (counts[k] * value)) / beta)];
            scatters[k] = (double[,])prior.Covariance.Clone();
            for (int a = 0; a < _dimension; a++)
            {
                scatters[k][a, a] += counts[k] * prior.Floor;
                for (int b = 0; b < _dimension; b++)
                {
                    scatters[k][a, b] += prior.MeanPrecision * counts[k] / beta * (centre[a] - prior.Mean[a]) * (centre[b] - prior.Mean[b]);
                    for (int i = 0; i < rows.Length; i++)
                    {
                        double share = rowWeights[i] * Responsibilities[i][k];
                        double[] x = Filled(i, k);
                        scatters[k][a, b] += share * (x[a] - centre[a]) * (x[b] - centre[b]);
                        if (a == b && double.IsNaN(rows[i][a])) scatters[k][a, a] += share * Covariances[k][a, a];
                    }
                }
            }
        }

        double[] degrees = Degrees(counts);
        Load(counts, means, [.. Restrict(scatters).Select((matrix, k) => Textbook.Times(matrix, 1 / degrees[k]))]);
    }

    /// <summary>The evidence lower bound of responsibilities and posterior: E[log p] - E[log q], term by term.</summary>
    public double Bound()
    {
        double[] logWeights = ExpectedLogWeights();
        double bound = -WeightDivergence(logWeights);
        for (int i = 0; i < rows.Length; i++)
        {
            for (int k = 0; k < componentCount; k++)
            {
                double share = Responsibilities[i][k];
                if (share > 0) bound += rowWeights[i] * share * (logWeights[k] + RowTerm(i, k) - Math.Log(share));
            }
        }

        double[,] priorPrecision = Textbook.Inverse(prior.Covariance);
        for (int k = 0; k < componentCount; k++)
        {
            double beta = prior.MeanPrecision + _counts[k], nu = _degrees[k], logDeterminant = _logDeterminants[k];
            double[,] precision = _precisions[k];
            double[] offset = [.. Means[k].Select((value, j) => value - prior.Mean[j])];

            // E[log p(mu | Lambda)] - E[log q(mu | Lambda)]
            bound += 0.5 * ((_dimension * Math.Log(prior.MeanPrecision / (2 * Math.PI))) + logDeterminant - (_dimension * prior.MeanPrecision / beta)
                - (prior.MeanPrecision * Textbook.Quadratic(precision, offset)));
            bound -= 0.5 * ((_dimension * Math.Log(beta / (2 * Math.PI))) + logDeterminant - _dimension);

            // E[log p(Lambda)] + H[q(Lambda)]
            double trace = 0;
            for (int a = 0; a < _dimension; a++)
            {
                for (int b = 0; b < _dimension; b++) trace += prior.Covariance[a, b] * precision[b, a];
            }

            bound += LogWishart(priorPrecision, prior.DegreesOfFreedom) + (0.5 * (((prior.DegreesOfFreedom - _dimension - 1) * logDeterminant) - trace));
            bound += -LogWishart(Textbook.Times(precision, 1 / nu), nu) - (0.5 * (nu - _dimension - 1) * logDeterminant) + (0.5 * nu * _dimension);
        }

        return bound;
    }

    /// <summary>
    /// What scikit-learn 1.2.1 calls the lower bound: entropy of the responsibilities and logarithms of what normalises the posterior, without constants
    /// of the prior and of the rows, and without powers of pi.
    /// </summary>
    public double ScikitLearnBound()
    {
        double bound = 0;
        for (int i = 0; i < rows.Length; i++) bound -= rowWeights[i] * Responsibilities[i].Sum(share => share > 0 ? share * Math.Log(share) : 0);
        for (int k = 0; k < componentCount; k++)
        {
            double[,] scale = Textbook.Times(_precisions[k], 1 / _degrees[k]);
            bound -= LogWishart(scale, _degrees[k]) + (_dimension * (_dimension - 1) / 4.0 * Math.Log(Math.PI));
            bound -= 0.5 * _dimension * Math.Log(prior.MeanPrecision + _counts[k]);
        }

        if (!prior.IsProcess) return bound - Textbook.LogGamma(_counts.Sum(count => count + prior.Concentration)) + _counts.Sum(count => Textbook.LogGamma(count + prior.Concentration));
        for (int k = 0; k < componentCount; k++) bound += Textbook.LogBeta(1 + _counts[k], prior.Concentration + _counts.Skip(k + 1).Sum());
        return bound;
    }

    private double[] Degrees(double[] counts) => [.. counts.Select(count => prior.DegreesOfFreedom + (structure == "tied" ? counts.Sum() / componentCount : count))];

    private double[][,] Restrict(double[][,] scatters)
    {
        double[][,] result = [.. scatters.Select(scatter => (double[,])scatter.Clone())];
        for (int k = 0; k < componentCount; k++)
        {
            double average = 0;
            for (int j = 0; j < _dimension; j++) average += scatters[k][j, j] / _dimension;
            for (int a = 0; a < _dimension; a++)
            {
                for (int b = 0; b < _dimension; b++)
                {
                    if (structure == "tied") result[k][a, b] = scatters.Average(scatter => scatter[a, b]);
                    if (structure is "diag" or "spherical" && a != b) result[k][a, b] = 0;
                    if (structure == "spherical" && a == b) result[k][a, b] = average;
                }
            }
        }

        return result;
    }

    // The expectation of what is missing; features are not correlated.
    private double[] Filled(int row, int component) => [.. rows[row].Select((value, j) => double.IsNaN(value) ? Means[component][j] : value)];

    // E[log p(x(i) | k)], with the entropy of what is missing.
    private double RowTerm(int row, int component)
    {
        double term = _logDeterminants[component] - (_dimension * Math.Log(2 * Math.PI)) - (_dimension / (prior.MeanPrecision + _counts[component]));
        double[] offset = new double[_dimension];
        for (int j = 0; j < _dimension; j++) offset[j] = double.IsNaN(rows[row][j]) ? 0 : rows[row][j] - Means[component][j];
        term -= Textbook.Quadratic(_precisions[component], offset);
        for (int j = 0; j < _dimension; j++)
        {
            if (double.IsNaN(rows[row][j])) term += Math.Log(2 * Math.PI * Covariances[component][j, j]);
        }

        return 0.5 * term;
    }

    private double ExpectedLogDeterminant(int component)
    {
        double sum = (_dimension * Math.Log(2 / _degrees[component])) - Textbook.LogDeterminant(Covariances[component]);
        for (int i = 1; i <= _dimension; i++) sum += Textbook.Digamma((_degrees[component] + 1 - i) / 2);
        return sum;
    }

    private double[] ExpectedLogWeights()
    {
        double[] logWeights = new double[componentCount];
        double before = 0;
        for (int k = 0; k < componentCount; k++)
        {
            double first = _counts[k] + (prior.IsProcess ? 1 : prior.Concentration);
            double rest = prior.IsProcess ? prior.Concentration + _counts.Skip(k + 1).Sum() : 0;
            double sum = prior.IsProcess ? first + rest : _counts.Sum() + (componentCount * prior.Concentration);
            logWeights[k] = before + Textbook.Digamma(first) - Textbook.Digamma(sum);
            if (prior.IsProcess) before += Textbook.Digamma(rest) - Textbook.Digamma(sum);
        }

        return logWeights;
    }

    private double WeightDivergence(double[] logWeights)
    {
        double divergence = 0;
        if (!prior.IsProcess)
        {
            double total = _counts.Sum(count => count + prior.Concentration);
            divergence = Textbook.LogGamma(total) - Textbook.LogGamma(componentCount * prior.Concentration);
            for (int k = 0; k < componentCount; k++)
            {
                divergence += (_counts[k] * logWeights[k]) - Textbook.LogGamma(_counts[k] + prior.Concentration) + Textbook.LogGamma(prior.Concentration);
            }

            return divergence;
        }

        for (int k = 0; k < componentCount; k++)
        {
            double first = 1 + _counts[k], rest = prior.Concentration + _counts.Skip(k + 1).Sum();
            divergence += Textbook.LogBeta(1, prior.Concentration) - Textbook.LogBeta(first, rest) + (_counts[k] * (Textbook.Digamma(first) - Textbook.Digamma(first + rest)))
                + ((rest - prior.Concentration) * (Textbook.Digamma(rest) - Textbook.Digamma(first + rest)));
        }

        return divergence;
    }

    // log B(W, nu), equation B.79 of Bishop.
    private double LogWishart(double[,] scale, double degrees)
    {
        double sum = (-degrees / 2 * Textbook.LogDeterminant(scale)) - (degrees * _dimension / 2 * Math.Log(2)) - (_dimension * (_dimension - 1) / 4.0 * Math.Log(Math.PI));
        for (int i = 1; i <= _dimension; i++) sum -= Textbook.LogGamma((degrees + 1 - i) / 2);
        return sum;
    }
}

/// <summary>The prior of a <see cref="TextbookVariationalMixture"/>.</summary>
internal sealed record TextbookPrior(bool IsProcess, double Concentration, double MeanPrecision, double[] Mean, double DegreesOfFreedom, double[,] Covariance, double Floor);

/// <summary>Matrices and functions by the shortest way.</summary>
internal static class Textbook
{
    /// <summary>By the recurrence and Stirling's series.</summary>
    public static double LogGamma(double x)
    {
        double shift = 0;
        for (; x < 15; x++) shift -= Math.Log(x);
        double r = 1 / (x * x);
        return shift + ((x - 0.5) * Math.Log(x)) - x + (0.5 * Math.Log(2 * Math.PI))
            + ((1.0 / 12) - (r * ((1.0 / 360) - (r * ((1.0 / 1260) - (r * ((1.0 / 1680) - (r / 1188)))))))) / x;
    }

    /// <summary>The derivative of <see cref="LogGamma"/>.</summary>
    public static double Digamma(double x)
    {
        double shift = 0;
        for (; x < 15; x++) shift -= 1 / x;
        double r = 1 / (x * x);
        return shift + Math.Log(x) - (0.5 / x) - (r * ((1.0 / 12) - (r * ((1.0 / 120) - (r * ((1.0 / 252) - (r * ((1.0 / 240) - (r / 132)))))))));
    }

    public static double LogBeta(double a, double b) => LogGamma(a) + LogGamma(b) - LogGamma(a + b);

    public static double[,] Times(double[,] matrix, double factor)
    {
        double[,] result = (double[,])matrix.Clone();
        for (int i = 0; i < matrix.GetLength(0); i++)
        {
            for (int j = 0; j < matrix.GetLength(1); j++) result[i, j] *= factor;
        }

        return result;
    }

    public static double Quadratic(double[,] matrix, double[] x)
    {
        double sum = 0;
        for (int i = 0; i < x.Length; i++)
        {
            for (int j = 0; j < x.Length; j++) sum += x[i] * matrix[i, j] * x[j];
        }

        return sum;
    }

    public static double LogDeterminant(double[,] matrix) => Eliminate(matrix).LogDeterminant;

    public static double[,] Inverse(double[,] matrix) => Eliminate(matrix).Inverse;

    // By Gauss and Jordan, without pivoting: for positive definite matrices.
    private static (double[,] Inverse, double LogDeterminant) Eliminate(double[,] matrix)
    {
        int size = matrix.GetLength(0);
        double[,] left = (double[,])matrix.Clone(), right = new double[size, size];
        double logDeterminant = 0;
        for (int i = 0; i < size; i++) right[i, i] = 1;
        for (int m = 0; m < size; m++)
        {
            double pivot = left[m, m];
            logDeterminant += Math.Log(pivot);
            for (int j = 0; j < size; j++) (left[m, j], right[m, j]) = (left[m, j] / pivot, right[m, j] / pivot);
            for (int i = 0; i < size; i++)
            {
                double factor = left[i, m];
                for (int j = 0; j < size && i != m; j++) (left[i, j], right[i, j]) = (left[i, j] - (factor * left[m, j]), right[i, j] - (factor * right[m, j]));
            }
        }

        return (right, logDeterminant);
    }
}
