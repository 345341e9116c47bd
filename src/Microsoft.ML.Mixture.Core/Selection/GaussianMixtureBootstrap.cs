namespace Microsoft.ML.Mixture;

/// <summary>Runs a bootstrap test.</summary>
internal static class GaussianMixtureBootstrap
{
    public static MixtureBootstrapTest Run(RowSource source, GaussianMixtureBootstrapOptions options, CancellationToken cancellationToken)
    {
        GaussianMixtureOptions named = options.FitOptions(options.ComponentCount, options.Seed);
        MixtureOptions.CheckFeatureNames(named.FeatureNames, source.Dimension);
        TrainingRows training = TrainingRows.Inspect(source, options.ComponentCount + 1, usesHoles: true, named.FeatureName, cancellationToken);
        var template = new BootstrapRows(training, options.ComponentCount + 1, cancellationToken);
        using var observed = new LikelihoodRatio(source, options, options.Seed, drawnFrom: null, cancellationToken);
        GaussianMixtureModel model = observed.CreateNull();
        var tally = new BootstrapTally(observed.Statistic, options.ReplicateCount, options.ExceedanceCount, options.Progress);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var team = new WorkerTeam(Math.Min(options.ThreadCount ?? Environment.ProcessorCount, options.ReplicateCount));
        try
        {
            team.Run(options.ReplicateCount, (replicate, _) =>
            {
                if (tally.IsOver) return;
                try
                {
                    int seed = unchecked(options.Seed + ((replicate + 1) * SeedSteps.OfRound));
                    double statistic = Replicate(template.Draw(model, seed, stop.Token), options, seed, model, stop.Token);
                    if (tally.Add(replicate, statistic)) stop.Cancel();
                }
                catch (OperationCanceledException) when (tally.IsOver)
                {
                    // It would not have counted.
                }
            });
        }
        catch (OperationCanceledException exception) when (cancellationToken.IsCancellationRequested)
        {
            // Tasks count as cancelled, not as failed, only if the exception has the token that they know.
            throw new OperationCanceledException("The test was cancelled.", exception, cancellationToken);
        }

        cancellationToken.ThrowIfCancellationRequested();
        return new MixtureBootstrapTest(model, observed.CreateAlternative(), observed.Statistic, tally.Statistics(), options.ReplicateCount);
    }

    // A data set that cannot be fitted, as one with too few rows that differ, counts against rejection.
    private static double Replicate(RowSource rows, GaussianMixtureBootstrapOptions options, int seed, GaussianMixtureModel drawnFrom, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            using var ratio = new LikelihoodRatio(rows, options, seed, drawnFrom, cancellationToken);
            return ratio.Statistic;
        }
        catch (Exception exception) when (exception is MixtureFitException or ArgumentException)
        {
            return double.PositiveInfinity;
        }
    }
}
