using Microsoft.ML.Mixture;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Trainers;

/// <summary>Runs a search on a data view.</summary>
internal static class MixtureSearchRun
{
    public static GaussianMixtureSearchResult Run(
        IHostEnvironment environment, IDataView data, GaussianMixtureSearchOptions options, string featureColumnName, string? weightColumnName,
        CancellationToken cancellationToken, Func<RowSource, Func<int, string>, CancellationToken, RowSource>? selectRows = null, string? warning = null)
    {
        IHost host = environment.Register("GaussianMixtureSearch");
        using IChannel channel = host.Start("Search");
        options = options.Clone();
        options.Progress = new ChannelProgress<MixtureSearchProgress>(
            channel, options.Progress, progress => (progress.CompletedSteps, progress.TotalSteps), progress =>
                $"Step {progress.CompletedSteps} of {progress.TotalSteps}: {Counted.Of(progress.ComponentCount, "component")}, {progress.CovarianceStructure}.");
        MixtureSearchResult search = Run<GaussianMixtureSearchOptions, MixtureSearchResult, MixtureCandidate>(
            host, channel, data, options, featureColumnName, weightColumnName, Search, cancellationToken);
        return new GaussianMixtureSearchResult(host, search, featureColumnName);

        MixtureSearchResult Search(RowSource rows, GaussianMixtureSearchOptions how, CancellationToken cancelled)
        {
            RowSource selected = selectRows?.Invoke(rows, how.FitOptions(how.MinimumComponentCount, how.CovarianceStructures[0]).FeatureName, cancelled) ?? rows;
            MixtureSearchResult found = Mixture.GaussianMixture.Search(selected, how, cancelled);
            if (warning is not null) found.Warn(warning);
            return found;
        }
    }

    public static FactorAnalyzerMixtureSearchResult Run(
        IHostEnvironment environment, IDataView data, FactorAnalyzerMixtureSearchOptions options, string featureColumnName, string? weightColumnName,
        CancellationToken cancellationToken)
    {
        IHost host = environment.Register("FactorAnalyzerMixtureSearch");
        using IChannel channel = host.Start("Search");
        options = options.Clone();
        options.Progress = new ChannelProgress<FactorAnalyzerSearchProgress>(
            channel, options.Progress, progress => (progress.CompletedModels, progress.TotalModels),
            progress => $"Model {progress.CompletedModels} of {progress.TotalModels}: {progress.Candidate}.");
        FactorAnalyzerSearchResult search = Run<FactorAnalyzerMixtureSearchOptions, FactorAnalyzerSearchResult, FactorAnalyzerCandidate>(
            host, channel, data, options, featureColumnName, weightColumnName, Mixture.FactorAnalyzerMixture.Search, cancellationToken);
        return new FactorAnalyzerMixtureSearchResult(host, search, featureColumnName);
    }

    private static TSearch Run<TOptions, TSearch, TCandidate>(
        IHost host, IChannel channel, IDataView data, TOptions options, string featureColumnName, string? weightColumnName,
        Func<RowSource, TOptions, CancellationToken, TSearch> search, CancellationToken cancellationToken)
        where TOptions : MixtureSearchOptions
        where TSearch : MixtureRanking<TCandidate>
        where TCandidate : SearchedMixture
    {
        DataViewSchema.Column feature = MixtureSchema.FindFeatures(data.Schema, featureColumnName);
        DataViewSchema.Column? weight = MixtureSchema.FindWeight(data.Schema, weightColumnName);
        options.Validate();
        options.FeatureNames ??= MixtureSchema.SlotNames(feature);
        TSearch found = DataViewRun.Run(
            host, data, feature, weight, options.ThreadCount, "search", (rows, cancelled) => search(rows, options, cancelled), cancellationToken);
        foreach (string warning in found.Warnings) channel.Warning(MessageSensitivity.Schema, "{0}", warning);

        // Why there is no model may name a feature.
        channel.Info(MessageSensitivity.Schema, "{0}", found.ToTable());
        return found;
    }

    /// <summary>Passes the progress on and writes some lines of it to the log: the first, and one for each tenth.</summary>
    private sealed class ChannelProgress<T>(IChannel channel, IProgress<T>? next, Func<T, (int Completed, int Total)> measure, Func<T, string> describe) : IProgress<T>
    {
        private const int Lines = 10;

        private long _line = -1;

        public void Report(T value)
        {
            (int completed, int total) = measure(value);
            long line = (long)completed * Lines / total;
            if (line > _line) channel.Trace(MessageSensitivity.None, "{0}", describe(value));
            _line = line;
            next?.Report(value);
        }
    }
}
