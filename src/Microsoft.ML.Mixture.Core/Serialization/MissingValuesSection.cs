namespace Microsoft.ML.Mixture.Serialization;

/// <summary>What was missing in the rows of a fit, if anything was: the rest of its report.</summary>
/// <remarks>
/// <code>
///   int32      the rows that were fitted though some features were missing
///   int32      the number of different sets of missing features, at least 1
///   int32s     D numbers of missing values, one a feature
/// </code>
/// </remarks>
internal sealed class MissingValuesSection : ModelSection
{
    public override string Name => "missing-values";

    public override bool IsIn(MixtureModel model) => model.Report is { MissingValueCounts.Count: > 0 };

    public override void Write(MixtureModel model, PayloadWriter writer)
    {
        FitReport report = model.Report!;
        writer.WriteInt32(report.IncompleteRowCount);
        writer.WriteInt32(report.MissingPatternCount);
        foreach (int count in report.MissingValueCounts) writer.WriteInt32(count);
    }

    public override void Read(ref PayloadReader reader, SavedModel model)
    {
        FormatChecks.Require(model.Report is not null, $"it has missing values without a report");
        int incomplete = reader.ReadInt32(), patterns = reader.ReadInt32();
        FormatChecks.Require(incomplete >= 0 && patterns >= 1, $"it has {incomplete} rows with missing features, in {patterns} sets of these");
        FormatChecks.Require(reader.Remaining == (long)model.Dimension * sizeof(int), $"its numbers of missing values are not those of {model.Dimension} features");
        int[] counts = new int[model.Dimension];
        for (int j = 0; j < counts.Length; j++)
        {
            counts[j] = reader.ReadInt32();
            FormatChecks.Require(counts[j] >= 0, $"it has {counts[j]} missing values of feature {j}");
        }

        FitReport report = model.Report!;
        (report.IncompleteRowCount, report.MissingPatternCount, report.MissingValueCounts) = (incomplete, patterns, Array.AsReadOnly(counts));
    }
}
