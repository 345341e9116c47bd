namespace Microsoft.ML.Mixture;

/// <summary>
/// Fits of one number of components to one data set: all starts take a few steps, the better half of them twice as many, and so on; the best of them goes on to
/// the end.
/// </summary>
/// <remarks>
/// Source: Biernacki, Celeux and Govaert (2003), Choosing starting values for the EM algorithm for getting the highest likelihood in multivariate Gaussian
/// mixture models, Comput. Stat. Data Anal. 41(3-4), 561-575, doi:10.1016/S0167-9473(02)00163-9, for short runs of many starts.
/// </remarks>
internal sealed class HypothesisFits : IDisposable
{
    private const int FirstSteps = 4;

    // What a run that is not the last may miss, in nats of the whole data set.
    private const double NatsOfShortRun = 0.01;

    // As many runs to the end, where those before broke off or rest on a handful of rows.
    private const int MostLongRuns = 3;

    private readonly ScaledRows _scaled;
    private readonly GaussianMixtureOptions _options;
    private readonly CancellationToken _cancellationToken;
    private readonly GaussianFamily _family;
    private readonly RunMemory _memory;
    private string _failure = StartOutcome.NothingFinite;
    private MixtureFit? _best;
    private InheritedPriors? _priors;
    private GaussianFamily? _familyOfMemory;

    /// <summary>Prepares fits.</summary>
    /// <param name="scaled">The rows.</param>
    /// <param name="options">How to fit.</param>
    /// <param name="cancellationToken">Stops a fit.</param>
    public HypothesisFits(ScaledRows scaled, GaussianMixtureOptions options, CancellationToken cancellationToken)
    {
        (_scaled, _options, _cancellationToken) = (scaled, options, cancellationToken);
        _family = GaussianFit.Family(scaled, options, isRough: true);
        _memory = new RunMemory(scaled.Rows.Source, WeightTotal, options.ThreadCount);
    }

    /// <summary>The best fit.</summary>
    /// <exception cref="MixtureFitException">No start led to one.</exception>
    public MixtureFit Best => _best ?? throw new MixtureFitException(_failure);

    /// <summary>The mixture of the best fit.</summary>
    public MixtureState Mixture => Best.ToState();

    private double WeightTotal => _scaled.Rows.RowWeightTotal;

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();

    /// <summary>First mixtures, one after the other.</summary>
    /// <param name="start">Makes them.</param>
    /// <param name="count">How many.</param>
    public IEnumerable<MixtureState> Start(MixtureStart start, int count)
    {
        var context = new StartContext(_family, _scaled, _options, _memory, _cancellationToken);
        for (int index = 0; index < count; index++)
        {
            StartOutcome outcome = start.Create(StartAttempt.Of(context, index));
            if (outcome.State is { } state) yield return state;
            else _failure = outcome.Reason;
        }
    }

    /// <summary>The best mixture of one component less, with each of them split, and with components where rows are denser than it says.</summary>
    /// <param name="fewer">The fits with one component less.</param>
    /// <param name="insertedCount">The most components to try.</param>
    public IEnumerable<MixtureState> Extend(HypothesisFits fewer, int insertedCount)
    {
        MixtureState mixture = fewer.Mixture;
        foreach (MixtureState state in NeighbourStarts.Split(mixture, components => Take(mixture, components))) yield return state;
        var insertion = new ComponentInsertion(_scaled.Rows.Source, mixture, _cancellationToken);
        foreach (InsertedComponent inserted in insertion.Find(_options.Seed, insertedCount))
        {
            if (insertion.TryInsert(inserted, _family, out MixtureState state)) yield return state;
        }
    }

    /// <summary>The best mixture of one component more, with each of them left out.</summary>
    /// <param name="more">The fits with one component more.</param>
    public IEnumerable<MixtureState> Reduce(HypothesisFits more)
    {
        MixtureState mixture = more.Mixture;
        return NeighbourStarts.Drop(mixture, components => Take(mixture, components));
    }

    /// <summary>Lets components have a prior about those of the best mixture of one component less, and forgets what was found under another one.</summary>
    /// <param name="fewer">The fits with one component less.</param>
    public void Inherit(HypothesisFits fewer)
    {
        _priors = new InheritedPriors(fewer.Mixture, _family, InheritedPriors.Strength * WeightTotal / _options.ComponentCount);
        _best = null;
    }

