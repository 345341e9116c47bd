using System.Text;

namespace Microsoft.ML.Mixture.Serialization;

/// <summary>The report of a fit, but for what has a section of its own.</summary>
/// <remarks>
/// <code>
///   int32      N, the rows that were fitted
///   int32      the rows that were left out because nothing of them was observed
///   double     the sum of the row weights
///   int64      the number of free parameters
///   byte       StopReason
///   doubles    log-likelihoods, with their count, at least 1: finite, or negative infinity before the last; of more than 1,024 the first and the last 512
///   doubles    objectives, with their count, alike
///   doubles    K effective counts
///   int32      the number of warnings, then that many strings
/// </code>
/// </remarks>
internal sealed class ReportSection : ModelSection
{
    private const int LongestText = 65_536;

    public override string Name => "report";

    public override bool IsIn(MixtureModel model) => model.Report is not null;

    public override void Write(MixtureModel model, PayloadWriter writer)
    {
        FitReport report = model.Report!;
        writer.WriteInt32(report.RowCount);
        writer.WriteInt32(report.MissingRowCount);
        writer.WriteDouble(report.RowWeightTotal);
        writer.WriteInt64(report.FreeParameterCount);
        writer.WriteByte((byte)report.StopReason);
        writer.WriteDoubleArray(RunsSection.Bounded(report.LogLikelihoodHistory));
        writer.WriteDoubleArray(RunsSection.Bounded(report.ObjectiveHistory));
        writer.WriteDoubles([.. report.EffectiveCounts]);
        writer.WriteInt32(report.Warnings.Count);
        foreach (string warning in report.Warnings) writer.WriteString(Writable(warning));
    }

    public override void Read(ref PayloadReader reader, SavedModel model)
    {
        int rows = reader.ReadInt32(), missing = reader.ReadInt32();
        double weight = reader.ReadDouble();
        long parameters = reader.ReadInt64();
        byte reason = reader.ReadByte();
        double[] logLikelihoods = reader.ReadDoubleArray(), objectives = reader.ReadDoubleArray(), counts = reader.ReadDoubles(model.ComponentCount);
        FormatChecks.Require(
            rows >= 1 && missing >= 0 && weight > 0 && double.IsFinite(weight) && parameters >= 0, $"its report has a negative or infinite count");
        FormatChecks.Require(Enum.IsDefined((StopReason)reason), $"its report has the stop reason {reason}, which is unknown");
        FormatChecks.Require(
            logLikelihoods.Length == objectives.Length, $"its report has histories of different lengths");
        FormatChecks.Require(
            FormatChecks.AreHistory(logLikelihoods) && FormatChecks.AreHistory(objectives) && Array.TrueForAll(counts, value => value >= 0 && double.IsFinite(value)),
            $"its report has a number that is not finite");
        int warningCount = reader.ReadInt32();
        FormatChecks.Require(warningCount >= 0 && warningCount <= reader.Remaining / sizeof(int), $"its report declares {warningCount} warnings");
        var warnings = new List<string>();
        for (int i = 0; i < warningCount; i++) warnings.Add(reader.ReadString(LongestText));
        model.Report = new FitReport
        {
            RowCount = rows,
            MissingRowCount = missing,
            RowWeightTotal = weight,
            FreeParameterCount = parameters,
            StopReason = (StopReason)reason,
            LogLikelihoodHistory = Array.AsReadOnly(logLikelihoods),
            ObjectiveHistory = Array.AsReadOnly(objectives),
            EffectiveCounts = Array.AsReadOnly(counts),
            Warnings = warnings.AsReadOnly(),
        };
    }

    // Names of features come from the user. Half of a surrogate pair, which may also be left by cutting, is no text in UTF-8 and is replaced.
    private static string Writable(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text.Length <= LongestText / 4 ? text : text[..(LongestText / 4)]));
}
