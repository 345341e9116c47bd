using Microsoft.ML.Mixture.Interop;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Trainers;

/// <summary>A token that is cancelled with the user's token and with the environment, which tells nobody and must be asked.</summary>
internal sealed class FitCancellation : IDisposable
{
    private static readonly TimeSpan _period = TimeSpan.FromMilliseconds(50);

    private readonly CancellationTokenSource _source;
    private readonly Timer _timer;

    public FitCancellation(IHostEnvironment environment, CancellationToken cancellationToken)
    {
        _source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (HostInternals.IsCanceled(environment)) _source.Cancel();
        _timer = new Timer(
            _ =>
            {
                if (HostInternals.IsCanceled(environment)) _source.Cancel();
            },
            null, _period, _period);
    }

    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        // The last call of the timer may still be under way.
        using var ended = new ManualResetEvent(initialState: false);
        if (_timer.Dispose(ended)) ended.WaitOne();
        _source.Dispose();
    }
}
