using MathNet.Numerics.Distributions;

namespace Microsoft.ML.Mixture;

/// <summary>Whether a Gaussian fits each component of a mixture at all: its tails, its skewness and its features one by one, with a verdict in words.</summary>
/// <remarks>
/// A finding is what sampling noise does not explain. Given the mixture, rows drawn into components by their responsibilities would be
/// Gaussian in each; statistics weighted by responsibilities vary less than those of such draws, and less again because the model was fitted to the
/// same rows, so that the scores for one normal sample are on the side of caution. All scores of a check share its false-alarm rate equally
/// (Bonferroni): where the rows are those that the model was fitted to, come from such a mixture, and have no more in common, the chance of any finding is at
/// most about <see cref="FalseAlarmRate"/>. Of other rows the errors of the model's parameters count too.
/// Where values are missing, findings are those that also show when draws from the mixture, given what is observed, stand for them: rows that show a feature may be a selection by others, and
/// what is observed of them then no Gaussian though one fits all rows.
/// </remarks>
public sealed class GaussianityCheck
{
    /// <summary>The default chance of any finding though Gaussians fit.</summary>
    public const double DefaultFalseAlarmRate = 0.05;

    /// <summary>With fewer rows in a component nothing is concluded of it.</summary>
    public const int FewestRows = 20;

    /// <summary>With more features Mardia's skewness, which has D (D + 1) (D + 2) / 6 moments, is not computed.</summary>
    public const int MostFeaturesOfSkewness = 32;

    internal GaussianityCheck()
    {
    }

    /// <summary>The levels of the chi-square quantiles beyond which rows are counted: 50, 90, 95 and 99 %.</summary>
    public static IReadOnlyList<double> TailLevels { get; } = [0.5, 0.9, 0.95, 0.99];

    /// <summary>The number of rows of positive weight of which something is observed.</summary>
    public required int RowCount { get; init; }

    /// <summary>How many of them have missing features (NaN); they count for what is observed of them.</summary>
    public required int IncompleteRowCount { get; init; }

    /// <summary>The chance of any finding though Gaussians fit.</summary>
    public required double FalseAlarmRate { get; init; }

    /// <summary>The components, shape K.</summary>
    public required IReadOnlyList<ComponentGaussianity> Components { get; init; }

    /// <summary>What does not fit, in full sentences that name components and features, such as "Component 2 has heavier tails than a Gaussian"; empty if nothing is found.</summary>
    public required IReadOnlyList<string> Findings { get; init; }

    /// <summary>Whether nothing was found. It says no more than that the rows do not show it: few rows show little.</summary>
    public bool IsConsistent => Findings.Count == 0;

    /// <summary>The findings with what is needed to choose among them.</summary>
    internal IReadOnlyList<GaussianityFinding> Found { get; init; } = [];

    /// <summary>The number of findings that are none, for nothing is left of them where draws from the mixture stand for missing values.</summary>
    internal int WithdrawnCount { get; init; }

    internal static double Quantile(double level, double freedom) => ChiSquared.InvCDF(freedom, level);

    /// <summary>
    /// The shares, moments and findings as a text, in the invariant culture: of all components, and of at most ten features and ten findings about features, the
    /// clearest. <see cref="Components"/> and <see cref="Findings"/> have all. The text may change between versions.
    /// </summary>
    /// <returns>Several lines, for people.</returns>
    public override string ToString() => GaussianityText.Write(this);
}
