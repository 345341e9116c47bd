using System.Globalization;

namespace Microsoft.ML.Mixture;

/// <summary>How to fit a Gaussian mixture by variational Bayes. The priors are of scikit-learn's kind, and with its values give its numbers.</summary>
/// <remarks>
/// <see cref="MixtureOptions.ComponentCount"/> is the most components to use, 10 by default: those that the rows do not ask for are dropped.
/// The model, for weights pi, means mu and precision matrices Lambda:
/// <code>
///   pi ~ Dirichlet(alpha0, ..., alpha0) or sticks broken by Beta(1, alpha0),
///   Lambda(k) ~ Wishart(inverse(V), nu0),   mu(k) | Lambda(k) ~ N(m0, inverse(beta0 Lambda(k)))
/// </code>
/// Its default priors follow the rows and the groups in them, so that units and offsets of the features do not matter.
/// </remarks>
public sealed class BayesianGaussianMixtureOptions : MixtureOptions
{
    /// <summary>The default of <see cref="MixtureOptions.ComponentCount"/>.</summary>
    public const int DefaultComponentCount = 10;

    /// <summary>
    /// The default of <see cref="MixtureOptions.Tolerance"/>: smaller than for EM, because the bound hardly grows while a component dies.
    /// </summary>
    public new const double DefaultTolerance = 1e-5;

    /// <summary>The default of <see cref="PruningThreshold"/>.</summary>
    public const double DefaultPruningThreshold = 0.5;

    /// <summary>The largest <see cref="MeanPrecisionPrior"/> that is not given.</summary>
    internal const double LargestFoundMeanPrecision = 1;

    // Beyond, logarithms of gamma functions and their products are infinite or have no digits left.
    private const double Smallest = 1e-100;
    private const double Largest = 1e12;

    /// <summary>Makes the default options.</summary>
    public BayesianGaussianMixtureOptions()
    {
        ComponentCount = DefaultComponentCount;
        Tolerance = DefaultTolerance;
    }

    /// <summary>
    /// How the covariances of the posterior are constrained: any structure of the library or your own. The model behind has full precision
    /// matrices, whatever the structure; it restricts the posterior, so that evidence lower bounds of different structures can be compared.
    /// </summary>
    /// <value>The default is <see cref="CovarianceStructure.Full"/>.</value>
    public CovarianceStructure CovarianceStructure { get; set; } = CovarianceStructure.Full;

    /// <summary>What is believed of the mixing weights.</summary>
    /// <value>The default is <see cref="MixtureWeightPrior.DirichletProcess"/>.</value>
    public MixtureWeightPrior WeightPrior { get; set; } = MixtureWeightPrior.DirichletProcess;

    /// <summary>
    /// alpha0, the concentration of the prior on the weights, in rows: 1e-100 to 1e12. The smaller, the fewer components are used. Null for 1 / K, with K the
    /// <see cref="MixtureOptions.ComponentCount"/>. scikit-learn's <c>weight_concentration_prior</c>.
    /// </summary>
    /// <value>The default is null.</value>
    public double? WeightConcentrationPrior { get; set; }

    /// <summary>
    /// beta0, the number of rows that the prior mean is worth: 1e-100 to 1e12. Null for 1, as in scikit-learn's <c>mean_precision_prior</c>, or less where groups stand
    /// so far apart that it would widen them, see <see cref="CovariancePrior"/>.
    /// </summary>
    /// <value>The default is null.</value>
    public double? MeanPrecisionPrior { get; set; }

    /// <summary>m0, the prior mean of every component, shape D, in feature units; null for the mean of the rows. scikit-learn's <c>mean_prior</c>.</summary>
    /// <value>The default is null.</value>
    public IReadOnlyList<double>? MeanPrior { get; set; }

    /// <summary>
    /// nu0, the degrees of freedom of the prior on the precision matrices, in rows: above D - 1, up to 1e12. Null for D, the least whole number that is
    /// possible. scikit-learn's <c>degrees_of_freedom_prior</c>.
    /// </summary>
    /// <value>The default is null.</value>
    public double? DegreesOfFreedomPrior { get; set; }

