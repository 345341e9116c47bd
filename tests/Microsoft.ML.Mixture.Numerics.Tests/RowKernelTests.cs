using System.Runtime.Intrinsics;
using CsCheck;

namespace Microsoft.ML.Mixture.Numerics.Tests;

/// <summary>The kernels that move rows and look for the largest, the nearest and the outermost.</summary>
public class RowKernelTests
{
    private const int Stride = 144;

    [Fact]
    [Trait("Kind", "Reference")]
    public void Copy_ConsecutiveAndChosenRows_AreTransposedExactly() =>
        Gen.Select(TestNumbers.Dimension, Gen.Int[0, 140], Gen.Int[0, 20], TestNumbers.Seed).Sample(
            (dimension, count, first, seed) =>
            {
                var random = new Random(seed);
                int all = first + count + random.Next(3);
                double[] values = TestNumbers.Uniform(random, all * dimension);
                float[] singles = [.. values.Select(value => (float)value)];
                int[] chosen = [.. Enumerable.Range(0, count).Select(_ => random.Next(all))];
                double[] block = [.. Enumerable.Repeat(9.0, dimension * Stride)], ofSingles = [.. block], ofChosen = [.. block];
                RowTransposition.Copy<double>(values, dimension, first, count, 0.25, block, Stride);
                RowTransposition.Copy<float>(singles, dimension, first, count, 4, ofSingles, Stride);
                RowTransposition.Prefetch<double>(values, dimension, chosen);
                RowTransposition.Copy<double>(values, dimension, chosen, 1, ofChosen, Stride);
                for (int j = 0; j < dimension; j++)
                {
                    for (int i = 0; i < Stride; i++)
                    {
                        int at = (j * Stride) + i;
                        Assert.Equal(i < count ? 0.25 * values[((first + i) * dimension) + j] : 9, block[at]);
                        Assert.Equal(i < count ? 4.0 * singles[((first + i) * dimension) + j] : 9, ofSingles[at]);
                        Assert.Equal(i < count ? values[(chosen[i] * dimension) + j] : 9, ofChosen[at]);
                    }
                }
            },
            iter: TestNumbers.Cases);

    [Fact]
    [Trait("Kind", "BadInput")]
    public void Copy_RowBeyondTheEnd_Throws()
    {
        double[] values = new double[20], block = new double[16];
        Assert.ThrowsAny<ArgumentException>(() => RowTransposition.Copy<double>(values, 2, [0, 1, 2, 3, 4, 5, 6, 10], 1, block, 8));
        Assert.ThrowsAny<ArgumentException>(() => RowTransposition.Copy<double>(values, 2, 5, 8, 1, block, 8));
    }

    [Fact]
    [Trait("Kind", "Reference")]
    public void RaiseAndFind_AnyShares_MatchNaive() =>
        Gen.Select(Gen.Int[1, 20], TestNumbers.LaneCount, TestNumbers.Seed).Sample(
            (components, lanes, seed) =>
            {
                var random = new Random(seed);
                double[] shares = TestNumbers.Uniform(random, components * Stride, 0, 1), weights = TestNumbers.Uniform(random, Stride, 0.5, 1);
                int[] chosen = [.. Enumerable.Range(0, components).Where(k => k == 0 || random.Next(2) == 0)], labels = new int[lanes];
                int rows = lanes - random.Next(8), settled = RowMaxima.Find(shares, Stride, rows, chosen, weights, labels), expectedSettled = 0;
                double[] largest = [.. Enumerable.Repeat(double.NegativeInfinity, Stride)], expected = [.. largest];
                foreach (int k in chosen)
                {
                    double most = RowMaxima.Raise(shares.AsSpan(k * Stride, lanes), -0.5 * k, lanes, largest, out double smallest);
                    for (int i = 0; i < lanes; i++) expected[i] = Math.Max(expected[i], shares[(k * Stride) + i] - (0.5 * k));
                    Assert.Equal(shares.Skip(k * Stride).Take(lanes).Max(), most);
                    Assert.Equal(expected.Take(lanes).Min(), smallest);
                    Assert.Equal(expected, largest);
                }

                for (int i = 0; i < rows; i++)
                {
                    int label = chosen.MaxBy(k => shares[(k * Stride) + i]);
                    Assert.Equal(label, labels[i]);
                    if (shares[(label * Stride) + i] > 0.999 * weights[i]) expectedSettled++;
                }

                // Lanes beyond the last row may count as settled, but not more of them than there are.
                Assert.InRange(settled, expectedSettled, expectedSettled + Lanes.Pad(rows) - rows);
            },
            iter: TestNumbers.Cases);

