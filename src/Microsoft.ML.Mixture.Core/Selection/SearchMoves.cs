namespace Microsoft.ML.Mixture;

/// <summary>What a model of a search starts from: groups, models that it contains, and what its neighbours have found.</summary>
/// <param name="grid">The models.</param>
/// <param name="phase">The phase, on a sample or on all rows.</param>
/// <param name="options">Those of the search.</param>
/// <param name="areTwins">Whether so many rows coincide that likelihoods have many maxima.</param>
internal sealed class SearchMoves(SearchGrid grid, SearchPhase phase, GaussianMixtureSearchOptions options, bool areTwins)
{
    /// <summary>With how many groupings beside the tree's models that cannot win begin on a sample.</summary>
    public const int GroupingsOfLosers = 2;

    /// <summary>How many steps a run takes at least in a search that samples, before another ends it.</summary>
    public const int StepsBesideRival = 10;

    /// <summary>Objectives of runs on a sample that differ by more, per unit of row weight, are those of different mixtures, though such runs are rough.</summary>
    public const double OtherObjective = 1e-3;

    private const int ScreeningSteps = 2;
    private const int MostIterations = 300;

    // Of a model that may win, and of the others: more, where rows coincide and likelihoods have many maxima.
    private const int LongRunsOfExchange = 4;
    private const int LongRunsOfLosers = 2;
    private const int NeighboursAmongTwins = 4;
    private const int NeighboursOfLosers = 2;
    private const int NeighboursOfLosersOfSample = 1;

    // The first steps decide which maximum EM goes to. They are plain ones until one gains no more than this, in nats per unit of row weight.
    private const double PlainGain = 1e-4;

    // Objectives that differ by less, per unit of row weight, are those of one mixture.
    private const double SameObjective = 1e-9;

    private readonly SearchFits _fits = phase.Fits;
    private readonly SearchRows _rows = phase.Rows;

    private bool IsSampled => _rows.AreSample;

    /// <summary>What a run from another fit has to get above, per unit of row weight; nothing where the model has a doubtful fit and that one is sound.</summary>
    public static double Rival(SearchCell cell, MixtureFit challenger, SearchRows rows) =>
        cell.Current is { } current && current.Unsoundness <= challenger.Unsoundness ? current.Objective / rows.WeightTotal : double.NegativeInfinity;

    /// <summary>What a run from anything else has to get above, per unit of row weight; nothing where the model has a doubtful fit.</summary>
    public static double Rival(SearchCell cell, SearchRows rows) =>
        cell.Current is { Spurious.Count: 0 } current ? current.Objective / rows.WeightTotal : double.NegativeInfinity;

    /// <summary>Starts from k-means groups, which take less time than a tree.</summary>
    public void StartOnSample(SearchCell cell, IEnumerable<SearchGrouping?> groupings)
    {
        if (!cell.IsSearched || cell.Candidate.ComponentCount == 1) return;
        foreach (SearchGrouping? groups in groupings.Take(GroupingsOfLosers)) Start(cell, groups);
    }

    /// <summary>Starts from groups, if there are any.</summary>
    public void Start(SearchCell cell, SearchGrouping? groups)
    {
        if (groups is null || !_fits.TryStart(cell, groups, out MixtureState state)) return;
        if (cell.Current is not null)
        {
            Challenge(cell, Run(cell, state, StoppingRule.DecidingSteps));
            return;
        }

        cell.Offer(Run(cell, state, options.MaximumIterations, StoppingRule.DecidingSteps, IsSampled ? double.PositiveInfinity : PlainGain));
        cell.IsOpen |= cell.Current is not { Spurious.Count: 0 };
    }

    /// <summary>Starts a model that cannot win once more, as long as it may get above what it has found.</summary>
    public void Retry(SearchCell cell, MixtureState start)
    {
        cell.Offer(Run(cell, start, MostIterations, StoppingRule.DecidingSteps, rival: Rival(cell, _rows)));
    }

    /// <summary>Runs from a start to the end, whatever has been found.</summary>
    public MixtureFit? Explore(SearchCell cell, MixtureState start) => Run(cell, start, MostIterations);

    /// <summary>A model that contains another is at least as likely at its best.</summary>
    public void Contain(SearchCell cell)
    {
        if (grid.Likeliest(cell, cell.Contains) is { } within && (cell.Current is not { } current || within.LogLikelihood > current.LogLikelihood)
            && cell.Seen.Add(within) && _fits.TryAdopt(cell, within.ToState(), out MixtureState contained))
        {
            cell.Offer(Run(cell, contained, MostIterations));
        }
    }

