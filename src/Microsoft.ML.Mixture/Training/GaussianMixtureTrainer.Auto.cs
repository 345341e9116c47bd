using Microsoft.ML.Mixture;

namespace Microsoft.ML.Trainers;

public sealed partial class GaussianMixtureTrainer
{
    /// <summary>
    /// For <see cref="Options.NumberOfComponents"/>: a search chooses, from <see cref="Options.MinimumNumberOfComponents"/> to
    /// <see cref="Options.MaximumNumberOfComponents"/>. The covariance structure's counterpart is <see cref="CovarianceStructure.Auto"/>.
    /// </summary>
    public const int Auto = -1;

    /// <content>What a search for the number of components or the structure goes by.</content>
    /// <remarks>
    /// It is that of <see cref="GaussianMixtureSearchCatalog.SearchGaussianMixture"/>, and the winner becomes the transformer. Weights, missing
    /// values, <see cref="NoiseComponent"/>, <see cref="Seed"/>, <see cref="NumberOfThreads"/>, <see cref="CovariancePriorStrength"/>,
    /// <see cref="MaximumNumberOfIterations"/>, <see cref="TimeBudget"/> and <see cref="CancellationToken"/> count as in a fit. Models are compared after fits to a
    /// tolerance of 1e-8, or <see cref="OptimizationTolerance"/> if that is smaller, from <see cref="NumberOfRestarts"/> starts, but no fewer than a search has by default and no more than 1000, or with noise
    /// from those of a fit, once. The table goes to the log with every warning, and stays in <see cref="GaussianMixtureModelParameters.Search"/>.
    /// </remarks>
    public sealed partial class Options
    {
        private const int DefaultMinimum = 1;
        private const int DefaultMaximum = 9;

        /// <summary>The least K to try where <see cref="NumberOfComponents"/> is <see cref="Auto"/>, at least 1. The default is 1; another value is refused without <see cref="Auto"/>.</summary>
        public int MinimumNumberOfComponents { get; set; } = DefaultMinimum;

        /// <summary>The largest K to try where <see cref="NumberOfComponents"/> is <see cref="Auto"/>. The default is 9; another value is refused without <see cref="Auto"/>.</summary>
        public int MaximumNumberOfComponents { get; set; } = DefaultMaximum;

        /// <summary>
        /// The structures to try where <see cref="CovarianceStructure"/> is <see cref="CovarianceStructure.Auto"/>, as it must be then; null (the default) for
        /// those that a search tries by default: see <see cref="GaussianMixtureSearchOptions.CovarianceStructures"/>.
        /// </summary>
        public IReadOnlyList<CovarianceStructure>? CovarianceStructures { get; set; }

        /// <summary>By what a search ranks models. The default is <see cref="MixtureCriterion.Bayesian"/>; another one is refused where there is no search.</summary>
        public MixtureCriterion Criterion { get; set; } = MixtureCriterion.Bayesian;

        internal bool NeedsSearch => NumberOfComponents == Auto || CovarianceStructure is null;

        /// <summary>What to say of a search among structures whose number of components nobody has chosen; null where there is nothing to say.</summary>
        internal string? WarningOfDefault => CovarianceStructure is not null || _numberOfComponents is not null ? null
            : $"The search chose among covariance structures only: the number of components was left at its default, {DefaultNumberOfComponents}. Set {nameof(NumberOfComponents)} to {nameof(GaussianMixtureTrainer)}.{nameof(Auto)} to search over it as well, or to {DefaultNumberOfComponents} if that is meant.";

        internal int LeastNumberOfComponents => NumberOfComponents == Auto ? MinimumNumberOfComponents : NumberOfComponents;

        internal GaussianMixtureSearchOptions ToSearchOptions()
        {
            var options = new GaussianMixtureSearchOptions
            {
                MinimumComponentCount = LeastNumberOfComponents,
                MaximumComponentCount = NumberOfComponents == Auto ? MaximumNumberOfComponents : NumberOfComponents,
                Criterion = Criterion,
                TimeBudget = TimeBudget,
                MaximumIterations = MaximumNumberOfIterations,
                Tolerance = Math.Min(OptimizationTolerance, GaussianMixtureSearchOptions.DefaultTolerance),
                CovariancePriorStrength = CovariancePriorStrength,
                NoiseComponent = NoiseComponent,
                NoiseLogDensity = NoiseLogDensity,
                Seed = Seed,
                ThreadCount = NumberOfThreads,
            };
            options.StartCount = Math.Clamp(NumberOfRestarts, options.StartCount, GaussianMixtureSearchOptions.MostStartCount);
            if (CovarianceStructure is { } structure) options.CovarianceStructures = [structure];
            else if (CovarianceStructures is { } structures) options.CovarianceStructures = structures;
            return options;
        }

        private void CheckSearchIsMeant()
        {
            TrainerOptionChecks.SearchValues(Criterion, (nameof(MinimumNumberOfComponents), MinimumNumberOfComponents, nameof(MaximumNumberOfComponents), MaximumNumberOfComponents));
            if (NumberOfComponents != Auto)
            {
                TrainerOptionChecks.NoRange(
                    nameof(NumberOfComponents), NumberOfComponents, $"{nameof(GaussianMixtureTrainer)}.{nameof(Auto)}",
                    (nameof(MinimumNumberOfComponents), MinimumNumberOfComponents, DefaultMinimum), (nameof(MaximumNumberOfComponents), MaximumNumberOfComponents, DefaultMaximum));
            }

            if (!NeedsSearch) TrainerOptionChecks.NoCriterion(Criterion, $"{nameof(NumberOfComponents)} nor {nameof(CovarianceStructure)}");
        }

        private void ValidateSearch()
        {
            const string With = "where a search chooses components or structure (Auto)";
            TrainerOptionChecks.Range(nameof(MinimumNumberOfComponents), MinimumNumberOfComponents, nameof(MaximumNumberOfComponents), MaximumNumberOfComponents);
            TrainerOptionChecks.Search(With, MaximumNumberOfIterations, OptimizationTolerance, CancellationBehavior, Accelerate);
            MixtureOptions.Check(CovarianceFloor == 0, nameof(CovarianceFloor), CovarianceFloor, $"0 {With}; use {nameof(CovariancePriorStrength)}");
            if (Start is not null) throw new ArgumentException($"The option {nameof(Start)} must be null {With}: each model has starts of its own.", nameof(Start));
            ToSearchOptions().Validate();
        }
    }
}