    [Fact]
    [Trait("Kind", "Reference")]
    public void FindLargest_AnyDensities_MatchesNaive() =>
        Gen.Select(Gen.Int[1, 20], TestNumbers.Dimension, TestNumbers.LaneCount, Gen.Int[0, 3], TestNumbers.Seed).Sample(
            (components, dimension, lanes, oddities, seed) =>
            {
                var random = new Random(seed);

                // Of few values, so that some rows have several largest.
                double[] joint = [.. Enumerable.Range(0, components * Stride).Select(_ => -random.Next(30) / 8.0)], features = TestNumbers.Uniform(random, dimension * Stride);
                double[] odd = [double.NaN, double.PositiveInfinity, double.NegativeInfinity];
                for (int i = 0; i < oddities; i++)
                {
                    features[(random.Next(dimension) * Stride) + random.Next(lanes)] = odd[random.Next(3)];
                    int row = random.Next(lanes);
                    for (int k = 0; k < components; k++) joint[(k * Stride) + row] = double.NegativeInfinity;
                }

                int[] labels = new int[lanes];
                bool isRegular = RowMaxima.FindLargest(joint, Stride, lanes, components, features, dimension, labels), expected = true;
                for (int i = 0; i < lanes; i++)
                {
                    bool isFinite = Enumerable.Range(0, dimension).All(j => double.IsFinite(features[(j * Stride) + i]));
                    int label = Enumerable.Range(0, components).MaxBy(k => joint[(k * Stride) + i]);
                    Assert.Equal(isFinite ? label : -1, labels[i]);
                    expected &= isFinite && joint[(label * Stride) + i] > double.NegativeInfinity;
                }

                Assert.Equal(expected, isRegular);
            },
            iter: TestNumbers.Cases);

    [Fact]
    [Trait("Kind", "Reference")]
    public void LaneTransposition_AnyValues_MatchesNaive() =>
        Gen.Select(Gen.Int[1, 20], Gen.Int[0, 140], Gen.OneOf(0.0, double.NaN, 1e39, -1e300, double.NegativeInfinity, 1e-42), Gen.Bool, TestNumbers.Seed).Sample(
            (components, count, odd, isNegated, seed) =>
            {
                var random = new Random(seed);
                double[] values = TestNumbers.Uniform(random, components * Stride);
                for (int i = 0; i < 5; i++) values[random.Next(values.Length)] = odd;
                double factor = isNegated ? -1 : 1, addend = isNegated ? 0.3 : 0;
                float[] rows = [.. Enumerable.Repeat(9f, (components * count) + 3)];
                LaneTransposition.Copy(values, Stride, count, components, factor, addend, rows);
                for (int i = 0; i < count; i++)
                {
                    for (int k = 0; k < components; k++)
                    {
                        double value = (factor * values[(k * Stride) + i]) + addend;
                        Assert.Equal((float)Math.Clamp(value, -float.MaxValue, float.MaxValue), rows[(i * components) + k]);
                    }
                }

                Assert.All(rows[(components * count)..], value => Assert.Equal(9f, value));
            },
            iter: TestNumbers.Cases);

