using Microsoft.ML.Mixture;

namespace Microsoft.ML.Trainers;

public sealed partial class GaussianMixtureTrainer
{
    internal const string DefaultFeatureColumnName = "Features";
    internal const int DefaultNumberOfComponents = 5;

    /// <summary>Options of the <see cref="GaussianMixtureTrainer"/>, as used in
    /// <see cref="GaussianMixtureCatalog.GaussianMixture(ClusteringCatalog.ClusteringTrainers, Options)"/>.</summary>
    public sealed partial class Options
    {
        private int? _numberOfComponents;

        /// <summary>The name of the feature column, a known-sized vector of <see cref="float"/>. The default is "Features".</summary>
        public string FeatureColumnName { get; set; } = DefaultFeatureColumnName;

        /// <summary>
        /// The name of the example weight column, a <see cref="float"/>; null (the default) for weights of one. A weight of two equals the
        /// row twice; a weight of zero that the row is absent.
        /// </summary>
        public string? ExampleWeightColumnName { get; set; }

        /// <summary>K, the number of components, at least 1; or <see cref="Auto"/>, and a search chooses it. The default is 5.</summary>
        public int NumberOfComponents
        {
            get => _numberOfComponents ?? DefaultNumberOfComponents;
            set => _numberOfComponents = value;
        }

        /// <summary>
        /// How the covariance matrices are constrained: one of <see cref="CovarianceStructure.BuiltIn"/>, by its property, such as
        /// <see cref="CovarianceStructure.TiedShape"/>, or by mclust's name, as <c>CovarianceStructure.FromCode("VEV")</c>; or
        /// <see cref="CovarianceStructure.Auto"/>, and a search chooses it. The default is <see cref="CovarianceStructure.Full"/>.
        /// </summary>
        public CovarianceStructure? CovarianceStructure { get; set; } = CovarianceStructure.Full;

        /// <summary>
        /// Whether to go on in the direction of two steps of EM with a longer one, where that does not lower the objective. A start leads to the
        /// same maximum in fewer passes over the rows; without it the default start is one of k-means++ and no race, which may end at a lower maximum. The default is true. See <see cref="MixtureOptions.Accelerate"/>.
        /// </summary>
        public bool Accelerate { get; set; } = true;

        /// <summary>The most steps of one start. The default is 1000.</summary>
        public int MaximumNumberOfIterations { get; set; } = MixtureOptions.DefaultMaximumIterations;

        /// <summary>
        /// The fit has converged when no more than this is still to be gained, by a cautious estimate from how the last gains shrink: in the
        /// objective per unit of example weight, in nats. The default is 1e-4; with zero a fit takes exactly
        /// <see cref="MaximumNumberOfIterations"/> steps. See <see cref="MixtureOptions.Tolerance"/>.
        /// </summary>
        public double OptimizationTolerance { get; set; } = MixtureOptions.DefaultTolerance;

        /// <summary>The number of starts, each from another initialisation, of which the best is kept. The default is 1.</summary>
        public int NumberOfRestarts { get; set; } = 1;

        /// <summary>The number of threads; null (the default) for one a processor. The result does not depend on it.</summary>
        public int? NumberOfThreads { get; set; }

        /// <summary>
        /// The seed of every random draw. The same seed, data and options give the same model, bit for bit, whatever the seed of the
        /// <see cref="MLContext"/> and however often it was used. The default is 0.
        /// </summary>
        public int Seed { get; set; }

        /// <summary>Where to start; null (the default) for <see cref="MixtureStart.Portfolio"/>.</summary>
        public MixtureStart? Start { get; set; }

        /// <summary>
        /// The weight of the conjugate prior that keeps covariances positive definite, as a share of an average component; zero for none.
        /// The default is 1e-6. See <see cref="GaussianMixtureOptions.CovariancePriorStrength"/>.
        /// </summary>
        public double CovariancePriorStrength { get; set; } = GaussianMixtureOptions.DefaultCovariancePriorStrength;

        /// <summary>Added to every variance after each M-step, as scikit-learn's reg_covar. The default is 0.</summary>
        public double CovarianceFloor { get; set; }

        /// <summary>
        /// Whether the mixture has noise beside its Gaussians, one component more of constant density, so that stray rows do not take a Gaussian
        /// or widen one. The default is false. The output columns then have one slot more, the last, and its label is K + 1. See
        /// <see cref="GaussianMixtureOptions.NoiseComponent"/>.
        /// </summary>
        public bool NoiseComponent { get; set; }

