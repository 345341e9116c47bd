using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>
/// What rows with holes need of a mixture, once for each combination of holes: the regressions of what is missing on what is observed. Where those of one block
/// take more than some memory, what is beyond is computed whenever it is asked for. One object serves one thread, block after block.
/// </summary>
/// <remarks>
/// For each pattern and covariance stand one after the other: the logarithm of the constant of the density of what is observed; for full
/// matrices the coefficients, and the covariance of what is missing given what is observed.
/// </remarks>
internal sealed class GaussianRegressions
{
    // Two megabytes: what is beyond the caches next to the processor is as well computed anew.
    private const int MostKept = 1 << 18;

    // 32 megabytes, of one block too: with many features, all of which are missing at random, its rows would take gigabytes.
    private const int MostAtOnce = 1 << 22;

    private readonly Dictionary<int, int> _places = [];
    private double[] _kept = [];
    private double[] _work = [];
    private double[] _differences = [];
    private int _end;
    private IHoleRegressions? _owner;
    private long _version;
    private AlignedBuffer _filled = new(0);

    // What was asked for last of what is not kept.
    private HolePatterns? _patterns;
    private double[] _last = [];
    private int _lastPattern;
    private int _lastMatrix;

    /// <summary>The memory of the thread that works on a block.</summary>
    public static GaussianRegressions Of(BlockHoles holes)
    {
        if (holes.Memory is not GaussianRegressions regressions) holes.Memory = regressions = new GaussianRegressions();
        return regressions;
    }

    /// <summary>Makes what a block needs, as far as it is kept.</summary>
    public void Prepare(IHoleRegressions components, BlockHoles holes)
    {
        if (!ReferenceEquals(_owner, components) || _version != components.Version) Clear();
        (_owner, _version, _patterns) = (components, components.Version, holes.Patterns);
        if (_end > MostKept && !AllKept(holes)) Clear();
        for (int run = 0; run < holes.Count; run++)
        {
            int pattern = holes.Pattern(run);
            if (pattern == HolePatterns.Complete || _places.ContainsKey(pattern)) continue;
            ReadOnlySpan<int> missing = holes.Patterns.Missing(pattern), observed = holes.Patterns.Observed(pattern);
            long end = _end + ((long)components.MatrixCount * components.RegressionLength(missing.Length, observed.Length));
            if (end > MostAtOnce && !components.AreComputedTogether) continue;
            if (_kept.Length < end) Array.Resize(ref _kept, (int)Math.Max(Math.Min(2L * _kept.Length, MostAtOnce), end));
            _places.Add(pattern, _end);
            components.ComputeRegressions(missing, observed, _kept.AsSpan(_end, (int)end - _end), Work(components));
            _end = (int)end;
        }
    }

    /// <summary>What there is for a pattern and a covariance. It is valid until the next is asked for.</summary>
    public ReadOnlySpan<double> Find(int pattern, int matrix, int length)
    {
        if (_places.TryGetValue(pattern, out int place)) return _kept.AsSpan(place + (matrix * length), length);
        if (_last.Length < length) _last = new double[length];
        Span<double> last = _last.AsSpan(0, length);
        if (_lastPattern == pattern && _lastMatrix == matrix) return last;
        _owner!.ComputeRegression(matrix, _patterns!.Missing(pattern), _patterns.Observed(pattern), last, Work(_owner));
        (_lastPattern, _lastMatrix) = (pattern, matrix);
        return last;
    }

    /// <summary>A copy of a block in which missing cells are zero, to be filled in.</summary>
    public Span<double> CopyObserved(RowBlock rows)
    {
        if (_filled.Length < rows.Dimension * rows.Stride) _filled = new AlignedBuffer(rows.Dimension * rows.Stride);
        Span<double> filled = _filled.Span[..(rows.Dimension * rows.Stride)];
        rows.Values[..filled.Length].CopyTo(filled);
        BlockHoles holes = rows.Holes!;
        for (int run = 0; run < holes.Count; run++)
        {
            foreach (int feature in holes.Patterns.Missing(holes.Pattern(run)))
            {
                filled[((feature * rows.Stride) + holes.First(run))..((feature * rows.Stride) + holes.End(run))].Clear();
            }
        }

        return filled;
    }

    /// <summary>Room for a number of each run of a block, of which there are no more than rows.</summary>
    public Span<double> Differences(int stride)
    {
        if (_differences.Length < stride) _differences = new double[stride];
        return _differences;
    }

    private double[] Work(IHoleRegressions components) => _work.Length < components.RegressionWorkLength ? _work = new double[components.RegressionWorkLength] : _work;

    private bool AllKept(BlockHoles holes)
    {
        for (int run = 0; run < holes.Count; run++)
        {
            if (holes.Pattern(run) != HolePatterns.Complete && !_places.ContainsKey(holes.Pattern(run))) return false;
        }

        return true;
    }

    private void Clear()
    {
        _places.Clear();
        (_end, _lastPattern) = (0, HolePatterns.Complete);
    }
}
