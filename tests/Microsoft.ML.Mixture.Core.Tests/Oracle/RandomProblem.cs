namespace Microsoft.ML.Mixture;

/// <summary>A random data set with a start, drawn from a seed: sizes, units, offsets, row weights, prior and floor differ.</summary>
internal sealed class RandomProblem
{
    private const int MostRows = 699;
    private static readonly double[] _priorStrengths = [1e-6, 1e-3, 0.1, 1];

    private readonly Random _random;

    public RandomProblem(int seed)
    {
        _random = new Random(seed);
        Dimension = _random.Next(1, 21);
        ComponentCount = _random.Next(1, 8);

        // Every second problem has no prior, and then rows enough to do without.
        bool hasPrior = seed % 2 == 0;
        PriorStrength = hasPrior ? _priorStrengths[_random.Next(_priorStrengths.Length)] : 0;
        int fewest = hasPrior ? Math.Max(5, ComponentCount) : Math.Min(MostRows, 6 * ComponentCount * (Dimension + 1));
        RowCount = Math.Min(MostRows, (int)(fewest * Math.Pow((double)MostRows / fewest, _random.NextDouble())) | 1);

        // With fewer rows than features the covariances would have a condition number of one over the strength, and textbook sums few digits.
        if (hasPrior && RowCount < 10 * Dimension) PriorStrength = Math.Max(PriorStrength, 1e-3);
        Floor = _random.Next(4) == 0 ? 0.01 : 0;
        Rows = DrawRows();
        RowWeights = [.. Rows.Select(_ => 1.0)];
        HasRowWeights = _random.Next(2) == 0;
        if (HasRowWeights) RowWeights = [.. Rows.Select(_ => (float)(0.25 + (2 * _random.NextDouble())))];
        IsSinglePrecision = _random.Next(2) == 0;
        if (IsSinglePrecision) Rows = [.. Rows.Select(row => row.Select(value => (double)(float)value).ToArray())];
    }

    public int Dimension { get; }

    public int ComponentCount { get; }

    public int RowCount { get; }

    public double PriorStrength { get; }

    public double Floor { get; }

    public double[][] Rows { get; }

    public double[] RowWeights { get; }

    public bool HasRowWeights { get; }

    public bool IsSinglePrecision { get; }

    public RowSource Source
    {
        get
        {
            double[] values = [.. Rows.SelectMany(row => row)], weights = HasRowWeights ? RowWeights : [];
            return IsSinglePrecision
                ? new ArrayRowSource<float>(values.Select(value => (float)value).ToArray(), Dimension, weights.Select(value => (float)value).ToArray())
                : new ArrayRowSource<double>(values, Dimension, weights);
        }
    }

    /// <summary>Responsibilities between all and nothing.</summary>
    public double[][] DrawResponsibilities() => [.. Rows.Select(_ =>
    {
        double[] shares = [.. Enumerable.Range(0, ComponentCount).Select(_ => Math.Pow(_random.NextDouble(), 3) + 0.01)];
        return shares.Select(share => share / shares.Sum()).ToArray();
    })];

    /// <summary>Weights, rows as means, and one wide matrix with correlations for each component.</summary>
    public (double[] Weights, double[][] Means, double[][,] Covariances) DrawParameters()
    {
        double[] weights = [.. Enumerable.Range(0, ComponentCount).Select(_ => 0.2 + _random.NextDouble())];
        double[][] means = [.. Enumerable.Range(0, ComponentCount).Select(k => Rows[k * RowCount / ComponentCount])];
        double[] scales = [.. Enumerable.Range(0, Dimension).Select(Deviation)];
        var covariances = new double[ComponentCount][,];
        for (int k = 0; k < ComponentCount; k++)
        {
            double correlation = 0.5 * _random.NextDouble();
            covariances[k] = new double[Dimension, Dimension];
            for (int a = 0; a < Dimension; a++)
            {
                for (int b = 0; b < Dimension; b++) covariances[k][a, b] = scales[a] * scales[b] * (a == b ? 1 : correlation);
            }
        }

        return ([.. weights.Select(weight => weight / weights.Sum())], means, covariances);
    }

    // Overlapping clouds with correlated features, in units and with offsets of their own.
    private double[][] DrawRows()
    {
        double[] units = [.. Enumerable.Range(0, Dimension).Select(_ => Math.Pow(10, (4 * _random.NextDouble()) - 2))];
        double[] offsets = [.. Enumerable.Range(0, Dimension).Select(_ => 20 * (_random.NextDouble() - 0.5))];
        double[][] centres = [.. Enumerable.Range(0, ComponentCount).Select(_ => Enumerable.Range(0, Dimension).Select(_ => 2 * Normal()).ToArray())];
        double mixing = 0.5 * _random.NextDouble();
        return [.. Enumerable.Range(0, RowCount).Select(_ =>
        {
            double[] centre = centres[_random.Next(ComponentCount)];
            double[] row = new double[Dimension];
            double common = Normal();
            for (int j = 0; j < Dimension; j++) row[j] = units[j] * (offsets[j] + centre[j] + Normal() + (mixing * common));
            return row;
        })];
    }

    private double Normal() => Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());

    private double Deviation(int feature)
    {
        double mean = Rows.Average(row => row[feature]);
        return Math.Sqrt(Rows.Average(row => (row[feature] - mean) * (row[feature] - mean)));
    }
}
