using System.Numerics;
using System.Runtime.CompilerServices;
using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>One pass over the rows, block by block and on several threads, that adds up what the M-step needs.</summary>
internal sealed class ExpectationStep : IDisposable
{
    /// <summary>Below about this many additions to statistics a pass is over before other threads have woken up.</summary>
    public const long FewestOperationsForThreads = 2_000_000;

    // Statistics are added up in pieces of this size.
    private const int PieceLength = 8192;

    // Rows are sorted if so many of them belong to one component, and bounds used as long as they spare this share of the work.
    private const double FewestSettled = 0.3;
    private const double MostEvaluated = 0.7;
    private const int MostWastedPasses = 2;
    private const int MostFailures = 2;

    // Smaller rows are brought along with their neighbours.
    private const int FewestFeaturesToAskFor = 8;

    private readonly RowSource _rows;
    private readonly RowPartition _partition;
    private readonly double[][] _chunkStatistics;
    private readonly double[][]? _chunkSquares;
    private readonly double[]? _weightsOfEqual;
    private readonly double[][]? _chunkSquaresOfEqual;
    private readonly double[] _constant;
    private readonly (long Evaluated, long Settled)[] _chunkCounts;
    private readonly PassWorkspace[] _workspaces;
    private readonly int _componentCount;
    private readonly double[] _logWeights;
    private readonly RowOrder? _order;
    private readonly Action<int, int> _runChunk;
    private readonly Action<int, int> _addUp;
    private ComponentBounds? _bounds;

    // What the pass under way is about.
    private MixtureComponents _components;
    private ReadOnlyMemory<double> _given;
    private bool _isGiven;
    private bool _usesBounds;
    private bool _notesLabels;
    private bool _addsConstant;
    private object? _constantKey;
    private int _pass;
    private int _wasted;
    private int _failures;
    private CancellationToken _cancellationToken;

    public ExpectationStep(RowSource rows, MixtureComponents components, double rowWeightTotal, int? threadCount)
    {
        _rows = rows;
        _components = components;
        _componentCount = components.ComponentCount;
        RowWeightTotal = rowWeightTotal;
        _logWeights = new double[_componentCount];
        int length = ExpectedStatistics.Length(components);
        _partition = new RowPartition(rows.RowCount, rows.Dimension, length);
        _chunkStatistics = new double[_partition.ChunkCount][];
        for (int chunk = 0; chunk < _chunkStatistics.Length; chunk++) _chunkStatistics[chunk] = new double[length];
        if (!rows.HaveEqualWeights) _chunkSquares = [.. _chunkStatistics.Select(_ => new double[_componentCount])];
        if (rows.Copies is { } copies)
        {
            _weightsOfEqual = copies.WeightsOfEqual(rows);
            _chunkSquaresOfEqual = [.. _chunkStatistics.Select(_ => new double[_componentCount])];
        }

        _constant = new double[components.ConstantStatisticsLength];
        _chunkCounts = new (long, long)[_partition.ChunkCount];
        int threads = (long)rows.RowCount * length < FewestOperationsForThreads ? 1 : Math.Min(threadCount ?? Environment.ProcessorCount, _partition.ChunkCount);
        _workspaces = new PassWorkspace[threads];
        for (int thread = 0; thread < threads; thread++) _workspaces[thread] = new PassWorkspace(components, _partition.BlockSize, isOwner: _partition.ChunkCount > 1);
        Team = threads > 1 ? new WorkerTeam(threads) : null;
        _order = RowOrder.Create(rows, _partition, _componentCount, threads);
        _runChunk = RunChunk;
        _addUp = AddUpPiece;
    }

    /// <summary>Makes ready for another run, of components that may be others; fails if they are not of the size of those before.</summary>
    public bool TryBegin(MixtureComponents components)
    {
        if (components.ComponentCount != _componentCount || components.ConstantStatisticsLength != _constant.Length
            || ExpectedStatistics.Length(components) != _chunkStatistics[0].Length
            || components.ScratchLength(Lanes.Pad(_partition.BlockSize)) > _workspaces[0].ScratchLength)
        {
            return false;
        }

        _order?.Begin();
        (_pass, _wasted, _failures, _usesBounds, _bounds, _constantKey) = (0, 0, 0, false, null, null);
        return true;
    }

    /// <summary>What is read in each pass.</summary>
    public RowSource Rows => _rows;

    /// <summary>The sum of the weights of all rows.</summary>
    public double RowWeightTotal { get; }

    /// <summary>The mean of the row weights.</summary>
    public double WeightOfRow => RowWeightTotal / _partition.RowCount;

    /// <summary>Whether rows are copies of each other, so that components may rest on fewer than they seem to.</summary>
    public bool HasCopies => _weightsOfEqual is not null;

    /// <summary>The threads; null for the caller alone.</summary>
    public WorkerTeam? Team { get; }

