namespace Microsoft.ML.Mixture;

/// <summary>What all starts of a fit are made from.</summary>
/// <param name="Family">The family of the components.</param>
/// <param name="Scaled">The rows.</param>
/// <param name="Options">How the mixture is fitted.</param>
/// <param name="Memory">That of runs on all rows.</param>
/// <param name="CancellationToken">Stops a start.</param>
internal sealed record StartContext(ComponentFamily Family, ScaledRows Scaled, MixtureOptions Options, RunMemory Memory, CancellationToken CancellationToken)
{
    /// <summary>Whether a start may run EM itself; not where steps are counted, or are plain ones.</summary>
    public bool MayImprove { get; init; } = Options.IsAccelerated && Options.MaximumIterations > 0;

    /// <summary>The noise of the mixture; null for none.</summary>
    public InitialNoise? Noise { get; init; }

    /// <summary>What may end the fit; null for nothing but the token.</summary>
    public FitBudget? Budget { get; init; }

    /// <summary>For what is to be done of a run that has ended: the caller alone may stop it.</summary>
    public CancellationToken FinishingToken => Budget?.FinishingToken ?? CancellationToken;

    /// <summary>Whether the time of a part of a start is over while the fit still has some.</summary>
    public bool IsPartOver => CancellationToken.IsCancellationRequested && Budget is { Token.IsCancellationRequested: false };

    /// <summary>Tells a listener how far a start is; null if there is none.</summary>
    public FitPace? Pace { get; init; }

    public TrainingRows Rows => Scaled.Rows;

    public FeatureMoments Moments => Scaled.Moments;

    public int Dimension => Rows.Source.Dimension;

    public int ComponentCount => Options.ComponentCount;

    public int? ThreadCount => Options.ThreadCount;

    public double Tolerance => Options.Tolerance;

    public int MaximumIterations => Options.MaximumIterations;

    /// <summary>What makes mixtures of responsibilities.</summary>
    public StartMaximization Maximization => MaximizationOf(Family);

    /// <summary>The same for components of another family.</summary>
    public StartMaximization MaximizationOf(ComponentFamily family) => new(family, Moments, ComponentCount, Noise, CancellationToken);
}
