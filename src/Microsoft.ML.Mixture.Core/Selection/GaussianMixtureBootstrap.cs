namespace Microsoft.ML.Mixture;

/// <summary>Runs a bootstrap test.</summary>
internal static class GaussianMixtureBootstrap
{
    // Seeds of neighbouring tests must not meet those of their data sets.
    private const int SeedStep = 0x2545F491;

    public static MixtureBootstrapTest Run(RowSource source, GaussianMixtureBootstrapOptions options, CancellationToken cancellationToken)
    {
        GaussianMixtureOptions named = options.Fit(options.ComponentCount, options.Seed);
        TrainingRows training = TrainingRows.Inspect(source, options.ComponentCount + 1, usesHoles: true, named.FeatureName, cancellationToken);
        var template = new BootstrapRows(training, options.ComponentCount + 1);
        LikelihoodRatio observed = LikelihoodRatio.Of(source, options, options.Seed, cancellationToken);
        double[] statistics = new double[options.ReplicateCount];
        var progressLock = new Lock();
        int done = 0;
        int threads = Math.Min(options.ThreadCount ?? Environment.ProcessorCount, statistics.Length);
        using var team = new WorkerTeam(threads);
        team.Run(statistics.Length, (replicate, _) =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            int seed = unchecked(options.Seed + ((replicate + 1) * SeedStep));
            statistics[replicate] = Replicate(template.Draw(observed.Null, seed), options, seed, cancellationToken);
            if (options.Progress is not { } progress) return;
            lock (progressLock) progress.Report(++done);
        });
        return new MixtureBootstrapTest(observed, statistics);
    }

    // A data set that cannot be fitted, as one with too few rows that differ, counts against rejection.
    private static double Replicate(RowSource rows, GaussianMixtureBootstrapOptions options, int seed, CancellationToken cancellationToken)
    {
        try
        {
            return LikelihoodRatio.Of(rows, options, seed, cancellationToken).Statistic;
        }
        catch (Exception exception) when (exception is MixtureFitException or ArgumentException)
        {
            return double.PositiveInfinity;
        }
    }
}
