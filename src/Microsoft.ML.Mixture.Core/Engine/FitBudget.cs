namespace Microsoft.ML.Mixture;

/// <summary>What may end a fit before it is done, its time budget or the caller, and what is then made of the fit.</summary>
internal sealed class FitBudget : IDisposable
{
    private readonly TimeLimit _time;
    private readonly TimeSpan? _limit;
    private readonly TimeProvider _clock;
    private readonly CancellationToken _cancelled;
    private readonly bool _returnsBest;

    // One more than the reason, zero for none: threads of a race ask at the same time.
    private int _interruption;

    /// <summary>Starts the time.</summary>
    public FitBudget(MixtureOptions options, CancellationToken cancellationToken)
    {
        (_limit, _clock) = (options.TimeBudget, options.Clock);
        _time = new TimeLimit(_limit, _clock, cancellationToken);
        _cancelled = cancellationToken;
        _returnsBest = options.CancellationBehavior == CancellationBehavior.ReturnBest;
    }

    /// <summary>Stops whatever is under way when the time is over or the caller cancels.</summary>
    public CancellationToken Token => _time.Token;

    /// <summary>For the first look at the rows, without which there is no answer: the caller alone may stop it.</summary>
    public CancellationToken PreparingToken => _cancelled;

    /// <summary>For what makes a model of a fit that has ended: the caller alone may stop it, and not where the best so far is wanted.</summary>
    public CancellationToken FinishingToken => _returnsBest ? CancellationToken.None : _cancelled;

    /// <summary>What is to be said of the data to whom gets no model, as full sentences; null for nothing.</summary>
    public string? Advice { get; set; }

    /// <summary>The time since the fit began.</summary>
    public TimeSpan Elapsed => _time.Elapsed;

    /// <summary>What is left of the budget; null if there is none.</summary>
    public TimeSpan? Left => _time.Left;

    /// <summary>A part of what is left of the budget; null if there is none.</summary>
    public TimeLimit? Part(double share) => _time.Left is { } left ? new TimeLimit(left * share, _clock, _time.Token) : null;

    /// <summary>
    /// Why the fit has to return what it has; null if it need not, or has to throw. What was first stays the reason.
    /// </summary>
    public StopReason? Interruption
    {
        get
        {
            if (Volatile.Read(ref _interruption) == 0 && Reason is { } reason) Interlocked.CompareExchange(ref _interruption, 1 + (int)reason, 0);
            int noted = Volatile.Read(ref _interruption);
            return noted == 0 ? null : (StopReason)(noted - 1);
        }
    }

    private StopReason? Reason => _cancelled.IsCancellationRequested ? (_returnsBest ? StopReason.Cancelled : null) : _time.IsOver ? StopReason.TimeBudget : null;

    /// <summary>Runs a fit under the budget of its options.</summary>
    /// <exception cref="OperationCanceledException">The caller has cancelled, and there is no model to return or it was not wanted.</exception>
    /// <exception cref="MixtureFitException">The time was over before there was a model, and the first one would take too long or is not possible.</exception>
    public static T Run<T>(MixtureOptions options, Func<FitBudget, T> fit, CancellationToken cancellationToken)
    {
        using var budget = new FitBudget(options, cancellationToken);
        try
        {
            return fit(budget);
        }
        catch (OperationCanceledException exception) when (cancellationToken.IsCancellationRequested && exception.CancellationToken != cancellationToken)
        {
            // Tasks count as cancelled, not as failed, only if the exception has the token that they know.
            throw new OperationCanceledException("The fit was cancelled.", exception, cancellationToken);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested && budget.Interruption == StopReason.TimeBudget)
        {
            throw new MixtureFitException(budget.NoModel(reason: null), exception);
        }
    }

    /// <summary>What is thrown where the budget ends a fit that has no model to show.</summary>
    /// <param name="reason">Why there is no makeshift, in the words after a comma and "and"; null for none.</param>
    public Exception CreateFailure(string? reason = null) => Interruption == StopReason.TimeBudget && !_cancelled.IsCancellationRequested
        ? new MixtureFitException(NoModel(reason))
        : new OperationCanceledException("The fit was cancelled before it had a model.", _cancelled);

    /// <summary>Does what a fit can do without, unless the time is over.</summary>
    /// <param name="work">What to do, and what stops it.</param>
    /// <param name="otherwise">The result where the time ends it.</param>
    public T WithinTime<T>(Func<CancellationToken, T> work, T otherwise) => _time.Within(work, otherwise, _cancelled);

    /// <summary>The subject of the sentence that says what ended the fit.</summary>
    public string Describe() => Interruption == StopReason.TimeBudget ? $"The time budget of {_limit} ended the fit" : "The fit was cancelled";

    /// <inheritdoc/>
    public void Dispose() => _time.Dispose();

    private string NoModel(string? reason) =>
        $"The time budget of {_limit} ended before any start had a model{(reason is null ? string.Empty : $", and {reason.TrimEnd('.')}")}. Raise it, or fit to fewer rows, with fewer components, or with a structure of fewer parameters.{(Advice is null ? string.Empty : $" {Advice}")}";
}
