using MathNet.Numerics.Random;

namespace Microsoft.ML.Mixture;

/// <summary>Lets starts of all kinds race for the best maximum, and mends the best one found so far, and runners-up, by moves of their components.</summary>
/// <remarks>
/// The first start runs until it has converged. What it took tells what others may take together: 1.7 times as much, on a sample 2.4 times as much for each time that all rows
/// are as many, or up to twenty times as much where that takes no more than about a tenth of a second, and four times that where all rows race and the best one is sound, and that again from each new best one on, within limits, which are three times as wide where runs are long; the race ends before where many starts agree on the best. A run
/// that is not expected to get above the best one ends at once, as does one with a component that has lost its spread where there is a sound mixture, and one that breaks off or rests on a handful of
/// rows counts for nothing. One that the end of the race breaks off just when it has become the best one goes on to its end. All starts
/// see the same rows, one after the other or so many at a time, however many threads there are, so that the result depends on the seed alone.
/// Sources: Biernacki, Celeux and Govaert (2003), Choosing starting values for the EM algorithm for getting the highest likelihood in
/// multivariate Gaussian mixture models, Comput. Stat. Data Anal. 41(3-4), 561-575, doi:10.1016/S0167-9473(02)00163-9, for short runs of many
/// starts; <see cref="StartMoves"/> for the moves.
/// </remarks>
internal sealed partial class StartRace : IDisposable
{
    /// <summary>What others than the first start may take together, as a multiple of its passes.</summary>
    public const double ShareOfOthers = 1.7;

    // On a sample, where the first start itself takes little.
    private const double ShareOfOthersOfSample = 2.4;

    /// <summary>So many passes without a new best one, where that is no more than about a tenth of a second, cost next to nothing.</summary>
    public const double LeastPassesOfOthers = 500;

    // The same in lengths of the first run, for starts from which EM takes long.
    private const double RunsOfOthers = 20;

    /// <summary>The same of rows that are read.</summary>
    public const double LeastRowsOfOthers = 1e7;

    // So many times as much where no other rows are to be read afterwards and the best one is sound: what is found still grows with it.
    private const double PatienceOfSound = 4;

    // All components begin in one place there, and a run looks like the end while it leaves that.
    private const int StepsOfRandomResponsibilities = 30;

    // Of a sample a pass costs less than one over all rows, which is what the first start and the winner take.
    private const double MostPassesOfAll = 12;

    // At the end: whether the best is a maximum.
    private const int Shakes = 2;

    // Then responsibilities are changed by less, so that small components stay, and the run from there has to show that so much of the tolerance is left.
    private const double StrictnessOfJostle = 1e-4;

    // With no more rows than features, passes are dearer, and kinds of starts fewer.
    private const double LeastPassesOfManyFeatures = 160;
    private const double LeastRowsOfOthersOfSample = 4e6;
    private const double LeastOperationsOfOthers = 1e9;

    // The same where the number of components in use is to be found as well.
    private const double LeastOperationsOfNumbers = 3e8;

    // So many times the least in all.
    private const double MostOfLeast = 2.2;

    // So many starts that agree say that there is nothing better. Two components have no moves that search on their own.
    private const double AgreeingStarts = 10;
    private const double AgreeingStartsOfTwo = 12;

    // Up to so many operations it takes twice as many.
    private const double OperationsOfShortRace = 3e7;

    // With noise there are more maxima: of rows that it takes from groups, and of some that it leaves to components. Where rows are few, looking for them costs next to nothing.
    private const double AgreeingStartsWithNoise = 20;
    private const int MostRowsOfThese = 2048;
    private const double TolerancesOfAgreement = 10;

    /// <summary>Where there are fewer rows for each parameter, there are maxima everywhere.</summary>
    public const double FewRowsOfParameter = 2;

    // Short runs of long ones.
    private const int ShortRunsOfRun = 12;
    private const int FewestShortSteps = 4;

    // Where so many moves have failed in a row, short runs may find what moves do not lead to.
    private const int FailuresBeforeShortRuns = 3;

    // What long runs may take in all, as long as each new best one is found within what they may take from the last.
    private const double MostOfLong = 3;

    // About a tenth of a second.
    private const double OperationsBetweenReports = 1e8;

