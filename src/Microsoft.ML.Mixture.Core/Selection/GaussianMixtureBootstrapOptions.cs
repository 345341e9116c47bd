namespace Microsoft.ML.Mixture;

/// <summary>How to test K against K + 1 components.</summary>
public sealed class GaussianMixtureBootstrapOptions
{
    /// <summary>The default of <see cref="ReplicateCount"/>.</summary>
    public const int DefaultReplicateCount = 199;

    private double? _covariancePriorStrength;

    /// <summary>K, the number of components under the null hypothesis, at least 1.</summary>
    /// <value>The default is 1.</value>
    public int ComponentCount { get; set; } = 1;

    /// <summary>How the covariance matrices are constrained, under both hypotheses.</summary>
    /// <value>The default is <see cref="CovarianceStructure.Full"/>.</value>
    public CovarianceStructure CovarianceStructure { get; set; } = CovarianceStructure.Full;

    /// <summary>B, the number of data sets to draw, at least 1. The p-value is a multiple of 1 / (B + 1): 19 is the least for a level of 5 %.</summary>
    /// <value>The default is 199.</value>
    public int ReplicateCount { get; set; } = DefaultReplicateCount;

    /// <summary>
    /// The test ends as soon as so many data sets, in the order of their draws, have a statistic at least as large as that of the rows; null to draw all,
    /// whatever they say. At least 1.
    /// </summary>
    /// <value>The default is 20.</value>
    /// <remarks>
    /// With h of l data sets the p-value is then h / l. At every level up to h / (B + 1), which is 10 % by default, the test decides as with all B data sets: not to
    /// reject. With a larger <see cref="ReplicateCount"/>, raise it as well to have that at the same levels; the p-value is a valid one at any.
    /// Source: Besag and Clifford (1991), Sequential Monte Carlo p-values, Biometrika 78(2), 301-304, doi:10.1093/biomet/78.2.301.
    /// </remarks>
    public int? ExceedanceCount { get; set; } = 20;

    /// <summary>
    /// The number of starts by k-means++ and at random for each fit, at least 1, beside those that come from the other hypothesis. K + 1 components have as many
    /// more where rows are denser than K components say, and twice as many once <see cref="CovariancePriorStrength"/> is set.
    /// </summary>
    /// <value>The default is 4.</value>
    public int StartCount { get; set; } = 4;

    /// <summary>The most steps of a fit, at least 1.</summary>
    /// <value>The default is 1000.</value>
    public int MaximumIterations { get; set; } = MixtureOptions.DefaultMaximumIterations;

    /// <summary>See <see cref="MixtureOptions.Tolerance"/>; above 0.</summary>
    /// <value>The default is 1e-7: less than the statistic is rounded to when it is told.</value>
    public double Tolerance { get; set; } = 1e-7;

    /// <summary>
    /// See <see cref="GaussianMixtureOptions.CovariancePriorStrength"/>. Set it to have the same prior on both sides; unless it is set, K + 1 components have another one.
    /// </summary>
    /// <value>The default is 1e-6, for K components.</value>
    /// <remarks>
    /// The prior that K + 1 components have then is worth a hundredth of an average component, and its covariance is that of the one of the K components which a mean most likely belongs to: rows
    /// that lie close together by chance are no component then. Without it they make the statistics of drawn data sets as large as those of groups. To have maximum likelihood
    /// on both sides, set 1e-6.
    /// </remarks>
    public double CovariancePriorStrength
    {
        get => _covariancePriorStrength ?? GaussianMixtureOptions.DefaultCovariancePriorStrength;
        set => _covariancePriorStrength = value;
    }

    /// <summary>The seed of every random draw. The same seed, data and options give the same bits, for any number of threads.</summary>
    /// <value>The default is 0.</value>
    public int Seed { get; set; }

    /// <summary>The number of threads, at least 1; null for one a processor. The result does not depend on it.</summary>
    /// <value>The default is null.</value>
    public int? ThreadCount { get; set; }

    /// <summary>The names of the features, for messages; null to number them from zero.</summary>
    public IReadOnlyList<string>? FeatureNames { get; set; }

    /// <summary>Is told the number of data sets done after each of them, on the threads that fit, by one at a time.</summary>
    public IProgress<int>? Progress { get; set; }

    /// <summary>Throws if an option makes no sense.</summary>
    /// <exception cref="ArgumentException">Names the option, its value and what is allowed.</exception>
    public void Validate()
    {
        MixtureOptions.Check(ReplicateCount >= 1, nameof(ReplicateCount), ReplicateCount, "at least 1");
        MixtureOptions.Check(ExceedanceCount is null or >= 1, nameof(ExceedanceCount), ExceedanceCount ?? 0, "at least 1, or null to draw all data sets");
        MixtureOptions.Check(StartCount >= 1, nameof(StartCount), StartCount, "at least 1");
        MixtureOptions.Check(MaximumIterations >= 1, nameof(MaximumIterations), MaximumIterations, "at least 1");
        MixtureOptions.Check(Tolerance > 0 && double.IsFinite(Tolerance), nameof(Tolerance), Tolerance, "a finite number above 0");
        MixtureOptions.Check(ThreadCount is null or >= 1, nameof(ThreadCount), ThreadCount ?? 0, "at least 1, or null for all processors");
        FitOptions(ComponentCount, 0).Validate();
    }

    /// <summary>Whether K + 1 components have a prior about the covariances of the K.</summary>
    internal bool InheritsPriors => _covariancePriorStrength is null;

    internal GaussianMixtureBootstrapOptions Clone() => (GaussianMixtureBootstrapOptions)MemberwiseClone();

    /// <summary>How to fit one model, on one thread.</summary>
    internal GaussianMixtureOptions FitOptions(int componentCount, int seed) => new()
    {
        ComponentCount = componentCount,
        CovarianceStructure = CovarianceStructure,
        RestartCount = StartCount,
        MaximumIterations = MaximumIterations,
        Tolerance = Tolerance,
        CovariancePriorStrength = CovariancePriorStrength,
        Seed = seed,
        ThreadCount = 1,
        FeatureNames = FeatureNames,
    };
}
