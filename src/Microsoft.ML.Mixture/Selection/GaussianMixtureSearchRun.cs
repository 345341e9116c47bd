using Microsoft.ML.Mixture;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Trainers;

/// <summary>Runs a search on a data view.</summary>
internal static class GaussianMixtureSearchRun
{
    public static GaussianMixtureSearchResult Run(
        IHostEnvironment environment, IDataView data, GaussianMixtureSearchOptions options, string featureColumnName, string? weightColumnName,
        CancellationToken cancellationToken)
    {
        IHost host = environment.Register("GaussianMixtureSearch");
        using IChannel channel = host.Start("Search");
        DataViewSchema.Column feature = MixtureSchema.FindFeatures(data.Schema, featureColumnName);
        DataViewSchema.Column? weight = MixtureSchema.FindWeight(data.Schema, weightColumnName);
        options = options.Clone();
        options.Validate();
        options.FeatureNames ??= MixtureSchema.SlotNames(feature);
        options.Progress = new ChannelProgress(channel, options.Progress);
        MixtureSearchResult search = DataViewRun.Run(
            host, data, feature, weight, options.ThreadCount, "search",
            (rows, cancelled) => Mixture.GaussianMixture.Search(rows, options, cancelled), cancellationToken);
        foreach (string warning in search.Warnings) channel.Warning(MessageSensitivity.Schema, "{0}", warning);
        foreach (string warning in search.Model.Report!.Warnings) channel.Warning(MessageSensitivity.Schema, "{0}", warning);
        channel.Info(MessageSensitivity.None, "{0}", search.ToString());
        return new GaussianMixtureSearchResult(host, search, featureColumnName);
    }

    /// <summary>Writes the progress to the log and passes it on.</summary>
    private sealed class ChannelProgress(IChannel channel, IProgress<MixtureSearchProgress>? next) : IProgress<MixtureSearchProgress>
    {
        public void Report(MixtureSearchProgress value)
        {
            channel.Trace(
                MessageSensitivity.None, "Step {0} of {1}: {2} components, {3}.", value.CompletedSteps, value.TotalSteps, value.ComponentCount, value.CovarianceStructure);
            next?.Report(value);
        }
    }
}