    // So many components at most are tried as that of the rows at values that many share.
    private const int MostGathered = 4;

    // Where as many starts have failed in a row, there is something wrong with the data.
    private const int MostFailures = 8;

    private readonly StartAttempt _attempt;
    private readonly StartContext _context;
    private readonly RowSource _rows;
    private readonly double _rowWeightTotal;
    private readonly double _tolerance;
    private readonly Xoshiro256StarStar _random;
    private readonly StartGroups _groups;
    private readonly RaceLane _lane;
    private readonly KnownMixtures _known;
    private StartPlan _plan;
    private readonly StartAgreement _agreement;
    private readonly IReadOnlyList<bool[]?>? _noises;
    private MixtureFit? _best;
    private PassedOverMixture? _passedOver;
    private DegenerateComponent? _firstFailure;
    private int _passes;
    private int _starts;
    private int _simplerFits;
    private int _startsOfGroups;

    /// <summary>Prepares a race on some rows.</summary>
    /// <param name="attempt">The start that they race for.</param>
    /// <param name="rows">The rows, all in use.</param>
    /// <param name="memory">That of runs on these rows.</param>
    /// <param name="rowWeightTotal">The sum of their weights.</param>
    /// <param name="tolerance">What may still be to be gained by a run that counts as converged, per unit of row weight.</param>
    /// <param name="random">Draws starts and moves.</param>
    /// <param name="sample">The rows among those in use; null for all.</param>
    public StartRace(StartAttempt attempt, RowSource rows, RunMemory memory, double rowWeightTotal, double tolerance, Xoshiro256StarStar random, int[]? sample = null)
    {
        StartContext context = attempt.Context;
        _attempt = attempt;
        (_context, _rows, _rowWeightTotal, _tolerance, _random) = (context, rows, rowWeightTotal, tolerance, random);
        _lane = new RaceLane(context, rows, memory, rowWeightTotal, Margin);
        (_groups, _lanes) = (_lane.Groups, [_lane]);
        _known = new KnownMixtures(_groups, context.ComponentCount);
        bool areFew = rows.RowCount < FewRowsOfParameter * _groups.About.FreeParameterCount && _groups.SimplerFamilies.Count > 0;
        double needed = context.Noise is not null && rows.RowCount <= MostRowsOfThese ? AgreeingStartsWithNoise : context.ComponentCount == 2 ? AgreeingStartsOfTwo : AgreeingStarts;
        _agreement = new StartAgreement(needed, TolerancesOfAgreement * tolerance * rowWeightTotal);
        _plan = context.Family.LosesComponents ? StartPlan.OfUnusedComponents
            : !_groups.Points.HaveCorrelations ? StartPlan.OfManyFeatures
            : areFew ? _groups.CanLeaveRowsOut ? StartPlan.OfHeldRows : StartPlan.OfFewRows
            : context.ComponentCount == 2 ? StartPlan.OfTwo : StartPlan.OfMany;
        if (context.Noise is { } noise)
        {
            _noises = noise.FindAll(sample ?? [.. Enumerable.Range(0, rows.RowCount)], _groups.Points, attempt.Seed, context.CancellationToken);
            _plan = _plan.WithNoise();
        }

        if (_groups.FactorCount > 0) _plan = _plan.With(new StartStep(StartKind.WithoutFactors));
    }

    /// <summary>Runs the race.</summary>
    /// <returns>The best mixture found, or where all starts failed, why the first one did.</returns>
    public StartOutcome Run()
    {
        _context.Pace?.BeginRace();
        try
        {
            RunRace();
        }
        catch (OperationCanceledException) when (CanEndEarly)
        {
            // What has been found so far is whole.
        }

        // No start was done, which is no failure of one.
        if (_best is null && _context.Budget?.Interruption is not null) throw new OperationCanceledException("The race was ended before it had a mixture.");
        var race = new StartRaceRecord(_starts, _agreement.Count, IsLimited) { IsOnSample = !IsOnAllRows, PassedOver = _passedOver };
        if (_best is null) return new StartOutcome(State: null, _firstFailure) { Race = race };
        StopReason? interruption = IsOnAllRows ? _context.Budget?.Interruption : null;
        if (interruption is { } reason) _best.StopReason = reason;
        return new StartOutcome(_best.ToState()) { Race = race, Interrupted = interruption is null ? null : _best };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _team?.Dispose();
        foreach (RaceLane lane in _lanes) lane.Dispose();
    }

