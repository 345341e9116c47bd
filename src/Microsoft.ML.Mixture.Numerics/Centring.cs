using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mixture.Numerics;

/// <summary>Differences of a block of rows from a point, and their products with row weights.</summary>
public static class Centring
{
    /// <summary>Computes z(j,i) = x(j,i) - m(j).</summary>
    /// <param name="values">x, feature-major: <c>values[j * stride + i]</c>, shape D x stride.</param>
    /// <param name="centre">m, shape D, in feature units.</param>
    /// <param name="stride">The distance between features, a multiple of <see cref="Lanes.Width"/>.</param>
    /// <param name="laneCount">The number of rows, a multiple of <see cref="Lanes.Width"/>.</param>
    /// <param name="destination">
    /// z, shape ceil(D / 8) * 8 x stride. The features that only fill up to a multiple of eight become zero.
    /// </param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Subtract(ReadOnlySpan<double> values, ReadOnlySpan<double> centre, int stride, int laneCount, Span<double> destination)
    {
        Debug.Assert(destination.Length >= Lanes.Pad(centre.Length) * stride && values.Length >= centre.Length * stride);
        ref double x = ref MemoryMarshal.GetReference(values);
        ref double z = ref MemoryMarshal.GetReference(destination);
        for (int j = 0; j < centre.Length; j++)
        {
            Vector512<double> m = Vector512.Create(centre[j]);
            for (int at = j * stride, end = at + laneCount; at < end; at += Lanes.Width)
            {
                (Vector512.LoadUnsafe(ref x, (nuint)at) - m).StoreUnsafe(ref z, (nuint)at);
            }
        }

        for (int j = centre.Length; j < Lanes.Pad(centre.Length); j++) destination.Slice(j * stride, laneCount).Clear();
    }

    /// <summary>Computes w(i) z(j,i) and adds its sum over the rows to s(j).</summary>
    /// <param name="centred">z, as <see cref="Subtract"/> leaves it.</param>
    /// <param name="rowWeights">w, shape stride.</param>
    /// <param name="stride">The distance between features, a multiple of <see cref="Lanes.Width"/>.</param>
    /// <param name="laneCount">The number of rows, a multiple of <see cref="Lanes.Width"/>.</param>
    /// <param name="weighted">On return w(i) z(j,i), of the same shape as <paramref name="centred"/>.</param>
    /// <param name="sums">s, shape D: added to.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void WeighAndAddSums(
        ReadOnlySpan<double> centred, ReadOnlySpan<double> rowWeights, int stride, int laneCount, Span<double> weighted, Span<double> sums)
    {
        int paddedDimension = Lanes.Pad(sums.Length);
        Debug.Assert(centred.Length >= paddedDimension * stride && weighted.Length >= paddedDimension * stride);
        ref double z = ref MemoryMarshal.GetReference(centred);
        ref double w = ref MemoryMarshal.GetReference(rowWeights);
        ref double destination = ref MemoryMarshal.GetReference(weighted);
        for (int j = 0; j < paddedDimension; j++)
        {
            Vector512<double> sum = Vector512<double>.Zero;
            for (int i = 0; i < laneCount; i += Lanes.Width)
            {
                nuint at = (nuint)((j * stride) + i);
                Vector512<double> product = Vector512.LoadUnsafe(ref w, (nuint)i) * Vector512.LoadUnsafe(ref z, at);
                product.StoreUnsafe(ref destination, at);
                sum += product;
            }

            if (j < sums.Length) sums[j] += Lanes.Sum(sum);
        }
    }
}