    /// <summary>
    /// V, shape D x D, symmetric and positive definite, in squared feature units: nu0 times what covariances are expected to be. Null for one that follows the
    /// rows. That is their covariance matrix, or its diagonal for structures without correlations and where it is singular or some rows have holes, or the mean of its
    /// diagonal for spherical structures. Where groups turn out to be so tight beside the distances between them that this prior makes up a good part of their variances,
    /// the fit is made again with a prior of the groups found, up to twice, and kept if the evidence lower bound rises: empirical Bayes. See
    /// <see cref="GaussianMixturePosterior.Prior"/> for the one that was used. scikit-learn's <c>covariance_prior</c>, which it divides by n - 1 by default and not by n
    /// as here, and takes as a vector or a number for its types diag and spherical: give its values as the diagonal. There it follows all rows and no groups, as
    /// here where this is given and <see cref="MeanPrecisionPrior"/> is 1.
    /// </summary>
    /// <value>The default is null.</value>
    public double[,]? CovariancePrior { get; set; }

    /// <summary>
    /// Added to the variances of the rows of each component, in squared feature units, as scikit-learn does with <c>reg_covar</c>. The
    /// prior keeps covariances positive definite without it. With it the answer depends on units and the bound may fall.
    /// </summary>
    /// <value>The default is 0. To compare with scikit-learn, set this to its <c>reg_covar</c>, which is 1e-6 by default.</value>
    public double CovarianceFloor { get; set; }

    /// <summary>
    /// Components with fewer rows than this, by the sum of weights times responsibilities, are left out of the model; the largest always
    /// stays. A component that is not needed ends with next to none. Where one that is left out has rows, half of one or more, those that stay are fitted on to
    /// all rows, and a warning tells of more than a hundredth of these. With zero all K components stay.
    /// </summary>
    /// <value>The default is 0.5.</value>
    public double PruningThreshold { get; set; } = DefaultPruningThreshold;

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        ArgumentNullException.ThrowIfNull(CovarianceStructure);
        if (!Enum.IsDefined(WeightPrior))
        {
            throw new ArgumentOutOfRangeException(
                nameof(WeightPrior), $"The option {nameof(WeightPrior)} is {WeightPrior}, but must be {MixtureWeightPrior.Dirichlet} or {MixtureWeightPrior.DirichletProcess}.");
        }

        CheckPrior(WeightConcentrationPrior ?? 1, nameof(WeightConcentrationPrior), ". Leave it null for one over the number of components");
        CheckPrior(MeanPrecisionPrior ?? 1, nameof(MeanPrecisionPrior), ". Leave it null for 1 or what groups that stand apart ask for");
        CheckPrior(DegreesOfFreedomPrior ?? 1, nameof(DegreesOfFreedomPrior), ", and above the number of features minus one. Leave it null for the number of features");
        Check(CovarianceFloor >= 0 && double.IsFinite(CovarianceFloor), nameof(CovarianceFloor), CovarianceFloor, "a finite number, at least 0");
        Check(PruningThreshold >= 0 && double.IsFinite(PruningThreshold), nameof(PruningThreshold), PruningThreshold, "a finite number, at least 0");
    }

    /// <summary>What these options have in common with those of EM.</summary>
    internal GaussianMixtureOptions ToGaussianOptions() => new()
    {
        ComponentCount = ComponentCount,
        MaximumIterations = MaximumIterations,
        Tolerance = Tolerance,
        Accelerate = Accelerate,
        RestartCount = RestartCount,
        Seed = Seed,
        ThreadCount = ThreadCount,
        Start = Start,
        Progress = Progress,
        TimeBudget = TimeBudget,
        CancellationBehavior = CancellationBehavior,
        Clock = Clock,
        CovarianceStructure = CovarianceStructure,
        CovariancePriorStrength = 0,
        FeatureNames = FeatureNames,
    };

    private static void CheckPrior(double value, string option, string remedy) =>
        Check(value is >= Smallest and <= Largest, option, value, string.Create(CultureInfo.InvariantCulture, $"a number from {Smallest:R} to {Largest:R}{remedy}"));
}
