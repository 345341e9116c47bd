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
        private const int DefaultMinimum = 1;
        private const int DefaultMostComponents = 9;
        private const int DefaultMostFactors = 4;

        /// <summary>The least K to try where <see cref="NumberOfComponents"/> is <see cref="Auto"/>, at least 1. The default is 1; another value is refused without <see cref="Auto"/>.</summary>
        public int MinimumNumberOfComponents { get; set; } = DefaultMinimum;

        /// <summary>The largest K to try where <see cref="NumberOfComponents"/> is <see cref="Auto"/>. The default is 9; another value is refused without <see cref="Auto"/>.</summary>
        public int MaximumNumberOfComponents { get; set; } = DefaultMostComponents;

        /// <summary>The least q to try where <see cref="NumberOfFactors"/> is <see cref="Auto"/>, at least 1 and at most the number of features. The default is 1; another value is refused without <see cref="Auto"/>.</summary>
        public int MinimumNumberOfFactors { get; set; } = DefaultMinimum;

        /// <summary>The largest q to try where <see cref="NumberOfFactors"/> is <see cref="Auto"/>; of fewer features no more factors than features are tried. The default is 4; another value is refused without <see cref="Auto"/>.</summary>
        public int MaximumNumberOfFactors { get; set; } = DefaultMostFactors;

        /// <summary>The structures of specific variances that a search tries; null (the default) for <see cref="SpecificVarianceStructure"/> alone, and where there is no search.</summary>
        public IReadOnlyList<SpecificVarianceStructure>? SpecificVarianceStructures { get; set; }

        /// <summary>By what a search ranks models. The default is <see cref="MixtureCriterion.Bayesian"/>; where rows are few, <see cref="MixtureCriterion.CrossValidation"/> is the safer one. Where there is no search, another than the default is refused.</summary>
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

        private void CheckSearchIsMeant()
        {
            const string ForSearch = $"{nameof(FactorAnalyzerMixtureTrainer)}.{nameof(Auto)}";
            TrainerOptionChecks.SearchValues(
                Criterion,
                (nameof(MinimumNumberOfComponents), MinimumNumberOfComponents, nameof(MaximumNumberOfComponents), MaximumNumberOfComponents),
                (nameof(MinimumNumberOfFactors), MinimumNumberOfFactors, nameof(MaximumNumberOfFactors), MaximumNumberOfFactors));
            if (NumberOfComponents != Auto)
            {
                TrainerOptionChecks.NoRange(
                    nameof(NumberOfComponents), NumberOfComponents, ForSearch,
                    (nameof(MinimumNumberOfComponents), MinimumNumberOfComponents, DefaultMinimum), (nameof(MaximumNumberOfComponents), MaximumNumberOfComponents, DefaultMostComponents));
            }

            if (NumberOfFactors != Auto)
            {
                TrainerOptionChecks.NoRange(
                    nameof(NumberOfFactors), NumberOfFactors, ForSearch,
                    (nameof(MinimumNumberOfFactors), MinimumNumberOfFactors, DefaultMinimum), (nameof(MaximumNumberOfFactors), MaximumNumberOfFactors, DefaultMostFactors));
            }

            if (!NeedsSearch) TrainerOptionChecks.NoCriterion(Criterion, $"{nameof(NumberOfComponents)} nor {nameof(NumberOfFactors)}");
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