        /// <summary>The log-density of the noise, in nats; null (the default) to take it from the volume of the rows.</summary>
        public double? NoiseLogDensity { get; set; }

        /// <summary>
        /// Stops a fit, which then throws <see cref="OperationCanceledException"/> or, by <see cref="CancellationBehavior"/>, returns the best
        /// model so far. The default never does.
        /// </summary>
        public CancellationToken CancellationToken { get; set; }

        /// <summary>
        /// What a fit does when it is cancelled, by <see cref="CancellationToken"/> or by the <see cref="MLContext"/>. The default is
        /// <see cref="CancellationBehavior.Throw"/>. See <see cref="MixtureOptions.CancellationBehavior"/>.
        /// </summary>
        public CancellationBehavior CancellationBehavior { get; set; }

        /// <summary>
        /// The longest time for a fit once the data have been read; null (the default), or <see cref="Timeout.InfiniteTimeSpan"/>, for no limit. When it is over, the result is the best
        /// model of all starts so far, with a warning that says what was not done. However short it is, a fit has a model: if need be groups of some rows without
        /// an iteration, and the warning says that it is a makeshift; a <see cref="MixtureFitException"/> says where even that would take longer than the budget again, and than a second. A search (<see cref="Auto"/>) in which no model was fitted by then gives
        /// a single component; one with noise throws <see cref="MixtureFitException"/>. See <see cref="MixtureOptions.TimeBudget"/>.
        /// </summary>
        public TimeSpan? TimeBudget
        {
            get;
            set => field = TimeLimit.OrNone(value);
        }

        internal GaussianMixtureOptions ToCoreOptions() => new()
        {
            ComponentCount = NumberOfComponents,
            CovarianceStructure = CovarianceStructure!,
            MaximumIterations = MaximumNumberOfIterations,
            Tolerance = OptimizationTolerance,
            Accelerate = Accelerate,
            RestartCount = NumberOfRestarts,
            ThreadCount = NumberOfThreads,
            Seed = Seed,
            Start = Start,
            CovariancePriorStrength = CovariancePriorStrength,
            CovarianceFloor = CovarianceFloor,
            NoiseComponent = NoiseComponent,
            NoiseLogDensity = NoiseLogDensity,
            CancellationBehavior = CancellationBehavior,
            TimeBudget = TimeBudget,
        };

        // The caller's object stays the caller's: later changes to it must not reach a trainer that was checked.
        internal Options Clone()
        {
            var copy = (Options)MemberwiseClone();
            if (CovarianceStructures is { } structures) copy.CovarianceStructures = [.. structures];
            return copy;
        }

        internal void Validate()
        {
            TrainerOptionChecks.Columns(FeatureColumnName, ExampleWeightColumnName);
            MixtureOptions.Check(
                NumberOfComponents is >= 1 or Auto, nameof(NumberOfComponents), NumberOfComponents, $"at least 1, or {nameof(GaussianMixtureTrainer)}.{nameof(Auto)}");
            TrainerOptionChecks.Common(MaximumNumberOfIterations, OptimizationTolerance, NumberOfRestarts, NumberOfThreads);
            TrainerOptionChecks.NotNegative(CovariancePriorStrength, nameof(CovariancePriorStrength));
            TrainerOptionChecks.NotNegative(CovarianceFloor, nameof(CovarianceFloor));
            if (NoiseLogDensity is { } density && !double.IsFinite(density))
            {
                throw new ArgumentOutOfRangeException(
                    nameof(NoiseLogDensity), FormattableString.Invariant($"The option {nameof(NoiseLogDensity)} is {density}, but must be a finite number, or null."));
            }

            if (NoiseLogDensity is not null && !NoiseComponent)
            {
                throw new ArgumentException(
                    $"The option {nameof(NoiseLogDensity)} is set, but {nameof(NoiseComponent)} is false. Set it to true, or leave the other out.", nameof(NoiseLogDensity));
            }

            if (CovarianceStructures is not null && CovarianceStructure is { } single)
            {
                throw new ArgumentException(
                    $"The option {nameof(CovarianceStructures)} is set, but {nameof(CovarianceStructure)} is {single}, which would be fitted alone. Set it to CovarianceStructure.Auto, or leave the other out.",
                    nameof(CovarianceStructures));
            }

            TrainerOptionChecks.Budget(TimeBudget, CancellationBehavior);
            CheckSearchIsMeant();
            if (NeedsSearch) ValidateSearch();
        }
    }
}
