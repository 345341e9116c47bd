namespace Microsoft.ML.Mixture.Extensibility.Tests;

/// <summary>Gaussians of one feature with variance one, which know how many M-steps are behind them and go wrong after some.</summary>
internal sealed class SteppedFamily : ComponentFamily
{
    public override string Name => "stepped";

    /// <summary>The step after which densities are no numbers.</summary>
    public int LastFinite { get; init; } = int.MaxValue;

    /// <summary>The step after which no M-step is possible.</summary>
    public int LastPossible { get; init; } = int.MaxValue;

    /// <summary>How many sets of components have been made.</summary>
    public int MadeCount { get; set; }

    internal override int StepsOfGivenGroups => Steps;

    /// <summary>The M-steps of a start.</summary>
    public int Steps { get; init; } = 1;

    public override MixtureComponents CreateAbout(int componentCount, int dimension, ReadOnlySpan<double> centres) => new SteppedComponents(this, componentCount);
}

internal sealed class SteppedComponents(SteppedFamily family, int componentCount) : MixtureComponents
{
    private readonly double[] _means = new double[componentCount];
    private int _step;

    public override int ComponentCount => componentCount;

    public override int Dimension => 1;

    public override long FreeParameterCount => componentCount;

    public override int StatisticsLength => componentCount;

    public override void LogDensities(RowBlock rows, Span<double> logDensities, Span<double> scratch)
    {
        for (int k = 0; k < componentCount; k++)
        {
            Span<double> destination = logDensities.Slice(k * rows.Stride, rows.LaneCount);
            ReadOnlySpan<double> x = rows.Feature(0);
            for (int i = 0; i < x.Length; i++) destination[i] = _step > family.LastFinite ? double.NaN : -0.5 * (x[i] - _means[k]) * (x[i] - _means[k]);
        }
    }

    public override void Accumulate(RowBlock rows, ReadOnlySpan<double> responsibilities, Span<double> statistics, Span<double> scratch)
    {
        for (int k = 0; k < componentCount; k++)
        {
            ReadOnlySpan<double> x = rows.Feature(0);
            for (int i = 0; i < x.Length; i++) statistics[k] += responsibilities[(k * rows.Stride) + i] * x[i];
        }
    }

    public override MixtureComponents CreateEmpty()
    {
        family.MadeCount++;
        return new SteppedComponents(family, componentCount);
    }

    public override bool TryMaximize(
        ReadOnlySpan<double> effectiveCounts, ReadOnlySpan<double> statistics, MixtureComponents destination, out DegenerateComponent? failure)
    {
        var next = (SteppedComponents)destination;
        for (int k = 0; k < componentCount; k++) next._means[k] = statistics[k] / effectiveCounts[k];
        next._step = _step + 1;
        failure = next._step > family.LastPossible ? new DegenerateComponent(1, "Component 1 is spoiled.") : null;
        return failure is null;
    }
}
