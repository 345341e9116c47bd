namespace Microsoft.ML.Mixture;

/// <summary>Which Gaussian mixtures to try, and by what to choose.</summary>
public sealed class GaussianMixtureSearchOptions
{
    /// <summary>The default of <see cref="Tolerance"/>.</summary>
    public const double DefaultTolerance = 1e-8;

    /// <summary>The least K to try, at least 1.</summary>
    /// <value>The default is 1.</value>
    public int MinimumComponentCount { get; set; } = 1;

    /// <summary>The largest K to try, at least <see cref="MinimumComponentCount"/>.</summary>
    /// <value>The default is 9.</value>
    public int MaximumComponentCount { get; set; } = 9;

    /// <summary>The structures to try, each with every K.</summary>
    /// <value>The default is <see cref="CovarianceStructure.BuiltIn"/>: all fourteen.</value>
    public IReadOnlyList<CovarianceStructure> CovarianceStructures { get; set; } = CovarianceStructure.BuiltIn;

    /// <summary>By what models are ranked; lower is better.</summary>
    /// <value>The default is <see cref="MixtureCriterion.Bayesian"/>.</value>
    public MixtureCriterion Criterion { get; set; } = MixtureCriterion.Bayesian;

    /// <summary>The number of folds for <see cref="MixtureCriterion.CrossValidation"/>, at least 2.</summary>
    /// <value>The default is 10.</value>
    public int FoldCount { get; set; } = GaussianMixture.DefaultFoldCount;

    /// <summary>
    /// After this time no more models are fitted, and the best so far is the result; null for no limit. Which models were fitted then depends
    /// on the machine, so results may differ from run to run.
    /// </summary>
    /// <value>The default is null.</value>
    public TimeSpan? TimeBudget { get; set; }

    /// <summary>
    /// The number of groupings of the rows to start from; at least 1. The first is that of a tree of groups, model-based and agglomerative, from
    /// which every model starts. The others, by k-means and around rows at random, are tried by models that may still win.
    /// </summary>
    /// <value>The default is 4.</value>
    public int StartCount { get; set; } = 4;

    /// <summary>The most steps of a fit, at least 1.</summary>
    /// <value>The default is 1000.</value>
    public int MaximumIterations { get; set; } = MixtureOptions.DefaultMaximumIterations;

    /// <summary>
    /// A fit that may win has converged when no more than this is still to be gained, in nats per unit of row weight; see
    /// <see cref="MixtureOptions.Tolerance"/>. Models that are out of reach of the best stop when what is left is
    /// about a millionth of their log-likelihood or 0.0005 nats, whichever is more.
    /// </summary>
    /// <value>The default is 1e-8, far below that of a single fit, so that models differ by their merits.</value>
    public double Tolerance { get; set; } = DefaultTolerance;

    /// <summary>See <see cref="GaussianMixtureOptions.CovariancePriorStrength"/>.</summary>
    /// <value>The default is 1e-6.</value>
    public double CovariancePriorStrength { get; set; } = GaussianMixtureOptions.DefaultCovariancePriorStrength;

    /// <summary>The seed of every random draw. The same seed, data and options give the same bits, for any number of threads.</summary>
    /// <value>The default is 0.</value>
    public int Seed { get; set; }

    /// <summary>The number of threads, at least 1, each of which fits one model at a time; null for one a processor. The result does not depend on it.</summary>
    /// <value>The default is null.</value>
    public int? ThreadCount { get; set; }

    /// <summary>The names of the features, for messages; null to number them from zero.</summary>
    public IReadOnlyList<string>? FeatureNames { get; set; }

    /// <summary>Is told after every step, on the threads that fit, by one at a time.</summary>
    public IProgress<MixtureSearchProgress>? Progress { get; set; }

    /// <summary>What measures the time budget.</summary>
    internal TimeProvider Clock { get; set; } = FitClock.OfMachine;

    /// <summary>Throws if an option makes no sense.</summary>
    /// <exception cref="ArgumentException">Names the option, its value and what is allowed.</exception>
    public void Validate()
    {
        ArgumentNullException.ThrowIfNull(CovarianceStructures);
        if (CovarianceStructures.Count == 0 || CovarianceStructures.Contains(null!) || CovarianceStructures.Distinct().Count() < CovarianceStructures.Count)
        {
            throw new ArgumentException(
                $"The option {nameof(CovarianceStructures)} must hold at least one structure, each once. Pass some of {string.Join(", ", CovarianceStructure.BuiltIn)}.");
        }

        MixtureOptions.Check(MinimumComponentCount >= 1, nameof(MinimumComponentCount), MinimumComponentCount, "at least 1");
        MixtureOptions.Check(
            MaximumComponentCount >= MinimumComponentCount, nameof(MaximumComponentCount), MaximumComponentCount,
            $"at least {nameof(MinimumComponentCount)}, which is {MinimumComponentCount}");
        MixtureOptions.Check(Enum.IsDefined(Criterion), nameof(Criterion), (int)Criterion, "one of MixtureCriterion");
        MixtureOptions.Check(FoldCount >= 2, nameof(FoldCount), FoldCount, "at least 2");
        MixtureOptions.Check(TimeBudget is null || TimeBudget > TimeSpan.Zero, nameof(TimeBudget), TimeBudget ?? default, "more than zero, or null for no limit");
        MixtureOptions.Check(StartCount >= 1, nameof(StartCount), StartCount, "at least 1");
        MixtureOptions.Check(MaximumIterations >= 1, nameof(MaximumIterations), MaximumIterations, "at least 1");
        MixtureOptions.Check(Tolerance > 0 && double.IsFinite(Tolerance), nameof(Tolerance), Tolerance, "a finite number above 0");
        Fit(MinimumComponentCount, CovarianceStructures[0]).Validate();
        MixtureOptions.Check(ThreadCount is null or >= 1, nameof(ThreadCount), ThreadCount ?? 0, "at least 1, or null for all processors");
    }

    /// <summary>Whether models that cannot win are spared work; false only to compare.</summary>
    internal bool StopsLosersEarly { get; set; } = true;

    internal GaussianMixtureSearchOptions Clone()
    {
        var clone = (GaussianMixtureSearchOptions)MemberwiseClone();
        clone.CovarianceStructures = [.. CovarianceStructures];
        return clone;
    }

    /// <summary>How to fit one model, on one thread.</summary>
    internal GaussianMixtureOptions Fit(int componentCount, CovarianceStructure structure) => new()
    {
        ComponentCount = componentCount,
        CovarianceStructure = structure,
        MaximumIterations = MaximumIterations,
        Tolerance = Tolerance,
        CovariancePriorStrength = CovariancePriorStrength,
        Seed = Seed,
        ThreadCount = 1,
        FeatureNames = FeatureNames,
        Clock = Clock,
    };
}
