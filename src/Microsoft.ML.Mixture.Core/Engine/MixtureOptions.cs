namespace Microsoft.ML.Mixture;

/// <summary>How to fit a mixture of any family.</summary>
public class MixtureOptions
{
    /// <summary>The default of <see cref="MaximumIterations"/>.</summary>
    public const int DefaultMaximumIterations = 1000;

    /// <summary>The default of <see cref="Tolerance"/>.</summary>
    public const double DefaultTolerance = 1e-4;

    /// <summary>K, the number of components, at least 1.</summary>
    public int ComponentCount { get; set; } = 1;

    /// <summary>The most steps of one start, accelerated ones included whether they succeed or not, at least 0; with 0 the start itself is the result.</summary>
    /// <value>The default is 1000.</value>
    public int MaximumIterations { get; set; } = DefaultMaximumIterations;

    /// <summary>
    /// A fit has converged when no more than this is still to be gained, by a cautious estimate from how the last gains shrink: in the objective
    /// per unit of row weight, in nats. Not negative. With zero no gain is too small, and a fit takes exactly <see cref="MaximumIterations"/>
    /// steps.
    /// </summary>
    /// <remarks>
    /// The estimate is of the hill that EM is on. The way up may lead over a plateau, on which gains shrink before they grow again; so a run that does not
    /// begin at what others on samples of many rows have found ends only at a hundredth of the tolerance, and where two components are nearly in one place or one has no rows, as from labels
    /// drawn at random, at a hundredth of that. A plateau that is flatter still counts as the end, which is rare.
    /// </remarks>
    /// <value>The default is 1e-4.</value>
    public double Tolerance { get; set; } = DefaultTolerance;

    /// <summary>
    /// Whether to go on in the direction of two steps of EM with a longer one, where that does not lower the objective (SQUAREM). A start leads
    /// to the same maximum in fewer passes over the rows. From a start that draws nothing at random the first twelve steps are those of EM, for they
    /// decide to which maximum it goes; with a <see cref="Tolerance"/> of zero all are. Without it, or with that tolerance, the default start is one of k-means++ and no race,
    /// which may end at a lower maximum.
    /// </summary>
    /// <value>The default is true.</value>
    public bool Accelerate { get; set; } = true;

    /// <summary>
    /// The number of starts, at least 1, each from another seed. The default start, <see cref="MixtureStart.Portfolio"/>, is a race of many
    /// already, so that one is enough for most data; the one with the best objective is kept,
    /// unless components of it rest on a handful of rows while those of another do not. A start that is given
    /// by <see cref="Start"/> and draws nothing at random is run once.
    /// </summary>
    /// <value>The default is 1.</value>
    public int RestartCount { get; set; } = 1;

    /// <summary>The seed of every random draw. The same seed, data and options give the same bits, for any number of threads.</summary>
    /// <value>The default is 0.</value>
    public int Seed { get; set; }

    /// <summary>The number of threads, at least 1; null for one a processor. The result does not depend on it.</summary>
    /// <value>The default is null.</value>
    public int? ThreadCount { get; set; }

    /// <summary>
    /// Where to start; null for <see cref="MixtureStart.Portfolio"/>, with a noise component too. It says where there is no race.
    /// </summary>
    public MixtureStart? Start { get; set; }

    /// <summary>
    /// The longest time for a fit, from the call until the last start; null, or <see cref="Timeout.InfiniteTimeSpan"/>, which is the same, for no limit. When it is over, the fit stops within one block of rows and
    /// returns the best model of all starts so far, with a warning that says what was not done. How far a fit comes in a time depends on the machine, and so may
    /// the model: a fit that the budget did not end is the same as without one, bit for bit. However short the time, there is a model: the first look at all rows is
    /// taken in any case, and if there is no model then, groups of some rows are one, without an iteration, which takes one pass over all rows more. A warning says that it is a
    /// makeshift. Only where that would take longer than the budget again, and than a second, as with full covariances of a thousand features, a <see cref="MixtureFitException"/> says so instead.
    /// </summary>
    /// <value>The default is null.</value>
    public TimeSpan? TimeBudget
    {
        get;
        set => field = TimeLimit.OrNone(value);
    }

