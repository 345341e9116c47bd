using System.Globalization;

namespace Microsoft.ML.Mixture;

/// <summary>
/// Tells how unusual a log-density is: by comparison with the log-densities of rows that are known to be ordinary, drawn from the mixture or held out
/// from its training. Safe to share between threads.
/// </summary>
/// <remarks>
/// <para>
/// The p-value of a row is (1 + the number of reference rows that are not denser) / (1 + the number of reference rows): if the row is one more of
/// their kind, it is at most alpha with a probability of at most alpha, whatever the distribution. A row is called an anomaly if its p-value is at
/// most the false-alarm rate, that is, if its log-density lies below <see cref="Threshold"/>.
/// </para>
/// <para>
/// Noise is left out: rows are judged by the Gaussians alone, for noise would give the same density to all that is far away.
/// A row with missing features (NaN) is compared with the reference rows as if they lacked the same. This is computed once for each set of
/// features, and kept as long as all sets take less than half a gigabyte together. Reference rows that were held out count where they show all that the row shows; where they are too few for the false-alarm rate,
/// rows drawn from the mixture take their place. A row of which nothing is observed is like all others of its kind: its p-value is 1, and it is no anomaly.
/// </para>
/// <para>
/// Rows drawn from the mixture would be denser than new ones where its parameters were estimated from few rows. Refits to data sets drawn from the mixture tell by how
/// much; see <see cref="GaussianMixtureModel.CalibrateAnomalies(double, int, int, int?, CancellationToken)"/>.
/// </para>
/// <para>
/// Source: for p-values by comparison Vovk, Gammerman and Shafer (2005), Algorithmic Learning in a Random World, Springer, doi:10.1007/b106715.
/// </para>
/// </remarks>
public sealed partial class AnomalyCalibration
{
    internal const double DefaultFalseAlarmRate = 0.01;
    internal const int DefaultSampleCount = 50_000;
    internal const int MostRefits = 10_000;

    // Of a data set, unless the rows have as many themselves: 1 GB, more than refits have that nobody has asked for.
    private const double MostRefittedValues = 1 << 27;

    // Of all sets of missing features together, half a gigabyte: what a thousand of them take by default.
    private const long MostKeptValues = 1 << 26;

    // Of a set, beside its log-densities.
    private const int ValuesOfEntry = 64;

    // So many draws below the threshold tell it to a tenth.
    private const double AlarmsSimulated = 100;
    private const double FewestAlarmsSimulated = 10;

    // Of one thread.
    private const double DrawOperationsOfSecond = 1e9;
    private const double LeastSecondsOfDraws = 1;
    internal const int MostSamples = 1_000_000;

    /// <summary>What so many tell.</summary>
    internal const double LeastRateOfSamples = 1.0 / (MostSamples + 1);

    /// <summary>Whoever asks for it may have more, whose log-densities take some hundred megabytes.</summary>
    internal const int MostSamplesAsked = 10_000_000;

    // Rates of fits with noise to a hundred rows were up to seven times what was asked for; to some hundred up to twelve times, where clean rows gave the noise a good part of the weight.
    private const int FewestRowsOfNoise = 200;
    private const int FewestRowsOfMuchNoise = 1000;
    private const double MuchNoise = 0.1;

    private readonly Dictionary<string, AnomalyReference> _references = [];
    private readonly Lock _lock = new();
    private readonly GaussianMixtureModel _fitted;
    private long _keptValues;

    // Stop refits and draws that the threshold needs; later ones are part of scoring, which nobody cancels.
    private CancellationToken _preparing;
    private TimeLimit? _time;
    private Lazy<GaussianMixtureModel[]> _refits;

