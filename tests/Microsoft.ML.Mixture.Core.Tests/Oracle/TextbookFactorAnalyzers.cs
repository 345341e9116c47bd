namespace Microsoft.ML.Mixture;

/// <summary>
/// EM for mixtures of factor analysers as a textbook writes it, with parameter expansion: whole D x D matrices, inverted anew for each row. Shares no code with the
/// library.
/// </summary>
internal sealed class TextbookFactorAnalyzers
{
    private readonly double[][] _rows;
    private readonly double[] _rowWeights;
    private readonly SpecificVarianceStructure _structure;
    private readonly double _priorCount;
    private readonly double[] _priorVariances;

    /// <param name="rows">N rows of D features, NaN where one is missing; none lacks all.</param>
    /// <param name="rowWeights">One weight a row.</param>
    /// <param name="structure">What specific variances share.</param>
    /// <param name="componentCount">K.</param>
    /// <param name="priorStrength">The prior is worth strength * (sum of row weights) / K rows in each component.</param>
    public TextbookFactorAnalyzers(double[][] rows, double[] rowWeights, SpecificVarianceStructure structure, int componentCount, double priorStrength)
    {
        (_rows, _rowWeights, _structure) = (rows, rowWeights, structure);
        _priorCount = priorStrength * rowWeights.Sum() / componentCount;
        _priorVariances = [.. Enumerable.Range(0, rows[0].Length).Select(j =>
        {
            (double Value, double Weight)[] seen = [.. rows.Select((row, i) => (row[j], rowWeights[i])).Where(cell => !double.IsNaN(cell.Item1))];
            double total = seen.Sum(cell => cell.Weight), mean = seen.Sum(cell => cell.Weight * cell.Value) / total;
            return seen.Sum(cell => cell.Weight * (cell.Value - mean) * (cell.Value - mean)) / total;
        })];
        if (IsSpherical) Array.Fill(_priorVariances, _priorVariances.Average());
    }

    public double[] Weights { get; private set; } = [];

    public double[][] Means { get; private set; } = [];

    public double[][,] Loadings { get; private set; } = [];

    public double[][] Variances { get; private set; } = [];

    public List<double> LogLikelihoods { get; } = [];

    public List<double> Objectives { get; } = [];

    private double[][] Responsibilities { get; set; } = [];

    private int Dimension => _priorVariances.Length;

    private bool IsSpherical => _structure is SpecificVarianceStructure.Spherical or SpecificVarianceStructure.TiedSpherical;

    private bool IsTied => _structure is SpecificVarianceStructure.TiedDiagonal or SpecificVarianceStructure.TiedSpherical;

    public void Start(double[] weights, double[][] means, double[][,] loadings, double[][] variances)
    {
        (Weights, Means, Loadings, Variances) = (weights, means, loadings, variances);
        Expect();
    }

    public void Step()
    {
        Maximize();
        Expect();
    }

    /// <summary>Lambda Lambda' + Psi.</summary>
    public double[,] Covariance(int component)
    {
        double[,] covariance = new double[Dimension, Dimension], loadings = Loadings[component];
        for (int i = 0; i < Dimension; i++)
        {
            for (int j = 0; j < Dimension; j++)
            {
                for (int m = 0; m < loadings.GetLength(1); m++) covariance[i, j] += loadings[i, m] * loadings[j, m];
            }

            covariance[i, i] += Variances[component][i];
        }

        return covariance;
    }

    private void Expect()
    {
        double logLikelihood = 0, logPrior = 0;
        Responsibilities = [.. _rows.Select(_ => Array.Empty<double>())];
        double[][,] covariances = [.. Weights.Select((_, k) => Covariance(k))];
        for (int i = 0; i < _rows.Length; i++)
        {
            double[] joint = [.. Weights.Select((weight, k) => Math.Log(weight) + LogDensity(_rows[i], Means[k], covariances[k]))];
            double logDensity = joint.Max() + Math.Log(joint.Sum(value => Math.Exp(value - joint.Max())));
            Responsibilities[i] = [.. joint.Select(value => Math.Exp(value - logDensity))];
            logLikelihood += _rowWeights[i] * logDensity;
        }

        foreach (double[] variances in Variances)
        {
            for (int j = 0; j < Dimension; j++) logPrior -= _priorCount / 2 * (Math.Log(variances[j]) + (_priorVariances[j] / variances[j]));
        }

        LogLikelihoods.Add(logLikelihood);
        Objectives.Add(logLikelihood + logPrior);
    }

    private void Maximize()
    {
        int count = Weights.Length;
        double[] counts = new double[count];
        double[][] means = new double[count][], sums = new double[count][];
        double[][,] nextLoadings = new double[count][,];
        for (int k = 0; k < count; k++)
        {
            (counts[k], means[k], double[,] scatter) = Moments(k);
            (nextLoadings[k], double[] residuals) = Regress(k, scatter);
            sums[k] = [.. residuals.Select((value, j) => (counts[k] * value) + (_priorCount * _priorVariances[j]))];
        }

        double[] totals = [.. counts.Select(value => value + _priorCount)];
        if (IsTied)
        {
            double[] pooled = [.. Enumerable.Range(0, Dimension).Select(j => sums.Sum(own => own[j]))];
            sums = [.. sums.Select(_ => pooled)];
            Array.Fill(totals, totals.Sum());
        }

        Variances = [.. sums.Select((own, k) => own.Select(value => (IsSpherical ? own.Average() : value) / totals[k]).ToArray())];
        Weights = [.. counts.Select(value => value / counts.Sum())];
        (Means, Loadings) = (means, nextLoadings);
    }

