namespace Microsoft.ML.Mixture;

/// <summary>K Gaussians, and as one component more, the last, noise of constant density, which has no parameters but its weight.</summary>
internal sealed class NoiseComponents(GaussianComponents gaussians, UniformNoise noise) : MixtureComponents
{
    // Below it the weight is on its way to zero, and not extrapolated.
    private const double SmallestWeight = 1e-9;

    public GaussianComponents Gaussians => gaussians;

    public UniformNoise Noise => noise;

    public override int ComponentCount => gaussians.ComponentCount + 1;

    public override int Dimension => gaussians.Dimension;

    /// <inheritdoc/>
    /// <remarks>The volume counts as one, where it comes from the data: mclust does the same.</remarks>
    public override long FreeParameterCount => gaussians.FreeParameterCount + (noise.IsGiven ? 0 : 1);

    public override int StatisticsLength => gaussians.StatisticsLength;

    public override double LogPrior => gaussians.LogPrior;

    public override bool ObjectiveMayFall => gaussians.ObjectiveMayFall;

    private int NoiseIndex => gaussians.ComponentCount;

    /// <summary>The Gaussians of a fit, with noise or without.</summary>
    public static GaussianComponents GaussiansOf(MixtureComponents components) => components is NoiseComponents both ? both.Gaussians : (GaussianComponents)components;

    public override int ScratchLength(int stride) => gaussians.ScratchLength(stride);

    public override void LogDensities(RowBlock rows, Span<double> logDensities, Span<double> scratch)
    {
        gaussians.LogDensities(rows, logDensities[..(NoiseIndex * rows.Stride)], scratch);
        NoiseDensities(rows, logDensities);
    }

    /// <summary>Writes the log-densities of the noise alone.</summary>
    public void NoiseDensities(RowBlock rows, Span<double> logDensities)
    {
        Span<double> destination = logDensities.Slice(NoiseIndex * rows.Stride, rows.LaneCount);
        destination.Fill(noise.LogDensity);
        for (int run = 0; rows.Holes is { } holes && run < holes.Count; run++)
        {
            int pattern = holes.Pattern(run);
            if (pattern != HolePatterns.Complete) destination[holes.First(run)..holes.End(run)].Fill(noise.LogDensityOf(holes.Patterns.Observed(pattern)));
        }
    }

    public override void Accumulate(RowBlock rows, ReadOnlySpan<double> responsibilities, Span<double> statistics, Span<double> scratch) =>
        gaussians.Accumulate(rows, responsibilities[..(NoiseIndex * rows.Stride)], statistics, scratch);

