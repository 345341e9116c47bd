using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mixture.Numerics;

/// <summary>Differences of a block of rows from a point, and their products with row weights.</summary>
public static class Centring
{
    /// <summary>Computes z(j,i) = x(j,i) - m(j) and w(i) z(j,i), and adds the sum of the latter over the rows to s(j).</summary>
    /// <param name="values">x, feature-major: <c>values[j * stride + i]</c>, shape D x stride.</param>
    /// <param name="centre">m, shape D, in feature units.</param>
    /// <param name="rowWeights">w, shape stride.</param>
    /// <param name="stride">The distance between features, a multiple of <see cref="Lanes.Width"/>.</param>
    /// <param name="laneCount">The number of rows, a multiple of <see cref="Lanes.Width"/>.</param>
    /// <param name="centred">
    /// On return z, shape ceil(D / 8) * 8 x stride. The features that only fill up to a multiple of eight become zero.
    /// </param>
    /// <param name="weighted">On return w(i) z(j,i), of the same shape.</param>
    /// <param name="sums">s, shape D: added to.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void WeighAndAddSums(
        ReadOnlySpan<double> values, ReadOnlySpan<double> centre, ReadOnlySpan<double> rowWeights, int stride, int laneCount,
        Span<double> centred, Span<double> weighted, Span<double> sums)
    {
        int padded = Lanes.Pad(centre.Length);
        Debug.Assert(values.Length >= centre.Length * stride && sums.Length >= centre.Length);
        Debug.Assert(centred.Length >= padded * stride && weighted.Length >= padded * stride);
        ref double x = ref MemoryMarshal.GetReference(values);
        ref double w = ref MemoryMarshal.GetReference(rowWeights);
        ref double ofCentred = ref MemoryMarshal.GetReference(centred);
        ref double ofWeighted = ref MemoryMarshal.GetReference(weighted);
        for (int j = 0; j < centre.Length; j++)
        {
            Vector512<double> m = Vector512.Create(centre[j]), sum = Vector512<double>.Zero;
            for (int i = 0; i < laneCount; i += Lanes.Width)
            {
                nuint at = (nuint)((j * stride) + i);
                Vector512<double> z = Vector512.LoadUnsafe(ref x, at) - m;
                Vector512<double> product = Vector512.LoadUnsafe(ref w, (nuint)i) * z;
                z.StoreUnsafe(ref ofCentred, at);
                product.StoreUnsafe(ref ofWeighted, at);
                sum += product;
            }

            sums[j] += Lanes.Sum(sum);
        }

        for (int j = centre.Length; j < padded; j++)
        {
            centred.Slice(j * stride, laneCount).Clear();
            weighted.Slice(j * stride, laneCount).Clear();
        }
    }
}
