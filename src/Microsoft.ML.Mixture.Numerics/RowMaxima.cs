using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mixture.Numerics;

/// <summary>For each row of a block, the component that stands out.</summary>
public static partial class RowMaxima
{
    private const double SettledShare = 0.999;

    /// <summary>Raises the largest joint log-density of each row to that of one more component.</summary>
    /// <param name="logDensities">log p(x_i | k), shape <paramref name="laneCount"/>.</param>
    /// <param name="logWeight">log pi(k).</param>
    /// <param name="laneCount">The number of rows, a multiple of <see cref="Lanes.Width"/>.</param>
    /// <param name="largest">The largest so far, shape <paramref name="laneCount"/>; negative infinity at first. Raised.</param>
    /// <param name="smallestOfLargest">On return the smallest entry of <paramref name="largest"/>.</param>
    /// <returns>The largest entry of <paramref name="logDensities"/>.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Raise(
        ReadOnlySpan<double> logDensities, double logWeight, int laneCount, Span<double> largest, out double smallestOfLargest)
    {
        Debug.Assert(laneCount % Lanes.Width == 0 && logDensities.Length >= laneCount && largest.Length >= laneCount);
        ref double values = ref MemoryMarshal.GetReference(logDensities);
        ref double tops = ref MemoryMarshal.GetReference(largest);
        Vector512<double> w = Vector512.Create(logWeight), top = Vector512.Create(double.NegativeInfinity), bottom = Vector512.Create(double.PositiveInfinity);
        for (int i = 0; i < laneCount; i += Lanes.Width)
        {
            Vector512<double> a = Vector512.LoadUnsafe(ref values, (nuint)i);
            Vector512<double> raised = Vector512.MaxNative(a + w, Vector512.LoadUnsafe(ref tops, (nuint)i));
            raised.StoreUnsafe(ref tops, (nuint)i);
            top = Vector512.MaxNative(a, top);
            bottom = Vector512.MinNative(raised, bottom);
        }

        Vector256<double> top4 = Vector256.MaxNative(top.GetLower(), top.GetUpper()), bottom4 = Vector256.MinNative(bottom.GetLower(), bottom.GetUpper());
        Vector128<double> top2 = Vector128.MaxNative(top4.GetLower(), top4.GetUpper()), bottom2 = Vector128.MinNative(bottom4.GetLower(), bottom4.GetUpper());
        smallestOfLargest = Math.Min(bottom2.GetElement(0), bottom2.GetElement(1));
        return Math.Max(top2.GetElement(0), top2.GetElement(1));
    }

    /// <summary>Finds the component with the largest share in each row.</summary>
    /// <param name="shares">w(i) r(i,k), as <see cref="LogSumExp.NormalizeInPlace(Span{double}, int, int, ReadOnlySpan{int}, ReadOnlySpan{double}, ReadOnlySpan{double}, Span{double})"/> leaves them.</param>
    /// <param name="stride">The distance between components.</param>
    /// <param name="rowCount">The number of rows.</param>
    /// <param name="components">Which components; the others have no share.</param>
    /// <param name="rowWeights">w(i), shape stride.</param>
    /// <param name="labels">On return the component of each row, of several the first.</param>
    /// <returns>The number of rows that belong to their component with a responsibility above 0.999.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Find(
        ReadOnlySpan<double> shares, int stride, int rowCount, ReadOnlySpan<int> components, ReadOnlySpan<double> rowWeights, Span<int> labels)
    {
        Debug.Assert(Lanes.Pad(rowCount) <= stride && labels.Length >= rowCount);
        ref double values = ref MemoryMarshal.GetReference(shares);
        if (TakesNarrowVectors) return FindInHalves(ref values, stride, rowCount, components, ref MemoryMarshal.GetReference(rowWeights), labels);
        Span<double> places = stackalloc double[Lanes.Width];
        int settled = 0;
        for (int i = 0; i < rowCount; i += Lanes.Width)
        {
            Vector512<double> largest = Vector512.Create(-1.0), place = Vector512<double>.Zero;
            foreach (int k in components)
            {
                Vector512<double> share = Vector512.LoadUnsafe(ref values, (nuint)((k * stride) + i));
                Vector512<double> isLarger = Vector512.GreaterThan(share, largest);
                largest = Vector512.ConditionalSelect(isLarger, share, largest);
                place = Vector512.ConditionalSelect(isLarger, Vector512.Create((double)k), place);
            }

            Vector512<double> limit = Vector512.Create(SettledShare) * Vector512.LoadUnsafe(ref MemoryMarshal.GetReference(rowWeights), (nuint)i);
            settled += BitOperations.PopCount(Vector512.GreaterThan(largest, limit).ExtractMostSignificantBits());
            place.CopyTo(places);
            for (int lane = 0; lane < Math.Min(Lanes.Width, rowCount - i); lane++) labels[i + lane] = (int)places[lane];
        }

        return settled;
    }

    /// <summary>Finds the component with the largest joint log-density of each row.</summary>
    /// <param name="joint">a(i,k) = log( pi(k) p(x_i | k) ), shape K x stride, component-major: <c>joint[k * stride + i]</c>.</param>
    /// <param name="stride">The distance between components and between features.</param>
    /// <param name="laneCount">The number of rows, a multiple of <see cref="Lanes.Width"/>, at most <paramref name="stride"/>.</param>
    /// <param name="componentCount">K.</param>
    /// <param name="features">x, shape D x stride, feature-major: feature j of row i at <c>features[j * stride + i]</c>.</param>
    /// <param name="dimension">D.</param>
    /// <param name="labels">On return the component of each row, of several the first; -1 where a feature is not finite. Shape <paramref name="laneCount"/>.</param>
    /// <returns>Whether all features are finite and the largest joint log-density of each row is above negative infinity.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool FindLargest(
        ReadOnlySpan<double> joint, int stride, int laneCount, int componentCount, ReadOnlySpan<double> features, int dimension, Span<int> labels)
    {
        Debug.Assert(laneCount % Lanes.Width == 0 && laneCount <= stride && labels.Length >= laneCount);
        Debug.Assert(joint.Length >= ((componentCount - 1) * stride) + laneCount && features.Length >= ((dimension - 1) * stride) + laneCount);
        ref double values = ref MemoryMarshal.GetReference(joint);
        ref double rows = ref MemoryMarshal.GetReference(features);
        ref int destination = ref MemoryMarshal.GetReference(labels);
        Vector512<long> isRegular = Vector512<long>.AllBitsSet;
        for (int i = 0; i < laneCount; i += Lanes.Width)
        {
            Vector512<double> largest = Vector512.LoadUnsafe(ref values, (nuint)i), excess = Vector512<double>.Zero;
            Vector512<long> place = Vector512<long>.Zero;
            for (int k = 1; k < componentCount; k++)
            {
                Vector512<double> a = Vector512.LoadUnsafe(ref values, (nuint)((k * stride) + i)), isLarger = Vector512.GreaterThan(a, largest);
                largest = Vector512.ConditionalSelect(isLarger, a, largest);
                place = Vector512.ConditionalSelect(isLarger.AsInt64(), Vector512.Create((long)k), place);
            }

            // x - x is zero, or NaN if x is not finite.
            for (int j = 0; j < dimension; j++)
            {
                Vector512<double> x = Vector512.LoadUnsafe(ref rows, (nuint)((j * stride) + i));
                excess += x - x;
            }

            Vector512<long> isFinite = Vector512.Equals(excess, Vector512<double>.Zero).AsInt64();
            isRegular &= isFinite & ~Vector512.Equals(largest, Vector512.Create(double.NegativeInfinity)).AsInt64();
            place = Vector512.ConditionalSelect(isFinite, place, Vector512<long>.AllBitsSet);
            Vector256.Narrow(place.GetLower(), place.GetUpper()).StoreUnsafe(ref destination, (nuint)i);
        }

        return isRegular == Vector512<long>.AllBitsSet;
    }
}
