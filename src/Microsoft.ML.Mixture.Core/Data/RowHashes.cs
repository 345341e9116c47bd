namespace Microsoft.ML.Mixture;

/// <summary>Hashes of rows, which are the same where all values are; zeros of both signs are, and missing values.</summary>
/// <remarks>
/// A sum of one hash for each value and feature, so that what a row is without a feature follows from it. Source of the mixing of bits: Appleby, MurmurHash3, its finalizer of 64 bits
/// (public domain).
/// </remarks>
/// <param name="dimension">D.</param>
internal sealed class RowHashes(int dimension)
{
    private const ulong StepOfFeature = 0x9E3779B97F4A7C15;
    private const ulong First = 0xFF51AFD7ED558CCD;
    private const ulong Second = 0xC4CEB9FE1A85EC53;

    private static readonly ulong _missing = BitConverter.DoubleToUInt64Bits(double.NaN);

    private ulong[] _hashes = [];

    /// <summary>One hash a row. They are valid until the next call.</summary>
    public ReadOnlySpan<ulong> Of(RowBlock block)
    {
        if (_hashes.Length < block.RowCount) _hashes = new ulong[block.RowCount];
        Span<ulong> hashes = _hashes.AsSpan(0, block.RowCount);
        hashes.Clear();
        for (int j = 0; j < dimension; j++)
        {
            ReadOnlySpan<double> feature = block.Feature(j)[..hashes.Length];
            ulong salt = Salt(j);
            for (int i = 0; i < hashes.Length; i++) hashes[i] += Mix(Bits(feature[i]) + salt);
        }

        return hashes;
    }

    /// <summary>What the hash of a row is without each feature: the same for rows that differ in that feature only.</summary>
    /// <param name="block">The block.</param>
    /// <param name="row">The place of the row in it.</param>
    /// <param name="hash">The hash of the row.</param>
    /// <param name="destination">Receives D hashes.</param>
    public static void Without(RowBlock block, int row, ulong hash, Span<ulong> destination)
    {
        for (int j = 0; j < destination.Length; j++)
        {
            ulong salt = Salt(j);
            destination[j] = Mix(hash - Mix(Bits(block.Feature(j)[row]) + salt) + salt);
        }
    }

    private static ulong Salt(int feature) => ((ulong)feature + 1) * StepOfFeature;

    private static ulong Bits(double value) => double.IsNaN(value) ? _missing : BitConverter.DoubleToUInt64Bits(value + 0.0);

    private static ulong Mix(ulong bits)
    {
        bits = (bits ^ (bits >> 33)) * First;
        bits = (bits ^ (bits >> 33)) * Second;
        return bits ^ (bits >> 33);
    }
}
