namespace Microsoft.ML.Mixture.Serialization;

/// <summary>How the runs of a fit went: the rest of its report.</summary>
/// <remarks>
/// <code>
///   int32      the number of iterations, at least the length of the histories less one
///   int32      the rows that were left out because of a weight of zero
///   int32      the starts that led as high as the model
///   int32      the starts that were not finished
///   double     the remaining gain: not negative, infinite if there were too few steps to tell, NaN if it was never known
///   doubles    the objectives of the first starts, at most 1,024, with their count: finite, or NaN for a start without a model
/// </code>
/// The elapsed time is not saved, so that the same fit makes the same file. Eigenvalues and overlaps are computed anew from the parameters.
/// </remarks>
internal sealed class RunsSection : ModelSection
{
    /// <summary>The most values of a list that are saved.</summary>
    public const int MostValues = 1024;

    public override string Name => "runs";

    public override bool IsIn(MixtureModel model) => model.Report is not null;

    public override void Write(MixtureModel model, PayloadWriter writer)
    {
        FitReport report = model.Report!;
        writer.WriteInt32(report.IterationCount);
        writer.WriteInt32(report.ZeroWeightRowCount);
        writer.WriteInt32(report.AgreeingStartCount);
        writer.WriteInt32(report.UnfinishedStartCount);
        writer.WriteDouble(report.RemainingGain);
        writer.WriteDoubleArray([.. report.StartObjectives.Take(MostValues)]);
    }

    public override void Read(ref PayloadReader reader, SavedModel model)
    {
        FormatChecks.Require(model.Report is not null, $"it has runs without a report");
        int iterations = reader.ReadInt32(), weightless = reader.ReadInt32(), agreeing = reader.ReadInt32(), unfinished = reader.ReadInt32();
        double remaining = reader.ReadDouble();
        double[] objectives = reader.ReadDoubleArray();
        FormatChecks.Require(
            iterations >= model.Report!.IterationCount, $"its report has {iterations} iterations and a history of {model.Report.IterationCount}");
        FormatChecks.Require(
            weightless >= 0 && agreeing >= 0 && unfinished >= 0, $"its report has the counts {weightless}, {agreeing} and {unfinished}, of which one is negative");
        FormatChecks.Require(double.IsNaN(remaining) || remaining >= 0, $"its report has a remaining gain of {remaining}");
        FormatChecks.Require(
            objectives.Length <= MostValues && Array.TrueForAll(objectives, value => double.IsFinite(value) || double.IsNaN(value)),
            $"its report has {objectives.Length} objectives of starts, and at most {MostValues} finite ones are possible");
        FitReport report = model.Report;
        (report.SavedIterationCount, report.ZeroWeightRowCount, report.AgreeingStartCount, report.UnfinishedStartCount) = (iterations, weightless, agreeing, unfinished);
        (report.RemainingGain, report.StartObjectives) = (remaining, Array.AsReadOnly(objectives));
    }

    /// <summary>The values of a list that are saved: all, or the first and the last of many.</summary>
    public static double[] Bounded(IReadOnlyList<double> values) =>
        values.Count <= MostValues ? [.. values] : [.. values.Take(MostValues / 2), .. values.Skip(values.Count - (MostValues / 2))];
}