    /// <summary>Computes what rows that lack nothing are compared with.</summary>
    /// <param name="model">The mixture, with its noise and report.</param>
    /// <param name="falseAlarmRate">The rate, which there are enough rows for.</param>
    /// <param name="heldOut">Rows that were held out, row after row; null for none.</param>
    /// <param name="sampleCount">The number of rows to draw where rows are drawn.</param>
    /// <param name="seed">Their seed.</param>
    /// <param name="refits">How to refit.</param>
    /// <param name="madeRefits">The refits, if they have been made before; null to make them when they are needed.</param>
    /// <param name="time">When it is over, there are no more refits; null for no limit.</param>
    /// <param name="cancellationToken">Stops the refits and draws that the threshold needs.</param>
    internal AnomalyCalibration(
        GaussianMixtureModel model, double falseAlarmRate, double[]? heldOut, int sampleCount, int seed, RefitSettings refits, GaussianMixtureModel[]? madeRefits = null,
        TimeLimit? time = null, CancellationToken cancellationToken = default)
    {
        RequestedFalseAlarmRate = falseAlarmRate;
        _fitted = model;
        Model = model.WithoutNoise();
        FalseAlarmRate = falseAlarmRate;
        HeldOut = heldOut;
        SampleCount = sampleCount;
        Seed = seed;
        Refits = refits;
        _refits = madeRefits is null ? new(MakeRefits) : new(madeRefits);
        (_preparing, _time) = (cancellationToken, time);
        Complete = ReferenceOf([.. Enumerable.Range(0, model.Dimension)]);
        (_preparing, _time) = (CancellationToken.None, null);
    }

    /// <summary>
    /// The share of ordinary rows that are to be called anomalies by mistake: <see cref="RequestedFalseAlarmRate"/>, or more where the rows held out, or drawn, are too few to tell that. Of m rows held out it is at most that:
    /// floor(rate (m + 1)) / (m + 1).
    /// </summary>
    public double FalseAlarmRate { get; }

    /// <summary>The false-alarm rate that was asked for. One of <see cref="Warnings"/> says so where <see cref="FalseAlarmRate"/> had to be larger.</summary>
    public double RequestedFalseAlarmRate { get; internal init; }

    /// <summary>Whether rows were to be held out, and were too few for it.</summary>
    internal bool LacksHeldOut { get; init; }

    /// <summary>How many training rows lie beyond a threshold that comes from rows drawn from the mixture; null if that is not known.</summary>
    internal TrainingAlarms? Training { get; set; }

    /// <summary>How far training rows that follow each other are alike; null if they are not, or that is not known.</summary>
    internal SerialCorrelation? Order { get; set; }

    /// <summary>How many rows held out are less dense than rows drawn from the mixture, where these are far more than can be expected; else null.</summary>
    internal HeldOutAlarms? BeyondDrawn { get; set; }

    /// <summary>The log-density, in nats, below which a row that lacks nothing is an anomaly.</summary>
    public double Threshold => Complete.Threshold;

    /// <summary>The number of reference rows with which a row that lacks nothing is compared.</summary>
    public int ReferenceCount => Complete.Count;

    /// <summary>Whether <see cref="Threshold"/> comes from rows drawn from the mixture, and not from rows that were held out: also where too few of those held out lack nothing.</summary>
    public bool IsSimulated => Complete.IsSimulated;

    /// <summary>
    /// The number of mixtures fitted anew, to data sets drawn from this one, by which thresholds from rows drawn from the mixture allow for its
    /// parameters being estimated; zero if they count as known.
    /// </summary>
    public int RefitCount => Refits.Count;

    /// <summary>The Gaussians alone.</summary>
    internal GaussianMixtureModel Model { get; }

    /// <summary>Rows that were held out, row after row.</summary>
    internal double[]? HeldOut { get; }

    /// <summary>How many of them lack nothing.</summary>
    internal int CompleteHeldOutCount => HeldOut?.Chunk(Model.Dimension).Count(row => !Array.Exists(row, double.IsNaN)) ?? 0;

    internal int SampleCount { get; }

    internal int Seed { get; }

    internal RefitSettings Refits { get; private set; }

    /// <summary>Whether the parameters count as known: of a mixture that was fitted to a great many rows, or not at all.</summary>
    internal bool HasKnownParameters => _fitted.Report is null || EstimationRefits.HasKnownParameters(_fitted);

