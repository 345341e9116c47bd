namespace Microsoft.ML;

/// <summary>Bounds what <see cref="ModelFile"/> accepts, so that a small file cannot ask for much memory or time.</summary>
public sealed record ModelFileLimits
{
    private const int DefaultMaximumEntries = 64;
    private const long DefaultMaximumTotalBytes = 1L << 31;
    private const int DefaultMaximumRatio = 1000;

    /// <summary>Gets the most entries that the zip archive may have.</summary>
    /// <value>The default is 64. Each step of a pipeline takes two to four entries.</value>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int MaximumEntries
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            field = value;
        }
    } = DefaultMaximumEntries;

    /// <summary>Gets the most bytes that all entries together may expand to.</summary>
    /// <value>The default is 2 GiB (2147483648).</value>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public long MaximumTotalBytes
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            field = value;
        }
    } = DefaultMaximumTotalBytes;

    /// <summary>Gets the most bytes that an entry may expand to, per byte that it takes in the file.</summary>
    /// <value>The default is 1000. Deflate cannot exceed 1032, which megabytes of zeros approach.</value>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int MaximumRatio
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            field = value;
        }
    } = DefaultMaximumRatio;
}
