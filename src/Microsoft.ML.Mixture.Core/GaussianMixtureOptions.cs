namespace Microsoft.ML.Mixture;

/// <summary>How to fit a Gaussian mixture.</summary>
public sealed class GaussianMixtureOptions : MixtureOptions
{
    /// <summary>The default of <see cref="CovariancePriorStrength"/>.</summary>
    public const double DefaultCovariancePriorStrength = 1e-6;

    /// <summary>How the covariance matrices are constrained: one of <see cref="CovarianceStructure.BuiltIn"/> or a structure of your own.</summary>
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

    /// <summary>
    /// Whether the mixture has noise beside its K Gaussians: one component more, of constant density, so that stray rows do not take a Gaussian
    /// or widen one.
    /// </summary>
    /// <value>The default is false.</value>
    /// <remarks>
    /// The density is one over the volume of the rows: the smaller of the box along the features and the box along the principal axes of the
    /// standardised features, which is only looked for where nothing is missing and there are no more than 2,048 features. A row with missing features has the marginal density, over the
    /// ranges of what it shows, each shortened alike where the second box was the smaller one. Outside of the rows the density counts as the same.
    /// The noise counts as two free parameters, weight and volume, as in mclust. Nothing has to be said about which rows are noise: unless
    /// <see cref="InitialNoise"/> or a start of given groups or parameters tells, starts of the race (<see cref="MixtureStart.Portfolio"/>) begin in turn without the rows that lie far
    /// from their neighbours, and with all rows, and components of the best mixture so far are given up for rows of the noise that lie close together. Where there is no race (see there), or
    /// <see cref="MixtureOptions.Start"/> is <see cref="MixtureStart.KMeansPlusPlus"/>, that start is made in both ways, in up to twelve rounds where there are no more than 16,384 rows. Up to
    /// a tenth of the rows that lie alone, more than 50 robust standard deviations out (1.4826 times the median absolute deviation of a feature from its median), are noise when the race begins,
    /// and have no share in the variances by which <see cref="CovariancePriorStrength"/> is measured, nor in the volume of the noise, whose density is the same outside of it; where
    /// <see cref="InitialNoise"/> tells what is noise, so are those of its rows that are as far, and no others.
    /// Sources: Banfield and Raftery (1993), Biometrics 49(3), 803-821, doi:10.2307/2532201; Fraley and Raftery (1998), Comput. J. 41(8), 578-588,
    /// doi:10.1093/comjnl/41.8.578; for the neighbours Byers and Raftery (1998), J. Am. Stat. Assoc. 93(442), 577-584,
    /// doi:10.1080/01621459.1998.10473711.
    /// </remarks>
    public bool NoiseComponent { get; set; }

    /// <summary>The log-density of the noise, in nats and feature units, as minus the logarithm of a volume; null to take it from the rows.</summary>
    /// <value>The default is null. A density that is given does not count as a free parameter.</value>
    public double? NoiseLogDensity { get; set; }

    /// <summary>
    /// Which rows to begin with as noise, one entry a row; null to find out, and with a <see cref="MixtureOptions.Start"/> from parameters, which tell every row's share. EM then decides about every row anew.
    /// </summary>
    /// <value>The default is null.</value>
    public IReadOnlyList<bool>? InitialNoise { get; set; }

    /// <summary>Whether M-steps may be rough, see <see cref="CovarianceScatter.IsRough"/>; of one component they cost no more if they are not.</summary>
    internal bool IsRough { get; set; }

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        if (CovarianceStructure is null)
        {
            throw new ArgumentNullException(
                nameof(CovarianceStructure), $"The option {nameof(CovarianceStructure)} is null, as {nameof(CovarianceStructure.Auto)} is. Pass one of {string.Join(", ", CovarianceStructure.BuiltIn)}, or let {nameof(GaussianMixture)}.{nameof(GaussianMixture.Search)} choose.");
        }

        Check(
            CovariancePriorStrength >= 0 && double.IsFinite(CovariancePriorStrength), nameof(CovariancePriorStrength), CovariancePriorStrength,
            "a finite number, at least 0");
        if (!NoiseComponent && (NoiseLogDensity is not null || InitialNoise is not null))
        {
            throw new ArgumentException(
                $"The option {(InitialNoise is null ? nameof(NoiseLogDensity) : nameof(InitialNoise))} is set, but {nameof(NoiseComponent)} is false. Set it to true, or leave the other out.");
        }

        if (InitialNoise is not null && Start is GaussianParametersStart)
        {
            throw new ArgumentException(
                $"The option {nameof(InitialNoise)} marks rows, but {nameof(Start)} gives parameters, from which every row gets its share of the noise. Give a weight of the noise with them, start from labels, or leave one of the two out.");
        }

        Check(NoiseLogDensity is not { } density || double.IsFinite(density), nameof(NoiseLogDensity), NoiseLogDensity ?? 0, "a finite number, or null");
        Check(CovarianceFloor >= 0 && double.IsFinite(CovarianceFloor), nameof(CovarianceFloor), CovarianceFloor, "a finite number, at least 0");
    }
}
