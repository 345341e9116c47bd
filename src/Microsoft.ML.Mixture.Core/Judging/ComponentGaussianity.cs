namespace Microsoft.ML.Mixture;

/// <summary>How the rows of one component compare with its Gaussian. Rows count by weight times responsibility.</summary>
public sealed class ComponentGaussianity
{
    internal ComponentGaussianity()
    {
    }

    /// <summary>k, counted from zero.</summary>
    public required int Component { get; init; }

    /// <summary>
    /// The number of rows of weight one that would tell as much: (sum of w(i) r(i,k))^2 / sum of w(i)^2 r(i,k). Below
    /// <see cref="GaussianityCheck.FewestRows"/>, or five times the features, nothing is concluded.
    /// </summary>
    public required double EffectiveCount { get; init; }

    /// <summary>
    /// The shares of rows whose squared Mahalanobis distance, of what is observed of them, is beyond the chi-square quantiles of
    /// <see cref="GaussianityCheck.TailLevels"/>; to be expected are 0.5, 0.1, 0.05 and 0.01. NaN without rows.
    /// </summary>
    public required IReadOnlyList<double> TailShares { get; init; }

    /// <summary>
    /// Mardia's skewness b1: the sum over features a, b, c of the squared mean of z(a) z(b) z(c), of rows without holes, with z of unit
    /// covariance in these rows; 0 for a Gaussian. NaN where rows are too few, they are 10,000 standard deviations from the mean of the model, or features are more than
    /// <see cref="GaussianityCheck.MostFeaturesOfSkewness"/>.
    /// </summary>
    public required double Skewness { get; init; }

    /// <summary>Mardia's kurtosis b2: the mean of the fourth power of the Mahalanobis distance, in units in which the mean of its square is as expected.</summary>
    public required double Kurtosis { get; init; }

    /// <summary>What to expect of <see cref="Kurtosis"/>: D (D + 2), or the mean of it over what is observed of the rows.</summary>
    public required double ExpectedKurtosis { get; init; }

    /// <summary>The features one by one, shape D.</summary>
    public required IReadOnlyList<FeatureGaussianity> Features { get; init; }

    /// <summary>Whether there were rows enough to conclude anything.</summary>
    public bool IsJudged { get; internal init; }
}
