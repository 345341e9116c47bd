namespace Microsoft.ML.Mixture;

/// <summary>How a model came about: the data it saw, how EM went, and what to beware of. Likelihoods are in nats.</summary>
/// <remarks>
/// It is saved with the model, but for <see cref="ElapsedTime"/>, and in a bounded size: of histories longer than 1,024 values the first and
/// the last 512 are saved, and of objectives of starts the first 1,024.
/// </remarks>
public sealed partial class FitReport
{
    /// <summary>N, the number of rows that were fitted.</summary>
    public required int RowCount { get; init; }

    /// <summary>The number of rows left out because nothing of them was observed; they say nothing about the mixture.</summary>
    public required int MissingRowCount { get; init; }

    /// <summary>The number of rows that were fitted though some features were missing. Zero for a model from a file of version 1.</summary>
    public int IncompleteRowCount { get; internal set; }

    /// <summary>
    /// The number of missing values (NaN) of each feature, in rows left out too, shape D; empty if nothing was missing, and for a model from a
    /// file of version 1.
    /// </summary>
    public IReadOnlyList<int> MissingValueCounts { get; internal set; } = [];

    /// <summary>
    /// The number of different sets of features that the rows fitted lack, the empty set of complete rows included; the cost of a fit grows
    /// with it. 1 if nothing was missing, and for a model from a file of version 1.
    /// </summary>
    public int MissingPatternCount { get; internal set; } = 1;

    /// <summary>The number of rows left out because their weight is zero.</summary>
    public int ZeroWeightRowCount { get; internal set; }

    /// <summary>The sum of the row weights.</summary>
    public required double RowWeightTotal { get; init; }

    /// <summary>The number of free parameters, mixing weights included.</summary>
    public required long FreeParameterCount { get; init; }

    /// <summary>Why EM stopped.</summary>
    public required StopReason StopReason { get; init; }

    /// <summary>The log-likelihood before the first step and after each one, of EM or accelerated: totals. The last one belongs to the model.</summary>
    public required IReadOnlyList<double> LogLikelihoodHistory { get; init; }

    /// <summary>The same with the log prior added, which is what EM raises.</summary>
    public required IReadOnlyList<double> ObjectiveHistory { get; init; }

    /// <summary>
    /// Of a fit by <see cref="BayesianGaussianMixture"/> the evidence lower bound before the first step and after each one, in nats: totals, which
    /// never fall. Empty for a fit by EM. With it, the two histories before hold one number: the log-likelihood of the model, whose
    /// parameters are the expected ones.
    /// </summary>
    public IReadOnlyList<double> EvidenceLowerBoundHistory { get; internal set; } = [];

    /// <summary>N(k), the sum over rows of weight times responsibility, shape K.</summary>
    public required IReadOnlyList<double> EffectiveCounts { get; init; }

    /// <summary>The sum over rows of weight times the share of the noise; zero without a noise component.</summary>
    public double NoiseEffectiveCount { get; internal set; }

    /// <summary>
    /// The smallest eigenvalue of each covariance, shape K, in squared feature units: the least variance in any direction. Empty for a report
    /// without a model, and for factor analysers of more than 512 features, of whose covariances no matrix is made.
    /// </summary>
    /// <remarks>Computed from the parameters when it is first asked for. Cost: about 40 D^3 a matrix, for structures with full matrices and for factor analysers.</remarks>
    public IReadOnlyList<double> SmallestEigenvalues => Gaussians?.SmallestEigenvalues ?? [];

    /// <summary>
    /// The condition number of each covariance, shape K: the largest eigenvalue over the smallest, at least 1. It depends on the units of the
    /// features; a warning is given only where a feature follows from the others in whatever units. Empty for a report without a model,
    /// and for factor analysers of more than 512 features.
    /// </summary>
    /// <remarks>Computed from the parameters when it is first asked for. Cost: about 40 D^3 a matrix, for structures with full matrices and for factor analysers.</remarks>
    public IReadOnlyList<double> ConditionNumbers => Gaussians?.ConditionNumbers ?? [];

    /// <summary>
    /// The two components that overlap most, by the Bhattacharyya coefficient; null if there is one component only, for a report without a
    /// model, and for factor analysers of more than 512 features. <see cref="GaussianMixtureModel.Overlap"/> tells it of any pair.
    /// </summary>
    /// <remarks>Computed from the parameters when it is first asked for. Cost: K^2 D for pairs that are apart, K^2 D^3 / 6 where all overlap.</remarks>
    public ComponentOverlap? MostOverlappingPair => Gaussians?.MostOverlappingPair;

    /// <summary>The number of components that owe their likelihood to a handful of rows; not saved with a model.</summary>
    internal int SpuriousComponentCount { get; init; }