    // The number of rows, their mean, and their covariance about it, with what is expected of missing values.
    private (double Count, double[] Mean, double[,] Scatter) Moments(int component)
    {
        double[,] covariance = Covariance(component);
        (double[] Expectation, double[,] Covariance)[] completed = [.. _rows.Select(row => Complete(row, Means[component], covariance))];
        double[] shares = [.. _rowWeights.Select((weight, i) => weight * Responsibilities[i][component])];
        double count = shares.Sum();
        double[] mean = [.. Enumerable.Range(0, Dimension).Select(j => completed.Select((row, i) => shares[i] * row.Expectation[j]).Sum() / count)];
        double[,] scatter = new double[Dimension, Dimension];
        for (int i = 0; i < _rows.Length; i++)
        {
            for (int a = 0; a < Dimension; a++)
            {
                for (int b = 0; b < Dimension; b++)
                {
                    scatter[a, b] += shares[i] / count * (((completed[i].Expectation[a] - mean[a]) * (completed[i].Expectation[b] - mean[b])) + completed[i].Covariance[a, b]);
                }
            }
        }

        return (count, mean, scatter);
    }

    // Features on factors, whose covariance is then taken into the loadings.
    private (double[,] Loadings, double[] Residuals) Regress(int component, double[,] scatter)
    {
        double[,] loadings = Loadings[component];
        double[,] beta = Multiply(Transpose(loadings), TextbookMissingValues.Invert(Covariance(component)).Inverse);
        double[,] cross = Multiply(scatter, Transpose(beta)), factorCovariance = Multiply(beta, cross), explained = Multiply(beta, loadings);
        int factors = loadings.GetLength(1);
        for (int a = 0; a < factors; a++)
        {
            for (int b = 0; b < factors; b++) factorCovariance[a, b] += (a == b ? 1 : 0) - explained[a, b];
        }

        double[,] regression = Multiply(cross, TextbookMissingValues.Invert(factorCovariance).Inverse), predicted = Multiply(regression, Transpose(cross));
        double[] residuals = [.. Enumerable.Range(0, Dimension).Select(j => scatter[j, j] - predicted[j, j])];
        return (Multiply(regression, CholeskyOf(factorCovariance)), residuals);
    }

    private static double LogDensity(double[] row, double[] mean, double[,] covariance)
    {
        int[] observed = Observed(row);
        (double[,] inverse, double logDeterminant) = TextbookMissingValues.Invert(TextbookMissingValues.Part(covariance, observed, observed));
        double distance = 0;
        for (int a = 0; a < observed.Length; a++)
        {
            for (int b = 0; b < observed.Length; b++) distance += (row[observed[a]] - mean[observed[a]]) * inverse[a, b] * (row[observed[b]] - mean[observed[b]]);
        }

        return -0.5 * ((observed.Length * Math.Log(2 * Math.PI)) + logDeterminant + distance);
    }

    private static (double[] Expectation, double[,] Covariance) Complete(double[] row, double[] mean, double[,] covariance)
    {
        int[] observed = Observed(row), missing = [.. Enumerable.Range(0, row.Length).Except(observed)];
        double[,] conditional = new double[row.Length, row.Length];
        double[] expectation = [.. row];
        if (missing.Length == 0) return (expectation, conditional);
        double[,] between = TextbookMissingValues.Part(covariance, missing, observed);
        double[,] coefficients = Multiply(between, TextbookMissingValues.Invert(TextbookMissingValues.Part(covariance, observed, observed)).Inverse);
        double[,] explained = Multiply(coefficients, Transpose(between));
        for (int a = 0; a < missing.Length; a++)
        {
            expectation[missing[a]] = mean[missing[a]] + observed.Select((j, b) => coefficients[a, b] * (row[j] - mean[j])).Sum();
            for (int b = 0; b < missing.Length; b++) conditional[missing[a], missing[b]] = covariance[missing[a], missing[b]] - explained[a, b];
        }

        return (expectation, conditional);
    }

    private static int[] Observed(double[] row) => [.. Enumerable.Range(0, row.Length).Where(j => !double.IsNaN(row[j]))];

    private static double[,] CholeskyOf(double[,] matrix)
    {
        int size = matrix.GetLength(0);
        double[,] lower = new double[size, size];
        for (int i = 0; i < size; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                double sum = matrix[i, j];
                for (int m = 0; m < j; m++) sum -= lower[i, m] * lower[j, m];
                lower[i, j] = i == j ? Math.Sqrt(sum) : sum / lower[j, j];
            }
        }

        return lower;
    }

    private static double[,] Transpose(double[,] matrix)
    {
        double[,] transpose = new double[matrix.GetLength(1), matrix.GetLength(0)];
        for (int i = 0; i < matrix.GetLength(0); i++)
        {
            for (int j = 0; j < matrix.GetLength(1); j++) transpose[j, i] = matrix[i, j];
        }

        return transpose;
    }

    private static double[,] Multiply(double[,] left, double[,] right)
    {
        double[,] product = new double[left.GetLength(0), right.GetLength(1)];
        for (int i = 0; i < product.GetLength(0); i++)
        {
            for (int j = 0; j < product.GetLength(1); j++)
            {
                for (int m = 0; m < right.GetLength(0); m++) product[i, j] += left[i, m] * right[m, j];
            }
        }

        return product;
    }
}
