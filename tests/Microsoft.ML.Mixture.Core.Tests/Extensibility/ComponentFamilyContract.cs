using CsCheck;

namespace Microsoft.ML.Mixture.Extensibility.Tests;

/// <summary>What every family must keep. Derive from it with a family and rows that suit it.</summary>
public abstract class ComponentFamilyContract
{
    private const int Dimension = 5;
    private const int RowCount = 203;
    private static readonly int[] _componentCounts = [1, 2, 4];

    [Fact]
    [Trait("Kind", "Contract")]
    public void LogDensities_OfFittedComponents_AreFiniteInEveryLane() => ForEach((rows, components, _) =>
    {
        Assert.All(Densities(components, rows, 0, 77), value => Assert.True(double.IsFinite(value)));
        Assert.True(double.IsFinite(components.LogPrior));
        Assert.True(components.FreeParameterCount > 0);
    });

    [Fact]
    [Trait("Kind", "Contract")]
    public void Statistics_OfParts_AddToTheWhole() => ForEach((rows, components, random) =>
    {
        double[,] shares = Shares(random, components.ComponentCount);
        double[] whole = Statistics(components, rows, shares, 0, RowCount), parts = new double[whole.Length];
        for (int first = 0; first < RowCount;)
        {
            int count = Math.Min(random.Next(1, 60), RowCount - first);
            double[] part = Statistics(components, rows, shares, first, count);
            for (int at = 0; at < parts.Length; at++) parts[at] += part[at];
            first += count;
        }

        double size = 1 + whole.Max(Math.Abs);
        for (int at = 0; at < whole.Length; at++) Assert.InRange(Math.Abs(whole[at] - parts[at]), 0, 1e-12 * size);
    });

    [Fact]
    [Trait("Kind", "Contract")]
    public void Accumulate_OntoStatistics_Adds() => ForEach((rows, components, random) =>
    {
        double[,] shares = Shares(random, components.ComponentCount);
        double[] once = Statistics(components, rows, shares, 0, 64), twice = Statistics(components, rows, shares, 0, 64, once);
        for (int at = 0; at < once.Length; at++) Assert.InRange(Math.Abs(twice[at] - (2 * once[at])), 0, 1e-12 * (1 + Math.Abs(once[at])));
    });

    [Fact]
    [Trait("Kind", "Contract")]
    public void TryMaximize_IntoAnyDestination_GivesTheSameAndLeavesTheSource() => ForEach((rows, components, random) =>
    {
        double[,] shares = Shares(random, components.ComponentCount), others = Shares(random, components.ComponentCount);
        double[] before = Densities(components, rows, 0, RowCount), statistics = Statistics(components, rows, shares, 0, RowCount), copy = [.. statistics];
        double[] counts = Counts(shares), countCopy = [.. counts];
        MixtureComponents fresh = components.CreateEmpty(), used = components.CreateEmpty();
        Assert.NotSame(fresh, used);
        Assert.True(components.TryMaximize(Counts(others), Statistics(components, rows, others, 0, RowCount), used, out _));
        Assert.True(components.TryMaximize(counts, statistics, fresh, out DegenerateComponent? failure));
        Assert.Null(failure);
        Assert.True(components.TryMaximize(counts, statistics, used, out _));
        Assert.Equal(Densities(fresh, rows, 0, RowCount), Densities(used, rows, 0, RowCount));
        Assert.Equal(fresh.LogPrior, used.LogPrior);
        Assert.Equal(before, Densities(components, rows, 0, RowCount));
        Assert.Equal(copy, statistics);
        Assert.Equal(countCopy, counts);
        Assert.Equal(
            (components.ComponentCount, components.Dimension, components.StatisticsLength, components.FreeParameterCount),
            (fresh.ComponentCount, fresh.Dimension, fresh.StatisticsLength, fresh.FreeParameterCount));
    });

    [Fact]
    [Trait("Kind", "Contract")]
    public void Densities_RowInAnyBlock_AreTheSame() => ForEach((rows, components, random) =>
    {
        double[] all = Densities(components, rows, 0, RowCount);
        int row = random.Next(RowCount), lanes = Numerics.Lanes.Pad(RowCount);
        double[] alone = Densities(components, rows, row, 1);
        for (int k = 0; k < components.ComponentCount; k++) Assert.Equal(all[(k * lanes) + row], alone[k * 8]);
    });

