namespace Microsoft.ML.Mixture;

/// <summary>A time that runs from here on, and a token that is cancelled when it is over or when the caller cancels.</summary>
internal sealed class TimeLimit : IDisposable
{
    // Timers do not run longer.
    private static readonly TimeSpan _longestTimer = TimeSpan.FromDays(24);

    private readonly TimeProvider _clock;
    private readonly TimeSpan? _limit;
    private readonly long _started;
    private readonly CancellationTokenSource? _timer;
    private readonly CancellationTokenSource? _either;

    /// <summary>Starts the time.</summary>
    /// <param name="limit">How long; null for ever.</param>
    /// <param name="clock">What measures it.</param>
    /// <param name="cancellationToken">The caller's token.</param>
    public TimeLimit(TimeSpan? limit, TimeProvider clock, CancellationToken cancellationToken)
    {
        _clock = clock;
        _limit = limit;
        _started = clock.GetTimestamp();
        Token = cancellationToken;
        if (limit is not { } time || time > _longestTimer) return;
        _timer = new CancellationTokenSource(time, clock);
        _either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _timer.Token);
        Token = _either.Token;
    }

    /// <summary>A limit that was asked for; null if it is <see cref="Timeout.InfiniteTimeSpan"/>, by which .NET means none.</summary>
    public static TimeSpan? OrNone(TimeSpan? asked) => asked == Timeout.InfiniteTimeSpan ? null : asked;

    /// <summary>Is cancelled when the time is over, and with the caller's token.</summary>
    public CancellationToken Token { get; }

    /// <summary>The time since the start.</summary>
    public TimeSpan Elapsed => _clock.GetElapsedTime(_started);

    /// <summary>What is left of the time, never less than none; null if there is no limit.</summary>
    public TimeSpan? Left
    {
        get
        {
            if (_limit is not { } limit) return null;
            if (_timer is { IsCancellationRequested: true }) return TimeSpan.Zero;

            // One look at the clock: time passes between two.
            TimeSpan left = limit - Elapsed;
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    /// <summary>Whether the time is over. It asks the clock too, for a timer may be late where the pool has no free thread.</summary>
    public bool IsOver => _limit is { } limit && (_timer is { IsCancellationRequested: true } || Elapsed >= limit);

    /// <summary>Whether to stop, be it for the time or for the caller.</summary>
    public bool HasEnded => Token.IsCancellationRequested || IsOver;

    /// <summary>Does what can be left out, unless the time is over.</summary>
    /// <param name="work">What to do, and what stops it.</param>
    /// <param name="otherwise">The result where the time ends it.</param>
    /// <param name="cancelled">What is to stop the caller, too.</param>
    public T Within<T>(Func<CancellationToken, T> work, T otherwise, CancellationToken cancelled)
    {
        try
        {
            return work(Token);
        }
        catch (OperationCanceledException) when (HasEnded && !cancelled.IsCancellationRequested)
        {
            return otherwise;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _either?.Dispose();
        _timer?.Dispose();
    }
}
