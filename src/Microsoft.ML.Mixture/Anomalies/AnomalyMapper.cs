using Microsoft.ML.Mixture;

namespace Microsoft.ML.Trainers;

/// <summary>Maps rows to rows with what is unusual about them.</summary>
internal sealed class AnomalyMapper(DataViewSchema inputSchema, DataViewSchema.Column input, AnomalyCalibration calibration) : ComputedMapper(inputSchema, input)
{
    public override DataViewSchema OutputSchema { get; } = MixtureSchema.AnomalyOutput(inputSchema, input);

    public AnomalyCalibration Calibration => calibration;

    public override RowColumns CreateColumns(DataViewRow row, bool[] active) => new RowAnomalies(this, row, active);
}
