using MathNet.Numerics.Random;

namespace Microsoft.ML.Mixture;

/// <content>How starts enter the race, run, one by one or some at the same time, and what is taken of them.</content>
/// <remarks>
/// Where a pass over the rows is too short to be shared by threads, starts are: some at a time enter with what the race knows by then and a seed of their own, and what they have led to is taken in their order
/// when all are done. How many they are does not depend on the number of threads, so that the result is the same for any. What one of them finds the others learn later than they would one after the other; so there are no
/// more than may still be missing for agreement.
/// </remarks>
internal sealed partial class StartRace
{
    private const int MostTogether = 8;

    // Less work than that is done before other threads have begun.
    private const double LeastOperationsOfThreads = 2e5;

    // Each thread has the rows as groups see them, several times: eight megabytes each time for all.
    private const long MostCoordinatesOfLanes = 1_000_000;

    // What a run has left to gain is estimated too low on its way across a plateau, beyond which there may be what is above the best.
    private const double CautionOfMany = 5;

    private RaceLane[] _lanes;
    private MixtureFit? _exchanged;
    private int _exchanges;
    private WorkerTeam? _team;

    private bool AreTogether => _best is not null && _groups.Operations < ExpectationStep.FewestOperationsForThreads && _groups.Points.HaveCorrelations && Leaders.Count == 0
        && !IsLimited && _noises is null && !_context.Family.LosesComponents;

    private int NextCount => !AreTogether ? 1 : _agreement.Missing(IsShort) is > 0 and double missing && missing < MostTogether ? (int)Math.Ceiling(missing) : MostTogether;

    // One start that is not of the plan, or a mixture, on its own.
    private void Race(StartStep step, int most, int turn = 0, int stepsBesideRival = 0, MixtureState? start = null)
    {
        Racer racer = Enter(step, turn, most, RivalOf(step), stepsBesideRival);
        if (start is not null) (racer.Start, racer.Passes) = (start, 0);
        Run(racer, _lane);
        Take(racer);
    }

    // What all that run together know is the same.
    private Racer Enter(StartStep step, int turn, int most, MixtureFit? rival, int stepsBesideRival = 0)
    {
        if (_noises is not null) _groups.LeaveOut(step.Move is null ? _noises[_startsOfGroups++ % _noises.Count] : null);
        MixtureFit? from = step.Move is null ? null : step.Move == StartMove.RelocateRunnerUp && _best is not null ? DrawRunnerUp(_best) : _best;
        ComponentRelocation? told = from is null ? null : _known.Ask(from, ref _passes);
        if (step.Move == StartMove.Exchange && !ReferenceEquals(from, _exchanged)) (_exchanged, _exchanges) = (from, 0);
        bool isSimpler = step is { Kind: StartKind.SimplerFamily, Move: null };

        // The first one is what a plain start of the seed is.
        return new Racer(step, _best is null ? _random : new Xoshiro256StarStar(_random.NextFullRangeInt32(), threadSafe: false))
        {
            Turn = turn,
            SimplerFit = isSimpler ? _simplerFits++ : 0,
            TurnOfMove = step.Move == StartMove.Exchange ? _exchanges++ : 0,
            From = from,
            Told = told,
            Rival = rival,
            StepsBesideRival = stepsBesideRival,
            CautionBesideRival = ReferenceEquals(_plan, StartPlan.OfMany) && Leaders.Count == 0 && !IsLimited ? CautionOfMany : 1,
            Tolerance = IsCheck(step) ? _tolerance * StrictnessOfJostle : _tolerance,
            PassesBefore = _passes,
            Passes = PassesBefore(step),
            MostPasses = most - _passes,
        };
    }

    // Takes what a racer has led to.
    private void Take(Racer racer)
    {
        _passes += racer.Passes;
        _firstFailure ??= racer.Failure;
        if (racer.Start is null) return;
        bool isCheck = IsCheck(racer.Step);
        if (!isCheck) _starts++;
        MixtureFit? fit = racer.Fit;
        bool isCutShort = fit is not null && racer.Passes >= racer.MostPasses;
        bool isBetter = IsBetter(fit) && !(isCutShort && IsLimited && _best is not null && fit!.StopReason == StopReason.MaximumIterations);
        if (isBetter && isCutShort && racer.Rival is not null)
        {
            // One that the end of the race breaks off may be on its way to a component without spread, and only looks sound.
            var whole = new Racer(racer.Step, racer.Random) { Rival = racer.Rival, Tolerance = _tolerance, PassesBefore = _passes, Start = fit!.ToState() };
            _lane.Run(whole);
            _passes += whole.Passes;
            _firstFailure ??= whole.Failure;
            fit = whole.Fit;
            isBetter = IsBetter(fit);
        }

        if (fit is null) return;
        if (isBetter || !isCheck) _agreement.Add(racer.Step, fit, _best, isBetter);
        MixtureFit? loser = isBetter ? _best : fit;
        if (isBetter) _best = fit;
        if (loser is not null && IsOnAllRows) _passedOver = PassedOverMixture.Likelier(_passedOver, loser, _best!);
        if ((MovesRunnersUp || !IsOnAllRows) && loser is not null) loser = KeepRunnerUp(loser);
        if (loser is not null) racer.Lane!.Return(loser);
        if (isBetter && (!IsOnAllRows || Leaders.Count > 0)) _attempt.Reached.State = fit.ToState();
    }

    private static bool IsCheck(StartStep step) => step.Move == StartMove.Jostle;

    private MixtureFit? RivalOf(StartStep step) => _best is { IsSound: true, Coincides: false } && !IsCheck(step) ? _best : null;

    private int StepsBesideBest(StartStep step) => step is { Kind: StartKind.RandomResponsibilities, Move: null } && !IsLimited ? StepsOfRandomResponsibilities : 0;

    private Racer[] RaceTogether(int first, int count, int most)
    {
        var racers = new Racer[count];
        for (int i = 0; i < count; i++)
        {
            StartStep step = Step(first + i);
            racers[i] = Enter(step, first + i, most, RivalOf(step), StepsBesideBest(step));
        }

        return RunAll(racers);
    }

    private Racer[] RunAll(Racer[] racers)
    {
        if (racers.Length > 1 && AreTogether && _lanes.Length == 1) CreateLanes();
        if (racers.Length > 1 && AreTogether && _team is not null) _team.Run(racers.Length, (racer, thread) => Run(racers[racer], _lanes[thread]));
        else Array.ForEach(racers, racer => Run(racer, _lane));
        return racers;
    }

    // Where there is nothing yet, what a racer starts from is better than nothing if the time ends it.
    private void Run(Racer racer, RaceLane lane)
    {
        lane.Prepare(racer);
        if (_best is null) _attempt.Reached.First = racer.Start;
        lane.Run(racer);
        if (_best is null) _attempt.Reached.First = null;
    }

    private void CreateLanes()
    {
        long coordinates = (long)_rows.RowCount * _rows.Dimension;
        int threads = (int)Math.Min(Math.Min(_context.ThreadCount ?? Environment.ProcessorCount, MostTogether), Math.Max(1, MostCoordinatesOfLanes / coordinates));
        if (threads == 1 || PassesOfFirst * _groups.Operations < LeastOperationsOfThreads) return;
        _lanes = [_lane, .. Enumerable.Range(1, threads - 1).Select(_ => new RaceLane(_lane))];
        _team = new WorkerTeam(threads);
    }
}
