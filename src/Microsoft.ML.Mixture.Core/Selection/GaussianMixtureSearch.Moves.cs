namespace Microsoft.ML.Mixture;

/// <content>What a model starts from: the tree, models that it contains, and what its neighbours have found.</content>
internal sealed partial class GaussianMixtureSearch
{
    private const int ScreeningSteps = 2;
    private const int MostIterations = 300;

    // Of a model that may win, and of the others: more, where rows coincide and likelihoods have many maxima.
    private const int LongRunsOfExchange = 4;
    private const int LongRunsOfLosers = 2;
    private const int GroupingsOfLosers = 1;
    private const int NeighboursAmongTwins = 4;
    private const int NeighboursOfLosers = 2;

    // The first steps decide which maximum EM goes to. They are plain ones until one gains no more than this, in nats per unit of row weight.
    private const double PlainGain = 1e-4;

    private const double LeastEvenShare = 0.97;

    // Objectives that differ by less, per unit of row weight, are those of one mixture.
    private const double SameObjective = 1e-9;

    // What a model with p parameters owes to the choice of n rows is about p / (2 n) nats a row: a run on a sample need not be much more exact.
    private const double ToleranceOfSample = 0.02;

    // A model that cannot win may be short of its maximum by this share of its criterion, or by so many nats.
    private const double ToleranceOfLosers = 1e-6;
    private const double NatsOfLosers = 5e-4;

    // From k-means groups, which take less time than a tree.
    private void StartOnSample(SearchCell cell, SearchGrouping?[] groupings)
    {
        if (cell.Candidate.SameAs is not null || cell.IsExcluded || cell.Candidate.ComponentCount == 1) return;
        foreach (SearchGrouping? groups in Groupings(cell, groupings).Take(GroupingsOfLosers)) Start(cell, groups);
    }

    private void Start(SearchCell cell, SearchGrouping? groups)
    {
        if (groups is null || !_fits.TryStart(cell, _explored, groups, out MixtureState state)) return;
        if (cell.Current is not null)
        {
            Challenge(cell, Run(cell, state, StoppingRule.DecidingSteps));
            return;
        }

        cell.Offer(Run(cell, state, _options.MaximumIterations, StoppingRule.DecidingSteps, IsSampled ? double.PositiveInfinity : PlainGain));
        cell.IsOpen |= cell.Current is not { Spurious.Count: 0 };
    }

    // A model that contains another is at least as likely at its best. And where one model has found better groups than the others of the same K,
    // a few steps from there tell whether they are better for this one, too.
    private void Repair(SearchCell cell)
    {
        if (Likeliest(cell, cell.Contains) is { } within && (cell.Current is not { } current || within.LogLikelihood > current.LogLikelihood)
            && cell.Seen.Add(within) && _fits.TryAdopt(cell, State(within), out MixtureState contained))
        {
            cell.Offer(Run(cell, contained, MostIterations));
        }

        if (LikeliestSound(cell) is not { } best || cell.Candidate.ComponentCount == 1 || !cell.Seen.Add(best)) return;
        if (_fits.TryAdopt(cell, State(best), out MixtureState start)) Challenge(cell, Run(cell, start, ScreeningSteps));
    }

    // Where the first groups leave open where EM begins: with axes that are found by search, or that rows fewer than features do not tell. Trees of rows
    // on a grid, many of which coincide, hang on rounding, and those of a sample on chance.
    private void FindOpen(SearchGrouping?[] trees)
    {
        _areTwins = _groups.EvenShare < LeastEvenShare;
        foreach (SearchCell cell in _cells)
        {
            if (trees[cell.Candidate.ComponentCount - _counts[0]] is not { } groups) continue;
            CovarianceStructure structure = cell.Candidate.CovarianceStructure;
            bool hasOwnAxes = structure.Shape == CovarianceShape.Full && !structure.IsShared && structure.TiesShape && !structure.TiesOrientation;
            cell.IsOpen = _areTwins || IsSampled || (_source.Dimension > 1 && (cell.FindsAxes || (hasOwnAxes && groups.SmallestCount <= _source.Dimension)));
        }
    }

    private MixtureFit? LikeliestSound(SearchCell cell) => Likeliest(cell, other => other.Published!.Spurious.Count == 0);

    // Of the models of the same K.
    private MixtureFit? Likeliest(SearchCell cell, Func<SearchCell, bool> isMeant) => _cells
        .Where(other => other != cell && other.Published is not null && other.Candidate.ComponentCount == cell.Candidate.ComponentCount && isMeant(other))
        .MaxBy(other => other.Published!.LogLikelihood)?.Published;

    private IEnumerable<SearchGrouping?> Groupings(SearchCell cell, SearchGrouping?[] groupings) =>
        groupings.Skip((cell.Candidate.ComponentCount - _counts[0]) * (_options.StartCount - 1)).Take(_options.StartCount - 1);

