using System.Runtime.ExceptionServices;

namespace Microsoft.ML.Mixture;

/// <summary>
/// Threads that stay together for a whole fit and take numbered pieces of work. The caller is one of them.
/// </summary>
/// <remarks>
/// They are threads of their own and not of the pool, because a fit that keeps the pool busy would keep timers waiting, the one that
/// cancels the fit among them. Nobody waits for a thread that has taken no piece: where other programs have the processors, the
/// caller does the work of those that do not come. Handing out work allocates nothing.
/// </remarks>
internal sealed class WorkerTeam : IDisposable
{
    // Between two passes of a fit there are some microseconds, in which it is not worth going to sleep.
    private const int SpinsBeforeSleep = 35;

    private readonly object _called = new();
    private readonly object _finished = new();
    private Action<int, int>? _work;
    private int _pieceCount;

    // How many pieces nobody has taken; below zero where members looked and found none.
    private int _untaken;
    private int _unfinished;
    private volatile bool _isOver;
    private ExceptionDispatchInfo? _failure;

    /// <summary>Starts the threads.</summary>
    /// <param name="size">The number of threads, the caller included, at least 1.</param>
    public WorkerTeam(int size)
    {
        for (int member = 1; member < size; member++)
        {
            int number = member;
            new Thread(() => Serve(number)) { IsBackground = true, Name = "Mixture worker" }.Start();
        }
    }

    /// <summary>Does all pieces of work and returns when they are done; the first exception is thrown here.</summary>
    /// <param name="pieceCount">The number of pieces.</param>
    /// <param name="work">Does a piece; is given its number and that of the thread, both counted from zero.</param>
    public void Run(int pieceCount, Action<int, int> work)
    {
        _work = work;
        _pieceCount = pieceCount;
        _failure = null;
        _unfinished = pieceCount;

        // A member that wakes late may take a piece from here on, for it reads the rest only after that.
        Volatile.Write(ref _untaken, pieceCount);
        lock (_called) Monitor.PulseAll(_called);
        TakePieces(0);
        if (!SpinUntil(static team => Volatile.Read(ref team._unfinished) == 0))
        {
            lock (_finished)
            {
                while (Volatile.Read(ref _unfinished) != 0) Monitor.Wait(_finished);
            }
        }

        _work = null;
        _failure?.Throw();
    }

    /// <summary>Ends the threads.</summary>
    public void Dispose()
    {
        _isOver = true;
        lock (_called) Monitor.PulseAll(_called);
    }

    private void Serve(int member)
    {
        while (!_isOver)
        {
            TakePieces(member);
            if (SpinUntil(static team => team.IsCalled)) continue;
            lock (_called)
            {
                while (!IsCalled) Monitor.Wait(_called);
            }
        }
    }

    private bool IsCalled => Volatile.Read(ref _untaken) > 0 || _isOver;

    private bool SpinUntil(Func<WorkerTeam, bool> condition)
    {
        var spin = new SpinWait();
        while (!condition(this))
        {
            if (spin.Count >= SpinsBeforeSleep) return false;
            spin.SpinOnce(sleep1Threshold: -1);
        }

        return true;
    }

    private void TakePieces(int member)
    {
        for (int untaken = Interlocked.Decrement(ref _untaken); untaken >= 0; untaken = Interlocked.Decrement(ref _untaken))
        {
            int finished = 1;
            try
            {
                _work!(_pieceCount - 1 - untaken, member);
            }
            catch (Exception exception)
            {
                // The others find nothing left to take.
                Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(exception), null);
                finished += Math.Max(Interlocked.Exchange(ref _untaken, 0), 0);
            }

            if (Interlocked.Add(ref _unfinished, -finished) == 0 && member != 0)
            {
                lock (_finished) Monitor.Pulse(_finished);
            }
        }
    }
}
