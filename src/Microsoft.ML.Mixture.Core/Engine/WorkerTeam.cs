using System.Runtime.ExceptionServices;

namespace Microsoft.ML.Mixture;

/// <summary>
/// Threads that stay together for a whole fit and take numbered pieces of work. The caller is one of them.
/// </summary>
/// <remarks>
/// They are threads of their own and not of the pool, because a fit that keeps the pool busy would keep timers waiting, the one that
/// cancels the fit among them. Handing out work allocates nothing.
/// </remarks>
internal sealed class WorkerTeam : IDisposable
{
    private readonly Barrier _barrier;
    private Action<int, int>? _work;
    private int _pieceCount;
    private int _next;
    private ExceptionDispatchInfo? _failure;

    /// <summary>Starts the threads.</summary>
    /// <param name="size">The number of threads, the caller included, at least 1.</param>
    public WorkerTeam(int size)
    {
        _barrier = new Barrier(size);
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
        _next = 0;
        _failure = null;
        _barrier.SignalAndWait();
        TakePieces(0);
        _barrier.SignalAndWait();
        _work = null;
        _failure?.Throw();
    }

    /// <summary>Ends the threads.</summary>
    public void Dispose()
    {
        _barrier.SignalAndWait();
        _barrier.RemoveParticipant();
    }

    private void Serve(int member)
    {
        while (true)
        {
            _barrier.SignalAndWait();
            if (_work is null)
            {
                _barrier.RemoveParticipant();
                return;
            }

            TakePieces(member);
            _barrier.SignalAndWait();
        }
    }

    private void TakePieces(int member)
    {
        try
        {
            for (int piece = Interlocked.Increment(ref _next) - 1; piece < _pieceCount; piece = Interlocked.Increment(ref _next) - 1) _work!(piece, member);
        }
        catch (Exception exception)
        {
            // The others find nothing left to take.
            Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(exception), null);
            Volatile.Write(ref _next, _pieceCount);
        }
    }
}