    // Starts from what neighbours have found, and goes on with what is best after a few steps.
    private void Exchange(SearchCell cell, SearchGrouping?[] groupings, bool isFirst)
    {
        if (cell.Candidate.ComponentCount == 1 || !(cell.IsContender || cell.IsNearWinner || (isFirst && cell.IsOpen))) return;
        var found = new List<MixtureFit>();
        if (cell.TriesGroups)
        {
            foreach (SearchGrouping? groups in Groupings(cell, groupings).Skip(IsSampled ? GroupingsOfLosers : 0)) Start(cell, groups);
        }

        cell.HasTriedGroups |= cell.IsContender;
        foreach (SearchCell other in Neighbours(cell))
        {
            if (other.Published is not { } fit || !cell.Seen.Add(fit)) continue;
            foreach (MixtureState state in Starts(cell, fit))
            {
                if (Run(cell, state, ScreeningSteps) is { } model) found.Add(model);
            }
        }

        double last = double.NaN;
        int runs = 0;
        foreach (MixtureFit fit in found.OrderBy(fit => fit.Spurious.Count).ThenByDescending(fit => fit.Objective))
        {
            if (runs == (cell.IsContender || _areTwins ? LongRunsOfExchange : LongRunsOfLosers) || Math.Abs(fit.Objective - last) <= SameObjective * _explored.WeightTotal)
            {
                SearchFits.Forget(cell, _explored, fit);
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
        MixtureFit? fit = Run(cell, State(challenger), MostIterations, rival: Rival(cell, challenger, _explored));
        bool isKept = cell.Offer(fit), isSame = ReferenceEquals(fit?.Components, challenger.Components);
        if (fit is not null && !isKept) SearchFits.Forget(cell, _explored, fit);
        if (!isSame) SearchFits.Forget(cell, _explored, challenger);
    }

    // What a run from another fit has to get above; nothing where the model has a doubtful fit and that one is sound.
    private static double Rival(SearchCell cell, MixtureFit challenger, SearchRows rows) =>
        cell.Current is { } current && current.Spurious.Count <= challenger.Spurious.Count ? current.Objective / rows.WeightTotal : double.NegativeInfinity;

    // The same structure with one component more or less, and the same K with the structures that have found most; all of them for one that may win.
    private IEnumerable<SearchCell> Neighbours(SearchCell cell)
    {
        int count = cell.Candidate.ComponentCount;
        IEnumerable<SearchCell> alike = _cells
            .Where(other => other != cell && other.Candidate.ComponentCount == count && other.Published is not null)
            .OrderBy(other => other.Published!.Spurious.Count).ThenByDescending(other => other.Published!.LogLikelihood);
        return _cells
            .Where(other => Math.Abs(other.Candidate.ComponentCount - count) == 1 && other.Candidate.CovarianceStructure == cell.Candidate.CovarianceStructure)
            .Concat(cell.IsContender ? alike : alike.Take(_areTwins ? NeighboursAmongTwins : NeighboursOfLosers));
    }

    private IEnumerable<MixtureState> Starts(SearchCell cell, MixtureFit neighbour)
    {
        int difference = neighbour.Weights.Count - cell.Candidate.ComponentCount;
        MixtureState mixture = State(neighbour);
        if (difference == 0) return _fits.TryAdopt(cell, mixture, out MixtureState same) ? [same] : [];
        MixtureState? Take(int[] components) => _fits.TryAdopt(cell, mixture, components, out MixtureState state) ? state : null;
        return difference < 0 ? NeighbourStarts.Split(mixture, Take) : NeighbourStarts.Drop(mixture, Take);
    }

    private MixtureFit? Run(
        SearchCell cell, MixtureState state, int mostIterations, int plainSteps = 0, double plainGain = double.PositiveInfinity, double rival = double.NegativeInfinity)
    {
        int most = Math.Min(mostIterations, _options.MaximumIterations);
        double tolerance = IsSampled ? ToleranceOfSample * cell.Candidate.FreeParameterCount(_source.Dimension) / (2 * _explored.WeightTotal) : Tolerance(cell, isContender: false);
        var rule = new StoppingRule(most, tolerance, _explored.WeightTotal) { TrustsLastGain = IsSampled, PlainSteps = plainSteps, PlainGain = plainGain, Rival = rival, MakesSure = false };
        return _fits.TryRun(cell, _explored, state, rule);
    }

    private double Tolerance(SearchCell cell, bool isContender)
    {
        if (isContender) return _options.Tolerance;
        double share = cell.Current is { } fit ? ToleranceOfLosers * Math.Abs((fit.LogLikelihood / fit.RowWeightTotal) + (_rows.LogDensityShift / _all.WeightTotal)) : 0;
        return Math.Max(_options.Tolerance, Math.Max(share, NatsOfLosers / _explored.WeightTotal));
    }

    private static MixtureState State(MixtureFit fit) => new([.. fit.Weights], fit.Components);
}
