using Microsoft.ML.Mixture;

namespace Microsoft.ML.Trainers;

public sealed partial class BayesianGaussianMixtureTrainer
{
    /// <summary>Options of the <see cref="BayesianGaussianMixtureTrainer"/>, as used in
    /// <see cref="BayesianGaussianMixtureCatalog.BayesianGaussianMixture(ClusteringCatalog.ClusteringTrainers, Options)"/>.</summary>
    public sealed class Options
    {
        /// <inheritdoc cref="GaussianMixtureTrainer.Options.FeatureColumnName"/>
        public string FeatureColumnName { get; set; } = GaussianMixtureTrainer.DefaultFeatureColumnName;

        /// <inheritdoc cref="GaussianMixtureTrainer.Options.ExampleWeightColumnName"/>
        public string? ExampleWeightColumnName { get; set; }

        /// <summary>The most components to use, at least 1; those that the data do not ask for are left out. The default is 10.</summary>
        public int NumberOfComponents { get; set; } = BayesianGaussianMixtureOptions.DefaultComponentCount;

        /// <inheritdoc cref="BayesianGaussianMixtureOptions.CovarianceStructure"/>
        public CovarianceStructure CovarianceStructure { get; set; } = CovarianceStructure.Full;

        /// <inheritdoc cref="BayesianGaussianMixtureOptions.WeightPrior"/>
        public MixtureWeightPrior WeightPrior { get; set; } = MixtureWeightPrior.DirichletProcess;

        /// <inheritdoc cref="BayesianGaussianMixtureOptions.WeightConcentrationPrior"/>
        public double? WeightConcentrationPrior { get; set; }

        /// <inheritdoc cref="BayesianGaussianMixtureOptions.MeanPrecisionPrior"/>
        public double? MeanPrecisionPrior { get; set; }

        /// <inheritdoc cref="BayesianGaussianMixtureOptions.MeanPrior"/>
        public IReadOnlyList<double>? MeanPrior { get; set; }

        /// <inheritdoc cref="BayesianGaussianMixtureOptions.DegreesOfFreedomPrior"/>
        public double? DegreesOfFreedomPrior { get; set; }

        /// <inheritdoc cref="BayesianGaussianMixtureOptions.CovariancePrior"/>
        public double[,]? CovariancePrior { get; set; }

        /// <inheritdoc cref="BayesianGaussianMixtureOptions.CovarianceFloor"/>
        public double CovarianceFloor { get; set; }

        /// <inheritdoc cref="BayesianGaussianMixtureOptions.PruningThreshold"/>
        public double PruningThreshold { get; set; } = BayesianGaussianMixtureOptions.DefaultPruningThreshold;

        /// <inheritdoc cref="GaussianMixtureTrainer.Options.Accelerate"/>
        public bool Accelerate { get; set; } = true;

        /// <inheritdoc cref="GaussianMixtureTrainer.Options.MaximumNumberOfIterations"/>
        public int MaximumNumberOfIterations { get; set; } = MixtureOptions.DefaultMaximumIterations;

        /// <summary>
        /// The fit has converged when no more than this is estimated to be still to be gained, in the bound per unit of example weight, in nats. The default is
        /// 1e-5; with zero a fit takes exactly <see cref="MaximumNumberOfIterations"/> steps. See <see cref="MixtureOptions.Tolerance"/>.
        /// </summary>
        public double OptimizationTolerance { get; set; } = BayesianGaussianMixtureOptions.DefaultTolerance;

        /// <inheritdoc cref="GaussianMixtureTrainer.Options.NumberOfRestarts"/>
        public int NumberOfRestarts { get; set; } = 1;

        /// <inheritdoc cref="GaussianMixtureTrainer.Options.NumberOfThreads"/>
        public int? NumberOfThreads { get; set; }

        /// <inheritdoc cref="GaussianMixtureTrainer.Options.Seed"/>
        public int Seed { get; set; }

        /// <inheritdoc cref="GaussianMixtureTrainer.Options.Start"/>
        public MixtureStart? Start { get; set; }

        /// <inheritdoc cref="GaussianMixtureTrainer.Options.CancellationToken"/>
        public CancellationToken CancellationToken { get; set; }

        /// <summary>What a fit does when it is cancelled. The default is <see cref="CancellationBehavior.Throw"/>. See <see cref="MixtureOptions.CancellationBehavior"/>.</summary>
        public CancellationBehavior CancellationBehavior { get; set; }

        /// <summary>
        /// The longest time for a fit once the data have been read; null (the default), or <see cref="Timeout.InfiniteTimeSpan"/>, for no limit. When it is over, the result is the best model of all starts so far,
        /// with a warning that says what was not done; however short it is, there is one, unless the first would take longer than the budget again, and than a second. See <see cref="MixtureOptions.TimeBudget"/>.
        /// </summary>
        public TimeSpan? TimeBudget
        {
            get;
            set => field = TimeLimit.OrNone(value);
        }

        internal BayesianGaussianMixtureOptions ToCoreOptions() => new()
        {
            ComponentCount = NumberOfComponents,
            CovarianceStructure = CovarianceStructure,
            WeightPrior = WeightPrior,
            WeightConcentrationPrior = WeightConcentrationPrior,
            MeanPrecisionPrior = MeanPrecisionPrior,
            MeanPrior = MeanPrior,
            DegreesOfFreedomPrior = DegreesOfFreedomPrior,
            CovariancePrior = CovariancePrior,
            CovarianceFloor = CovarianceFloor,
            PruningThreshold = PruningThreshold,
            MaximumIterations = MaximumNumberOfIterations,
            Tolerance = OptimizationTolerance,
            Accelerate = Accelerate,
            RestartCount = NumberOfRestarts,
            ThreadCount = NumberOfThreads,
            Seed = Seed,
            Start = Start,
            TimeBudget = TimeBudget,
            CancellationBehavior = CancellationBehavior,
        };

        // The caller's object stays the caller's.
        internal Options Clone()
        {
            var copy = (Options)MemberwiseClone();
            copy.MeanPrior = MeanPrior is null ? null : [.. MeanPrior];
            copy.CovariancePrior = (double[,]?)CovariancePrior?.Clone();
            return copy;
        }

        internal void Validate()
        {
            TrainerOptionChecks.Columns(FeatureColumnName, ExampleWeightColumnName);
            TrainerOptionChecks.Structure(CovarianceStructure);
            MixtureOptions.Check(NumberOfComponents >= 1, nameof(NumberOfComponents), NumberOfComponents, "at least 1");
            TrainerOptionChecks.Common(MaximumNumberOfIterations, OptimizationTolerance, NumberOfRestarts, NumberOfThreads);
            TrainerOptionChecks.Budget(TimeBudget, CancellationBehavior);
            ToCoreOptions().Validate();
        }
    }
}