    // A run on a sample is no fit to all rows: it goes on from there, as long as there is time.
    private bool CanEndEarly => _best is not null && (_context.IsPartOver || (IsOnAllRows && _context.Budget?.Interruption is not null));

    // In view of what the first start has taken, and of how many more all rows are.
    private double PassesOfOthers
    {
        get
        {
            double share = ShareOfOthers * _passes, ratio = (double)_context.Rows.Source.RowCount / _rows.RowCount;
            if (_context.Family.LosesComponents) return share;
            return ratio > 1 ? ShareOfOthersOfSample * _passes * Math.Min(MostPassesOfAll, ratio) : share;
        }
    }

    // On most samples there is less time, and they go on with all rows.
    private bool MovesRunnersUp => (IsOnAllRows || MovesRunnersUpOfSample) && Leaders.Count == 0 && ReferenceEquals(_plan, StartPlan.OfMany) && _groups.SimplerFamilies.Count > 0;

    // Where a pass takes next to nothing, another agreement does as well, and is worth it: the first starts are much alike.
    private bool IsShort => !(_passes * _groups.Operations >= OperationsOfShortRace || IsLimited || _noises is not null || _context.Family.LosesComponents);

    private bool IsOnAllRows => ReferenceEquals(_rows, _context.Rows.Source);

    private void RunRace()
    {
        if (Leaders.Count > 0)
        {
            RunLed();
            return;
        }

        int most = int.MaxValue, told = 0, ofFirst = 0, skipped = 0, failed = 0;
        double operations = _groups.Operations, least = 0, share = 0;
        bool mayRunShortly = !IsLimited;
        for (int first = 0, count = 1; _passes < most && (_best is not null || first < MostFailures) && _context.Budget?.Interruption is null; first += count, count = NextCount)
        {
            if (!IsAffordable(Step(first), most))
            {
                if (++skipped == MostSkipped) break;
                continue;
            }

            skipped = 0;
            foreach (Racer racer in RaceTogether(first, count, most))
            {
                MixtureFit? before = _best;
                Take(racer);
                bool hasImproved = !ReferenceEquals(before, _best);
                failed = hasImproved ? 0 : failed + 1;
                if (_best is not null && (hasImproved || (_passes - told) * operations > OperationsBetweenReports))
                {
                    _context.Pace?.ReportRace(racer.Turn + 1, _best, _passes);
                    told = _passes;
                }

                if (!(_agreement.Missing(IsShort) > 0) && !_best!.HasTwins(_context.CancellationToken)) return;
                if (racer.Turn == 0)
                {
                    (ofFirst, least, share) = (_passes, LeastPasses(operations), PassesOfOthers);
                    PassesOfFirst = _passes;
                }
                else if (!hasImproved)
                {
                    continue;
                }

                most = Math.Min(MostPasses(ofFirst, share, least), MostBeforeChecks);
                _context.Pace?.LimitRace(most + PassesAfterSample);
            }

            if (mayRunShortly && failed >= FailuresBeforeShortRuns && ReferenceEquals(_plan, StartPlan.OfLongRuns))
            {
                (MixtureFit? before, mayRunShortly) = (_best, false);
                RunShortly(most);
                if (!ReferenceEquals(before, _best)) most = Math.Min(MostPasses(ofFirst, share, least), MostBeforeChecks);
            }

            if (first > 0) continue;
            if (share > least && ReferenceEquals(_plan, StartPlan.OfMany)) _plan = StartPlan.OfLongRuns;
            else if (share > least && _groups.Points.HaveCorrelations && !_context.Family.LosesComponents) RunShortly(most);
            if (_groups.HavePointMasses) GatherMasses(most);
        }

        // What has not converged is no maximum, and to look for that would take longer than all starts.
        if (share > least && _best is { StopReason: StopReason.MaximumIterations }) return;
        int shakes = _groups.Points.HaveCorrelations ? Shakes + (_context.Family.LosesComponents ? 0 : 1) : 0;
        for (int shake = 0; shake < shakes && _best is not null && _context.Budget?.Interruption is null; shake++)
        {
            MixtureFit before = _best;
            var step = new StartStep(shake < Shakes ? StartMove.Shake : StartMove.Jostle);
            if (!IsAffordable(step, MostWithChecks)) break;
            Race(step, Math.Min(shake < Shakes ? int.MaxValue / 2 : _passes + most, MostWithChecks));
            if (!ReferenceEquals(_best, before) && _passes < 2L * most) shake = -1;
        }
    }

