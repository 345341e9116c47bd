using Microsoft.ML.Mixture;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Trainers;

/// <summary>Runs a search on a data view.</summary>
internal static class MixtureSearchRun
{
    public static GaussianMixtureSearchResult Run(
        IHostEnvironment environment, IDataView data, GaussianMixtureSearchOptions options, string featureColumnName, string? weightColumnName,
        CancellationToken cancellationToken)
    {
        IHost host = environment.Register("GaussianMixtureSearch");
        using IChannel channel = host.Start("Search");
        options = options.Clone();
        options.Progress = new ChannelProgress<MixtureSearchProgress>(channel, options.Progress, progress =>
            $"Step {progress.CompletedSteps} of {progress.TotalSteps}: {Counted.Of(progress.ComponentCount, "component")}, {progress.CovarianceStructure}.");
        MixtureSearchResult search = Run(
            host, channel, data, options, featureColumnName, weightColumnName, Mixture.GaussianMixture.Search, found => [.. found.Warnings, .. found.Model.Report!.Warnings],
            cancellationToken);
        return new GaussianMixtureSearchResult(host, search, featureColumnName);
    }

    public static FactorAnalyzerMixtureSearchResult Run(
        IHostEnvironment environment, IDataView data, FactorAnalyzerMixtureSearchOptions options, string featureColumnName, string? weightColumnName,
        CancellationToken cancellationToken)
    {
        IHost host = environment.Register("FactorAnalyzerMixtureSearch");
        using IChannel channel = host.Start("Search");
        options = options.Clone();
        options.Progress = new ChannelProgress<FactorAnalyzerSearchProgress>(
            channel, options.Progress, progress => $"Model {progress.CompletedModels} of {progress.TotalModels}: {progress.Candidate}.");
        FactorAnalyzerSearchResult search = Run(
            host, channel, data, options, featureColumnName, weightColumnName, Mixture.FactorAnalyzerMixture.Search,
            found => [.. found.Warnings, .. found.Model.Report!.Warnings], cancellationToken);
        return new FactorAnalyzerMixtureSearchResult(host, search, featureColumnName);
    }

    private static TSearch Run<TOptions, TSearch>(
        IHost host, IChannel channel, IDataView data, TOptions options, string featureColumnName, string? weightColumnName,
        Func<RowSource, TOptions, CancellationToken, TSearch> search, Func<TSearch, IReadOnlyList<string>> warningsOf, CancellationToken cancellationToken)
        where TOptions : MixtureSearchOptions
        where TSearch : notnull
    {
        DataViewSchema.Column feature = MixtureSchema.FindFeatures(data.Schema, featureColumnName);
        DataViewSchema.Column? weight = MixtureSchema.FindWeight(data.Schema, weightColumnName);
        options.Validate();
        options.FeatureNames ??= MixtureSchema.SlotNames(feature);
        TSearch found = DataViewRun.Run(
            host, data, feature, weight, options.ThreadCount, "search", (rows, cancelled) => search(rows, options, cancelled), cancellationToken);
        foreach (string warning in warningsOf(found)) channel.Warning(MessageSensitivity.Schema, "{0}", warning);
        channel.Info(MessageSensitivity.None, "{0}", found.ToString()!);
        return found;
    }

    /// <summary>Writes the progress to the log and passes it on.</summary>
    private sealed class ChannelProgress<T>(IChannel channel, IProgress<T>? next, Func<T, string> describe) : IProgress<T>
    {
        public void Report(T value)
        {
            channel.Trace(MessageSensitivity.None, "{0}", describe(value));
            next?.Report(value);
        }
    }
}
