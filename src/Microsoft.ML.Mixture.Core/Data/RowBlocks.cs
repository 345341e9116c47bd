namespace Microsoft.ML.Mixture;

/// <summary>All rows of a source, block by block and in order, on one thread. A block is valid until the next one.</summary>
internal readonly struct RowBlocks(RowSource source, CancellationToken cancellationToken, int blockSize = RowBlocks.DefaultSize)
{
    private const int DefaultSize = 256;

    public Enumerator GetEnumerator() => new(source, blockSize, cancellationToken);

    public ref struct Enumerator(RowSource source, int blockSize, CancellationToken cancellationToken)
    {
        private readonly RowBuffer _buffer = new(source.Dimension, Math.Min(blockSize, Math.Max(1, source.RowCount)));
        private int _next;

        public RowBlock Current { get; private set; }

        public bool MoveNext()
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_next >= source.RowCount) return false;
            Current = _buffer.Read(source, _next, Math.Min(blockSize, source.RowCount - _next));
            _next += Current.RowCount;
            return true;
        }
    }
}
