namespace Microsoft.ML.Mixture;

/// <summary>Where one thread of a race makes starts and runs EM from them. What it has done before does not matter to what it does next.</summary>
internal sealed class RaceLane : IDisposable
{
    // A fit with fewer parameters starts with these groups.
    private static readonly StartKind[] _kindsOfSimplerFits = [StartKind.KMeans, StartKind.RandomRows, StartKind.WhitenedKMeans];

    // What comes instead where there is none.
    private static readonly StartKind[] _kindsWithoutSimplerFits = [StartKind.WhitenedKMeans, StartKind.Hierarchical];

    private readonly StartContext _context;
    private readonly RowSource _rows;
    private readonly RunMemory _memory;
    private readonly RunMemory? _own;
    private readonly double _rowWeightTotal;
    private readonly double _margin;
    private readonly FitPace? _pace;
    private readonly StartMoves _moves;

    /// <summary>Makes the lane of the thread that calls, the only one that tells a listener of runs.</summary>
    /// <param name="context">What starts are made from.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="memory">That of runs on the rows.</param>
    /// <param name="rowWeightTotal">The sum of their weights.</param>
    /// <param name="margin">By how much one run has to be better than another, in nats.</param>
    public RaceLane(StartContext context, RowSource rows, RunMemory memory, double rowWeightTotal, double margin)
    {
        (_context, _rows, _memory, _rowWeightTotal, _margin, _pace) = (context, rows, memory, rowWeightTotal, margin, context.Pace);
        Groups = new StartGroups(context, rows, memory);
        _moves = new StartMoves(Groups, context.ComponentCount);
    }

    /// <summary>Makes the lane of another thread.</summary>
    /// <param name="first">That of the thread that calls.</param>
    public RaceLane(RaceLane first)
    {
        (_context, _rows, _rowWeightTotal, _margin) = (first._context, first._rows, first._rowWeightTotal, first._margin);
        _memory = _own = new RunMemory(_rows, _rowWeightTotal, threadCount: 1);
        Groups = new StartGroups(first.Groups, _memory);
        _moves = new StartMoves(Groups, _context.ComponentCount);
    }

    /// <summary>What makes starts.</summary>
    public StartGroups Groups { get; }

    /// <summary>Makes what a racer starts from, if that is possible.</summary>
    public void Prepare(Racer racer)
    {
        if (racer.Start is not null) return;
        int passes = 1;
        DegenerateComponent? failure = null;
        MixtureState start = default;
        bool isPrepared;
        Groups.BeginTurn(racer.Turn);
        if (racer.Step.Move is { } move)
        {
            isPrepared = racer.From is not null && Groups.TryStart(_moves.Move(move, racer.From, racer.Told!, racer.TurnOfMove, racer.Random), out start, out failure);
        }
        else if (racer.Step.Kind == StartKind.SimplerFamily && Groups.SimplerFamilies.Count > 0)
        {
            int count = Groups.SimplerFamilies.Count;
            StartKind kind = _kindsOfSimplerFits[racer.SimplerFit / count % _kindsOfSimplerFits.Length];
            isPrepared = Groups.TryStart(Groups.SimplerFamilies[racer.SimplerFit % count], kind, racer.Random, Progress(racer), ref passes, out start, out failure);
        }
        else
        {
            StartKind kind = racer.Step.Kind == StartKind.SimplerFamily ? _kindsWithoutSimplerFits[racer.SimplerFit % _kindsWithoutSimplerFits.Length] : racer.Step.Kind;
            isPrepared = Groups.TryStart(kind, racer.Random, out start, out failure);
        }

        if (isPrepared && racer.Step.LeavesRowsOut) Groups.LeaveRowsOut(ref start, ref passes);
        racer.Passes += passes;
        if (isPrepared) racer.Start = start;
        else racer.Failure = failure;
    }

    /// <summary>Runs EM from what a racer starts from, if there is something.</summary>
    public void Run(Racer racer)
    {
        if (racer.Start is not { } start) return;
        racer.Lane = this;
        var rule = new StoppingRule(Math.Max(1, Math.Min(_context.MaximumIterations, racer.MostPasses - racer.Passes)), racer.Tolerance, _rowWeightTotal)
        {
            Rival = racer.Rival is null ? double.NegativeInfinity : racer.Rival.SoundPart / _rowWeightTotal,
            CautionBesideRival = Math.Max(racer.CautionBesideRival, _context.Family.CautionBesideRival),
            StepsBesideRival = racer.StepsBesideRival,
            IsOfNoUse = racer.Rival is null ? null : HasFlatComponent,
        };
        MixtureFit fit = ExpectationMaximization.Run(
            start, _memory.Step(start.Components), rule, new Acceleration(), Progress(racer), _context.CancellationToken, _context.Budget, _memory);
        if (!ReferenceEquals(fit.Components, start.Components)) _memory.Return(start.Components);
        racer.Passes += fit.PassCount;
        racer.Failure = fit.Failure;
        if (fit.Failure is not null || !double.IsFinite(fit.Objective)) return;
        if (racer.Rival is null || fit.Objective > racer.Rival.SoundPart + _margin) fit.FindSpurious(_context.FinishingToken);
        racer.Fit = fit;
    }

    /// <summary>Takes back the memory of a run that nobody needs any more.</summary>
    public void Return(MixtureFit fit) => _memory.Return(fit.Components);

    /// <summary>Leaves a mixture as it is whatever runs from it, for others have it as well.</summary>
    public void Keep(MixtureState mixture) => _memory.Keep(mixture.Components);

    /// <inheritdoc/>
    public void Dispose()
    {
        Groups.Dispose();
        _own?.Dispose();
    }

    private static bool HasFlatComponent(MixtureComponents components, double[] effectiveCounts, double[] rowCounts) =>
        components.FindSpurious(effectiveCounts, rowCounts).Any(found => found.IsFlat);

    private Action<FitHistory>? Progress(Racer racer) => _pace?.BeginRacer(_rowWeightTotal, racer.PassesBefore + racer.Passes);
}