    /// <summary>Responsibilities and statistics under a mixture. The result is valid until the next pass.</summary>
    public ExpectedStatistics Run(MixtureState state, CancellationToken cancellationToken)
    {
        state.Components.CopyLogWeights(state.Weights, _logWeights);
        _isGiven = false;

        // Rearranging rows costs about a pass, so it is thought of after 1, 2, 4, 8, ... of them.
        _pass++;
        _notesLabels = _order is not null && BitOperations.IsPow2(_pass);
        if (_usesBounds) _bounds!.Begin(state.Components, _logWeights);
        object? key = state.Components.ConstantStatisticsKey;
        _addsConstant = key is not null && !ReferenceEquals(key, _constantKey);
        Pass(state.Components, cancellationToken);
        if (key is not null) TakeConstant(key);
        if (_order is not null) Rearrange(state.Components);
        return new ExpectedStatistics(_chunkStatistics[0], _componentCount);
    }

    /// <summary>Statistics under responsibilities that are given: r(i,k) at [i * K + k].</summary>
    public ExpectedStatistics Run(MixtureComponents components, ReadOnlyMemory<double> responsibilities, CancellationToken cancellationToken)
    {
        _given = responsibilities;
        _isGiven = true;
        _notesLabels = false;
        _addsConstant = false;
        Pass(components, cancellationToken);
        return new ExpectedStatistics(_chunkStatistics[0], _componentCount);
    }

    /// <summary>
    /// How many rows of one weight tell as much of each component as its rows do: with uneven weights (sum of w r)^2 / (sum of w^2 r), shape K. By the last pass.
    /// </summary>
    /// <remarks>Source: Kish (1965), Survey Sampling, Wiley, section 11.7, for the effective number of rows of uneven weights.</remarks>
    public void CopyRowCounts(Span<double> rowCounts) => CopyCounts(_chunkSquares, rowCounts);

    /// <summary>The same of rows that differ from each other, as if equal ones were one row of their weights; only where there are copies. By the last pass, not of responsibilities that were given.</summary>
    public void CopyDistinctCounts(Span<double> distinctCounts) => CopyCounts(_chunkSquaresOfEqual, distinctCounts);

    /// <inheritdoc/>
    public void Dispose() => Team?.Dispose();

    private void CopyCounts(double[][]? chunkSquares, Span<double> rowCounts)
    {
        for (int k = 0; k < _componentCount; k++)
        {
            double count = _chunkStatistics[0][1 + k], squares = 0;
            if (chunkSquares is not null)
            {
                foreach (double[] ofChunk in chunkSquares) squares += ofChunk[k];
            }

            // Squares of weights may be beyond double precision.
            rowCounts[k] = double.IsNormal(squares) ? count * (count / squares) : count / WeightOfRow;
        }
    }