    // Fits with fewer parameters and groups in other units have led to what they know of when each kind has had its turn. More of them, which know nothing of the best, only say
    // that the race is over: where starts agree.
    private StartStep Step(int racer)
    {
        StartStep step = _plan[racer];
        if (step.Move == StartMove.RelocateRunnerUp && _best is { IsSound: false }) return new StartStep(StartMove.Regroup);
        bool isKnown = (step.Kind == StartKind.SimplerFamily || step.Move == StartMove.Regroup) && _simplerFits >= _groups.SimplerFamilies.Count;
        return isKnown && MovesRunnersUp && _best is { IsSound: true } && !_agreement.IsHalfReached ? new StartStep(StartMove.RelocateRunnerUp) : step;
    }

    // From the best one so far on. Where that rests on a handful of rows or on values that coincide, more time would find more of the kind.
    private int MostPasses(int ofFirst, double share, double least)
    {
        if (_best is { IsSound: true } && IsOnAllRows && _groups.Points.HaveCorrelations && !_context.Family.LosesComponents) least *= PatienceOfSound;
        return (int)Math.Min(int.MaxValue / 2, Math.Min(_passes + Math.Max(share, least), ofFirst + Math.Max(share * (ReferenceEquals(_plan, StartPlan.OfLongRuns) ? MostOfLong : 1), MostOfLeast * least)));
    }

    private double LeastPasses(double operations)
    {
        double rows = IsOnAllRows ? LeastRowsOfOthers : LeastRowsOfOthersOfSample;
        double least = _context.Family.LosesComponents ? LeastOperationsOfNumbers : LeastOperationsOfOthers;
        double passes = _groups.Points.HaveCorrelations ? Math.Max(LeastPassesOfOthers, RunsOfOthers * _passes) : LeastPassesOfManyFeatures;
        return Math.Min(Math.Min(passes, rows / _rows.RowCount), least / operations);
    }

    // Where runs are long, many starts take a few steps each, and only the best of them goes on.
    private void RunShortly(int most)
    {
        int steps = Math.Max(FewestShortSteps, PassesOfFirst / ShortRunsOfRun);
        Racer? leader = null;
        for (int first = 0, count = AreTogether ? MostTogether : 1; first < StartPlan.Short.Count && _passes < most; first += count)
        {
            int end = _passes + 1 + steps;
            foreach (Racer racer in RunAll([.. StartPlan.Short.Skip(first).Take(count).Select((kind, i) => Enter(new StartStep(kind), first + i, end, rival: null))]))
            {
                _passes += racer.Passes;
                _firstFailure ??= racer.Failure;
                if (racer.Fit is not { } fit) continue;
                bool leads = leader is null || fit.IsBetterThan(leader.Fit!, Margin);
                if ((leads ? leader : racer) is { } loser) loser.Lane!.Return(loser.Fit!);
                if (leads) leader = racer;
            }
        }

        if (leader is not null) Race(leader.Step, most, start: leader.Fit!.ToState());
    }

    // Starts that know no more than distances hardly ever find the rows that share values exactly. Which component can be spared for them is tried.
    private void GatherMasses(int most)
    {
        var step = new StartStep(StartKind.PointMasses);
        MixtureFit? before = _best;
        for (int gathered = 0; gathered <= Math.Min(MostGathered, _context.ComponentCount) && _passes < most; gathered++)
        {
            Race(step, most, gathered);
            if (gathered > 0 && !ReferenceEquals(_best, before)) return;
            (step, before) = (new StartStep(StartMove.GatherMasses), _best);
        }
    }

    private bool IsBetter(MixtureFit? fit) => fit is not null && (_best is null || fit.IsBetterThan(_best, Margin));

    // What two runs may still gain, so that rounding does not decide between runs to the same maximum.
    private double Margin => _tolerance * _rowWeightTotal;
}
