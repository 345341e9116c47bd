using System.Globalization;
using Microsoft.ML.Mixture;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Trainers;

/// <summary>What every trainer of mixtures does around a fit: it reads the columns, reports progress and warnings, and passes on cancellation.</summary>
/// <param name="host">The host of the trainer.</param>
/// <param name="name">What to call the run in the progress.</param>
/// <param name="featureColumnName">The name of the feature column.</param>
/// <param name="weightColumnName">The name of the example weight column; null for none.</param>
/// <param name="cancellationToken">Stops the fit.</param>
internal sealed class TrainingRun(IHost host, string name, string featureColumnName, string? weightColumnName, CancellationToken cancellationToken)
{
    /// <summary>Fits to a data view.</summary>
    /// <param name="input">The data.</param>
    /// <param name="options">The options of the fit, which get the progress.</param>
    /// <param name="fit">The fit, of rows and the names of their features, if these have some.</param>
    /// <returns>The transformer.</returns>
    public GaussianMixtureTransformer Fit(
        IDataView input, MixtureOptions options, Func<RowSource, IReadOnlyList<string>?, CancellationToken, GaussianMixtureModel> fit) =>
        new(host, new GaussianMixtureModelParameters(FitModel(input, options, fit)), featureColumnName);

    /// <summary>Fits a mixture of any kind to a data view.</summary>
    /// <typeparam name="TModel">The kind.</typeparam>
    /// <param name="input">The data.</param>
    /// <param name="options">The options of the fit, which get the progress.</param>
    /// <param name="fit">The fit, of rows and the names of their features, if these have some.</param>
    /// <returns>The mixture.</returns>
    public TModel FitModel<TModel>(IDataView input, MixtureOptions options, Func<RowSource, IReadOnlyList<string>?, CancellationToken, TModel> fit)
        where TModel : MixtureModel
    {
        ArgumentNullException.ThrowIfNull(input);
        using IChannel channel = host.Start("Training");
        DataViewSchema.Column feature = MixtureSchema.FindFeatures(input.Schema, featureColumnName);
        DataViewSchema.Column? weight = MixtureSchema.FindWeight(input.Schema, weightColumnName);
        using IProgressChannel progress = host.StartProgressChannel(name);
        options.Progress = new ChannelProgress(channel, progress, options.MaximumIterations);

        TModel model = DataViewRun.Run(
            host, input, feature, weight, options.ThreadCount, "fit", (rows, cancelled) => fit(rows, MixtureSchema.SlotNames(feature), cancelled), cancellationToken);
        foreach (string warning in model.Report!.Warnings) channel.Warning(MessageSensitivity.Schema, "{0}", warning);
        channel.Info(
            MessageSensitivity.None, "Fitted {0} to {1} in {2} ({3}); average log-likelihood {4}.", Counted.Of(model.ComponentCount, "component"),
            Counted.Of(model.Report.RowCount, "row"), Counted.Of(model.Report.IterationCount, "iteration"), model.Report.StopReason, model.Report.AverageLogLikelihood.ToString("G7", CultureInfo.InvariantCulture));
        return model;
    }

    /// <summary>Passes on the progress of a fit.</summary>
    private sealed class ChannelProgress : IProgress<FitProgress>
    {
        private readonly IChannel _channel;
        private readonly IProgressChannel _progress;
        private FitProgress _last;

        public ChannelProgress(IChannel channel, IProgressChannel progress, int maximumIterations)
        {
            _channel = channel;
            _progress = progress;
            progress.SetHeader(
                new ProgressHeader(["Average log-likelihood", "Remaining gain", "Seconds left"], ["iterations"]),
                entry =>
                {
                    entry.SetProgress(0, _last.Iteration, maximumIterations);
                    entry.SetMetric(0, _last.AverageLogLikelihood);
                    entry.SetMetric(1, _last.RemainingGain);
                    if (_last.TimeLeft is { } left) entry.SetMetric(2, left.TotalSeconds);
                });
        }

        public void Report(FitProgress value)
        {
            FitProgress before = _last;
            _last = value;
            _progress.Checkpoint(value.AverageLogLikelihood, value.RemainingGain, value.TimeLeft?.TotalSeconds, value.Iteration);
            _channel.Trace(
                MessageSensitivity.None, "Start {0}, {1}: average log-likelihood {2}, objective {3}{4}{5}{6}.", value.Start,
                value.RacedStarts is { } raced ? Race(raced, value, before) : FormattableString.Invariant($"iteration {value.Iteration}"),
                value.AverageLogLikelihood.ToString("G10", CultureInfo.InvariantCulture), value.AverageObjective.ToString("G10", CultureInfo.InvariantCulture),
                double.IsNaN(value.Gain) ? string.Empty : FormattableString.Invariant($", gained {value.Gain:G3}"),
                double.IsNaN(value.IterationsPerSecond) ? string.Empty : FormattableString.Invariant($", {value.IterationsPerSecond:G3} iterations a second"),
                value.TimeLeft is { } left ? FormattableString.Invariant($", about {left.TotalSeconds:G2} s left") : string.Empty);
        }

        // A mixture that rests on a handful of rows gives way to a sound one, whose objective may be lower.
        private static string Race(int racedStarts, FitProgress value, FitProgress before)
        {
            string best = racedStarts == 0 ? "the first one that races" : FormattableString.Invariant($"the best of {racedStarts} that race");
            int count = value.SpuriousComponentCount, countBefore = before.Start == value.Start ? before.SpuriousComponentCount : 0;
            if (count == 0 && countBefore == 0) return best;
            string instead = countBefore > count ? FormattableString.Invariant($" instead of {countBefore}, so that it may be lower") : string.Empty;
            return $"{best}, with {Counted.Of(count, "component")} on a handful of rows{instead}";
        }
    }
}
