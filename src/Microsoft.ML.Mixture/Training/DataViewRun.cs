using Microsoft.ML.Mixture;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Trainers;

/// <summary>Reads the rows of a data view and does something with them that can be cancelled.</summary>
internal static class DataViewRun
{
    public static T Run<T>(
        IHostEnvironment environment, IDataView data, DataViewSchema.Column feature, DataViewSchema.Column? weight, int? threadCount, string what,
        Func<ArrayRowSource<float>, CancellationToken, T> work, CancellationToken cancellationToken) =>
        Run(environment, what, token => work(DataViewRows.Read(data, feature, weight, threadCount ?? Environment.ProcessorCount, token), token), cancellationToken);

    /// <summary>Does something that ends when the user's token or the environment is cancelled.</summary>
    public static T Run<T>(IHostEnvironment environment, string what, Func<CancellationToken, T> work, CancellationToken cancellationToken)
    {
        using var cancellation = new FitCancellation(environment, cancellationToken);
        try
        {
            return work(cancellation.Token);
        }
        catch (OperationCanceledException exception) when (cancellationToken.IsCancellationRequested)
        {
            // Tasks count as cancelled, not as failed, only if the exception has the token that they know.
            throw new OperationCanceledException($"The {what} was cancelled.", exception, cancellationToken);
        }
    }
}
