using Microsoft.ML.Mixture.Laws.Tests;
using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture.Engine.Tests;

/// <summary>Bounds leave out of a block of rows only what has no share there, and no bit of a result tells whether they were used.</summary>
public class BoundsTests
{
    private const int BlockSize = 32;
    private const int Passes = 9;

    // From this pass on blocks come in another order.
    private const int LastOrder = 7;

    public static TheoryData<string, int> Cases
    {
        get
        {
            var cases = new TheoryData<string, int>();
            // One for each way in which densities are computed: bounds see no other difference between structures.
            foreach (string name in (string[])["full", "tied", "diagonal", "spherical"])
            {
                foreach (int dimension in (int[])[1, 2, 3, 5, 8, 16, 17]) cases.Add(name, dimension);
            }

            return cases;
        }
    }

    [Theory]
    [Trait("Kind", "Reference")]
    [MemberData(nameof(Cases))]
    public void LogDensities_UnderMovingParameters_LeavesOutOnlyWhatHasNoShare(string name, int dimension)
    {
        foreach (RowKind kind in Enum.GetValues<RowKind>())
        {
            var problem = new EngineProblem(kind, 397, dimension, 9, 31 + dimension, hasWeights: kind != RowKind.Clustered);
            SortByCentre(problem);
            GaussianFamily family = problem.Family(Structure(name));
            MixtureState state = problem.State(family);
            ComponentBounds bounds = state.Components.CreateBounds((problem.RowCount + BlockSize - 1) / BlockSize)!;
            long leftOut = 0;
            for (int pass = 0; pass < Passes; pass++)
            {
                Assert.Equal(pass > 0, bounds.AreKnown);
                if (pass == LastOrder) bounds.Forget();
                (double[] statistics, long left) = Pass(problem, state, bounds, pass);
                if (pass is > 0 and not LastOrder) leftOut += left;
                state = Next(problem, family, state, statistics, pass);
            }

            if (kind == RowKind.Clustered) Assert.True(leftOut > 100, $"{kind}: only {leftOut} evaluations were left out.");
        }
    }

    [Theory]
    [Trait("Kind", "Determinism")]
    [MemberData(nameof(Cases))]
    public void Run_WithAndWithoutBounds_GivesTheSameBits(string name, int dimension)
    {
        foreach (RowKind kind in Enum.GetValues<RowKind>())
        {
            var problem = new EngineProblem(kind, 8_713, dimension, 8, 7 + dimension, hasWeights: dimension % 2 == 1);
            MixtureState start = problem.State(problem.Family(Structure(name)));
            var count = new WorkCount();
            Assert.Equal(Run(problem, WrappedComponents.Wrap(start, new WorkCount { HasBounds = false })), Run(problem, WrappedComponents.Wrap(start, count)));
            if (kind == RowKind.Clustered) Assert.True(count.LeftOut > 150 && count.Passes >= 8, $"{count.LeftOut} evaluations were left out in {count.Passes} passes.");
        }
    }

    internal static CovarianceStructure Structure(string name) => CovarianceStructure.BuiltIn.Single(structure => structure.Name == name);

    private static long[] Run(EngineProblem problem, MixtureState start)
    {
        using var step = new ExpectationStep(problem.Source, start.Components, problem.RowWeightTotal, threadCount: 2);
        MixtureFit fit = ExpectationMaximization.Run(
            start, step, new StoppingRule(12, 0, problem.RowWeightTotal), new Acceleration(), progress: null, CancellationToken.None);
        return EngineProblem.Bits(fit, ((WrappedComponents)fit.Components).Inner);
    }