    /// <summary>Whether a saved calibration may leave out its refits: who loads it has not asked for them.</summary>
    internal bool CanRefitUnasked => _fitted.Report is null || AreSmall(_fitted);

    /// <summary>The weight of the noise of the fit.</summary>
    internal double NoiseWeight => _fitted.NoiseWeight;

    /// <summary>How many rows were fitted; zero of a mixture that was not.</summary>
    internal int FittedRowCount => _fitted.Report?.RowCount ?? 0;

    /// <summary>How many refits were not possible.</summary>
    internal int FailedRefitCount
    {
        get
        {
            // Making them tells how many there are, which a time budget may cut short.
            int made = _refits.Value.Length;
            return RefitCount - made;
        }
    }

    /// <summary>The Gaussians of the refits, which are made if they are not there yet.</summary>
    internal IReadOnlyList<GaussianMixtureModel> MadeRefits => _refits.Value;

    internal AnomalyReference Complete { get; }

    /// <summary>How many values are kept for rows to come, of all sets of missing features together: beyond so many all sets are forgotten, and computed anew.</summary>
    internal long MostKept { get; init; } = MostKeptValues;

    /// <summary>For how many sets they are kept.</summary>
    internal int KeptCount
    {
        get
        {
            lock (_lock) return _references.Count;
        }
    }

    /// <summary>
    /// Judges the rows that the mixture was fitted to: if far more of them lie beyond a threshold from rows drawn from the mixture than were asked for, ordinary rows are not like
    /// the mixture, and if each is about as dense as the row before it, they tell less than their number. <see cref="Warnings"/> says so from then on.
    /// </summary>
    /// <remarks>
    /// Far more are one and a half times as many whose probability is below 0.001 where ordinary rows are like the mixture; that takes some hundred rows. Of rows held out <see cref="Warnings"/> say by
    /// themselves where far more are less dense than rows drawn from the mixture. The trainer of ML.NET does this by itself. Cost: two passes over at most 20,000 rows each.
    /// </remarks>
    /// <param name="rows">N x D values, in feature units, in the order in which they came, NaN for a missing value; rows that lack any are left out.</param>
    /// <param name="rowWeights">One weight a row, or null for weights of one: those of the fit.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <returns>The warning, or both; null if there is none.</returns>
    /// <exception cref="ArgumentException">The rows do not have D features, or there are not as many weights.</exception>
    /// <exception cref="OperationCanceledException">The work was cancelled.</exception>
    public string? JudgeTraining(double[,] rows, double[]? rowWeights = null, CancellationToken cancellationToken = default)
    {
        RowSource source = GaussianMixture.Copy(rows, rowWeights);
        _fitted.CheckFeatures(source);
        if (!IsSimulated) return null;
        Training = TrainingAlarms.Find(this, source, cancellationToken);
        Order = SerialCorrelation.Find(Model, source, cancellationToken);
        string[] warnings = [.. new[] { Training.Warning(FalseAlarmRate, _fitted.HasNoise), Order?.Warning }.OfType<string>()];
        return warnings.Length == 0 ? null : string.Join(' ', warnings);
    }

    /// <summary>The p-value of a row that lacks nothing, by its log-density.</summary>
    /// <param name="logDensity">log p(x) under the Gaussians, in nats. NaN, of a row with an infinite feature, counts as negative infinity.</param>
    /// <returns>Above 0, at most 1: the smaller, the more unusual.</returns>
    public double PValue(double logDensity) => Complete.PValue(logDensity);

    /// <summary>Makes room to judge rows, one at a time; one for each thread.</summary>
    /// <returns>The scorer.</returns>
    public AnomalyScorer CreateScorer() => new(this);

    /// <summary>The p-value of a row.</summary>
    /// <param name="row">x, shape D, in feature units; NaN for a missing feature.</param>
    /// <returns>Above 0, at most 1: the smaller, the more unusual.</returns>
    /// <exception cref="ArgumentException">The row does not have D features.</exception>
    public double PValueOf(params ReadOnlySpan<double> row)
    {
        AnomalyScorer scorer = CreateScorer();
        scorer.Score(row);
        return scorer.PValue;
    }

