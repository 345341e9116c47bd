using Microsoft.ML.Mixture;

namespace Microsoft.ML.Trainers;

/// <summary>Maps rows to scored rows.</summary>
internal sealed class ScoringMapper(DataViewSchema inputSchema, DataViewSchema.Column feature, MixtureModel model) : ComputedMapper(inputSchema, feature)
{
    public override DataViewSchema OutputSchema { get; } = MixtureSchema.Output(inputSchema, model.ShareCount, model.ShareCount > model.ComponentCount);

    public MixtureModel Model => model;

    public override RowColumns CreateColumns(DataViewRow row, bool[] active) => new RowScoring(this, row, active);

    public override DataViewRowCursor CreateCursor(DataViewRowCursor input, bool[] active) => BlockScoring.IsPossible(this, active)
        ? new BlockScoredCursor(input, OutputSchema, new BlockScoring(this, input, active))
        : base.CreateCursor(input, active);
}