    private void Pass(MixtureComponents components, CancellationToken cancellationToken)
    {
        _components = components;
        _cancellationToken = cancellationToken;
        int pieces = (_chunkStatistics[0].Length + PieceLength - 1) / PieceLength;
        if (Team is not null)
        {
            Team.Run(_partition.ChunkCount, _runChunk);
            Team.Run(pieces, _addUp);
            return;
        }

        for (int chunk = 0; chunk < _partition.ChunkCount; chunk++) RunChunk(chunk, 0);
        for (int piece = 0; piece < pieces; piece++) AddUpPiece(piece, 0);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunChunk(int chunk, int thread)
    {
        PassWorkspace workspace = _workspaces[thread];
        double[] statistics = _chunkStatistics[chunk];
        double[]? squares = _chunkSquares?[chunk];
        Array.Clear(statistics);
        if (squares is not null) Array.Clear(squares);
        double[]? squaresOfEqual = _chunkSquaresOfEqual?[chunk];
        if (squaresOfEqual is not null) Array.Clear(squaresOfEqual);
        long evaluated = 0, settled = 0;
        bool isSorted = _order is { IsSorted: true } && !_isGiven;
        AlignedBuffer memory = workspace.Take();
        Span<double> joint = workspace.Joint(memory), logDensities = workspace.LogDensities(memory), scratch = workspace.Scratch(memory);
        (int first, int end) = _partition.Chunk(chunk);
        for (int row = first; row < end; row += _partition.BlockSize)
        {
            _cancellationToken.ThrowIfCancellationRequested();
            int count = Math.Min(_partition.BlockSize, end - row);
            RowBlock rows = isSorted
                ? workspace.Rows.Read(_rows, _order!.Rows(row, count))
                : workspace.Rows.Read(_rows, row, count);
            Prefetch(row, end, 0);
            ReadOnlySpan<int> components = Responsibilities(rows, row, end, workspace, joint, logDensities, scratch, ref statistics[0]);
            if (_notesLabels) settled += RowMaxima.Find(joint, rows.Stride, count, components, rows.Weights, _order!.Labels(row, count));
            if (_addsConstant) _components.AccumulateConstant(rows, statistics.AsSpan(^_constant.Length..), scratch);
            evaluated += components.Length;
            ReadOnlySpan<double> weightsOfEqual = squaresOfEqual is null ? [] : WeightsOfEqual(row, count, isSorted, workspace.WeightsOfEqual(rows.LaneCount));
            int active = 0;
            foreach (int k in components)
            {
                double sum = Lanes.Sum(joint.Slice(k * rows.Stride, rows.LaneCount));
                statistics[1 + k] += sum;
                if (squares is not null) squares[k] += Lanes.Dot(joint.Slice(k * rows.Stride, rows.LaneCount), rows.Weights[..rows.LaneCount]);
                if (squaresOfEqual is not null) squaresOfEqual[k] += Lanes.Dot(joint.Slice(k * rows.Stride, rows.LaneCount), weightsOfEqual);
                if (sum > 0) workspace.Active[active++] = k;
            }

            Prefetch(row, end, 2);
            _components.AccumulateChosen(rows, workspace.Active.AsSpan(0, active), joint, statistics.AsSpan(1 + _componentCount), scratch);
        }

        workspace.Return(memory);

        _chunkCounts[chunk] = (evaluated, settled);
    }

    private Span<double> WeightsOfEqual(int row, int count, bool isSorted, Span<double> destination)
    {
        destination[count..].Clear();
        if (!isSorted)
        {
            _weightsOfEqual.AsSpan(row, count).CopyTo(destination);
            return destination;
        }

        ReadOnlySpan<int> rows = _order!.Rows(row, count);
        for (int i = 0; i < count; i++) destination[i] = _weightsOfEqual![rows[i]];
        return destination;
    }

    // Asks for a third of the next block at a time, with work in between, because only so many lines of memory can be on their way at once.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Prefetch(int row, int end, int third)
    {
        if (_order is null || _rows.Dimension < FewestFeaturesToAskFor) return;
        int first = row + _partition.BlockSize + (third * _partition.BlockSize / 3);
        int last = Math.Min(end, row + _partition.BlockSize + ((third + 1) * _partition.BlockSize / 3));
        if (first < last) _rows.Prefetch(_order.Rows(first, last - first));
    }

    // Statistics that no responsibility enters are summed up in one pass and stand in the results of all later ones.
    private void TakeConstant(object key)
    {
        Span<double> end = _chunkStatistics[0].AsSpan(^_constant.Length..);
        if (_addsConstant) end.CopyTo(_constant);
        else _constant.CopyTo(end);
        _constantKey = key;
    }

    // Writes weighted responsibilities of a block, component-major, for those components that may have a share, which it returns.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private ReadOnlySpan<int> Responsibilities(
        RowBlock rows, int firstRow, int end, PassWorkspace workspace, Span<double> joint, Span<double> logDensities, Span<double> scratch, ref double logLikelihood)
    {
        Span<int> components = workspace.Components;
        if (_isGiven)
        {
            joint.Clear();
            ReadOnlySpan<double> given = _given.Span[(firstRow * _componentCount)..];
            for (int i = 0; i < rows.RowCount; i++)
            {
                for (int k = 0; k < _componentCount; k++) joint[(k * rows.Stride) + i] = rows.Weights[i] * given[(i * _componentCount) + k];
            }
        }
        else if (_usesBounds)
        {
            int count = _bounds!.LogDensities(firstRow / _partition.BlockSize, rows, joint, logDensities, scratch, workspace.Chosen);
            components = workspace.Chosen.AsSpan(0, count);
        }
        else
        {
            _components.LogDensities(rows, joint, scratch);
        }

        if (_isGiven) return components;
        Prefetch(firstRow, end, 1);
        logLikelihood += LogSumExp.ShareInPlace(joint, rows.Stride, rows.LaneCount, components, _logWeights, rows.Weights, logDensities);
        return components;
    }

    // Sorts rows and begins to use bounds where both promise to pay, and ends it where they did not.
    private void Rearrange(MixtureComponents components)
    {
        long evaluated = 0, settled = 0;
        foreach ((long ofChunk, long settledOfChunk) in _chunkCounts)
        {
            evaluated += ofChunk;
            settled += settledOfChunk;
        }

        if (_usesBounds && _bounds!.AreKnown && evaluated > MostEvaluated * _componentCount * _partition.BlockCount) _wasted++;
        else _wasted = 0;
        if (_wasted > MostWastedPasses)
        {
            _usesBounds = false;
            _failures++;
        }

        if (!_notesLabels || settled < FewestSettled * _partition.RowCount) return;
        bool changed = _order!.Rearrange(_pass, Team);
        if (_failures == MostFailures || (!changed && _usesBounds)) return;
        _bounds ??= components.CreateBounds(_partition.BlockCount);
        _bounds?.Forget();
        _usesBounds = _bounds is not null;
        _wasted = 0;
    }

    // Neighbours first, then pairs of neighbours: a tree whose shape depends on the number of chunks only.
    private void AddUpPiece(int piece, int thread)
    {
        int first = piece * PieceLength, length = Math.Min(PieceLength, _chunkStatistics[0].Length - first);
        for (int step = 1; step < _chunkStatistics.Length; step *= 2)
        {
            for (int chunk = 0; chunk + step < _chunkStatistics.Length; chunk += 2 * step)
            {
                Span<double> sum = _chunkStatistics[chunk].AsSpan(first, length);
                Lanes.AddScaled(_chunkStatistics[chunk + step].AsSpan(first, length), 1, sum);
            }
        }
    }
}