    /// <summary>Whether a row is an anomaly at the false-alarm rate.</summary>
    /// <param name="row">x, shape D, in feature units; NaN for a missing feature.</param>
    /// <returns>True if its p-value is at most <see cref="FalseAlarmRate"/>.</returns>
    /// <exception cref="ArgumentException">The row does not have D features.</exception>
    public bool IsAnomaly(params ReadOnlySpan<double> row)
    {
        AnomalyScorer scorer = CreateScorer();
        scorer.Score(row);
        return scorer.IsAnomaly;
    }

    internal static AnomalyCalibration Simulate(
        GaussianMixtureModel model, double falseAlarmRate, int sampleCount, int seed, RefitSettings refits, bool lacksHeldOut = false, double? requestedRate = null, TimeLimit? time = null, CancellationToken cancellationToken = default)
    {
        CheckRate(falseAlarmRate);
        MixtureOptions.Check(sampleCount <= MostSamplesAsked, nameof(sampleCount), sampleCount, $"at most {MostSamplesAsked}");
        CheckCount(sampleCount, falseAlarmRate);
        CheckRefits(model, refits.Count);
        return new AnomalyCalibration(model, falseAlarmRate, heldOut: null, sampleCount, seed, refits, madeRefits: null, time, cancellationToken)
        {
            LacksHeldOut = lacksHeldOut,
            RequestedFalseAlarmRate = requestedRate ?? falseAlarmRate,
        };
    }

    internal static AnomalyCalibration HoldOut(
        GaussianMixtureModel model, RowSource rows, double falseAlarmRate, int seed, RefitSettings refits, double? requestedRate = null, TimeLimit? time = null, CancellationToken cancellationToken = default)
    {
        CheckRate(falseAlarmRate);
        CheckCount(rows.RowCount, falseAlarmRate);
        model.CheckFeatures(rows);
        if ((long)rows.RowCount * rows.Dimension > Array.MaxLength)
        {
            throw new ArgumentException(
                $"There {Counted.Is(rows.RowCount)} {Counted.Of(rows.RowCount, "row")} of {Counted.Of(rows.Dimension, "feature")} to compare with, more values than an array holds. Pass fewer rows.");
        }

        double[] values = new double[rows.RowCount * rows.Dimension];
        int next = 0;
        foreach (RowBlock block in new RowBlocks(rows, cancellationToken))
        {
            for (int i = 0; i < block.RowCount; i++)
            {
                for (int j = 0; j < rows.Dimension; j++)
                {
                    double value = block.Values[(j * block.Stride) + i];
                    if (double.IsInfinity(value))
                    {
                        throw new ArgumentException($"Feature {j} of row {next / rows.Dimension} is infinite. Remove the row or replace the value, by NaN if it is missing.");
                    }

                    values[next++] = value;
                }
            }
        }

        // As many rows as were held out are enough for the rate, even where those that are drawn at most are not.
        int drawn = SampleCountFor(falseAlarmRate);
        var calibration = new AnomalyCalibration(model, falseAlarmRate, values, AreEnough(drawn, falseAlarmRate) ? drawn : rows.RowCount, seed, refits, madeRefits: null, time, cancellationToken)
        {
            RequestedFalseAlarmRate = requestedRate ?? falseAlarmRate,
        };
        calibration.JudgeHeldOut(time, cancellationToken);
        return calibration;
    }

    internal static void CheckRate(double falseAlarmRate) => MixtureOptions.Check(
        falseAlarmRate > 0 && falseAlarmRate < 1, nameof(FalseAlarmRate), falseAlarmRate, "above 0 and below 1");

    /// <summary>Whether so many reference rows can tell a p-value as small as the false-alarm rate.</summary>
    internal static bool AreEnough(int count, double falseAlarmRate) => AnomalyReference.AlarmCount(count, falseAlarmRate) >= 0;

