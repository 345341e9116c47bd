namespace Microsoft.ML.Mixture.Serialization;

/// <summary>An <see cref="AnomalyCalibration"/>, before and after the mixture that it belongs to.</summary>
/// <remarks>
/// <code>
///   double     the false-alarm rate
///   int32      the number of rows to draw from the mixture, at least 1; above 10,000,000 only if as many were held out
///   int32      their seed
///   int32      the number of values of the rows that were held out, a multiple of D; 0 if there are none
///   doubles    these values, row after row, NaN for a missing one
/// </code>
/// And after the mixture:
/// <code>
///   int32      the number of refits, 0 to 10,000
///   double     the strength of their covariance prior
///   double     their covariance floor
///   double     the false-alarm rate that was asked for, at most the other
///   byte       1 if rows were to be held out and were too few for it, else 0
///   int32      the number of refits that follow; -1 if they have to be made again
///   bodies     as many, as GaussianMixtureFormat writes them: the Gaussians of each, without a report
///   int32      the number of training rows beyond a threshold from rows drawn from the mixture; it and the next only if they are more than chance explains
///   int32      of how many
///   double     of rows held out, that both are of then: the share of rows drawn from the mixture that are as little dense; 0 where the former are training rows, or none, and the next follow
///   double     the correlation of training rows with those before them; it and the next only if it is beyond chance
///   int32      of how many rows
/// </code>
/// Refits follow if the threshold rests on them and they take no more than 64 KiB, or would have to be made to more values than are drawn unasked. What is not saved is computed anew, by the same operations: so are the log-densities that rows are
/// compared with. In files from before there were refits nothing comes after the mixture, and in older ones nothing after the floor.
/// </remarks>
internal static class AnomalyFormat
{
    private const int RefitsAreMadeAgain = -1;

    // Refits of larger models cost more in the file than in time.
    private const int MostBytesOfRefits = 65_536;

    public static void Write(AnomalyCalibration calibration, PayloadWriter writer)
    {
        writer.WriteDouble(calibration.FalseAlarmRate);
        writer.WriteInt32(calibration.SampleCount);
        writer.WriteInt32(calibration.Seed);
        writer.WriteInt32(calibration.HeldOut?.Length ?? 0);
        if (calibration.HeldOut is not null) writer.WriteDoubles(calibration.HeldOut);
    }

    /// <summary>Writes what comes after the mixture.</summary>
    public static void WriteEnd(AnomalyCalibration calibration, PayloadWriter writer)
    {
        writer.WriteInt32(calibration.Refits.Count);
        writer.WriteDouble(calibration.Refits.PriorStrength);
        writer.WriteDouble(calibration.Refits.Floor);
        writer.WriteDouble(calibration.RequestedFalseAlarmRate);
        writer.WriteByte(calibration.LacksHeldOut ? (byte)1 : (byte)0);
        byte[]? refits = calibration.IsSimulated ? WriteRefits(calibration.MadeRefits, calibration.CanRefitUnasked ? MostBytesOfRefits : int.MaxValue) : null;
        writer.WriteInt32(refits is null ? RefitsAreMadeAgain : calibration.MadeRefits.Count);
        writer.WriteBytes(refits);
        (int count, int rows) = calibration.BeyondDrawn is { } beyond ? (beyond.Count, beyond.RowCount)
            : calibration.Training is { } training && training.IsExcessive(calibration.FalseAlarmRate) ? (training.Count, training.RowCount) : (0, 0);
        if (rows == 0 && calibration.Order is null) return;
        writer.WriteInt32(count);
        writer.WriteInt32(rows);
        if (calibration.BeyondDrawn is null && calibration.Order is null) return;
        writer.WriteDouble(calibration.BeyondDrawn?.DrawnShare ?? 0);
        if (calibration.Order is not { } order) return;
        writer.WriteDouble(order.Correlation);
        writer.WriteInt32(order.RowCount);
    }

