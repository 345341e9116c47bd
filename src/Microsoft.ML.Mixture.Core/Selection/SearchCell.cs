namespace Microsoft.ML.Mixture;

/// <summary>A model of a search while it is at work.</summary>
internal sealed class SearchCell
{
    // Volume, shape and orientation, from what is nothing to what is free.
    private const string Freedoms = "IEV";

    private MixtureFit? _settled;
    private RunMemory? _memory;
    private (MixtureFit? Current, HashSet<MixtureFit> Seen) _remembered = (null, []);
    private SearchRows? _rowsOfMemory;

    /// <summary>Takes a model, if rows can hold it at all.</summary>
    /// <param name="candidate">The model.</param>
    /// <param name="options">How it is fitted.</param>
    /// <param name="data">The rows.</param>
    /// <param name="tried">The structures of all models.</param>
    public SearchCell(MixtureCandidate candidate, GaussianMixtureOptions options, SearchData data, IReadOnlyList<CovarianceStructure> tried)
    {
        (Candidate, Options) = (candidate, options);
        FreeParameterCount = candidate.FreeParameterCount(data.Unscaled.Source.Dimension);
        IsOverfitted = candidate.IsOverfitted(data.Unscaled);
        if (candidate.WhyExcluded(data, options, tried) is { } reason) Exclude(reason);
    }

    public MixtureCandidate Candidate { get; }

    /// <summary>How it is fitted.</summary>
    public GaussianMixtureOptions Options { get; }

    /// <summary>The number of its free parameters.</summary>
    public long FreeParameterCount { get; }

    public GaussianFamily? Family { get; set; }

    /// <summary>The best fit so far.</summary>
    public MixtureFit? Current { get; set; }

    /// <summary>Of fits to a sample the best but one, which all rows may prefer; null for none.</summary>
    public MixtureFit? Second { get; private set; }

    /// <summary>Another start on all rows, from what a sample made of the best fit when its responsibilities were nearly even; null for none.</summary>
    public MixtureState? Annealed { get; set; }

    /// <summary>What other models may see of it during a phase.</summary>
    public MixtureFit? Published { get; set; }

    /// <summary>The fits of others that it has started from.</summary>
    public HashSet<MixtureFit> Seen { get; private set; } = [];

    /// <summary>Whether it may still win, so that no trouble is spared.</summary>
    public bool IsContender { get; set; }

    /// <summary>Its criterion before it was started again; null as long as it has not been looked at.</summary>
    public double? FirstCriterion { get; set; }

    /// <summary>Whether it is the model of the winner's structure with one component more or less, for which what the winner has found may do.</summary>
    public bool IsNearWinner { get; set; }

    /// <summary>Whether it has started from the groups that are not the tree's.</summary>
    public bool HasTriedGroups { get; set; }

    /// <summary>Whether it is to start from them.</summary>
    public bool TriesGroups => IsContender && !HasTriedGroups && Candidate.IsItsOwn && Candidate.ComponentCount > 1;

    /// <summary>Whether its start owes something to chance, so that it tries what its neighbours have found even if it cannot win.</summary>
    public bool IsOpen { get; set; }

    /// <summary>Whether the rows cannot hold such a model, for they are too few.</summary>
    public bool IsExcluded { get; private set; }

    /// <summary>Whether it is fitted: it is neither excluded nor the same as another.</summary>
    public bool IsSearched => !IsExcluded && Candidate.IsItsOwn;

    /// <summary>Whether its axes are found by a search, which takes long in many features.</summary>
    public bool FindsAxes => Candidate.CovarianceStructure is { Shape: CovarianceShape.Full, IsShared: false, TiesOrientation: true, TiesShape: false };

    /// <summary>Whether it was spared work because it could not win, or because the time was over.</summary>
    public bool WasGivenUp { get; set; }

    /// <summary>Why the last fit failed.</summary>
    public string? LastFailure { get; set; }

    /// <summary>Whether it has so many parameters that criteria say nothing.</summary>
    public bool IsOverfitted { get; }

