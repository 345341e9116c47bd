namespace Microsoft.ML.Mixture;

/// <summary>What searches for mixtures of any family have in common.</summary>
public abstract class MixtureSearchOptions
{
    /// <summary>The default of <see cref="Tolerance"/>.</summary>
    public const double DefaultTolerance = 1e-8;

    private protected MixtureSearchOptions()
    {
    }

    /// <summary>The least K to try, at least 1.</summary>
    /// <value>The default is 1.</value>
    public int MinimumComponentCount { get; set; } = 1;

    /// <summary>
    /// The largest K to try, at least <see cref="MinimumComponentCount"/>. No more are tried than rows differ, nor, above 9, where all models of Gaussians would have fewer than two values for each
    /// parameter, nor more than 20,000 models; a warning says so.
    /// </summary>
    /// <value>The default is 9.</value>
    public int MaximumComponentCount { get; set; } = 9;

    /// <summary>By what models are ranked; lower is better.</summary>
    /// <value>The default is <see cref="MixtureCriterion.Bayesian"/>.</value>
    public MixtureCriterion Criterion { get; set; } = MixtureCriterion.Bayesian;

    /// <summary>The number of folds for <see cref="MixtureCriterion.CrossValidation"/>, at least 2.</summary>
    /// <value>The default is 10.</value>
    public int FoldCount { get; set; } = GaussianMixture.DefaultFoldCount;

    /// <summary>
    /// After this time no more models are fitted, and the best so far is the result; null, or <see cref="Timeout.InfiniteTimeSpan"/>, which is the same, for no limit. Models with few components come first. Where
    /// Gaussian mixtures are explored on a sample, because rows are many or some have missing features, that takes three fifths of the time at most; then those
    /// that other rows speak for are fitted to all rows first, whatever their number of components. If no model was fitted in the time, Gaussian mixtures of a single component are, or a single factor analyser of the
    /// fewest factors, for which it may take as long again or a second, if they were asked for and there is neither noise nor cross-validation; else a <see cref="MixtureFitException"/> says so. Which models were fitted depends on the machine, so results
    /// may differ from run to run. With <see cref="MixtureCriterion.CrossValidation"/>, Gaussian mixtures are fitted to all rows in a part of the time, as long as each round of folds has.
    /// </summary>
    /// <value>The default is null.</value>
    public TimeSpan? TimeBudget
    {
        get;
        set => field = TimeLimit.OrNone(value);
    }

    /// <summary>The most steps of a fit, at least 1.</summary>
    /// <value>The default is 1000.</value>
    public int MaximumIterations { get; set; } = MixtureOptions.DefaultMaximumIterations;

    /// <summary>
    /// A fit that may win has converged when no more than this is still to be gained, in nats per unit of row weight; see
    /// <see cref="MixtureOptions.Tolerance"/>.
    /// </summary>
    /// <value>The default is 1e-8 for Gaussians and 1e-6 for factor analysers, far below that of a single fit, so that models differ by their merits.</value>
    public double Tolerance { get; set; } = DefaultTolerance;

    /// <summary>The seed of every random draw. The same seed, data and options give the same bits, for any number of threads.</summary>
    /// <value>The default is 0.</value>
    public int Seed { get; set; }

    /// <summary>The number of threads, at least 1, each of which fits one model at a time; null for one a processor. The result does not depend on it.</summary>
    /// <value>The default is null.</value>
    public int? ThreadCount { get; set; }

    /// <summary>The names of the features, for messages, one for each of them; null to number them from zero.</summary>
    public IReadOnlyList<string>? FeatureNames { get; set; }

    /// <summary>What measures the time budget.</summary>
    internal TimeProvider Clock { get; set; } = FitClock.OfMachine;

    /// <summary>The component counts to try.</summary>
    internal IEnumerable<int> ComponentCounts => Enumerable.Range(MinimumComponentCount, MaximumComponentCount - MinimumComponentCount + 1);

    /// <summary>Throws if an option makes no sense.</summary>
    /// <exception cref="ArgumentException">Names the option, its value and what is allowed.</exception>
    public virtual void Validate()
    {
        MixtureOptions.Check(MinimumComponentCount >= 1, nameof(MinimumComponentCount), MinimumComponentCount, "at least 1");
        MixtureOptions.Check(
            MaximumComponentCount >= MinimumComponentCount, nameof(MaximumComponentCount), MaximumComponentCount,
            $"at least {nameof(MinimumComponentCount)}, which is {MinimumComponentCount}");
        MixtureOptions.Check(Enum.IsDefined(Criterion), nameof(Criterion), (int)Criterion, "one of MixtureCriterion");
        MixtureOptions.Check(FoldCount >= 2, nameof(FoldCount), FoldCount, "at least 2");
        MixtureOptions.Check(TimeBudget is null || TimeBudget > TimeSpan.Zero, nameof(TimeBudget), TimeBudget ?? default, "more than zero, or null for no limit");
        MixtureOptions.Check(MaximumIterations >= 1, nameof(MaximumIterations), MaximumIterations, "at least 1");
        MixtureOptions.Check(Tolerance > 0 && double.IsFinite(Tolerance), nameof(Tolerance), Tolerance, "a finite number above 0");
        MixtureOptions.Check(ThreadCount is null or >= 1, nameof(ThreadCount), ThreadCount ?? 0, "at least 1, or null for all processors");
    }

    /// <summary>What was not done when the time was over, as a warning.</summary>
    internal string WarnOfTime(int unfinished, int all) => unfinished == 0
        ? $"The time budget of {TimeBudget} ended before the search did: {(all == 1 ? "the model is fitted, but may be short of its" : $"all {all} models are fitted, but may be short of their")} best."
        : $"The time budget of {TimeBudget} ended before {unfinished} of {all} models were fitted. The winner is the best of the others, which may be short of their best.";

    /// <summary>Why a model was not fitted when the time was over.</summary>
    internal string UnfinishedReason => $"The time budget of {TimeBudget} ended before the fit did. Raise it, or try fewer models.";

    /// <summary>Tells a fit of the search what it shares with all of them.</summary>
    private protected T Share<T>(T options)
        where T : MixtureOptions
    {
        options.MaximumIterations = MaximumIterations;
        options.Tolerance = Tolerance;
        options.Seed = Seed;
        options.ThreadCount = 1;
        options.FeatureNames = FeatureNames;
        options.Clock = Clock;
        return options;
    }
}