    [Fact]
    [Trait("Kind", "Reference")]
    public void NearestPoint_AnyDistances_MatchesNaive() =>
        Gen.Select(Gen.Int[2, 12], TestNumbers.LaneCount, TestNumbers.Seed).Sample(
            (points, lanes, seed) =>
            {
                var random = new Random(seed);
                double[][] distances = [.. Enumerable.Range(0, points).Select(_ => TestNumbers.Uniform(random, lanes, 0, 5))];
                double[] least = [.. Enumerable.Repeat(double.PositiveInfinity, lanes)], second = [.. least], nearest = new double[lanes], weights = TestNumbers.Uniform(random, lanes, 0, 1);
                double[] lowered = [.. distances[1]];
                double sum = NearestPoint.Lower(distances[0], weights, lowered), expected = 0;
                for (int k = 0; k < points; k++) NearestPoint.Assign(distances[k], k, least, second, nearest);
                for (int i = 0; i < lanes; i++)
                {
                    int[] order = [.. Enumerable.Range(0, points).OrderBy(k => distances[k][i])];
                    Assert.Equal(order[0], (int)nearest[i]);
                    Assert.Equal(distances[order[0]][i], least[i]);
                    Assert.Equal(distances[order[1]][i], second[i]);
                    Assert.Equal(Math.Min(distances[0][i], distances[1][i]), lowered[i]);
                    expected += weights[i] * lowered[i];
                }

                Assert.Equal(expected, sum, 1e-12 * lanes);
            },
            iter: TestNumbers.Cases);

    [Fact]
    [Trait("Kind", "Reference")]
    public void TryWiden_AnyValues_WidensOnlyIfAllAreFinite() =>
        Gen.Select(Gen.Int[1, 40], Gen.OneOf(0.0, double.NaN, double.PositiveInfinity, double.NegativeInfinity), TestNumbers.Seed).Sample(
            (count, odd, seed) =>
            {
                var random = new Random(seed);
                double[] values = TestNumbers.Uniform(random, count);
                values[random.Next(count)] = odd;
                double low = 0.5, high = -0.5;
                bool isFinite = ValueRange.TryWiden(values, ref low, ref high);
                Assert.Equal(double.IsFinite(odd), isFinite);
                Assert.Equal(isFinite ? Math.Min(0.5, values.Min()) : 0.5, low);
                Assert.Equal(isFinite ? Math.Max(-0.5, values.Max()) : -0.5, high);
            },
            iter: TestNumbers.Cases);

    [Fact]
    [Trait("Kind", "Reference")]
    public void DotAndAddScaled_AnyLength_MatchNaive() =>
        Gen.Select(Gen.Int[0, 70], TestNumbers.Seed).Sample(
            (count, seed) =>
            {
                var random = new Random(seed);
                double[] x = TestNumbers.Uniform(random, count), y = TestNumbers.Uniform(random, count + 2), sum = [.. y];
                Lanes.AddScaled(x, 0.75, sum);
                for (int i = 0; i < y.Length; i++) Assert.Equal(i < count ? Math.FusedMultiplyAdd(x[i], 0.75, y[i]) : y[i], sum[i]);
                Assert.Equal(x.Zip(y, (a, b) => a * b).Sum(), Lanes.Dot(x, y), 1e-14 * (1 + count));
            },
            iter: TestNumbers.Cases);

    [Fact]
    [Trait("Kind", "Reference")]
    public void MultiplyAddInPlace_AnyValues_RoundsOnceAndLeavesNoNaN()
    {
        double[] values = [3, -0.0, double.PositiveInfinity, double.NaN, 1e308, -1e308, 1e-300, 0.1, .. Enumerable.Repeat(double.NaN, 8)];
        double[] expected = [.. values.Select(value => double.IsNaN(value) ? double.NegativeInfinity : Math.FusedMultiplyAdd(value, -0.7, 0.3))];

        Lanes.MultiplyAddInPlace(values, -0.7, 0.3);

        Assert.Equal(expected, values);
    }

    [Fact]
    [Trait("Kind", "Reference")]
    public void Logarithm_PositiveArguments_IsExactToAFewUnitsInTheLastPlace() =>
        Gen.Double[-700, 700].Sample(
            exponent =>
            {
                double x = Math.Exp(exponent), near = 1 + (exponent * 1e-6);
                Vector512<double> logarithms = Logarithm.OfPositive(Vector512.Create(x, near, 1, 2, 0.5, 4, 1e-300, 1e300));
                double[] expected = [Math.Log(x), Math.Log(near), 0, Math.Log(2), Math.Log(0.5), Math.Log(4), Math.Log(1e-300), Math.Log(1e300)];
                for (int lane = 0; lane < Lanes.Width; lane++)
                {
                    Assert.InRange(Math.Abs(logarithms[lane] - expected[lane]), 0, 4 * NaiveLinearAlgebra.Epsilon * Math.Abs(expected[lane]));
                }
            },
            iter: 10 * TestNumbers.Cases);
}