    [Fact]
    [Trait("Kind", "Contract")]
    public void LogDensitiesAndAccumulate_OnManyThreads_GiveTheSameBits() => ForEach((rows, components, random) =>
    {
        double[,] shares = Shares(random, components.ComponentCount);
        double[] densities = Densities(components, rows, 0, RowCount), statistics = Statistics(components, rows, shares, 0, RowCount);
        Parallel.For(0, 32, new ParallelOptions { MaxDegreeOfParallelism = 8 }, _ =>
        {
            Assert.Equal(densities, Densities(components, rows, 0, RowCount));
            Assert.Equal(statistics, Statistics(components, rows, shares, 0, RowCount));
        });
    });

    [Fact]
    [Trait("Kind", "Law")]
    public void Objective_NeverFalls() => Gen.Select(Gen.Int[1, 5], Gen.Int[0, int.MaxValue]).Sample(
        (componentCount, seed) =>
        {
            var random = new Random(seed);
            double[] rows = CreateRows(random, RowCount, Dimension);
            int[] labels = [.. Enumerable.Range(0, RowCount).Select(_ => random.Next(componentCount))];
            MixtureFit fit = Fit(rows, componentCount, MixtureStart.FromLabels(labels), 30);
            Assert.NotEqual(StopReason.LikelihoodDecreased, fit.StopReason);
            for (int t = 1; t < fit.ObjectiveHistory.Count; t++)
            {
                Assert.True(fit.ObjectiveHistory[t] >= fit.ObjectiveHistory[t - 1] - (1e-12 * (1 + Math.Abs(fit.ObjectiveHistory[t]))), $"step {t}");
            }
        },
        iter: 200);

    /// <summary>The family under test.</summary>
    private protected abstract ComponentFamily CreateFamily();

    /// <summary>Rows, one after the other, at which the family has a density.</summary>
    private protected abstract double[] CreateRows(Random random, int rowCount, int dimension);

    private void ForEach(Action<double[], MixtureComponents, Random> check)
    {
        foreach (int componentCount in _componentCounts)
        {
            var random = new Random(componentCount);
            double[] rows = CreateRows(random, RowCount, Dimension);
            int[] labels = [.. Enumerable.Range(0, RowCount).Select(i => i % componentCount)];
            check(rows, Fit(rows, componentCount, MixtureStart.FromLabels(labels), 3).Components, random);
        }
    }

    private MixtureFit Fit(double[] rows, int componentCount, MixtureStart start, int iterations) => MixtureFitter.Fit(
        CreateFamily(), new ArrayRowSource<double>(rows, Dimension),
        new MixtureOptions { ComponentCount = componentCount, Start = start, MaximumIterations = iterations, Tolerance = 0 });

    private static RowBlock Block(double[] rows, int first, int count)
    {
        int stride = Numerics.Lanes.Pad(count);
        double[] values = new double[Dimension * stride], weights = new double[stride];
        new ArrayRowSource<double>(rows, Dimension).Read(first, count, values, stride, weights);
        return new RowBlock(values, weights, Dimension, stride, count);
    }

    // Scratch memory starts as NaN, because its content is not promised.
    private static double[] Scratch(MixtureComponents components, int stride)
    {
        double[] scratch = new double[components.ScratchLength(stride)];
        Array.Fill(scratch, double.NaN);
        return scratch;
    }

    private static double[] Densities(MixtureComponents components, double[] rows, int first, int count)
    {
        RowBlock block = Block(rows, first, count);
        double[] densities = new double[components.ComponentCount * block.Stride];
        Array.Fill(densities, double.NaN);
        components.LogDensities(block, densities, Scratch(components, block.Stride));
        return densities;
    }