    /// <summary>
    /// Sees that a model is no less likely than those that it contains. And where one model has found better groups than the others of the same K,
    /// a few steps from there tell whether they are better for this one, too.
    /// </summary>
    public void Repair(SearchCell cell)
    {
        Contain(cell);
        if (grid.LikeliestSound(cell) is not { } best || cell.Candidate.ComponentCount == 1 || !cell.Seen.Add(best)) return;
        if (_fits.TryAdopt(cell, best.ToState(), out MixtureState start)) Challenge(cell, Run(cell, start, ScreeningSteps));
    }

    /// <summary>Starts from what neighbours have found, and goes on with what is best after a few steps.</summary>
    /// <param name="cell">The model.</param>
    /// <param name="groupings">Groupings that it may still start from.</param>
    /// <param name="isFirst">Whether models that cannot win do so, too, if their start owes something to chance.</param>
    public void Exchange(SearchCell cell, IEnumerable<SearchGrouping?> groupings, bool isFirst)
    {
        if (cell.Candidate.ComponentCount == 1 || !(cell.IsContender || cell.IsNearWinner || (isFirst && cell.IsOpen))) return;
        var found = new List<MixtureFit>();
        if (cell.TriesGroups)
        {
            foreach (SearchGrouping? groups in groupings.Skip(IsSampled ? GroupingsOfLosers : 0)) Start(cell, groups);
        }

        cell.HasTriedGroups |= cell.IsContender;
        foreach (SearchCell other in grid.Neighbours(cell, cell.IsContender ? int.MaxValue : areTwins ? NeighboursAmongTwins : IsSampled ? NeighboursOfLosersOfSample : NeighboursOfLosers))
        {
            if (other.Published is not { } fit || !cell.Seen.Add(fit)) continue;
            foreach (MixtureState state in Starts(cell, fit))
            {
                if (Run(cell, state, ScreeningSteps) is { } model) found.Add(model);
            }
        }

        double last = double.NaN;
        int runs = 0;
        foreach (MixtureFit fit in found.OrderBy(fit => fit.Unsoundness).ThenByDescending(fit => fit.Objective))
        {
            if (runs == (cell.IsContender || areTwins ? LongRunsOfExchange : LongRunsOfLosers) || Math.Abs(fit.Objective - last) <= SameObjective * _rows.WeightTotal)
            {
                _fits.Forget(cell, fit);
                continue;
            }

            last = fit.Objective;
            runs++;
            Challenge(cell, fit);
        }
    }

    // Goes on with a fit as long as it may get above what the model has, and to the end where the model has a doubtful fit and this one is sound.
    private void Challenge(SearchCell cell, MixtureFit? challenger)
    {
        if (challenger is null) return;
        MixtureFit? fit = Run(cell, challenger.ToState(), MostIterations, rival: Rival(cell, challenger, _rows));
        MixtureFit? before = cell.Current;
        bool isKept = cell.Offer(fit), isSame = ReferenceEquals(fit?.Components, challenger.Components);
        bool isSecond = IsSampled && cell.OfferSecond(isKept ? before : fit, OtherObjective * _rows.WeightTotal);
        if (fit is not null && !isKept && !isSecond) _fits.Forget(cell, fit);
        if (!isSame) _fits.Forget(cell, challenger);
    }

    private IEnumerable<MixtureState> Starts(SearchCell cell, MixtureFit neighbour)
    {
        int difference = neighbour.Weights.Count - cell.Candidate.ComponentCount;
        MixtureState mixture = neighbour.ToState();
        if (difference == 0) return _fits.TryAdopt(cell, mixture, out MixtureState same) ? [same] : [];
        MixtureState? Take(int[] components) => _fits.TryAdopt(cell, mixture, components, out MixtureState state) ? state : null;
        return difference < 0 ? NeighbourStarts.Split(mixture, Take) : NeighbourStarts.Drop(mixture, Take);
    }

    private MixtureFit? Run(
        SearchCell cell, MixtureState state, int mostIterations, int plainSteps = 0, double plainGain = double.PositiveInfinity, double rival = double.NegativeInfinity)
    {
        int most = Math.Min(mostIterations, options.MaximumIterations);
        var rule = new StoppingRule(most, phase.Tolerance.OfExploring(cell), _rows.WeightTotal)
        {
            TrustsLastGain = IsSampled,
            PlainSteps = plainSteps,
            PlainGain = plainGain,
            Rival = rival,
            StepsBesideRival = IsSampled ? StepsBesideRival : 0,
            MakesSure = false,
        };
        return _fits.TryRun(cell, state, rule);
    }
}
