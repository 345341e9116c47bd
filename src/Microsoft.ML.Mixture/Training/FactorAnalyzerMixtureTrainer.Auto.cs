using Microsoft.ML.Mixture;

namespace Microsoft.ML.Trainers;

public sealed partial class FactorAnalyzerMixtureTrainer
{
    /// <summary>
    /// For <see cref="Options.NumberOfComponents"/> and <see cref="Options.NumberOfFactors"/>: a search chooses, within the ranges of the options. It is
    /// <see cref="GaussianMixtureTrainer.Auto"/>.
    /// </summary>
    public const int Auto = GaussianMixtureTrainer.Auto;

    /// <content>What a search for the number of components or of factors goes by.</content>
    /// <remarks>
    /// It is that of <see cref="FactorAnalyzerMixtureSearchCatalog.SearchFactorAnalyzerMixture"/>, and the winner becomes the transformer. Weights, missing values, <see cref="Seed"/>,
    /// <see cref="NumberOfThreads"/>, <see cref="SpecificVariancePriorStrength"/>, <see cref="MaximumNumberOfIterations"/>, <see cref="TimeBudget"/> and <see cref="CancellationToken"/> count
    /// as in a fit. Models are compared after fits to a tolerance of 1e-6, or <see cref="OptimizationTolerance"/> if that is smaller, from at least as many starts as a search has by default. The
    /// table goes to the log with every warning, and stays in <see cref="FactorAnalyzerMixtureModelParameters.Search"/>.
    /// </remarks>
    public sealed partial class Options
    {
        /// <summary>The least K to try where <see cref="NumberOfComponents"/> is <see cref="Auto"/>, at least 1. The default is 1.</summary>
        public int MinimumNumberOfComponents { get; set; } = 1;

        /// <summary>The largest K to try where <see cref="NumberOfComponents"/> is <see cref="Auto"/>. The default is 9.</summary>
        public int MaximumNumberOfComponents { get; set; } = 9;

        /// <summary>The least q to try where <see cref="NumberOfFactors"/> is <see cref="Auto"/>, at least 1 and at most the number of features. The default is 1.</summary>
        public int MinimumNumberOfFactors { get; set; } = 1;

        /// <summary>The largest q to try where <see cref="NumberOfFactors"/> is <see cref="Auto"/>; of fewer features no more factors than features are tried. The default is 4.</summary>
        public int MaximumNumberOfFactors { get; set; } = 4;

        /// <summary>The structures of specific variances that a search tries; null (the default) for <see cref="SpecificVarianceStructure"/> alone, and where there is no search.</summary>
        public IReadOnlyList<SpecificVarianceStructure>? SpecificVarianceStructures { get; set; }

        /// <summary>By what a search ranks models. The default is <see cref="MixtureCriterion.Bayesian"/>; where rows are few, <see cref="MixtureCriterion.CrossValidation"/> is the safer one.</summary>
        public MixtureCriterion Criterion { get; set; } = MixtureCriterion.Bayesian;

        internal bool NeedsSearch => NumberOfComponents == Auto || NumberOfFactors == Auto;

        internal FactorAnalyzerMixtureSearchOptions ToSearchOptions()
        {
            var options = new FactorAnalyzerMixtureSearchOptions
            {
                MinimumComponentCount = NumberOfComponents == Auto ? MinimumNumberOfComponents : NumberOfComponents,
                MaximumComponentCount = NumberOfComponents == Auto ? MaximumNumberOfComponents : NumberOfComponents,
                MinimumFactorCount = NumberOfFactors == Auto ? MinimumNumberOfFactors : NumberOfFactors,
                MaximumFactorCount = NumberOfFactors == Auto ? MaximumNumberOfFactors : NumberOfFactors,
                SpecificVarianceStructures = SpecificVarianceStructures ?? [SpecificVarianceStructure],
                Criterion = Criterion,
                TimeBudget = TimeBudget,
                MaximumIterations = MaximumNumberOfIterations,
                Tolerance = Math.Min(OptimizationTolerance, FactorAnalyzerMixtureSearchOptions.DefaultTolerance),
                SpecificVariancePriorStrength = SpecificVariancePriorStrength,
                RestartCount = Math.Max(FactorAnalyzerMixtureSearchOptions.DefaultRestartCount, NumberOfRestarts),
                Seed = Seed,
                ThreadCount = NumberOfThreads,
            };
            if (Start is not null) options.Start = Start;
            return options;
        }

        private void ValidateSearch()
        {
            const string With = "where a search chooses components or factors (Auto)";
            TrainerOptionChecks.Range(nameof(MinimumNumberOfComponents), MinimumNumberOfComponents, nameof(MaximumNumberOfComponents), MaximumNumberOfComponents);
            TrainerOptionChecks.Range(nameof(MinimumNumberOfFactors), MinimumNumberOfFactors, nameof(MaximumNumberOfFactors), MaximumNumberOfFactors);
            TrainerOptionChecks.Search(With, MaximumNumberOfIterations, OptimizationTolerance, CancellationBehavior, Accelerate);
            if (Start is { IsRandom: false }) throw new ArgumentException($"The option {nameof(Start)} must be null, or a start that draws at random, {With}: each model has starts of its own.", nameof(Start));
            ToSearchOptions().Validate();
        }
    }
}