    /// <summary>Takes it out of the search.</summary>
    public void Exclude(string reason) => (IsExcluded, Candidate.Failure) = (true, reason);

    /// <summary>Takes what the current fit has become as the model.</summary>
    public void Accept(GaussianMixtureModel model) => (Candidate.Model, Candidate.Failure, Candidate.IsDoubtful) = (model, null, IsOverfitted || Current!.Spurious.Count > 0);

    /// <summary>Whether it has a fit that may win.</summary>
    public bool IsSound => !IsOverfitted && Current is { Spurious.Count: 0 };

    /// <summary>Keeps a fit if it is better.</summary>
    /// <returns>Whether it is.</returns>
    public bool Offer(MixtureFit? fit)
    {
        if (fit is null || (Current is not null && !fit.IsBetterThan(Current))) return false;
        Current = fit;
        return true;
    }

    /// <summary>Keeps what a run from the best fit has led to if it is better, and notes whether that run came to the end: one of a model that may win is asked for the whole tolerance.</summary>
    /// <returns>Whether it is better.</returns>
    public bool Settle(MixtureFit? fit)
    {
        bool isBetter = Offer(fit);
        if (fit is { StopReason: StopReason.Converged } && (IsContender || IsConverged(fit))) _settled = Current;
        return isBetter;
    }

    /// <summary>Whether the model is what becomes of all work that models which may win are worth. One component has nothing to look for.</summary>
    public bool IsFittedToTheEnd => (!WasGivenUp || Candidate.ComponentCount == 1) && Current is not null && (_settled == Current || IsConverged(Current));

    /// <summary>Keeps a fit to a sample that is not the best, if it is of another mixture and better than the second so far.</summary>
    /// <param name="fit">The fit.</param>
    /// <param name="leastDifference">Objectives of different mixtures differ by more.</param>
    /// <returns>Whether it is kept.</returns>
    public bool OfferSecond(MixtureFit? fit, double leastDifference)
    {
        if (fit is null || Math.Abs(fit.Objective - Current!.Objective) <= leastDifference || (Second is not null && !fit.IsBetterThan(Second))) return false;
        Second = fit;
        return true;
    }

    /// <summary>Remembers what there is before models are started again.</summary>
    public void Remember() => _remembered = (Current, [.. Seen]);

    /// <summary>Forgets what has been found since.</summary>
    public void GoBack()
    {
        (Current, Seen) = (_remembered.Current, [.. _remembered.Seen]);
        HasTriedGroups = false;
    }

    /// <summary>What runs on some rows use one after the other.</summary>
    public RunMemory Memory(SearchRows rows)
    {
        if (_memory is null || !ReferenceEquals(rows, _rowsOfMemory)) (_memory, _rowsOfMemory) = (new RunMemory(rows.Source, rows.WeightTotal, threadCount: 1), rows);
        return _memory;
    }

    /// <summary>Lets go of what runs use, for on all rows it is a good deal, and there are many models.</summary>
    public void ReleaseMemory()
    {
        _memory?.Dispose();
        (_memory, _rowsOfMemory) = (null, null);
    }

    // Where too few steps tell what remains, it was a step that gained nothing at all.
    private bool IsConverged(MixtureFit fit) => fit.StopReason == StopReason.Converged && (fit.RemainingGain <= Options.Tolerance || double.IsPositiveInfinity(fit.RemainingGain));

    /// <summary>Whether its mixtures are among those of this model, with K the same.</summary>
    public bool Contains(SearchCell other)
    {
        if (other == this || other.Candidate.ComponentCount != Candidate.ComponentCount) return false;
        if (Candidate.CovarianceStructure.Code is not { } own || other.Candidate.CovarianceStructure.Code is not { } code) return false;
        bool contains = true;
        for (int letter = 0; letter < own.Length; letter++) contains &= Freedoms.IndexOf(own[letter], StringComparison.Ordinal) >= Freedoms.IndexOf(code[letter], StringComparison.Ordinal);
        return contains;
    }
}
