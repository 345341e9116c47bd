using System.Globalization;
using Microsoft.ML.Mixture;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Trainers;

/// <summary>What all trainers of mixtures do around a fit: find the columns, read them once, pass on progress, warnings and cancellation.</summary>
internal static class MixtureTraining
{
    /// <summary>Fits a mixture on arrays.</summary>
    public delegate TModel Fit<TModel>(RowSource rows, CancellationToken cancellationToken);

    /// <summary>Trains.</summary>
    /// <param name="host">The host of the trainer.</param>
    /// <param name="progressName">What to call the fit where progress is shown.</param>
    /// <param name="input">The training data, which are read once.</param>
    /// <param name="featureColumnName">The feature column.</param>
    /// <param name="weightColumnName">The weight column; null if every row weighs one.</param>
    /// <param name="options">The options of the fit, which get the names of the features and a listener to the progress.</param>
    /// <param name="fit">Fits with these options.</param>
    /// <param name="userToken">Stops the fit.</param>
    public static TModel Run<TModel>(
        IHost host, string progressName, IDataView input, string featureColumnName, string? weightColumnName, MixtureOptions options, Fit<TModel> fit, CancellationToken userToken)
        where TModel : MixtureModel
    {
        ArgumentNullException.ThrowIfNull(input);
        using IChannel channel = host.Start("Training");
        DataViewSchema.Column feature = MixtureSchema.FindFeatures(input.Schema, featureColumnName);
        DataViewSchema.Column? weight = MixtureSchema.FindWeight(input.Schema, weightColumnName);
        options.FeatureNames = MixtureSchema.SlotNames(feature);
        using IProgressChannel progress = host.StartProgressChannel(progressName);
        options.Progress = new ChannelProgress(channel, progress, options.MaximumIterations);

        TModel model = FitOrCancel(host, input, feature, weight, options, fit, userToken);
        foreach (string warning in model.Report!.Warnings) channel.Warning(MessageSensitivity.Schema, "{0}", warning);
        channel.Info(
            MessageSensitivity.None, "Fitted {0} components to {1} rows in {2} iterations ({3}); average log-likelihood {4}.", model.ComponentCount,
            model.Report.RowCount, model.Report.IterationCount, model.Report.StopReason, model.Report.AverageLogLikelihood.ToString("G7", CultureInfo.InvariantCulture));
        return model;
    }

    private static TModel FitOrCancel<TModel>(
        IHost host, IDataView input, DataViewSchema.Column feature, DataViewSchema.Column? weight, MixtureOptions options, Fit<TModel> fit, CancellationToken userToken)
    {
        using var cancellation = new FitCancellation(host, userToken);
        try
        {
            return fit(DataViewRows.Read(input, feature, weight, options.ThreadCount ?? Environment.ProcessorCount, cancellation.Token), cancellation.Token);
        }
        catch (OperationCanceledException exception) when (userToken.IsCancellationRequested)
        {
            // Tasks count as cancelled, not as failed, only if the exception has the token that they know.
            throw new OperationCanceledException("The fit was cancelled.", exception, userToken);
        }
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
                new ProgressHeader(["Average log-likelihood"], ["iterations"]), entry => entry.SetProgress(0, _last.Iteration, maximumIterations));
        }

        public void Report(FitProgress value)
        {
            _last = value;
            _progress.Checkpoint(value.AverageLogLikelihood, value.Iteration);
            _channel.Trace(
                MessageSensitivity.None, "Start {0}, iteration {1}: average log-likelihood {2}, objective {3}.", value.Start, value.Iteration,
                value.AverageLogLikelihood.ToString("G10", CultureInfo.InvariantCulture), value.AverageObjective.ToString("G10", CultureInfo.InvariantCulture));
        }
    }
}