    internal override void AccumulateChosen(
        RowBlock rows, ReadOnlySpan<int> components, Span<double> responsibilities, Span<double> statistics, Span<double> scratch)
    {
        if (!components.IsEmpty && components[^1] == NoiseIndex) components = components[..^1];
        gaussians.AccumulateChosen(rows, components, responsibilities, statistics, scratch);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Noise takes rows at the same price whatever becomes of the Gaussians, so that these may close in on the rows that are left, all together, where no rule on single components and no
    /// bound on the likelihood holds. Rows of the noise tell nothing of the parameters of the Gaussians.
    /// </remarks>
    public override IReadOnlyList<DegenerateComponent> FindSpurious(ReadOnlySpan<double> effectiveCounts, ReadOnlySpan<double> rowCounts) =>
        FindSpuriousAmong(effectiveCounts, new RowsOfComponents(rowCounts));

    internal override IReadOnlyList<DegenerateComponent> FindSpuriousAmong(ReadOnlySpan<double> effectiveCounts, RowsOfComponents rows)
    {
        IReadOnlyList<DegenerateComponent> found = gaussians.FindSpuriousAmong(effectiveCounts[..NoiseIndex], rows.Take(NoiseIndex));
        ReadOnlySpan<double> rowCounts = rows.Counts;
        double left = 0;
        foreach (double count in rowCounts[..NoiseIndex]) left += count;

        // Where all rows are too few for so many parameters, it is not for the noise.
        double all = left + rowCounts[NoiseIndex], needed = ShownRows.ValuesOfParameter * (gaussians.FreeParameterCount + NoiseIndex - 1);
        if (found.Count > 0 || left * Dimension >= needed || all * Dimension < needed) return found;
        return [new DegenerateComponent(0, Describe(left, all)) { HasManyRows = true, IsOfAll = true }];
    }

    public override MixtureComponents CreateEmpty() => new NoiseComponents((GaussianComponents)gaussians.CreateEmpty(), noise);

    public override bool TryMaximize(
        ReadOnlySpan<double> effectiveCounts, ReadOnlySpan<double> statistics, MixtureComponents destination, out DegenerateComponent? failure) =>
        TryMaximizeTogether(effectiveCounts, statistics, destination, team: null, CancellationToken.None, out failure);

    internal override bool Coincide => gaussians.Coincide;

    internal override bool HaveTwins(CancellationToken cancellationToken) => gaussians.HaveTwins(cancellationToken);

    internal override bool TryMaximizeTogether(
        ReadOnlySpan<double> effectiveCounts, ReadOnlySpan<double> statistics, MixtureComponents destination, WorkerTeam? team, CancellationToken cancellationToken,
        out DegenerateComponent? failure) =>
        gaussians.TryMaximizeTogether(effectiveCounts[..NoiseIndex], statistics, ((NoiseComponents)destination).Gaussians, team, cancellationToken, out failure);

    internal override void Note(ReadOnlySpan<double> effectiveCounts, ReadOnlySpan<double> statistics) => gaussians.Note(effectiveCounts[..NoiseIndex], statistics);

    internal override ComponentBounds? CreateBounds(int blockCount) => gaussians.CreateBounds(blockCount) is { } bounds ? new NoiseBounds(bounds, NoiseIndex) : null;

    internal override bool CanLeaveRowsOut => gaussians.CanLeaveRowsOut;

    internal override void LeaveRowsOut(RowBlock rows, ReadOnlySpan<double> shares, ReadOnlySpan<double> counts, Span<double> logDensities) =>
        gaussians.LeaveRowsOut(rows, shares, counts[..NoiseIndex], logDensities);

    internal override double UnitLogDensityOf(int observedCount) => gaussians.UnitLogDensityOf(observedCount);

    internal override int ConstantStatisticsLength => gaussians.ConstantStatisticsLength;

    // The scatter of all rows is not the Gaussians', whose family therefore never asks for it.
    internal override object? ConstantStatisticsKey => gaussians.ConstantStatisticsKey;

    internal override ParameterSteps? Compare(MixtureState before, MixtureState middle, MixtureState after)
    {
        ParameterSteps? steps = gaussians.Compare(Inner(before), Inner(middle), Inner(after));
        if (steps is not { } lengths || !Moves(before, middle, after)) return steps;
        double first = Math.Log(middle.Weights[NoiseIndex] / before.Weights[NoiseIndex]);
        double change = Math.Log(after.Weights[NoiseIndex] / middle.Weights[NoiseIndex]) - first, weight = after.Weights[NoiseIndex];
        return new ParameterSteps(lengths.First + (weight * first * first), lengths.Change + (weight * change * change));
    }

    internal override bool TryExtrapolate(
        MixtureState before, MixtureState middle, MixtureState after, double step, MixtureState destination, CancellationToken cancellationToken)
    {
        if (!gaussians.TryExtrapolate(Inner(before), Inner(middle), Inner(after), step, Inner(destination), cancellationToken)) return false;
        double[] weights = destination.Weights;
        if (!Moves(before, middle, after))
        {
            weights[NoiseIndex] = after.Weights[NoiseIndex];
            for (int k = 0; k < NoiseIndex; k++) weights[k] *= 1 - weights[NoiseIndex];
            return true;
        }

        Extrapolations.Weights(before.Weights, middle.Weights, after.Weights, step, weights);
        return true;
    }

    private string Describe(double left, double all) =>
        $"The noise leaves {Counted.Of(left, "row")} of {Counted.Of(all, "row")} to the Gaussians, fewer than two values for each of their {gaussians.FreeParameterCount + NoiseIndex - 1} "
        + $"parameters: likelihood and BIC mean little. Ask for fewer components or for a structure with fewer parameters, or fit without {nameof(GaussianMixtureOptions.NoiseComponent)}.";

    private bool Moves(MixtureState before, MixtureState middle, MixtureState after) =>
        Math.Min(Math.Min(before.Weights[NoiseIndex], middle.Weights[NoiseIndex]), after.Weights[NoiseIndex]) > SmallestWeight;

    // The Gaussians look at their own weights only, which come first.
    private static MixtureState Inner(MixtureState state) => new(state.Weights, GaussiansOf(state.Components));
}
