namespace Microsoft.ML.Mixture;

/// <content>What a race on a sample leaves to one on all rows.</content>
/// <remarks>
/// A sample of four thousand rows cannot tell maxima apart that differ by a hundredth of a nat a row, as those of tens of thousands of rows do by hundreds of nats in all: the best one of
/// all rows was often the third or the ninth of the sample. So the best few go on with all rows, and then moves of the best of them.
/// </remarks>
internal sealed partial class StartRace
{
    // What samples of some thousand rows cannot tell, in nats per unit of row weight.
    private const double NatsOfRunnersUp = 0.03;
    private const int MostRunnersUp = 4;

    // The first steps from a maximum of a sample gain what all rows add to it, whose estimate says nothing of where they lead.
    private const int StepsOfRunnerUp = 30;
    private const int StepsOfMove = 12;

    // Moves for each component without a new best one. All take no more than so many of the first runs on the sample, about two plain fits, whose last run is a stricter one, or a tenth of a second or two.
    private const int MovesOfComponent = 3;
    private const double RunsAfterSample = 8;

    // The winner and a plain start of very many rows, whose iterations on samples leave few for all.
    private const double RunsOfManyRows = 1;

    private readonly List<MixtureFit> _runnersUp = [];

    /// <summary>Mixtures that a race on a sample has found, the best first: all that starts.</summary>
    public IReadOnlyList<MixtureState> Leaders { get; init; } = [];

    /// <summary>The passes of the first start; of a race with <see cref="Leaders"/> those of the first one on the sample.</summary>
    public int PassesOfFirst { get; set; }

    /// <summary>Whether runners-up are moved on a sample as well.</summary>
    public bool MovesRunnersUpOfSample { get; init; }

    /// <summary>Whether so many starts agree on the best mixture that there is hardly a better one.</summary>
    public bool HasAgreed => !(_agreement.Missing(twice: false) > 0);

    /// <summary>Of a race on a sample the best mixtures but one that all rows might prefer to that, the best first.</summary>
    public IReadOnlyList<MixtureState> RunnersUp => [.. _runnersUp.Where(IsNear).Select(fit => fit.ToState())];

    // What all rows take after a race on a sample, told in passes over that.
    private double PassesAfterSample => IsOnAllRows ? 0 : (SampledRuns.AreMany(_context) ? RunsOfManyRows : RunsAfterSample) * PassesOfFirst * _context.Rows.Source.RowCount / _rows.RowCount;

    private void RunLed()
    {
        double most = Math.Max(RunsAfterSample * PassesOfFirst, PatienceOfSound * Math.Min(LeastRowsOfOthers / _rows.RowCount, LeastOperationsOfOthers / _groups.Operations));
        most = Math.Min(most, MostLed);
        _context.Pace?.LimitRace(most);
        foreach (MixtureState leader in Leaders) _lane.Keep(leader);
        for (int led = 0; led < Leaders.Count && (_best is null || _passes < most); led++)
        {
            Race(new StartStep(StartKind.KMeans), MostOf(most), led, StepsOfRunnerUp, Leaders[led]);
        }

        int failed = 0;
        for (int racer = 0; _best is not null && _passes < most && failed < MovesOfComponent * _context.ComponentCount && _context.Budget?.Interruption is null; racer++)
        {
            MixtureFit before = _best;
            StartStep step = StartPlan.AfterSample[racer];
            Race(step, MostOf(most), racer, step.Move is null ? StepsOfRunnerUp : StepsOfMove);
            failed = ReferenceEquals(_best, before) ? failed + 1 : 0;
            if (failed == 0) _context.Pace?.ReportRace(racer + 1, _best, _passes);
        }
    }

    // One of those near the best, and the best where there is none.
    private MixtureFit DrawRunnerUp(MixtureFit best)
    {
        MixtureFit[] near = [.. _runnersUp.Where(IsNear)];
        return near.Length > 0 ? near[(int)(_random.NextDouble() * near.Length)] : best;
    }

    // The run that is not kept any longer.
    private MixtureFit? KeepRunnerUp(MixtureFit fit)
    {
        if (!IsNear(fit) || _runnersUp.Exists(other => Math.Abs(other.Objective - fit.Objective) <= TolerancesOfAgreement * Margin)) return fit;

        // A run that was beaten has not been judged, and what goes on with all rows is judged there.
        if (MovesRunnersUp) fit.FindSpurious(_context.FinishingToken);
        if (!fit.IsSound) return fit;
        int at = _runnersUp.FindIndex(other => fit.Objective > other.Objective);
        _runnersUp.Insert(at < 0 ? _runnersUp.Count : at, fit);
        int most = SampledRuns.AreMany(_context) ? 1 : MostRunnersUp;
        if (_runnersUp.Count <= most) return null;
        MixtureFit last = _runnersUp[most];
        _runnersUp.RemoveAt(most);
        return last;
    }

    // Of another mixture than the best, and so near to it that other rows might prefer it.
    private bool IsNear(MixtureFit fit)
    {
        double behind = _best!.Objective - fit.Objective;
        return behind > TolerancesOfAgreement * Margin && behind < NatsOfRunnersUp * _rowWeightTotal;
    }
}
