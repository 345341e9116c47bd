namespace Microsoft.ML.Mixture;

/// <summary>How one feature of the rows of one component compares with its Gaussian. Rows count by weight times responsibility where the feature is observed.</summary>
public sealed class FeatureGaussianity
{
    internal FeatureGaussianity()
    {
    }

    /// <summary>j, counted from zero.</summary>
    public required int Feature { get; init; }

    /// <summary>The feature's number and name, as in messages.</summary>
    public required string Name { get; init; }

    /// <summary>As <see cref="ComponentGaussianity.EffectiveCount"/>, of the rows in which the feature is observed.</summary>
    public required double EffectiveCount { get; init; }

    /// <summary>
    /// The shares of rows whose squared distance from the component's mean, in its variances, is beyond the chi-square quantiles of
    /// <see cref="GaussianityCheck.TailLevels"/>; to be expected are 0.5, 0.1, 0.05 and 0.01. NaN without rows.
    /// </summary>
    public required IReadOnlyList<double> TailShares { get; init; }

    /// <summary>The mean of the rows less that of the model, in standard deviations of the model. Near 0 for the rows that were fitted.</summary>
    public required double Shift { get; init; }

    /// <summary>The variance of the rows about their own mean over that of the model. Near 1 for the rows that were fitted, unless components share variances.</summary>
    public required double VarianceRatio { get; init; }

    /// <summary>The skewness about the rows' own mean: 0 for a Gaussian, positive with a long tail to the right.</summary>
    public required double Skewness { get; init; }

    /// <summary>The kurtosis about the rows' own mean: 3 for a Gaussian, more with heavier tails.</summary>
    public required double Kurtosis { get; init; }

    /// <summary>The smallest probability that chance gives to anything of it that is judged; 1 where nothing is.</summary>
    internal double Probability { get; set; } = 1;

    /// <summary>The largest score of anything of it that is judged, which still differs where probabilities are too small for double precision.</summary>
    internal double Score { get; set; }
}
