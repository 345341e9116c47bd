namespace Microsoft.ML.Mixture.Serialization;

/// <summary>An <see cref="AnomalyCalibration"/>, before and after the mixture that it belongs to.</summary>
/// <remarks>
/// <code>
///   double     the false-alarm rate
///   int32      the number of rows to draw from the mixture, at least 1; above 1,000,000 only if as many were held out
///   int32      their seed
///   int32      the number of values of the rows that were held out, a multiple of D; 0 if there are none
///   doubles    these values, row after row, NaN for a missing one
/// </code>
/// And after the mixture, only if there are refits:
/// <code>
///   int32      the number of refits, 1 to 10,000
///   double     the strength of their covariance prior
///   double     their covariance floor
/// </code>
/// The reference log-densities and the refits are computed anew, by the same operations. Files without the end, as those from before there were refits, mean none.
/// </remarks>
internal static class AnomalyFormat
{
    public static void Write(AnomalyCalibration calibration, PayloadWriter writer)
    {
        writer.WriteDouble(calibration.FalseAlarmRate);
        writer.WriteInt32(calibration.SampleCount);
        writer.WriteInt32(calibration.Seed);
        writer.WriteInt32(calibration.HeldOut?.Length ?? 0);
        if (calibration.HeldOut is not null) writer.WriteDoubles(calibration.HeldOut);
    }

    public static void WriteRefits(AnomalyCalibration calibration, PayloadWriter writer)
    {
        if (calibration.Refits.Count == 0) return;
        writer.WriteInt32(calibration.Refits.Count);
        writer.WriteDouble(calibration.Refits.PriorStrength);
        writer.WriteDouble(calibration.Refits.Floor);
    }

    /// <summary>Reads what is left after the mixture.</summary>
    public static RefitSettings ReadRefits(ref PayloadReader reader, GaussianMixtureModel model)
    {
        if (reader.Remaining == 0) return default;
        var refits = new RefitSettings(reader.ReadInt32(), reader.ReadDouble(), reader.ReadDouble());
        FormatChecks.Require(
            refits.Count is >= 1 and <= AnomalyCalibration.MostRefits && model.Report is not null, $"it declares {refits.Count} refits of a mixture {(model.Report is null ? "without" : "with")} a report");
        FormatChecks.Require(
            refits.PriorStrength >= 0 && refits.Floor >= 0 && double.IsFinite(refits.PriorStrength + refits.Floor),
            $"its refits have a prior of strength {refits.PriorStrength:R} and a floor of {refits.Floor:R}");
        return refits;
    }

    public static SavedCalibration Read(ref PayloadReader reader)
    {
        double rate = reader.ReadDouble();
        int samples = reader.ReadInt32(), seed = reader.ReadInt32(), length = reader.ReadInt32();
        FormatChecks.Require(rate > 0 && rate < 1, $"its false-alarm rate is {rate:R}, which is not between 0 and 1");
        FormatChecks.Require(length >= 0, $"it declares {length} values of rows that were held out");
        double[]? heldOut = length == 0 ? null : reader.ReadDoubles(length);
        int most = Math.Max(AnomalyCalibration.MostSamples, length);
        FormatChecks.Require(samples >= 1 && samples <= most && AnomalyCalibration.AreEnough(samples, rate), $"its threshold rests on {samples} draws, too few or above {most}");
        FormatChecks.Require(heldOut is null || !Array.Exists(heldOut, double.IsInfinity), $"a value of a row that was held out is infinite");
        return new SavedCalibration(rate, samples, seed, heldOut);
    }
}

/// <summary>What was saved of a calibration.</summary>
internal sealed record SavedCalibration(double FalseAlarmRate, int SampleCount, int Seed, double[]? HeldOut)
{
    /// <summary>The calibration of a mixture.</summary>
    /// <exception cref="FormatException">The rows that were held out are not those of this mixture.</exception>
    public AnomalyCalibration Restore(GaussianMixtureModel model, RefitSettings refits)
    {
        FormatChecks.Require(
            HeldOut is null || HeldOut.Length % model.Dimension == 0, $"it holds {HeldOut?.Length} values of rows of {model.Dimension} features");
        return new AnomalyCalibration(model, FalseAlarmRate, HeldOut, SampleCount, Seed, refits);
    }
}