    /// <summary>Runs from some starts.</summary>
    /// <returns>Whether there is a better fit than before.</returns>
    public bool TryImprove(IEnumerable<MixtureState> starts)
    {
        MixtureFit? before = _best;
        int steps = FirstSteps;
        MixtureFit[] running = [.. starts.Select(start => RunShortly(start, steps)).OfType<MixtureFit>()];
        var beaten = new Stack<MixtureFit>();
        while ((running = Ranked(running)).Length > 1)
        {
            int half = (running.Length + 1) / 2;
            foreach (MixtureFit fit in running[half..].Reverse()) beaten.Push(fit);
            running = running[..half];
            if (half == 1) break;
            steps *= 2;
            running = [.. running.Select(fit => fit.StopReason == StopReason.Converged ? fit : RunShortly(fit.ToState(), steps)).OfType<MixtureFit>()];
        }

        int runs = 0;
        foreach (MixtureFit fit in running.Concat(beaten))
        {
            MixtureFit? whole = Run(fit.ToState(), _options.MaximumIterations, _options.Tolerance);
            // Better by more than what both may still gain.
            if (whole is not null && (_best is null || whole.IsBetterThan(_best, _options.Tolerance * WeightTotal))) _best = whole;
            if (whole is { Spurious.Count: 0 } || ++runs == MostLongRuns) break;
        }

        return !ReferenceEquals(_best, before);
    }

    /// <summary>Makes a model and its report of the best fit.</summary>
    public GaussianMixtureModel CreateModel()
    {
        MixtureFit fit = Best;
        fit.StartObjectives = [fit.Objective];
        return FitBudget.Run(_options, budget => GaussianFit.Finish(_scaled, fit, _options, budget), _cancellationToken);
    }

    private MixtureState? Take(MixtureState other, int[] components) => Take(_family, other, components);

    private MixtureState? Take(GaussianFamily family, MixtureState other, int[] components)
    {
        if (!MixtureParts.TryTake(family, other, components, out MixtureState state)) return null;
        ((GaussianComponents)state.Components).ClampPivots(_scaled.Rows.Minimum, _scaled.Rows.Maximum);
        return state;
    }

    // The best first, without those that are not expected to get above the best fit.
    private MixtureFit[] Ranked(MixtureFit[] fits) =>
    [
        .. fits
            .Where(fit => _best is not { Spurious.Count: 0 } best || fit.Objective + (fit.RemainingGain * WeightTotal) > best.Objective + NatsOfShortRun)
            .OrderBy(fit => fit.Unsoundness).ThenByDescending(fit => fit.Objective),
    ];

    private MixtureFit? RunShortly(MixtureState start, int steps) =>
        Run(start, Math.Min(steps, _options.MaximumIterations), Math.Max(_options.Tolerance, NatsOfShortRun / WeightTotal));

    // The same mixture with the priors that go with it; null if it is none.
    private MixtureState? Adopt(MixtureState start)
    {
        if (_priors is null) return start;
        GaussianFamily family = _priors.FamilyOf((GaussianComponents)start.Components);
        if (!ReferenceEquals(family, _familyOfMemory)) _memory.Clear();
        _familyOfMemory = family;
        return ReferenceEquals(family, ((GaussianComponents)start.Components).Family) ? start : Take(family, start, [.. Enumerable.Range(0, start.Weights.Length)]);
    }

    // Null for a run that breaks off.
    private MixtureFit? Run(MixtureState from, int mostSteps, double tolerance)
    {
        if (Adopt(from) is not { } start) return null;
        var rule = new StoppingRule(mostSteps, tolerance, WeightTotal) { MakesSure = false };
        MixtureFit fit = ExpectationMaximization.Run(
            start, _memory.Step(start.Components), rule, new Acceleration(), progress: null, _cancellationToken, budget: null, _memory);
        if (fit.Failure is { } failure) _failure = failure.Reason;
        if (fit.Failure is not null || !double.IsFinite(fit.Objective)) return null;
        fit.FindSpurious();
        return fit;
    }
}
