using System.Runtime.InteropServices;

namespace Microsoft.ML.Mixture.Numerics;

/// <summary>
/// An array that begins on a cache line, so that no vector spans two lines. Kernels take any span; from such a buffer they load twice as fast.
/// </summary>
/// <remarks>
/// A large one stays where it is. A small one may be moved by the garbage collector, and then begin elsewhere: an array that is not to be moved is dear to make, and
/// many of them call for a collection of everything.
/// </remarks>
public sealed class AlignedBuffer
{
    private const int FewestPinned = 32 * 1024 / sizeof(double);

    private readonly double[] _array;
    private readonly int _offset;

    /// <summary>Makes a buffer of zeros.</summary>
    /// <param name="length">The number of doubles, not negative.</param>
    public AlignedBuffer(int length)
    {
        Length = length;
        int count = length + Lanes.Width;
        _array = count < FewestPinned ? new double[count] : GC.AllocateArray<double>(count, pinned: true);

        // A mask bounds it whatever the address: compiled code may read that of a small array twice, and the collector move it in between.
        _offset = (int)(-(Marshal.UnsafeAddrOfPinnedArrayElement(_array, 0) / sizeof(double)) & (Lanes.Width - 1));
    }

    /// <summary>The number of doubles.</summary>
    public int Length { get; }

    /// <summary>The values.</summary>
    public Span<double> Span => _array.AsSpan(_offset, Length);
}
