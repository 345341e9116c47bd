using System.Runtime.InteropServices;

namespace Microsoft.ML.Mixture.Numerics;

/// <summary>
/// An array that begins on a cache line and stays there, so that no vector spans two lines. Kernels take any span; from such a buffer
/// they load twice as fast.
/// </summary>
public sealed class AlignedBuffer
{
    private const int LineBytes = 64;

    private readonly double[] _array;
    private readonly int _offset;

    /// <summary>Makes a buffer of zeros.</summary>
    /// <param name="length">The number of doubles, not negative.</param>
    public AlignedBuffer(int length)
    {
        Length = length;
        _array = GC.AllocateArray<double>(length + Lanes.Width, pinned: true);
        long address = Marshal.UnsafeAddrOfPinnedArrayElement(_array, 0);
        _offset = (int)((LineBytes - (address % LineBytes)) % LineBytes / sizeof(double));
    }

    /// <summary>The number of doubles.</summary>
    public int Length { get; }

    /// <summary>The values.</summary>
    public Span<double> Span => _array.AsSpan(_offset, Length);
}