    /// <summary>What a fit does when it is cancelled.</summary>
    /// <value>The default is <see cref="CancellationBehavior.Throw"/>.</value>
    public CancellationBehavior CancellationBehavior { get; set; }

    /// <summary>
    /// Is told after every iteration, and about once a second while starts race, on the thread that fits. If it throws, so does the fit.
    /// </summary>
    public IProgress<FitProgress>? Progress { get; set; }

    /// <summary>The names of the features, for messages, one for each of them; null to number them from zero.</summary>
    public IReadOnlyList<string>? FeatureNames { get; set; }

    /// <summary>What measures the time budget, the elapsed time and the time that is left.</summary>
    internal TimeProvider Clock { get; set; } = FitClock.OfMachine;

    /// <summary>Throws if an option makes no sense.</summary>
    /// <exception cref="ArgumentException">Names the option, its value and what is allowed.</exception>
    public virtual void Validate()
    {
        Check(ComponentCount >= 1, nameof(ComponentCount), ComponentCount, "at least 1");
        Check(MaximumIterations >= 0, nameof(MaximumIterations), MaximumIterations, "at least 0");
        Check(Tolerance >= 0 && double.IsFinite(Tolerance), nameof(Tolerance), Tolerance, "a finite number, at least 0");
        Check(RestartCount >= 1, nameof(RestartCount), RestartCount, "at least 1");
        Check(ThreadCount is null or >= 1, nameof(ThreadCount), ThreadCount ?? 0, "at least 1, or null for all processors");
        Check(TimeBudget is null || TimeBudget > TimeSpan.Zero, nameof(TimeBudget), TimeBudget ?? default, "more than zero, or null for no limit");
        Check(Enum.IsDefined(CancellationBehavior), nameof(CancellationBehavior), (int)CancellationBehavior, "one of CancellationBehavior");
    }

    /// <summary>Throws if there are not as many names as features.</summary>
    /// <param name="names">The names; null for none.</param>
    /// <param name="dimension">The number of features.</param>
    /// <exception cref="ArgumentException">There are more or fewer.</exception>
    internal static void CheckFeatureNames(IReadOnlyList<string>? names, int dimension)
    {
        if (names is null || names.Count == dimension) return;
        throw new ArgumentException(
            $"The option {nameof(FeatureNames)} holds {Counted.Of(names.Count, "name")}, but the rows have {Counted.Of(dimension, "feature")}. Pass one name a feature, empty ones for features without a name, or null to number them.");
    }

    /// <summary>The same options with another time budget.</summary>
    internal MixtureOptions Within(TimeSpan? timeBudget)
    {
        var copy = (MixtureOptions)MemberwiseClone();
        copy.TimeBudget = timeBudget;
        return copy;
    }

    /// <summary>The same options with a single thread.</summary>
    internal MixtureOptions OnOneThread()
    {
        var copy = (MixtureOptions)MemberwiseClone();
        copy.ThreadCount = 1;
        return copy;
    }

    /// <summary>Whether EM takes steps ahead; not where all iterations are asked for.</summary>
    internal bool IsAccelerated => Accelerate && Tolerance > 0;

    internal string FeatureName(int feature) =>
        FeatureNames is { } names && feature < names.Count && names[feature] is { Length: > 0 } name ? $"Feature {feature} ('{name}')" : $"Feature {feature}";

    /// <summary>The same in the middle of a sentence.</summary>
    internal string FeatureNameWithin(int feature) => "f" + FeatureName(feature)[1..];

    internal static void Check(bool valid, string option, IFormattable value, string allowed)
    {
        if (valid) return;
        string text = value.ToString(null, System.Globalization.CultureInfo.InvariantCulture);
        throw new ArgumentOutOfRangeException(option, $"The option {option} is {text}, but must be {allowed}.");
    }
}
