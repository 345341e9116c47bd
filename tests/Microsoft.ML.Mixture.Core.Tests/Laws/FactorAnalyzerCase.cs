using CsCheck;

namespace Microsoft.ML.Mixture.Laws.Tests;

/// <summary>Clouds with a few common factors each, and what is to be fitted to them.</summary>
internal sealed record FactorAnalyzerCase(int Dimension, int FactorCount, int ComponentCount, int RowCount, SpecificVarianceStructure Structure, int Seed)
{
    public static Gen<FactorAnalyzerCase> Any { get; } = Gen.Select(Gen.Int[2, 12], Gen.Int[1, 3], Gen.Int[1, 3], Gen.Int[40, 150], Gen.Int[0, 3], Gen.Int[0, 1 << 20])
        .Select((dimension, factors, components, rows, structure, seed) => new FactorAnalyzerCase(
            dimension, Math.Min(factors, dimension - 1), components, rows, (SpecificVarianceStructure)structure, seed));

    /// <summary>N x D values.</summary>
    public double[,] Rows
    {
        get
        {
            var random = new Random(Seed);
            double[,] rows = new double[RowCount, Dimension];
            double[] directions = [.. Enumerable.Range(0, ComponentCount * Dimension * 2).Select(_ => MixtureCase.Normal(random))];
            for (int i = 0; i < RowCount; i++)
            {
                int k = i % ComponentCount;
                double first = MixtureCase.Normal(random), second = MixtureCase.Normal(random);
                for (int j = 0; j < Dimension; j++)
                {
                    int at = 2 * ((k * Dimension) + j);
                    rows[i, j] = (5 * k * (j % 2)) + (directions[at] * first) + (directions[at + 1] * second) + (0.7 * MixtureCase.Normal(random));
                }
            }

            return rows;
        }
    }

    public FactorAnalyzerMixtureOptions Options => new()
    {
        ComponentCount = ComponentCount,
        FactorCount = FactorCount,
        SpecificVarianceStructure = Structure,
        MaximumIterations = 20,
    };

    /// <summary>The rows with about a share of their cells missing, but for the first of each component and one cell a row.</summary>
    public double[,] RowsWithHoles(double share)
    {
        double[,] rows = Rows;
        var random = new Random(Seed + 1);
        for (int i = 3 * ComponentCount; i < RowCount; i++)
        {
            for (int j = 0; j < Dimension; j++)
            {
                if (j != i % Dimension && random.NextDouble() < share) rows[i, j] = double.NaN;
            }
        }

        return rows;
    }

    public static double[] Parameters(FactorAnalyzerMixtureModel model) =>
    [
        .. model.Weights, .. model.Means.ToArray().Cast<double>(), .. model.Loadings.SelectMany(loadings => loadings.ToArray().Cast<double>()),
        .. model.SpecificVariances.ToArray().Cast<double>(), .. model.Report!.ObjectiveHistory, .. model.Report.LogLikelihoodHistory, .. model.Report.EffectiveCounts,
    ];
}
