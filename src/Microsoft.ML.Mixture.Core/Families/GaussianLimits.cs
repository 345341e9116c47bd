namespace Microsoft.ML.Mixture;

/// <summary>Limits beyond which numbers of a Gaussian mean nothing.</summary>
internal static class GaussianLimits
{
    /// <summary>A count at or below this is zero: dividing by it would overflow.</summary>
    public const double EmptyCount = 1e-290;

    /// <summary>A pivot below this share of its variance, times D, is rounding noise.</summary>
    public const double RelativePivot = 8 * 2.220446049250313e-16;
}
