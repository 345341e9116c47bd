namespace Microsoft.ML.Mixture.Engine.Tests;

/// <summary>A clock that stands still until a test moves it, so that nothing depends on how fast the machine is.</summary>
internal sealed class ManualClock : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<ManualTimer> _timers = [];
    private long _ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>How far the clock moves on whenever it is read.</summary>
    public TimeSpan StepOfReading { get; init; }

    /// <summary>Whether timers fire; else only a look at the clock shows that time is over.</summary>
    public bool FiresTimers { get; init; } = true;

    public int ActiveTimerCount
    {
        get
        {
            lock (_lock) return _timers.Count;
        }
    }

    public override long GetTimestamp() => Interlocked.Add(ref _ticks, StepOfReading.Ticks);

    /// <summary>Moves the clock on, and runs the timers that are due.</summary>
    public void Advance(TimeSpan time)
    {
        long now = Interlocked.Add(ref _ticks, time.Ticks);
        if (!FiresTimers) return;
        ManualTimer[] due;
        lock (_lock) due = [.. _timers.Where(timer => timer.Due <= now)];
        foreach (ManualTimer timer in due) timer.Fire();
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class ManualTimer(ManualClock clock, TimerCallback callback, object? state) : ITimer
    {
        public long Due { get; private set; } = long.MaxValue;

        public void Fire()
        {
            Due = long.MaxValue;
            callback(state);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Due = dueTime < TimeSpan.Zero ? long.MaxValue : clock._ticks + dueTime.Ticks;
            lock (clock._lock)
            {
                clock._timers.Remove(this);
                clock._timers.Add(this);
            }

            return true;
        }

        public void Dispose()
        {
            lock (clock._lock) clock._timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