    /// <summary>The fewest that can.</summary>
    internal static double FewestFor(double falseAlarmRate) => Math.Ceiling(1 / falseAlarmRate) - 1;

    /// <summary>What to compare a row with that shows some features only, in ascending order.</summary>
    internal AnomalyReference ReferenceOf(int[] observed)
    {
        string key = string.Join(',', observed);
        lock (_lock)
        {
            if (_references.TryGetValue(key, out AnomalyReference? known)) return known;
        }

        AnomalyReference reference = Compute(observed);
        long values = reference.Count + key.Length + ValuesOfEntry;
        lock (_lock)
        {
            if (_references.TryGetValue(key, out AnomalyReference? known)) return known;
            if (_keptValues + values > MostKept)
            {
                _references.Clear();
                _keptValues = 0;
            }

            _keptValues += values;
            return _references[key] = reference;
        }
    }

    /// <summary>So many draws as take no longer than what is left of a time budget, or than a second; at least as many as tell the threshold to a third.</summary>
    internal static int SampleCountFor(double falseAlarmRate, GaussianMixtureModel model, TimeSpan? left)
    {
        int wanted = SampleCountFor(falseAlarmRate);
        if (left is not { } time) return wanted;
        double possible = Math.Max(LeastSecondsOfDraws, time.TotalSeconds) * DrawOperationsOfSecond / ExpectedStatistics.Length(model.Components);
        return (int)Math.Clamp(possible, Math.Min(wanted, FewestAlarmsSimulated / falseAlarmRate), wanted);
    }

    internal static int SampleCountFor(double falseAlarmRate) => (int)Math.Clamp(AlarmsSimulated / falseAlarmRate, DefaultSampleCount, MostSamples);

    /// <summary>Whether the data sets of refits that nobody asks for any more, as they were saved, have no more values than they ever need.</summary>
    internal static bool AreSmall(GaussianMixtureModel model) => (double)EstimationRefits.RowCountOf(model) * model.Dimension <= MostRefittedValues;

    private static void CheckRefits(GaussianMixtureModel model, int count)
    {
        MixtureOptions.Check(count is >= 0 and <= MostRefits, "refitCount", count, $"at least 0 and at most {MostRefits}");
        if (count == 0) return;
        if (model.Report is null) throw new ArgumentException("The mixture has no report of a fit, so that nothing is known of how its parameters were estimated. Pass 0 refits, or null.");
        double rows = EstimationRefits.RowCountOf(model);
        if (rows <= model.Report.RowCount || rows * model.Dimension <= MostRefittedValues) return;
        throw new ArgumentException(FormattableString.Invariant(
            $"The row weights of {Counted.Of(model.Report.RowCount, "row")} add up to {model.Report.RowWeightTotal:G6}, and each data set that is to be drawn for a refit would have so many rows, but {Counted.Of(model.Dimension, "feature")} allow for {Math.Floor(MostRefittedValues / model.Dimension):G6}. Pass 0 refits, or null."));
    }

    private static void CheckCount(int count, double falseAlarmRate)
    {
        if (AreEnough(count, falseAlarmRate)) return;
        throw new ArgumentException(string.Create(
            CultureInfo.InvariantCulture,
            $"There {Counted.Is(count)} {Counted.Of(count, "row")} to compare with, but a false-alarm rate of {falseAlarmRate:G6} takes at least {FewestFor(falseAlarmRate)}. Pass more rows, or ask for a larger rate."));
    }

    private void JudgeHeldOut(TimeLimit? time, CancellationToken cancellationToken)
    {
        RefitSettings asked = Refits;
        (_preparing, _time) = (cancellationToken, time);
        BeyondDrawn = time is null ? HeldOutAlarms.Find(this, cancellationToken) : time.Within(stopped => HeldOutAlarms.Find(this, stopped), null, cancellationToken);
        (_preparing, _time) = (CancellationToken.None, null);

        // What the time has cut short is made anew where rows that lack something need it.
        if (Refits != asked) (Refits, _refits) = (asked, new Lazy<GaussianMixtureModel[]>(MakeRefits));
    }
}