    /// <summary>
    /// The objectives that the starts led to, in the order of the starts: totals; NaN for a start that gave no model. Empty for a model from
    /// a file of version 1.
    /// </summary>
    public IReadOnlyList<double> StartObjectives { get; internal set; } = [];

    /// <summary>
    /// The number of starts that led as high as the model does, within the tolerance of the fit, those that were rejected aside; the more, the
    /// likelier is it the best maximum there is. Zero for a model from a file of version 1.
    /// </summary>
    public int AgreeingStartCount { get; internal set; }

    /// <summary>
    /// The number of starts that the model was preferred to whatever their objectives, which may be higher, because more of their components
    /// rest on a handful of rows, on rows that coincide in a feature, or became degenerate.
    /// </summary>
    public int RejectedStartCount { get; internal set; }

    /// <summary>
    /// The number of starts of all kinds that raced for the start of this model (<see cref="MixtureStart.Portfolio"/>), moves of components of the
    /// best one among them; zero where there was no race, and for a model from a file of an earlier version.
    /// </summary>
    public int RacedStartCount { get; internal set; }

    /// <summary>
    /// How many of <see cref="RacedStartCount"/> led to the winner of the race, itself among them; one that seemed to on its way there was ended and
    /// counts too. Where it is one of many, a better maximum may be left: raise <see cref="MixtureOptions.RestartCount"/>.
    /// </summary>
    public int AgreeingRacedStartCount { get; internal set; }

    /// <summary>
    /// An estimate of what was still to be gained in the objective, per unit of row weight, on the side of caution; infinite if there were too
    /// few steps to tell, NaN for a model from a file of version 1. See <see cref="MixtureOptions.Tolerance"/>.
    /// </summary>
    public double RemainingGain { get; internal set; } = double.NaN;

    /// <summary>
    /// The number of starts that were asked for and not finished, because the time budget was over or the fit was cancelled; those that were
    /// not begun count too. Zero for a fit that was done. See <see cref="MixtureOptions.TimeBudget"/>.
    /// </summary>
    public int UnfinishedStartCount { get; internal set; }

    /// <summary>
    /// How long the fit took, from the first look at the rows on; null for a model that was loaded, for it is not saved, so that the same fit
    /// makes the same file. Of a model of a search it is the time since the search began.
    /// </summary>
    public TimeSpan? ElapsedTime { get; internal set; }

    /// <summary>
    /// What to beware of, in full sentences that name features and components. Of the winner of a search also what the search has to say: that its time has ended, or
    /// that the evidence does not tell the first two models apart.
    /// </summary>
    public IReadOnlyList<string> Warnings { get; internal set; } = [];

    /// <summary>The number of steps, of EM and accelerated ones; those that were taken back do not count.</summary>
    public int IterationCount => SavedIterationCount ?? (Math.Max(LogLikelihoodHistory.Count, EvidenceLowerBoundHistory.Count) - 1);

    /// <summary>The number of steps, where the histories were too long to be saved whole.</summary>
    internal int? SavedIterationCount { get; set; }

    /// <summary>The model that came out, for what the report tells of its components; null for a report that belongs to none.</summary>
    internal GaussianMixtureModel? Model { get; set; }

    /// <summary>The model as factor analysers; null for another one, and before there is one.</summary>
    internal FactorAnalyzerMixtureModel? Factors { get; set; }

    // The distributions whose covariances are told of.
    private GaussianMixtureModel? Gaussians => Model ?? Factors?.Gaussians;

    /// <summary>The sum over rows of weight times log p(x): a total.</summary>
    public double LogLikelihood => LogLikelihoodHistory[^1];

    /// <summary>
    /// The evidence lower bound of the last step, in nats: a total, at most the logarithm of the marginal likelihood of the rows; NaN for a fit
    /// by EM. The higher, the better do priors and structure suit the rows.
    /// </summary>
    public double EvidenceLowerBound => EvidenceLowerBoundHistory.Count > 0 ? EvidenceLowerBoundHistory[^1] : double.NaN;

    /// <summary>The log-likelihood per unit of row weight.</summary>
    public double AverageLogLikelihood => LogLikelihood / RowWeightTotal;

    /// <summary>-2 LogLikelihood + 2 FreeParameterCount; lower is better.</summary>
    public double AkaikeInformationCriterion => (-2 * LogLikelihood) + (2.0 * FreeParameterCount);

    /// <summary>-2 LogLikelihood + FreeParameterCount log(RowWeightTotal); lower is better. mclust reports its negative.</summary>
    public double BayesianInformationCriterion => (-2 * LogLikelihood) + (FreeParameterCount * Math.Log(RowWeightTotal));
}