    // One E-step in blocks, with bounds and without. Returns the statistics and how many evaluations were left out.
    private static (double[] Statistics, long LeftOut) Pass(EngineProblem problem, MixtureState state, ComponentBounds bounds, int pass)
    {
        var components = (GaussianComponents)state.Components;
        int count = components.ComponentCount;
        double[] logWeights = [.. state.Weights.Select(weight => Math.Log(weight))];
        double[,] shares = LogShares(problem, state);
        double[] statistics = new double[count + components.StatisticsLength], expected = new double[statistics.Length];
        int[] all = [.. Enumerable.Range(0, count)], chosen = new int[count];
        long leftOut = 0;
        bounds.Begin(components, logWeights);
        int last = (problem.RowCount - 1) / BlockSize;
        for (int number = 0; number <= last; number++)
        {
            int row = BlockSize * (pass < LastOrder ? number : last - number);
            int rows = Math.Min(BlockSize, problem.RowCount - row);
            double[] values = new double[problem.Dimension * BlockSize], weights = new double[BlockSize];
            problem.Source.Read(row, rows, values, BlockSize, weights);
            var block = new RowBlock(values, weights, problem.Dimension, BlockSize, rows);
            AlignedBuffer joint = Buffer(count * BlockSize), other = Buffer(count * BlockSize), scratch = Buffer(components.ScratchLength(BlockSize));
            double[] largest = new double[BlockSize], densities = new double[BlockSize], otherDensities = new double[BlockSize];

            int evaluated = bounds.LogDensities(number, block, joint.Span, largest, scratch.Span, chosen);
            components.LogDensities(block, other.Span, scratch.Span);

            int[] some = chosen[..evaluated];
            Assert.Equal(some.Order().Distinct(), some);
            foreach (int k in all.Except(some))
            {
                leftOut++;
                double cutoff = Math.Max(logWeights[k] - 46, -700);
                for (int i = 0; i < rows; i++)
                {
                    double rounding = 1e-9 * (1 + Math.Abs(shares[row + i, k]));
                    Assert.True(
                        shares[row + i, k] < cutoff + rounding, $"Pass {pass}: component {k} was left out at row {row + i}, where its share is exp({shares[row + i, k]:R}).");
                }
            }

            double bounded = LogSumExp.NormalizeInPlace(joint.Span, BlockSize, block.LaneCount, some, logWeights, weights, densities);
            double full = LogSumExp.NormalizeInPlace(other.Span, BlockSize, block.LaneCount, all, logWeights, weights, otherDensities);
            Assert.Equal(full, bounded);
            Assert.Equal(MixtureAssert.Bits(otherDensities), MixtureAssert.Bits(densities));
            foreach (int k in all)
            {
                double[] right = other.Span.Slice(k * BlockSize, block.LaneCount).ToArray();
                if (some.Contains(k)) Assert.Equal(MixtureAssert.Bits(right), MixtureAssert.Bits(joint.Span.Slice(k * BlockSize, block.LaneCount).ToArray()));
                else Assert.All(right, share => Assert.Equal(0, share));
            }

            foreach (int k in some) statistics[k] += Lanes.Sum(joint.Span.Slice(k * BlockSize, block.LaneCount));
            foreach (int k in all) expected[k] += Lanes.Sum(other.Span.Slice(k * BlockSize, block.LaneCount));
            components.AccumulateChosen(block, some, joint.Span, statistics.AsSpan(count), scratch.Span);
            components.AccumulateChosen(block, all, other.Span, expected.AsSpan(count), scratch.Span);
            int constant = components.ConstantStatisticsLength;
            if (components.ConstantStatisticsKey is null) continue;
            components.AccumulateConstant(block, statistics.AsSpan(^constant..), scratch.Span);
            components.AccumulateConstant(block, expected.AsSpan(^constant..), scratch.Span);
        }

        Assert.Equal(MixtureAssert.Bits(expected), MixtureAssert.Bits(statistics));
        return (statistics, leftOut);
    }

    // Mostly steps of EM. Now and then components change places, shrink or grow, or become rare.
    private static MixtureState Next(EngineProblem problem, GaussianFamily family, MixtureState state, double[] statistics, int pass)
    {
        int count = problem.ComponentCount;
        if (pass is 2 or 5)
        {
            double[] means = ((GaussianComponents)state.Components).Means.ToArray();
            double[] moved = [.. means[problem.Dimension..], .. means[..problem.Dimension]];
            return problem.Create(family, moved, k => pass == 2 ? 0.3 + k : 12.0 / (1 + k));
        }

        MixtureComponents next = state.Components.CreateEmpty();
        Assert.True(state.Components.TryMaximize(statistics.AsSpan(0, count), statistics.AsSpan(count), next, out _));
        double total = statistics.Take(count).Sum();
        double[] weights = [.. statistics.Take(count).Select(value => value / total)];
        if (pass == 3) weights[0] = 1e-9;
        return new MixtureState(weights, next);
    }

    // log pi(k) + log p(x_i | k) less the largest of the row, by inverses.
    private static double[,] LogShares(EngineProblem problem, MixtureState state)
    {
        var components = (GaussianComponents)state.Components;
        int count = components.ComponentCount, dimension = problem.Dimension;
        double[,] rows = problem.Rows, shares = new double[problem.RowCount, count];
        for (int k = 0; k < count; k++)
        {
            double[,] covariance = new double[dimension, dimension];
            for (int a = 0; a < dimension; a++)
            {
                for (int b = 0; b < dimension; b++)
                {
                    int at = components.Shape.Index(Math.Max(a, b), Math.Min(a, b));
                    if (at >= 0) covariance[a, b] = components.Covariance(k)[at];
                }
            }

            (double[,] inverse, double logDeterminant) = TextbookMixture.Invert(covariance);
            ReadOnlySpan<double> mean = components.Means.Slice(k * dimension, dimension);
            for (int i = 0; i < problem.RowCount; i++)
            {
                shares[i, k] = Math.Log(state.Weights[k])
                    - (0.5 * ((dimension * Math.Log(2 * Math.PI)) + logDeterminant + TextbookMixture.Distance(inverse, rows, i, mean)));
            }
        }

        for (int i = 0; i < problem.RowCount; i++)
        {
            double largest = Enumerable.Range(0, count).Max(k => shares[i, k]);
            for (int k = 0; k < count; k++) shares[i, k] -= largest;
        }

        return shares;
    }

    // Rows of one group side by side, so that there is something to leave out.
    private static void SortByCentre(EngineProblem problem)
    {
        int dimension = problem.Dimension;
        double[] values = [.. problem.Values];
        int[] order = [.. Enumerable.Range(0, problem.RowCount).OrderBy(i => Enumerable.Range(0, problem.ComponentCount).MinBy(
            k => Enumerable.Range(0, dimension).Sum(j => Math.Pow(values[(i * dimension) + j] - problem.Centres[(k * dimension) + j], 2))))];
        for (int i = 0; i < order.Length; i++) values.AsSpan(order[i] * dimension, dimension).CopyTo(problem.Values.AsSpan(i * dimension));
    }

    private static AlignedBuffer Buffer(int length)
    {
        var buffer = new AlignedBuffer(length);
        buffer.Span.Fill(double.NaN);
        return buffer;
    }
}
