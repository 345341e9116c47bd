namespace Microsoft.ML.Mixture.Serialization;

/// <summary>How many starts of a fit were rejected, if any were.</summary>
/// <remarks>
/// <code>
///   int32      the starts that were rejected because more of their components rest on a handful of rows: positive
/// </code>
/// </remarks>
internal sealed class RejectedStartsSection : ModelSection
{
    public override string Name => "rejected starts";

    public override bool IsIn(MixtureModel model) => model.Report is { RejectedStartCount: > 0 };

    public override void Write(MixtureModel model, PayloadWriter writer) => writer.WriteInt32(model.Report!.RejectedStartCount);

    public override void Read(ref PayloadReader reader, SavedModel model)
    {
        FormatChecks.Require(model.Report is not null, $"it has rejected starts without a report");
        int rejected = reader.ReadInt32();
        FormatChecks.Require(rejected > 0, $"its report has {rejected} rejected starts, and a number above zero is saved");
        model.Report!.RejectedStartCount = rejected;
    }
}
