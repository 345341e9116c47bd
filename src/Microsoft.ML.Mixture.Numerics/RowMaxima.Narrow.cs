using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.Mixture.Numerics;

/// <content>The same by vectors of four lanes.</content>
public static partial class RowMaxima
{
    private static bool TakesNarrowVectors => Avx.IsSupported && !Vector512.IsHardwareAccelerated;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int FindInHalves(ref double shares, int stride, int rowCount, ReadOnlySpan<int> components, ref double rowWeights, Span<int> labels)
    {
        int settled = 0;
        for (int i = 0; i < rowCount; i += Lanes.Width / 2)
        {
            Vector256<double> largest = Vector256.Create(-1.0), place = Vector256<double>.Zero;
            foreach (int k in components)
            {
                Vector256<double> share = Vector256.LoadUnsafe(ref shares, (nuint)((k * stride) + i)), isLarger = Vector256.GreaterThan(share, largest);
                largest = Avx.BlendVariable(largest, share, isLarger);
                place = Avx.BlendVariable(place, Vector256.Create((double)k), isLarger);
            }

            Vector256<double> limit = Vector256.Create(SettledShare) * Vector256.LoadUnsafe(ref rowWeights, (nuint)i);
            settled += BitOperations.PopCount(Vector256.GreaterThan(largest, limit).ExtractMostSignificantBits());
            Vector128<int> places = Avx.ConvertToVector128Int32WithTruncation(place);
            if (i + (Lanes.Width / 2) <= rowCount) places.CopyTo(labels[i..]);
            else for (int lane = 0; lane < rowCount - i; lane++) labels[i + lane] = places[lane];
        }

        return settled;
    }
}