    private static double[] Statistics(MixtureComponents components, double[] rows, double[,] shares, int first, int count, double[]? onto = null)
    {
        RowBlock block = Block(rows, first, count);
        double[] responsibilities = new double[components.ComponentCount * block.Stride], statistics = onto is null ? new double[components.StatisticsLength] : [.. onto];
        for (int k = 0; k < components.ComponentCount; k++)
        {
            for (int i = 0; i < count; i++) responsibilities[(k * block.Stride) + i] = shares[first + i, k];
        }

        components.Accumulate(block, responsibilities, statistics, Scratch(components, block.Stride));
        return statistics;
    }

    private static double[] Counts(double[,] shares) =>
        [.. Enumerable.Range(0, shares.GetLength(1)).Select(k => Enumerable.Range(0, RowCount).Sum(i => shares[i, k]))];

    private static double[,] Shares(Random random, int componentCount)
    {
        double[,] shares = new double[RowCount, componentCount];
        for (int i = 0; i < RowCount; i++)
        {
            double[] draws = [.. Enumerable.Range(0, componentCount).Select(_ => random.NextDouble() + 0.01)];
            for (int k = 0; k < componentCount; k++) shares[i, k] = draws[k] / draws.Sum();
        }

        return shares;
    }
}

public class BernoulliContract : ComponentFamilyContract
{
    private protected override ComponentFamily CreateFamily() => new BernoulliFamily(0.5);

    private protected override double[] CreateRows(Random random, int rowCount, int dimension) =>
        [.. Enumerable.Range(0, rowCount * dimension).Select(at => random.NextDouble() < 0.2 + (0.15 * (at % dimension)) ? 1.0 : 0)];
}

public abstract class GaussianContract(CovarianceStructure structure) : ComponentFamilyContract
{
    private protected override ComponentFamily CreateFamily() => new GaussianFamily(structure, CovarianceRegularization.None(5));

    private protected override double[] CreateRows(Random random, int rowCount, int dimension) =>
        [.. Enumerable.Range(0, rowCount * dimension).Select(at => Laws.Tests.MixtureCase.Normal(random) + (3 * (at / dimension % 4)))];
}

public class FullContract() : GaussianContract(CovarianceStructure.Full);

public class TiedContract() : GaussianContract(CovarianceStructure.Tied);

public class DiagonalContract() : GaussianContract(CovarianceStructure.Diagonal);

public class SphericalContract() : GaussianContract(CovarianceStructure.Spherical);

public class SharedVarianceContract() : GaussianContract(new SharedVarianceCovariance());

public class TiedSphericalContract() : GaussianContract(CovarianceStructure.TiedSpherical);

public class TiedDiagonalContract() : GaussianContract(CovarianceStructure.TiedDiagonal);

public class TiedShapeDiagonalContract() : GaussianContract(CovarianceStructure.TiedShapeDiagonal);

public class TiedVolumeDiagonalContract() : GaussianContract(CovarianceStructure.TiedVolumeDiagonal);

public class TiedShapeAndOrientationContract() : GaussianContract(CovarianceStructure.TiedShapeAndOrientation);

public class TiedVolumeAndOrientationContract() : GaussianContract(CovarianceStructure.TiedVolumeAndOrientation);

public class TiedOrientationContract() : GaussianContract(CovarianceStructure.TiedOrientation);

public class TiedVolumeAndShapeContract() : GaussianContract(CovarianceStructure.TiedVolumeAndShape);

public class TiedShapeContract() : GaussianContract(CovarianceStructure.TiedShape);

public class TiedVolumeContract() : GaussianContract(CovarianceStructure.TiedVolume);

public abstract class FactorAnalyzerContract(SpecificVarianceStructure structure) : GaussianContract(CovarianceStructure.Full)
{
    private protected override ComponentFamily CreateFamily() => new FactorAnalyzerFamily(2, structure, CovarianceRegularization.None(5), [4, 4, 4, 4, 4]);
}

public class FactorAnalyzerDiagonalContract() : FactorAnalyzerContract(SpecificVarianceStructure.Diagonal);

public class FactorAnalyzerTiedDiagonalContract() : FactorAnalyzerContract(SpecificVarianceStructure.TiedDiagonal);

public class FactorAnalyzerSphericalContract() : FactorAnalyzerContract(SpecificVarianceStructure.Spherical);

public class FactorAnalyzerTiedSphericalContract() : FactorAnalyzerContract(SpecificVarianceStructure.TiedSpherical);
