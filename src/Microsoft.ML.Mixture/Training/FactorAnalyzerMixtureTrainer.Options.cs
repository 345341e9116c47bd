using Microsoft.ML.Mixture;

namespace Microsoft.ML.Trainers;

public sealed partial class FactorAnalyzerMixtureTrainer
{
    /// <summary>Options of the <see cref="FactorAnalyzerMixtureTrainer"/>, as used in
    /// <see cref="FactorAnalyzerMixtureCatalog.FactorAnalyzerMixture(ClusteringCatalog.ClusteringTrainers, Options)"/>.</summary>
    public sealed partial class Options
    {
        /// <inheritdoc cref="GaussianMixtureTrainer.Options.FeatureColumnName"/>
        public string FeatureColumnName { get; set; } = GaussianMixtureTrainer.DefaultFeatureColumnName;

        /// <inheritdoc cref="GaussianMixtureTrainer.Options.ExampleWeightColumnName"/>
        public string? ExampleWeightColumnName { get; set; }

        /// <summary>K, the number of components, at least 1; or <see cref="Auto"/>, and a search chooses it. The default is 5.</summary>
        public int NumberOfComponents { get; set; } = GaussianMixtureTrainer.DefaultNumberOfComponents;

        /// <summary>
        /// q, the number of factors of each component, at least 1 and at most the number of features; or <see cref="Auto"/>, and a search chooses it. The default is 2.
        /// </summary>
        public int NumberOfFactors { get; set; } = FactorAnalyzerMixtureOptions.DefaultFactorCount;

        /// <summary>How the specific variances are constrained. The default is <see cref="SpecificVarianceStructure.Diagonal"/>.</summary>
        public SpecificVarianceStructure SpecificVarianceStructure { get; set; } = SpecificVarianceStructure.Diagonal;

        /// <summary>
        /// The weight of the prior that keeps specific variances positive, as a share of an average component; zero for none. The default is 1e-6. See
        /// <see cref="FactorAnalyzerMixtureOptions.SpecificVariancePriorStrength"/>.
        /// </summary>
        public double SpecificVariancePriorStrength { get; set; } = FactorAnalyzerMixtureOptions.DefaultSpecificVariancePriorStrength;

        /// <inheritdoc cref="GaussianMixtureTrainer.Options.Accelerate"/>
        public bool Accelerate { get; set; } = true;

        /// <inheritdoc cref="GaussianMixtureTrainer.Options.MaximumNumberOfIterations"/>
        public int MaximumNumberOfIterations { get; set; } = MixtureOptions.DefaultMaximumIterations;

        /// <inheritdoc cref="GaussianMixtureTrainer.Options.OptimizationTolerance"/>
        public double OptimizationTolerance { get; set; } = MixtureOptions.DefaultTolerance;

        /// <inheritdoc cref="GaussianMixtureTrainer.Options.NumberOfRestarts"/>
        public int NumberOfRestarts { get; set; } = 1;

        /// <inheritdoc cref="GaussianMixtureTrainer.Options.NumberOfThreads"/>
        public int? NumberOfThreads { get; set; }

        /// <inheritdoc cref="GaussianMixtureTrainer.Options.Seed"/>
        public int Seed { get; set; }

        /// <inheritdoc cref="GaussianMixtureTrainer.Options.Start"/>
        public MixtureStart? Start { get; set; }

        /// <inheritdoc cref="BayesianGaussianMixtureTrainer.Options.TimeBudget"/>
        public TimeSpan? TimeBudget
        {
            get;
            set => field = TimeLimit.OrNone(value);
        }

        /// <inheritdoc cref="GaussianMixtureTrainer.Options.CancellationBehavior"/>
        public CancellationBehavior CancellationBehavior { get; set; }

        /// <inheritdoc cref="GaussianMixtureTrainer.Options.CancellationToken"/>
        public CancellationToken CancellationToken { get; set; }

        internal FactorAnalyzerMixtureOptions ToCoreOptions() => new()
        {
            ComponentCount = NumberOfComponents,
            FactorCount = NumberOfFactors,
            SpecificVarianceStructure = SpecificVarianceStructure,
            SpecificVariancePriorStrength = SpecificVariancePriorStrength,
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

        // The caller's object stays the caller's: later changes to it must not reach a trainer that was checked.
        internal Options Clone()
        {
            var copy = (Options)MemberwiseClone();
            if (SpecificVarianceStructures is { } structures) copy.SpecificVarianceStructures = [.. structures];
            return copy;
        }

        internal void Validate()
        {
            TrainerOptionChecks.Columns(FeatureColumnName, ExampleWeightColumnName);
            MixtureOptions.Check(NumberOfComponents is >= 1 or Auto, nameof(NumberOfComponents), NumberOfComponents, $"at least 1, or {nameof(FactorAnalyzerMixtureTrainer)}.{nameof(Auto)}");
            TrainerOptionChecks.Common(MaximumNumberOfIterations, OptimizationTolerance, NumberOfRestarts, NumberOfThreads);
            MixtureOptions.Check(
                NumberOfFactors is >= 1 or Auto, nameof(NumberOfFactors), NumberOfFactors, $"at least 1 and at most the number of features, or {nameof(FactorAnalyzerMixtureTrainer)}.{nameof(Auto)}");
            TrainerOptionChecks.Budget(TimeBudget, CancellationBehavior);
            TrainerOptionChecks.NotNegative(SpecificVariancePriorStrength, nameof(SpecificVariancePriorStrength));

            if (SpecificVarianceStructures is not null && !NeedsSearch)
            {
                throw new ArgumentException(
                    $"The option {nameof(SpecificVarianceStructures)} is set, but neither {nameof(NumberOfComponents)} nor {nameof(NumberOfFactors)} is Auto, so that {SpecificVarianceStructure} would be fitted alone. Set one of them to {nameof(FactorAnalyzerMixtureTrainer)}.{nameof(Auto)}, or leave the other out and set {nameof(SpecificVarianceStructure)}.",
                    nameof(SpecificVarianceStructures));
            }

            CheckSearchIsMeant();

            // What is left to check has the same name in the core.
            if (NeedsSearch) ValidateSearch();
            else ToCoreOptions().Validate();
        }
    }
}
