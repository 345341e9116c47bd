using CsCheck;

namespace Microsoft.ML.Mixture.Laws.Tests;

/// <summary>Well-posed data with a known start: components apart, no small weight, no bad condition.</summary>
internal sealed class MixtureCase
{
    public const int Cases = 200;
    public const double Epsilon = 2.220446049250313e-16;

    // Names of structures that do not treat all features alike, so that the order of columns matters to them: none so far.
    private static readonly string[] _mindingTheOrder = [];

    public MixtureCase(int componentCount, int dimension, int rowsOfComponent, int seed)
    {
        (ComponentCount, Dimension) = (componentCount, dimension);
        var random = new Random(seed);
        int count = componentCount * rowsOfComponent;
        Rows = new double[count, dimension];
        Labels = new int[count];
        StartMeans = new double[componentCount, dimension];
        for (int k = 0; k < componentCount; k++)
        {
            double[] centre = [.. Enumerable.Range(0, dimension).Select(j => (3.6 / Math.Sqrt(dimension) * (((k + j) % componentCount) + (0.3 * j))) + random.NextDouble())];
            double[,] mix = new double[dimension, dimension];
            for (int i = 0; i < dimension; i++)
            {
                for (int j = 0; j < dimension; j++) mix[i, j] = (i == j ? 1 : 0) + (0.8 * (random.NextDouble() - 0.5) / dimension);
                StartMeans[k, i] = centre[i] + (0.8 * (random.NextDouble() - 0.5));
            }

            for (int i = 0; i < rowsOfComponent; i++)
            {
                double[] z = [.. Enumerable.Range(0, dimension).Select(_ => Normal(random))];
                int row = (i * componentCount) + k;
                Labels[row] = random.NextDouble() < 0.15 ? random.Next(componentCount) : k;
                for (int a = 0; a < dimension; a++)
                {
                    double value = centre[a];
                    for (int b = 0; b < dimension; b++) value += mix[a, b] * z[b];

                    // On a grid, so that shifts up to 2^31 are exact.
                    Rows[row, a] = Math.Round(value * (1 << 20)) / (1 << 20);
                }
            }
        }
    }

    public static Gen<MixtureCase> Any { get; } = Gen.Select(Gen.Int[1, 4], Gen.Int[1, 5], Gen.Int[25, 80], Gen.Int[0, int.MaxValue])
        .Select((components, dimension, rows, seed) => new MixtureCase(components, dimension, rows, seed));

    public static Gen<CovarianceStructure> Structure { get; } = Gen.OneOf([.. CovarianceStructure.BuiltIn]);

    /// <summary>Those of which mclust's letters say what components have in common.</summary>
    public static CovarianceStructure[] Lettered { get; } = [.. CovarianceStructure.BuiltIn.Where(structure => structure.Code is not null)];

    public int ComponentCount { get; }

    public int Dimension { get; }

    public int RowCount => Rows.GetLength(0);

    public double[,] Rows { get; }

    public int[] Labels { get; }

    public double[,] StartMeans { get; }

    public static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    /// <summary>Equal weights, means beside the truth, one spherical covariance: inside every structure.</summary>
    public MixtureStart Start(double scale = 1, double[,]? means = null)
    {
        double[,] covariance = new double[Dimension, Dimension];
        for (int j = 0; j < Dimension; j++) covariance[j, j] = 1.5 * scale * scale;
        return MixtureStart.FromParameters([.. Enumerable.Repeat(1.0 / ComponentCount, ComponentCount)], means ?? StartMeans, [covariance]);
    }

    public GaussianMixtureOptions Options(CovarianceStructure structure, int iterations, MixtureStart? start = null, double prior = 0) => new()
    {
        ComponentCount = ComponentCount,
        CovarianceStructure = structure,
        CovariancePriorStrength = prior,
        MaximumIterations = iterations,
        Tolerance = 0,
        Start = start ?? Start(),
        ThreadCount = 1,
    };

    /// <summary>Fits with exactly the iterations that are asked for; a single component rests after the first.</summary>
    public GaussianMixtureModel Fit(CovarianceStructure structure, int iterations, MixtureStart? start = null, double prior = 0, double[,]? rows = null, double[]? weights = null)
    {
        GaussianMixtureModel model = GaussianMixture.Fit(rows ?? Rows, Options(structure, iterations, start, prior), weights);
        Assert.True(ComponentCount == 1 || model.Report!.IterationCount == iterations, $"EM stopped after {model.Report!.IterationCount} of {iterations} iterations.");
        return model;
    }

    /// <summary>Whether the order of the features does not matter to a structure.</summary>
    public static bool TreatsFeaturesAlike(CovarianceStructure structure) => !_mindingTheOrder.Contains(structure.Name);

    /// <summary>
    /// How near two fits must be that differ by the rounding of sums, and else do the same. Common axes rest where an objective changes no more than by rounding: they
    /// themselves are off by its root.
    /// </summary>
    public static double Rounding(CovarianceStructure structure) => structure.Code is "EVE" or "VVE" ? 1e-7 : 1e-12;

    /// <summary>
    /// How near two fits must be that differ by rounding alone. Common axes are found by iteration, and where the matrices hardly tell axes apart,
    /// rounding moves them farther than anything else.
    /// </summary>
    public static double Tolerance(CovarianceStructure structure, double usual) => structure.Code is "EVE" or "VVE" ? 1e-4 : usual;
}
