namespace Microsoft.ML.Mixture;

/// <summary>Starts EM for the models of a search and runs it, on one thread each.</summary>
/// <param name="scaled">All rows, whose units and moments are those of every fit.</param>
/// <param name="rows">Those to fit to.</param>
/// <param name="cancellationToken">Stops a run.</param>
internal sealed class SearchFits(ScaledRows scaled, SearchRows rows, CancellationToken cancellationToken)
{
    /// <summary>The M-step of groups.</summary>
    public bool TryStart(SearchCell cell, SearchGrouping groups, out MixtureState state)
    {
        RunMemory memory = ReferenceEquals(groups.Rows, rows.Source) ? cell.Memory(rows) : new RunMemory(groups.Rows, rows.WeightTotal, threadCount: 1);
        var maximization = new StartMaximization(Family(cell), scaled.Moments, cell.Candidate.ComponentCount, noise: null, cancellationToken);
        if (maximization.TryMaximize(groups.Rows, groups.Responsibilities, groups.Centres, memory, out state, out DegenerateComponent? failure)) return true;
        cell.LastFailure = failure!.Reason;
        return false;
    }

    /// <summary>The parameters of a fit of another structure, or of parts of one, which the first step brings into the structure.</summary>
    public bool TryAdopt(SearchCell cell, MixtureState other, out MixtureState state) => TryAdopt(cell, other, [.. Enumerable.Range(0, other.Weights.Length)], out state);

    /// <summary>The same with some of the components, or some of them twice.</summary>
    public bool TryAdopt(SearchCell cell, MixtureState other, int[] components, out MixtureState state)
    {
        bool isTaken = MixtureParts.TryTake(Family(cell), other, components, out state);
        ((GaussianComponents)state.Components).ClampPivots(scaled.Rows.Minimum, scaled.Rows.Maximum);
        return isTaken;
    }

    /// <summary>Runs EM.</summary>
    /// <returns>The fit; null if it failed.</returns>
    public MixtureFit? TryRun(SearchCell cell, MixtureState start, StoppingRule rule)
    {
        RunMemory memory = cell.Memory(rows);
        MixtureFit fit = ExpectationMaximization.Run(
            start, memory.Step(start.Components), rule, new Acceleration(), progress: null, cancellationToken, budget: null, memory);

        fit.FindSpurious();
        fit.StartObjectives = [fit.Objective];
        if (fit.Failure is { } failure)
        {
            cell.LastFailure = failure.Reason;
            return null;
        }

        return double.IsFinite(fit.Objective) ? fit : null;
    }

    /// <summary>Lets later runs use the memory of a fit that nobody needs any more.</summary>
    public void Forget(SearchCell cell, MixtureFit fit)
    {
        CovarianceStructure structure = cell.Candidate.CovarianceStructure;
        if (fit.Components is GaussianComponents components && components.Shape == structure.Shape && components.IsShared == structure.IsShared) cell.Memory(rows).Return(components);
    }

    private GaussianFamily Family(SearchCell cell) => cell.Family ??= GaussianFit.Family(scaled, cell.Options, isRough: true);
}
