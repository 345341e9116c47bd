using System.Runtime.CompilerServices;
using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>Room for one block of rows.</summary>
internal sealed class RowBuffer(int dimension, int blockSize)
{
    private readonly AlignedBuffer _values = new(dimension * Lanes.Pad(blockSize));
    private readonly AlignedBuffer _weights = new(Lanes.Pad(blockSize));
    private BlockHoles? _holes;

    // What the buffer holds, if it has read rows in order: where all rows are one block, every pass asks for the same.
    private (RowSource? Source, int First, int Count) _held;

    /// <summary>Reads consecutive rows and fills them up to whole vectors with rows of weight zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public RowBlock Read(RowSource source, int firstRow, int rowCount)
    {
        bool isHeld = _held.First == firstRow && _held.Count == rowCount && ReferenceEquals(_held.Source, source);
        if (!isHeld)
        {
            _held = default;
            source.Read(firstRow, rowCount, _values.Span, _weights.Length, _weights.Span);
            FillUp(rowCount);
            _held = (source, firstRow, rowCount);
        }

        return source.Holes is null ? Block(rowCount) : Block(rowCount) with { Holes = FindHoles(source, source.Holes, firstRow, rowCount) };
    }

    /// <summary>Reads rows in any order and fills them up to whole vectors with rows of weight zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public RowBlock Read(RowSource source, ReadOnlySpan<int> rows)
    {
        _held = default;
        source.ReadScaled(rows, 1, _values.Span, _weights.Length, _weights.Span);
        FillUp(rows.Length);
        return Block(rows.Length);
    }

    private BlockHoles? FindHoles(RowSource source, HolePatterns patterns, int firstRow, int rowCount)
    {
        if (_holes?.Patterns != patterns) _holes = new BlockHoles(patterns, blockSize);
        _holes.Clear();
        for (int i = 0; i < rowCount; i++) _holes.Add(source.PatternOf(firstRow + i));
        return _holes.Any ? _holes : null;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void FillUp(int rowCount)
    {
        Span<double> values = _values.Span, weights = _weights.Span;
        int stride = weights.Length;
        int laneCount = Lanes.Pad(rowCount);
        for (int j = 0; j < dimension && rowCount < laneCount; j++) values.Slice((j * stride) + rowCount, laneCount - rowCount).Clear();
        weights[rowCount..].Clear();
    }

    private RowBlock Block(int rowCount) => new(_values.Span, _weights.Span, dimension, _weights.Length, rowCount);
}
