namespace Microsoft.ML.Mixture;

/// <summary>What a finding says, whatever its numbers.</summary>
/// <param name="Component">Of which component.</param>
/// <param name="Feature">Of which feature; null for all together.</param>
/// <param name="Fault">What does not fit.</param>
internal readonly record struct GaussianityClaim(int Component, int? Feature, GaussianityFault Fault);

/// <summary>What may not fit.</summary>
internal enum GaussianityFault
{
    /// <summary>Skewness: of one feature, to the right.</summary>
    Skew,

    /// <summary>Of one feature, skewness to the left.</summary>
    LeftSkew,

    /// <summary>Heavier tails.</summary>
    HeavyTails,

    /// <summary>Lighter tails.</summary>
    LightTails,

    /// <summary>A mean above that of the model.</summary>
    Above,

    /// <summary>A mean below that of the model.</summary>
    Below,

    /// <summary>A larger variance.</summary>
    Wide,

    /// <summary>A smaller variance.</summary>
    Narrow,
}
