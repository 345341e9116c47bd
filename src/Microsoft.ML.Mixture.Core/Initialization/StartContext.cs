namespace Microsoft.ML.Mixture;

/// <summary>What a start is made from.</summary>
/// <remarks>The memory is that of runs on all rows.</remarks>
internal sealed partial record StartContext(
    ComponentFamily Family, TrainingRows Rows, FeatureMoments Moments, RunMemory Memory, int ComponentCount, int? ThreadCount, int Seed, int Index, int Exponent,
    bool MayImprove, double Tolerance, int MaximumIterations, CancellationToken CancellationToken)
{
    private const double StrictnessOfSingleRuns = 0.01;

    public int Dimension => Rows.Source.Dimension;

    /// <summary>The share of the tolerance at which the run from the start made of this ends; see <see cref="StoppingRule.Strictness"/>.</summary>
    public double Strictness { get; set; } = StrictnessOfSingleRuns;

    /// <summary>The race that the start made of this has won; null where there was none.</summary>
    public StartRaceRecord? Race { get; set; }

    /// <summary>What may end the fit; null for nothing but the token.</summary>
    public FitBudget? Budget { get; init; }

    /// <summary>Tells a listener how far a start is; null if there is none.</summary>
    public FitPace? Pace { get; init; }

    /// <summary>The best run to all rows of a start that the budget has ended; null if it was done.</summary>
    public MixtureFit? Interrupted { get; set; }

    /// <summary>What a start that runs on samples has found so far.</summary>
    public ReachedMixture Reached { get; init; } = new();

    /// <summary>The M-step of given responsibilities, r(i,k) at [i * K + k], of some rows that lie about given centres.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="responsibilities">The responsibilities.</param>
    /// <param name="centres">The centres, shape K x D.</param>
    /// <param name="memory">That of runs on these rows; the components are taken from it.</param>
    /// <param name="state">The mixture.</param>
    /// <param name="failure">Which component has no valid parameters, and why.</param>
    public bool TryMaximize(
        RowSource rows, double[] responsibilities, double[] centres, RunMemory memory, out MixtureState state, out DegenerateComponent? failure)
    {
        MixtureComponents about = rows.Holes is null ? Family.CreateAbout(ComponentCount, Dimension, centres) : CreateAboutObserved(rows, responsibilities, centres);
        ExpectationStep step = memory.Step(about);
        for (int left = Family.StepsOfGivenGroups; ; left--)
        {
            ExpectedStatistics statistics = step.Run(about, responsibilities, CancellationToken);
            MixtureComponents components = memory.Take(about);
            state = new MixtureState(new double[ComponentCount], components);
            statistics.CopyNextWeights(state.Weights);
            bool maximized = about.TryMaximizeTogether(statistics.EffectiveCounts, statistics.FamilyStatistics, components, step.Team, CancellationToken, out failure);
            if (maximized && left > 1)
            {
                about = components;
                continue;
            }

            if (Noise is not null) state = WithNoise(state, NoiseShare(rows, statistics.EffectiveCounts));
            return maximized;
        }
    }

    // A missing cell counts as the mean of what its group shows of the feature, with the variance of that.
    private MixtureComponents CreateAboutObserved(RowSource rows, double[] responsibilities, double[] centres)
    {
        double[] variances = new double[centres.Length];
        ObservedMoments.Compute(
            rows, responsibilities, ComponentCount, centres, variances, Moments.Means, Moments.Variances, CancellationToken);
        return Family.CreateAbout(ComponentCount, Dimension, centres, variances);
    }
}
