namespace Microsoft.ML.Mixture;

/// <summary>How to fit a Gaussian mixture.</summary>
public sealed class GaussianMixtureOptions : MixtureOptions
{
    /// <summary>The default of <see cref="CovariancePriorStrength"/>.</summary>
    public const double DefaultCovariancePriorStrength = 1e-6;

    /// <summary>How the covariance matrices are constrained: one of the fourteen of the library or a structure of your own.</summary>
    /// <value>The default is <see cref="CovarianceStructure.Full"/>.</value>
    public CovarianceStructure CovarianceStructure { get; set; } = CovarianceStructure.Full;

    /// <summary>
    /// The weight of the conjugate prior on the covariances that keeps them positive definite, as a share of an average component. Zero for
    /// maximum likelihood without a prior.
    /// </summary>
    /// <value>The default is 1e-6.</value>
    /// <remarks>
    /// The prior is worth nu = strength * (sum of row weights) / K rows in each component, whose covariance is V, the diagonal matrix of the
    /// variances of the features over all rows (for spherical structures their mean). The M-step becomes
    /// Sigma(k) = (S(k) + nu V) / (N(k) + nu), before what the structure makes of it, and EM raises
    /// <code>
    ///   objective = log-likelihood - nu/2 sum over k of ( log det Sigma(k) + trace( inverse(Sigma(k)) V ) )
    /// </code>
    /// which has a maximum, unlike the likelihood alone. As V has the units of the data, results do not depend on units.
    /// Source: Fraley and Raftery (2007), Bayesian regularization for normal mixture estimation and model-based clustering, J. Classif. 24,
    /// 155-181, doi:10.1007/s00357-007-0004-5.
    /// </remarks>
    public double CovariancePriorStrength { get; set; } = DefaultCovariancePriorStrength;

    /// <summary>
    /// Added to every variance after each M-step, in squared feature units, as scikit-learn does with reg_covar. The answer then depends on
    /// units and the objective may fall.
    /// </summary>
    /// <value>The default is 0. To compare with scikit-learn, set this to its reg_covar and <see cref="CovariancePriorStrength"/> to 0.</value>
    public double CovarianceFloor { get; set; }

    /// <summary>The names of the features, for messages; null to number them from zero.</summary>
    public IReadOnlyList<string>? FeatureNames { get; set; }

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        if (CovarianceStructure is null)
        {
            throw new ArgumentNullException(
                nameof(CovarianceStructure), $"The option {nameof(CovarianceStructure)} is null. Pass one of {string.Join(", ", CovarianceStructure.BuiltIn)}, or let {nameof(GaussianMixture)}.{nameof(GaussianMixture.Search)} choose.");
        }

        Check(
            CovariancePriorStrength >= 0 && double.IsFinite(CovariancePriorStrength), nameof(CovariancePriorStrength), CovariancePriorStrength,
            "a finite number, at least 0");
        Check(CovarianceFloor >= 0 && double.IsFinite(CovarianceFloor), nameof(CovarianceFloor), CovarianceFloor, "a finite number, at least 0");
    }

    internal string FeatureName(int feature) =>
        FeatureNames is { } names && feature < names.Count && names[feature] is { Length: > 0 } name ? $"Feature {feature} ('{name}')" : $"Feature {feature}";

    /// <summary>The same in the middle of a sentence.</summary>
    internal string FeatureNameWithin(int feature) => "f" + FeatureName(feature)[1..];
}
