using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture.Benchmarks;

/// <summary>How near the processor's limit the two hot kernels of full covariances run, on one thread and a block in cache.</summary>
/// <remarks>Only operations that the result needs are counted: a triangle of D (D + 1) / 2 multiply-adds a row and D more to square or weigh.</remarks>
internal static class KernelTable
{
    // From here on the library takes rows whose features stand side by side, whatever the share of rows.
    private const int ManyFeatures = 96;

    private static readonly int[] _dimensions = [4, 8, 13, 16, 32, 64, 128];

    public static void Print()
    {
        double peak = 1e-9 * MultiplyAddsOfPeak * 2 / BestSeconds(() => _ = Vector512.IsHardwareAccelerated ? MultiplyAdds() : MultiplyAddsOfHalves());
        Console.WriteLine($"Peak of multiply-adds on one thread: {peak:F1} GFLOP/s");
        Console.WriteLine();
        Console.WriteLine("| D | E-step, GFLOP/s | of peak | M-step, GFLOP/s | of peak |");
        Console.WriteLine("| -- | -- | -- | -- | -- |");
        foreach (int dimension in _dimensions)
        {
            var block = new Block(dimension);
            double operations = 1e-9 * block.RowCount * dimension * (dimension + 3.0);
            double distances = operations / BestSeconds(block.Distances), scatter = operations / BestSeconds(block.Scatter);
            Console.WriteLine($"| {dimension} | {distances:F1} | {distances / peak:P0} | {scatter:F1} | {scatter / peak:P0} |");
        }
    }

    private const int Rounds = 100_000;
    private const double MultiplyAddsOfPeak = Rounds * 16.0 * 8;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double MultiplyAdds()
    {
        Vector512<double> x = Vector512.Create(0.999), y = Vector512.Create(1e-3);
        Vector512<double> a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x, k = x, l = x, m = x, n = x, o = x, p = x;
        for (int round = 0; round < Rounds; round++)
        {
            a = Vector512.FusedMultiplyAdd(a, x, y);
            b = Vector512.FusedMultiplyAdd(b, x, y);
            c = Vector512.FusedMultiplyAdd(c, x, y);
            d = Vector512.FusedMultiplyAdd(d, x, y);
            e = Vector512.FusedMultiplyAdd(e, x, y);
            f = Vector512.FusedMultiplyAdd(f, x, y);
            g = Vector512.FusedMultiplyAdd(g, x, y);
            h = Vector512.FusedMultiplyAdd(h, x, y);
            i = Vector512.FusedMultiplyAdd(i, x, y);
            j = Vector512.FusedMultiplyAdd(j, x, y);
            k = Vector512.FusedMultiplyAdd(k, x, y);
            l = Vector512.FusedMultiplyAdd(l, x, y);
            m = Vector512.FusedMultiplyAdd(m, x, y);
            n = Vector512.FusedMultiplyAdd(n, x, y);
            o = Vector512.FusedMultiplyAdd(o, x, y);
            p = Vector512.FusedMultiplyAdd(p, x, y);
        }

        return Lanes.Sum(a + b + c + d + e + f + g + h + i + j + k + l + m + n + o + p);
    }

    // As many multiply-adds by vectors of four, of which there are sixteen registers at most.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double MultiplyAddsOfHalves()
    {
        Vector256<double> x = Vector256.Create(0.999), y = Vector256.Create(1e-3);
        Vector256<double> a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x;
        for (int round = 0; round < 4 * Rounds; round++)
        {
            a = Vector256.FusedMultiplyAdd(a, x, y);
            b = Vector256.FusedMultiplyAdd(b, x, y);
            c = Vector256.FusedMultiplyAdd(c, x, y);
            d = Vector256.FusedMultiplyAdd(d, x, y);
            e = Vector256.FusedMultiplyAdd(e, x, y);
            f = Vector256.FusedMultiplyAdd(f, x, y);
            g = Vector256.FusedMultiplyAdd(g, x, y);
            h = Vector256.FusedMultiplyAdd(h, x, y);
        }

        return Vector256.Sum(a + b + c + d + e + f + g + h);
    }

    // The best of many short runs, each long enough for the clock: the machine may be shared.
    private static double BestSeconds(Action action)
    {
        int repeats = 1;
        double best = double.PositiveInfinity;
        for (int run = 0; run < 200; run++)
        {
            long start = Stopwatch.GetTimestamp();
            for (int repeat = 0; repeat < repeats; repeat++) action();
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            if (run < 20)
            {
                if (seconds < 2e-4) repeats *= 2;
                continue;
            }

            best = Math.Min(best, seconds / repeats);
        }

        return best;
    }

    private sealed class Block
    {
        private readonly int _dimension;
        private readonly AlignedBuffer _rows;
        private readonly AlignedBuffer _scratch;
        private readonly AlignedBuffer _weights;
        private readonly AlignedBuffer _distances;
        private readonly double[] _sideBySide;
        private readonly double[] _work;
        private readonly int[] _places;
        private readonly double[] _mean;
        private readonly double[] _sums;
        private readonly double[] _panels;
        private readonly double[] _scatter;

        public Block(int dimension)
        {
            var random = new Random(1);
            _dimension = dimension;
            RowCount = dimension <= 32 ? 128 : 64;
            _rows = new AlignedBuffer(Lanes.Pad(dimension) * RowCount);
            _scratch = new AlignedBuffer(WeightedScatter.WorkLength(dimension, RowCount));
            _weights = new AlignedBuffer(RowCount);
            _distances = new AlignedBuffer(RowCount);
            _mean = [.. Enumerable.Range(0, dimension).Select(_ => random.NextDouble())];
            _sums = new double[dimension];
            _scatter = new double[ScatterTriangle.Length(dimension)];
            _panels = new double[TriangularPanels.Length(dimension)];
            double[] lower = [.. Enumerable.Range(0, PackedTriangle.Length(dimension)).Select(_ => random.NextDouble())];
            TriangularPanels.PackTranspose(lower, dimension, _panels);
            for (int i = 0; i < dimension * RowCount; i++) _rows.Span[i] = random.NextDouble();
            _weights.Span.Fill(0.5);
            _sideBySide = new double[SparseScatter.RowStride(dimension) * RowCount];
            _work = new double[SparseScatter.WorkLength(dimension)];
            _places = [.. Enumerable.Range(0, RowCount)];
            RowTransposition.ToRows(_rows.Span, dimension, RowCount, RowCount, _sideBySide, SparseScatter.RowStride(dimension));
        }

        public int RowCount { get; }

        public void Distances() => SquaredNorm.Triangular(_rows.Span, _mean, _panels, RowCount, RowCount, _distances.Span);

        public void Scatter()
        {
            if (_dimension <= WeightedMoments.LargestFullDimension)
            {
                WeightedMoments.AddFull(_rows.Span, _mean, _weights.Span, RowCount, RowCount, _sums, _scatter);
                return;
            }

            if (_dimension >= ManyFeatures)
            {
                SparseScatter.Add(_sideBySide, _mean, _weights.Span, _places, _work, _sums, _scatter);
                return;
            }

            WeightedScatter.Add(_rows.Span, _mean, _weights.Span, RowCount, RowCount, _scratch.Span, _sums, _scatter);
        }
    }
}