    /// <summary>Reads what comes after the mixture.</summary>
    public static SavedRefits ReadEnd(ref PayloadReader reader, GaussianMixtureModel model, double falseAlarmRate)
    {
        if (reader.Remaining == 0) return new SavedRefits(default, null, falseAlarmRate, LacksHeldOut: false);
        var refits = new RefitSettings(reader.ReadInt32(), reader.ReadDouble(), reader.ReadDouble());
        FormatChecks.Require(
            refits.Count == 0 || (refits.Count is >= 1 and <= AnomalyCalibration.MostRefits && model.Report is not null),
            $"it declares {refits.Count} refits of a mixture {(model.Report is null ? "without" : "with")} a report");
        FormatChecks.Require(
            refits.PriorStrength >= 0 && refits.Floor >= 0 && double.IsFinite(refits.PriorStrength + refits.Floor),
            $"its refits have a prior of strength {refits.PriorStrength:R} and a floor of {refits.Floor:R}");
        if (reader.Remaining == 0) return new SavedRefits(refits, null, falseAlarmRate, LacksHeldOut: false);
        double requested = reader.ReadDouble();
        byte lacks = reader.ReadByte();
        int made = reader.ReadInt32();
        FormatChecks.Require(requested > 0 && requested <= falseAlarmRate, $"the false-alarm rate that was asked for is {requested:R}, and it has {falseAlarmRate:R}");
        FormatChecks.Require(lacks <= 1, $"the mark of rows too few to hold out is {lacks}, and 0 or 1 is possible");
        FormatChecks.Require(made >= RefitsAreMadeAgain && made <= refits.Count, $"{made} refits follow of {refits.Count}");
        GaussianMixtureModel[]? models = made == RefitsAreMadeAgain ? null : new GaussianMixtureModel[made];
        for (int refit = 0; refit < made; refit++)
        {
            models![refit] = GaussianMixtureFormat.ReadBody(ref reader);
            FormatChecks.Require(
                models[refit].Dimension == model.Dimension && !models[refit].HasNoise, $"refit {refit} has {models[refit].Dimension} features{(models[refit].HasNoise ? " and noise" : string.Empty)}");
        }

        if (reader.Remaining == 0) return new SavedRefits(refits, models, requested, lacks == 1);
        int count = reader.ReadInt32(), rows = reader.ReadInt32();
        FormatChecks.Require(count >= 0 && count <= rows, $"{count} of {rows} rows lie beyond the threshold");
        if (reader.Remaining == 0) return new SavedRefits(refits, models, requested, lacks == 1, new TrainingAlarms(count, rows));
        double drawn = reader.ReadDouble();
        bool hasOrder = reader.Remaining > 0;
        FormatChecks.Require((drawn > 0 && drawn < 1 && rows > 0) || (drawn == 0 && hasOrder), $"a share of {drawn:R} of the rows drawn is compared with that of {rows} rows held out");
        TrainingAlarms? training = drawn == 0 && rows > 0 ? new TrainingAlarms(count, rows) : null;
        HeldOutAlarms? beyondDrawn = drawn > 0 ? new HeldOutAlarms(count, rows, drawn) : null;
        if (!hasOrder) return new SavedRefits(refits, models, requested, lacks == 1, training, beyondDrawn);
        var order = new SerialCorrelation(reader.ReadDouble(), reader.ReadInt32());
        FormatChecks.Require(
            order.Correlation > 0 && order.Correlation <= 1 && order.RowCount > 0, $"the correlation of {order.RowCount} training rows with those before them is {order.Correlation:R}");
        return new SavedRefits(refits, models, requested, lacks == 1, training, beyondDrawn, order);
    }

    public static SavedCalibration Read(ref PayloadReader reader)
    {
        double rate = reader.ReadDouble();
        int samples = reader.ReadInt32(), seed = reader.ReadInt32(), length = reader.ReadInt32();
        FormatChecks.Require(rate > 0 && rate < 1, $"its false-alarm rate is {rate:R}, which is not between 0 and 1");
        FormatChecks.Require(length >= 0, $"it declares {length} values of rows that were held out");
        double[]? heldOut = length == 0 ? null : reader.ReadDoubles(length);
        int most = Math.Max(AnomalyCalibration.MostSamplesAsked, length);
        FormatChecks.Require(samples >= 1 && samples <= most && AnomalyCalibration.AreEnough(samples, rate), $"its threshold rests on {samples} draws, too few or above {most}");
        FormatChecks.Require(heldOut is null || !Array.Exists(heldOut, double.IsInfinity), $"a value of a row that was held out is infinite");
        return new SavedCalibration(rate, samples, seed, heldOut);
    }

    private static byte[]? WriteRefits(IReadOnlyList<GaussianMixtureModel> refits, int mostBytes)
    {
        var writer = new PayloadWriter();
        foreach (GaussianMixtureModel refit in refits)
        {
            GaussianMixtureFormat.WriteBody(new GaussianMixtureModel([.. refit.Weights], refit.Components, refit.CovarianceStructure, report: null), writer);
            if (writer.WrittenSpan.Length > mostBytes) return null;
        }

        return writer.WrittenSpan.ToArray();
    }
}

/// <summary>What was saved of the refits of a calibration, and of what was asked for.</summary>
/// <param name="Settings">How to refit.</param>
/// <param name="Models">The refits; null if they have to be made again.</param>
/// <param name="RequestedRate">The false-alarm rate that was asked for.</param>
/// <param name="LacksHeldOut">Whether rows were to be held out and were too few.</param>
/// <param name="Training">Training rows beyond the threshold; null if nothing was saved of them.</param>
/// <param name="BeyondDrawn">Rows held out that are less dense than rows drawn from the mixture; null if nothing was saved of them.</param>
/// <param name="Order">How far training rows that follow each other are alike; null if nothing was saved of it.</param>
internal sealed record SavedRefits(
    RefitSettings Settings, GaussianMixtureModel[]? Models, double RequestedRate, bool LacksHeldOut, TrainingAlarms? Training = null, HeldOutAlarms? BeyondDrawn = null, SerialCorrelation? Order = null);

/// <summary>What was saved of a calibration.</summary>
internal sealed record SavedCalibration(double FalseAlarmRate, int SampleCount, int Seed, double[]? HeldOut)
{
    /// <summary>The calibration of a mixture.</summary>
    /// <exception cref="FormatException">The rows that were held out are not those of this mixture.</exception>
    public AnomalyCalibration Restore(GaussianMixtureModel model, SavedRefits refits)
    {
        FormatChecks.Require(
            HeldOut is null || HeldOut.Length % model.Dimension == 0, $"it holds {HeldOut?.Length} values of rows of {model.Dimension} features");
        FormatChecks.Require(
            refits.Settings.Count == 0 || refits.Models is not null || AnomalyCalibration.AreSmall(model),
            $"its {refits.Settings.Count} refits would have to be made again, to data sets of {model.Report?.RowCount} rows of the total weight {model.Report?.RowWeightTotal:R}, too many");
        return new AnomalyCalibration(model, FalseAlarmRate, HeldOut, SampleCount, Seed, refits.Settings, refits.Models)
        {
            RequestedFalseAlarmRate = refits.RequestedRate,
            LacksHeldOut = refits.LacksHeldOut,
            Training = refits.Training,
            BeyondDrawn = refits.BeyondDrawn,
            Order = refits.Order,
        };
    }
}
