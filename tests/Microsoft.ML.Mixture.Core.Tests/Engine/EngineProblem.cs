using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.Engine.Tests;

/// <summary>What the rows of an <see cref="EngineProblem"/> look like.</summary>
public enum RowKind
{
    /// <summary>Groups that lie some ten standard deviations apart.</summary>
    Clustered,

    /// <summary>Groups that lie one to two standard deviations apart.</summary>
    Overlapping,

    /// <summary>Groups apart, rows far away from all of them, and rows many times over.</summary>
    Odd,
}

/// <summary>Rows around centres, and a mixture near them to start from.</summary>
internal sealed class EngineProblem
{
    private readonly Random _random;

    public EngineProblem(RowKind kind, int rowCount, int dimension, int componentCount, int seed, bool hasWeights = false)
    {
        _random = new Random(seed);
        (RowCount, Dimension, ComponentCount) = (rowCount, dimension, componentCount);
        double spread = kind == RowKind.Overlapping ? 1.5 : 12;
        Centres = [.. Enumerable.Range(0, componentCount * dimension).Select(_ => spread * MixtureCase.Normal(_random))];
        Values = new double[rowCount * dimension];
        for (int i = 0; i < rowCount; i++)
        {
            Span<double> row = Values.AsSpan(i * dimension, dimension);
            int group = _random.Next(componentCount);
            double common = MixtureCase.Normal(_random), far = kind == RowKind.Odd && i % 97 == 5 ? Math.Pow(10, 1 + (i % 5)) : 0;
            for (int j = 0; j < dimension; j++)
            {
                row[j] = Centres[(group * dimension) + j] + ((0.5 + (0.2 * group)) * MixtureCase.Normal(_random)) + (0.4 * common) + (far * MixtureCase.Normal(_random));
            }

            if (kind == RowKind.Odd && i % 7 == 3) Values.AsSpan((i - 3) * dimension, dimension).CopyTo(row);
        }

        RowWeights = hasWeights ? [.. Enumerable.Range(0, rowCount).Select(i => i % 11 == 0 ? 1e-3 : 0.5 + (2 * _random.NextDouble()))] : [];
    }

    public int RowCount { get; }

    public int Dimension { get; }

    public int ComponentCount { get; }

    /// <summary>Row after row.</summary>
    public double[] Values { get; }

    /// <summary>One a row, or none.</summary>
    public double[] RowWeights { get; }

    public double[] Centres { get; }

    public double RowWeightTotal => RowWeights.Length == 0 ? RowCount : RowWeights.Sum();

    public ArrayRowSource<double> Source => new(Values, Dimension, RowWeights);

    public double[,] Rows
    {
        get
        {
            double[,] rows = new double[RowCount, Dimension];
            Buffer.BlockCopy(Values, 0, rows, 0, Values.Length * sizeof(double));
            return rows;
        }
    }

    /// <summary>A start for <see cref="GaussianMixture.Fit(double[,], GaussianMixtureOptions, double[], CancellationToken)"/>: spheres beside the centres.</summary>
    public MixtureStart Start(double variance = 2)
    {
        double[,] means = new double[ComponentCount, Dimension], covariance = new double[Dimension, Dimension];
        for (int at = 0; at < Centres.Length; at++) means[at / Dimension, at % Dimension] = Centres[at] + (0.3 * ((at % 3) - 1));
        for (int j = 0; j < Dimension; j++) covariance[j, j] = variance;
        return MixtureStart.FromParameters([.. Enumerable.Repeat(1.0 / ComponentCount, ComponentCount)], means, [covariance]);
    }

    /// <summary>Gaussians of a structure with a prior of given strength and unit variances, about the middle of the centres.</summary>
    public GaussianFamily Family(CovarianceStructure structure, double priorStrength = 1e-3)
    {
        double[] origin = [.. Enumerable.Range(0, Dimension).Select(j => Enumerable.Range(0, ComponentCount).Average(k => Centres[(k * Dimension) + j]))];
        var regularization = new CovarianceRegularization(
            priorStrength * RowWeightTotal / ComponentCount, [.. Enumerable.Repeat(1.0, Dimension)], new double[Dimension], 0);
        return new GaussianFamily(structure, regularization, origin: origin);
    }

    /// <summary>A mixture beside the centres.</summary>
    public MixtureState State(GaussianFamily family) => Create(family, [.. Centres.Select((value, at) => value + (0.3 * ((at % 3) - 1)))], _ => 2);

    /// <summary>Gaussians with the variances asked for and some correlation.</summary>
    public MixtureState Create(GaussianFamily family, double[] means, Func<int, double> variance)
    {
        CovarianceShape shape = family.Structure.Shape;
        int length = shape.Length(Dimension), matrices = family.Structure.IsShared ? 1 : ComponentCount;
        double[] covariances = new double[matrices * length];
        for (int k = 0; k < matrices; k++)
        {
            for (int i = 0; i < Dimension; i++)
            {
                for (int j = 0; j <= i; j++)
                {
                    int at = shape.Index(i, j);
                    if (at >= 0) covariances[(k * length) + at] = variance(k) * (i == j ? 1 : 0.2);
                }
            }
        }

        Assert.True(GaussianComponents.TryCreate(
            family, Dimension, shape, family.Structure.IsShared, means, covariances, out GaussianComponents components, out _));
        double[] weights = [.. Enumerable.Range(0, ComponentCount).Select(k => 1.0 + (k % 3))];
        return new MixtureState([.. weights.Select(weight => weight / weights.Sum())], components);
    }

    /// <summary>The bits of all parameters and of the objectives on the way.</summary>
    public static long[] Bits(MixtureFit fit, GaussianComponents components) => MixtureAssert.Bits(
        [.. fit.LogLikelihoodHistory, .. fit.ObjectiveHistory, .. fit.EffectiveCounts, .. fit.Weights, .. components.Means, .. components.Covariances]);
}
