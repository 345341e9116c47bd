using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>One pass over the rows, block by block and on several threads, that adds up what the M-step needs.</summary>
internal sealed class ExpectationStep : IDisposable
{
    // Below about this many additions to statistics a pass is over before other threads have woken up.
    private const long FewestOperationsForThreads = 2_000_000;

    private readonly RowSource _rows;
    private readonly RowPartition _partition;
    private readonly double[][] _chunkStatistics;
    private readonly Workspace[] _workspaces;
    private readonly WorkerTeam? _team;
    private readonly int _componentCount;

    public ExpectationStep(RowSource rows, MixtureComponents components, double rowWeightTotal, int? threadCount)
    {
        _rows = rows;
        _componentCount = components.ComponentCount;
        RowWeightTotal = rowWeightTotal;
        int length = ExpectedStatistics.Length(components);
        _partition = new RowPartition(rows.RowCount, rows.Dimension, length);
        _chunkStatistics = new double[_partition.ChunkCount][];
        for (int chunk = 0; chunk < _chunkStatistics.Length; chunk++) _chunkStatistics[chunk] = new double[length];
        int threads = (long)rows.RowCount * length < FewestOperationsForThreads ? 1 : Math.Min(threadCount ?? Environment.ProcessorCount, _partition.ChunkCount);
        _workspaces = [.. Enumerable.Range(0, threads).Select(_ => new Workspace(components, _partition.BlockSize))];
        _team = threads > 1 ? new WorkerTeam(threads) : null;
    }

    /// <summary>The sum of the weights of all rows.</summary>
    public double RowWeightTotal { get; }

    /// <summary>Writes weighted responsibilities of a block, component-major, and returns the block's log-likelihood.</summary>
    private delegate double Responsibilities(RowBlock rows, int firstRow, Workspace workspace);

    /// <summary>Responsibilities and statistics under a mixture. The result is valid until the next pass.</summary>
    public ExpectedStatistics Run(MixtureState state, CancellationToken cancellationToken)
    {
        double[] logWeights = new double[_componentCount];
        MixtureState.Log(state.Weights, logWeights);
        return Run(state.Components, UnderMixture, cancellationToken);

        double UnderMixture(RowBlock rows, int firstRow, Workspace workspace)
        {
            state.Components.LogDensities(rows, workspace.Joint.Span, workspace.Scratch.Span);
            return LogSumExp.NormalizeInPlace(
                workspace.Joint.Span, rows.Stride, rows.LaneCount, logWeights, rows.Weights, workspace.LogDensities.Span);
        }
    }

    /// <summary>Statistics under responsibilities that are given: r(i,k) at [i * K + k].</summary>
    public ExpectedStatistics Run(MixtureComponents components, ReadOnlyMemory<double> responsibilities, CancellationToken cancellationToken)
    {
        return Run(components, Given, cancellationToken);

        double Given(RowBlock rows, int firstRow, Workspace workspace)
        {
            Span<double> joint = workspace.Joint.Span;
            joint.Clear();
            ReadOnlySpan<double> given = responsibilities.Span[(firstRow * _componentCount)..];
            for (int i = 0; i < rows.RowCount; i++)
            {
                for (int k = 0; k < _componentCount; k++) joint[(k * rows.Stride) + i] = rows.Weights[i] * given[(i * _componentCount) + k];
            }

            return 0;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _team?.Dispose();

    private ExpectedStatistics Run(MixtureComponents components, Responsibilities responsibilities, CancellationToken cancellationToken)
    {
        if (_team is not null)
        {
            _team.Run(_partition.ChunkCount, RunChunk);
        }
        else
        {
            for (int chunk = 0; chunk < _partition.ChunkCount; chunk++) RunChunk(chunk, 0);
        }

        AddUp(_chunkStatistics);
        return new ExpectedStatistics(_chunkStatistics[0], _componentCount);

        void RunChunk(int chunk, int thread)
        {
            Workspace workspace = _workspaces[thread];
            double[] statistics = _chunkStatistics[chunk];
            Array.Clear(statistics);
            (int first, int end) = _partition.Chunk(chunk);
            for (int row = first; row < end; row += _partition.BlockSize)
            {
                cancellationToken.ThrowIfCancellationRequested();
                RowBlock rows = workspace.Rows.Read(_rows, row, Math.Min(_partition.BlockSize, end - row));
                statistics[0] += responsibilities(rows, row, workspace);
                for (int k = 0; k < _componentCount; k++)
                {
                    statistics[1 + k] += Lanes.Sum(workspace.Joint.Span.Slice(k * rows.Stride, rows.LaneCount));
                }

                components.Accumulate(rows, workspace.Joint.Span, statistics.AsSpan(1 + _componentCount), workspace.Scratch.Span);
            }
        }
    }

    // Neighbours first, then pairs of neighbours: a tree whose shape depends on the number of chunks only.
    private static void AddUp(double[][] chunks)
    {
        for (int step = 1; step < chunks.Length; step *= 2)
        {
            for (int chunk = 0; chunk + step < chunks.Length; chunk += 2 * step)
            {
                double[] sum = chunks[chunk], other = chunks[chunk + step];
                for (int i = 0; i < sum.Length; i++) sum[i] += other[i];
            }
        }
    }

    /// <summary>The memory of one thread.</summary>
    private sealed class Workspace(MixtureComponents components, int blockSize)
    {
        public RowBuffer Rows { get; } = new(components.Dimension, blockSize);

        public AlignedBuffer Joint { get; } = new(components.ComponentCount * Lanes.Pad(blockSize));

        public AlignedBuffer LogDensities { get; } = new(Lanes.Pad(blockSize));

        public AlignedBuffer Scratch { get; } = new(components.ScratchLength(Lanes.Pad(blockSize)));
    }
}
