namespace Microsoft.ML.Mixture;

/// <summary>The last few mixtures of a run, in memory that is used again, so that a steady iteration allocates nothing.</summary>
internal sealed class Iterates
{
    private readonly MixtureState _start;
    private readonly bool _hasCopies;
    private readonly RunMemory? _memory;
    private readonly List<Slot> _free = [];
    private Slot _current;
    private Slot? _previous;
    private Slot? _next;
    private Slot? _extrapolated;

    // Where to go on if the extrapolation turns out to be a step down.
    private Slot? _plain;

    public Iterates(MixtureState start, bool hasCopies, RunMemory? memory = null)
    {
        _start = start;
        _hasCopies = hasCopies;
        _memory = memory;
        _current = new Slot(start, hasCopies);
    }

    /// <summary>The mixture that is evaluated next, or was last.</summary>
    public MixtureState Current => _current.State;

    /// <summary>N(k) under the current mixture.</summary>
    public double[] CurrentCounts => _current.Counts;

    /// <summary>The rows of each component under the current mixture, see <see cref="ExpectationStep.CopyRowCounts"/>.</summary>
    public double[] CurrentRowCounts => _current.RowCounts;

    /// <summary>The same of rows that differ, see <see cref="ExpectationStep.CopyDistinctCounts"/>; empty where there are no copies.</summary>
    public double[] CurrentDistinctCounts => _current.DistinctCounts;

    /// <summary>The mixture evaluated before.</summary>
    public MixtureState Previous => _previous!.State;

    /// <summary>N(k) under the previous mixture.</summary>
    public double[] PreviousCounts => _previous!.Counts;

    /// <summary>The rows of each component under the previous mixture.</summary>
    public double[] PreviousRowCounts => _previous!.RowCounts;

    /// <summary>The same of rows that differ.</summary>
    public double[] PreviousDistinctCounts => _previous!.DistinctCounts;

    /// <summary>Whether the current mixture is an extrapolation and not the outcome of an M-step.</summary>
    public bool IsExtrapolated { get; private set; }

    /// <summary>Whether the current mixture came out of the M-step of the previous one.</summary>
    public bool HasTwoSteps => _previous is not null && !IsExtrapolated;

    /// <summary>Room for what comes after the current mixture.</summary>
    public MixtureState Next() => (_next ??= Take()).State;

    /// <summary>Room for an extrapolation.</summary>
    public MixtureState Extrapolated() => (_extrapolated ??= Take()).State;

    /// <summary>Makes the next mixture the current one.</summary>
    public void Advance()
    {
        Release(ref _previous);
        Release(ref _plain);
        (_previous, _current, _next) = (_current, _next!, null);
        IsExtrapolated = false;
    }

    /// <summary>Makes the extrapolation the current mixture and keeps the next one to return to.</summary>
    public void AdvanceExtrapolated()
    {
        Release(ref _previous);
        (_previous, _current, _plain, _next, _extrapolated) = (_current, _extrapolated!, _next, null, null);
        IsExtrapolated = true;
    }

    /// <summary>Gives the extrapolation up and makes the mixture in front of which it was taken the current one.</summary>
    public void Return()
    {
        _free.Add(_current);
        (_current, _plain) = (_plain!, null);
        IsExtrapolated = false;
    }

    /// <summary>Gives the memory of all mixtures back, but for that of the start and of one that goes on living.</summary>
    public void End(MixtureComponents kept)
    {
        if (_memory is null) return;
        foreach (Slot? slot in (ReadOnlySpan<Slot?>)[.. _free, _current, _previous, _next, _extrapolated, _plain])
        {
            MixtureComponents? components = slot?.State.Components;
            if (components is not null && !ReferenceEquals(components, kept) && !ReferenceEquals(components, _start.Components)) _memory.Return(components);
        }
    }

    private Slot Take()
    {
        if (_free.Count == 0) return new Slot(new MixtureState(new double[_start.Weights.Length], _memory?.Take(_start.Components) ?? _start.Components.CreateEmpty()), _hasCopies);
        Slot slot = _free[^1];
        _free.RemoveAt(_free.Count - 1);
        return slot;
    }

    // A start may be of another shape than what comes after it, and is not written to.
    private void Release(ref Slot? slot)
    {
        if (slot is not null && !ReferenceEquals(slot.State.Components, _start.Components)) _free.Add(slot);
        slot = null;
    }

    private sealed class Slot(MixtureState state, bool hasCopies)
    {
        public MixtureState State { get; } = state;

        public double[] Counts { get; } = new double[state.Weights.Length];

        public double[] RowCounts { get; } = new double[state.Weights.Length];

        public double[] DistinctCounts { get; } = hasCopies ? new double[state.Weights.Length] : [];
    }
}
