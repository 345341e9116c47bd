using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>
/// What rows with holes need of a mixture, once for each combination of holes: the regressions of what is missing on what is observed. One
/// object serves one thread, block after block.
/// </summary>
/// <remarks>
/// For each pattern and covariance stand one after the other: the logarithm of the constant of the density of what is observed; for full
/// matrices the coefficients, and the covariance of what is missing given what is observed.
/// </remarks>
internal sealed class GaussianRegressions
{
    // Two megabytes: what is beyond the caches next to the processor is as well computed anew.
    private const int MostKept = 1 << 18;

    private readonly Dictionary<int, int> _places = [];
    private double[] _kept = [];
    private double[] _work = [];
    private int _end;
    private IHoleRegressions? _owner;
    private long _version;
    private AlignedBuffer _filled = new(0);

    /// <summary>The memory of the thread that works on a block.</summary>
    public static GaussianRegressions Of(BlockHoles holes)
    {
        if (holes.Memory is not GaussianRegressions regressions) holes.Memory = regressions = new GaussianRegressions();
        return regressions;
    }

    /// <summary>Makes everything that a block needs.</summary>
    public void Prepare(IHoleRegressions components, BlockHoles holes)
    {
        if (!ReferenceEquals(_owner, components) || _version != components.Version) Clear();
        (_owner, _version) = (components, components.Version);
        if (_end > MostKept && !AllKept(holes)) Clear();
        for (int run = 0; run < holes.Count; run++)
        {
            int pattern = holes.Pattern(run);
            if (pattern == HolePatterns.Complete || _places.ContainsKey(pattern)) continue;
            ReadOnlySpan<int> missing = holes.Patterns.Missing(pattern), observed = holes.Patterns.Observed(pattern);
            int length = components.RegressionLength(missing.Length, observed.Length);
            if (_kept.Length < _end + (components.MatrixCount * length)) Array.Resize(ref _kept, Math.Max(2 * _kept.Length, _end + (components.MatrixCount * length)));
            if (_work.Length < components.RegressionWorkLength) _work = new double[components.RegressionWorkLength];
            _places.Add(pattern, _end);
            components.ComputeRegressions(missing, observed, _kept.AsSpan(_end, components.MatrixCount * length), _work);
            _end += components.MatrixCount * length;
        }
    }

    /// <summary>What is kept for a pattern and a covariance.</summary>
    public ReadOnlySpan<double> Find(int pattern, int matrix, int length) => _kept.AsSpan(_places[pattern] + (matrix * length), length);

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
        _end = 0;
    }
}
