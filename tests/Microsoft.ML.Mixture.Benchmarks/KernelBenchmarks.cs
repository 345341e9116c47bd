using System.Runtime.Intrinsics;
using BenchmarkDotNet.Attributes;
using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture.Benchmarks;

/// <summary>
/// The hot kernels on one block of rows in cache, beside a loop of independent multiply-adds: the ratio to it says how near the
/// processor's limit a kernel runs, once both are divided by their numbers of operations.
/// </summary>
[MemoryDiagnoser(displayGenColumns: false)]
public class KernelBenchmarks
{
    private const int RowCount = 64;
    private const int Components = 16;

    private AlignedBuffer _rows = new(0);
    private AlignedBuffer _centred = new(0);
    private AlignedBuffer _weighted = new(0);
    private readonly AlignedBuffer _joint = new(Components * RowCount);
    private readonly AlignedBuffer _weights = new(RowCount);
    private readonly AlignedBuffer _distances = new(RowCount);
    private readonly double[] _logWeights = new double[Components];
    private double[] _mean = [];
    private double[] _sums = [];
    private double[] _panels = [];
    private double[] _scatter = [];

    [Params(4, 8, 13, 16, 32, 64, 128)]
    public int Dimension { get; set; }

    /// <summary>D (D + 1) / 2 + D multiply-adds a row and component, which is what the E-step cannot do without.</summary>
    private int MultiplyAdds => RowCount * ((Dimension * (Dimension + 1) / 2) + Dimension);

    [GlobalSetup]
    public void Prepare()
    {
        var random = new Random(1);
        _rows = new AlignedBuffer(Lanes.Pad(Dimension) * RowCount);
        _centred = new AlignedBuffer(_rows.Length);
        _weighted = new AlignedBuffer(_rows.Length);
        _mean = [.. Enumerable.Range(0, Dimension).Select(_ => random.NextDouble())];
        _sums = new double[Dimension];
        _scatter = new double[ScatterTriangle.Length(Dimension)];
        _panels = new double[TriangularPanels.Length(Dimension)];
        double[] lower = [.. Enumerable.Range(0, PackedTriangle.Length(Dimension)).Select(_ => random.NextDouble())];
        TriangularPanels.PackTranspose(lower, Dimension, _panels);
        for (int i = 0; i < Dimension * RowCount; i++) _rows.Span[i] = random.NextDouble();
        _weights.Span.Fill(0.5);
        CentreAndWeigh();
    }

    [Benchmark(Baseline = true)]
    public double MultiplyAddsAtPeak()
    {
        Vector512<double> x = Vector512.Create(0.999), y = Vector512.Create(1e-3);
        Vector512<double> a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x;
        for (int left = MultiplyAdds / Lanes.Width; left > 0; left -= 10)
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
        }

        return Lanes.Sum(a + b + c + d + e + f + g + h + i + j);
    }

    [Benchmark]
    public void Distances() => SquaredNorm.Triangular(_rows.Span, _mean, _panels, RowCount, RowCount, _distances.Span);

    [Benchmark]
    public void Scatter() => WeightedScatter.AddFull(_centred.Span, _weighted.Span, Dimension, RowCount, RowCount, _scatter);

    [Benchmark]
    public void CentreAndWeigh() =>
        Centring.WeighAndAddSums(_rows.Span, _mean, _weights.Span, RowCount, RowCount, _centred.Span, _weighted.Span, _sums);

    [Benchmark]
    public double Normalize()
    {
        for (int at = 0; at < _joint.Length; at++) _joint.Span[at] = -(at % 37);
        return LogSumExp.NormalizeInPlace(_joint.Span, RowCount, RowCount, _logWeights, _weights.Span, _distances.Span);
    }
}
