namespace Microsoft.ML.Mixture.Engine.Tests;

/// <summary>Gaussians whose bounds and extrapolations are counted, and can be left out or spoiled. All else is the same.</summary>
internal sealed class WrappedComponents(GaussianComponents inner, WorkCount count) : MixtureComponents
{
    public GaussianComponents Inner => inner;

    public override int ComponentCount => inner.ComponentCount;

    public override int Dimension => inner.Dimension;

    public override long FreeParameterCount => inner.FreeParameterCount;

    public override int StatisticsLength => inner.StatisticsLength;

    public override double LogPrior => inner.LogPrior;

    internal override int ConstantStatisticsLength => inner.ConstantStatisticsLength;

    internal override object? ConstantStatisticsKey => inner.ConstantStatisticsKey;

    public static MixtureState Wrap(MixtureState state, WorkCount count) => new(state.Weights, new WrappedComponents((GaussianComponents)state.Components, count));

    public static MixtureState Unwrap(MixtureState state) => new(state.Weights, ((WrappedComponents)state.Components).Inner);

    public override int ScratchLength(int stride) => inner.ScratchLength(stride);

    public override void LogDensities(RowBlock rows, Span<double> logDensities, Span<double> scratch)
    {
        Interlocked.Add(ref count.RowsEvaluated, rows.RowCount);
        inner.LogDensities(rows, logDensities, scratch);
    }

    public override void Accumulate(RowBlock rows, ReadOnlySpan<double> responsibilities, Span<double> statistics, Span<double> scratch) =>
        inner.Accumulate(rows, responsibilities, statistics, scratch);

    public override MixtureComponents CreateEmpty() => new WrappedComponents((GaussianComponents)inner.CreateEmpty(), count);

    public override bool TryMaximize(
        ReadOnlySpan<double> effectiveCounts, ReadOnlySpan<double> statistics, MixtureComponents destination, out DegenerateComponent? failure) =>
        inner.TryMaximize(effectiveCounts, statistics, ((WrappedComponents)destination).Inner, out failure);

    internal override bool TryMaximizeTogether(
        ReadOnlySpan<double> effectiveCounts, ReadOnlySpan<double> statistics, MixtureComponents destination, WorkerTeam? team, CancellationToken cancellationToken, out DegenerateComponent? failure) =>
        inner.TryMaximizeTogether(effectiveCounts, statistics, ((WrappedComponents)destination).Inner, team, cancellationToken, out failure);

    internal override void AccumulateChosen(
        RowBlock rows, ReadOnlySpan<int> components, Span<double> responsibilities, Span<double> statistics, Span<double> scratch) =>
        inner.AccumulateChosen(rows, components, responsibilities, statistics, scratch);

    internal override void AccumulateConstant(RowBlock rows, Span<double> statistics, Span<double> scratch) => inner.AccumulateConstant(rows, statistics, scratch);

    internal override ParameterSteps? Compare(MixtureState before, MixtureState middle, MixtureState after) =>
        inner.Compare(Unwrap(before), Unwrap(middle), Unwrap(after));

    internal override bool TryExtrapolate(
        MixtureState before, MixtureState middle, MixtureState after, double step, MixtureState destination, CancellationToken cancellationToken)
    {
        if (!inner.TryExtrapolate(Unwrap(before), Unwrap(middle), Unwrap(after), step, Unwrap(destination), cancellationToken)) return false;
        count.Extrapolations++;
        if (!count.SpoilsExtrapolations) return true;
        for (int k = 0; k < ComponentCount; k++) destination.Weights[k] = k == 0 ? 1 - (1e-9 * (ComponentCount - 1)) : 1e-9;
        return true;
    }

    internal override ComponentBounds? CreateBounds(int blockCount) =>
        count.HasBounds ? new CountedBounds(inner.CreateBounds(blockCount)!, inner.ComponentCount, count) : null;

    private sealed class CountedBounds(ComponentBounds bounds, int componentCount, WorkCount count) : ComponentBounds
    {
        public override bool AreKnown => bounds.AreKnown;

        public override void Forget() => bounds.Forget();

        public override void Begin(MixtureComponents components, double[] logWeights)
        {
            count.Passes++;
            bounds.Begin(((WrappedComponents)components).Inner, logWeights);
        }

        public override int LogDensities(int block, RowBlock rows, Span<double> logDensities, Span<double> largest, Span<double> scratch, Span<int> components)
        {
            int evaluated = bounds.LogDensities(block, rows, logDensities, largest, scratch, components);
            Interlocked.Add(ref count.LeftOut, componentCount - evaluated);
            return evaluated;
        }
    }
}

/// <summary>What is to be left out, and what has been done.</summary>
internal sealed class WorkCount
{
    /// <summary>Pairs of a block and a component that were not evaluated.</summary>
    public long LeftOut;

    /// <summary>Rows whose log-densities were computed, in all passes without bounds.</summary>
    public long RowsEvaluated;

    public bool HasBounds { get; init; } = true;

    /// <summary>Whether each extrapolation ends far below.</summary>
    public bool SpoilsExtrapolations { get; init; }

    /// <summary>Passes with bounds.</summary>
    public int Passes { get; set; }

    public int Extrapolations { get; set; }
}
