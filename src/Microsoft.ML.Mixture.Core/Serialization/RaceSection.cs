namespace Microsoft.ML.Mixture.Serialization;

/// <summary>The race for the start of a fit.</summary>
/// <remarks>
/// <code>
///   int32      the starts that raced, at least 1
///   int32      those of them that led to the winner, at most as many
/// </code>
/// </remarks>
internal sealed class RaceSection : ModelSection
{
    public override string Name => "race";

    public override bool IsIn(MixtureModel model) => model.Report is { RacedStartCount: > 0 };

    public override void Write(MixtureModel model, PayloadWriter writer)
    {
        writer.WriteInt32(model.Report!.RacedStartCount);
        writer.WriteInt32(model.Report.AgreeingRacedStartCount);
    }

    public override void Read(ref PayloadReader reader, SavedModel model)
    {
        FormatChecks.Require(model.Report is not null, $"it has a race of starts without a report");
        int raced = reader.ReadInt32(), agreeing = reader.ReadInt32();
        FormatChecks.Require(
            raced >= 1 && agreeing >= 0 && agreeing <= raced, $"its report has {raced} starts that raced and {agreeing} that agree");
        (model.Report!.RacedStartCount, model.Report.AgreeingRacedStartCount) = (raced, agreeing);
    }
}
