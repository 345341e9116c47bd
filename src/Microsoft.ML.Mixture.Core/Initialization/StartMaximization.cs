namespace Microsoft.ML.Mixture;

/// <summary>The M-step of given responsibilities, which makes the first mixture of groups.</summary>
/// <param name="family">The family of the components.</param>
/// <param name="moments">The means and variances of all rows.</param>
/// <param name="componentCount">K.</param>
/// <param name="noise">The noise of the mixture; null for none.</param>
/// <param name="cancellationToken">Stops the step.</param>
internal sealed class StartMaximization(
    ComponentFamily family, FeatureMoments moments, int componentCount, InitialNoise? noise, CancellationToken cancellationToken)
{
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
        MixtureComponents about = rows.Holes is null ? family.CreateAbout(componentCount, rows.Dimension, centres) : CreateAboutObserved(rows, responsibilities, centres);
        if (noise is not null) (about, responsibilities) = (noise.Beside(about), InitialNoise.Complete(responsibilities, componentCount));
        ExpectationStep step = memory.Step(about);
        MixtureComponents? taken = null;
        for (int left = family.StepsOfGivenGroups; ; left--)
        {
            ExpectedStatistics statistics = step.Run(about, responsibilities, cancellationToken);
            MixtureComponents components = memory.Take(about);
            state = new MixtureState(new double[about.ComponentCount], components);
            statistics.CopyNextWeights(state.Weights);
            bool maximized = about.TryMaximizeTogether(statistics.EffectiveCounts, statistics.FamilyStatistics, components, step.Team, cancellationToken, out failure);
            if (taken is not null) memory.Return(taken);
            if (maximized && left > 1)
            {
                about = taken = components;
                continue;
            }

            if (noise is not null) InitialNoise.Limit(state.Weights);
            return maximized;
        }
    }

    // A missing cell counts as the mean of what its group shows of the feature, with the variance of that.
    private MixtureComponents CreateAboutObserved(RowSource rows, double[] responsibilities, double[] centres)
    {
        // A search starts many models from the same centres.
        double[] means = [.. centres], variances = new double[centres.Length];
        ObservedMoments.Compute(rows, responsibilities, componentCount, means, variances, moments.Means, moments.Variances, cancellationToken);
        return family.CreateAbout(componentCount, rows.Dimension, means, variances);
    }
}
