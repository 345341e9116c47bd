using Microsoft.ML.Data;
using Microsoft.ML.Mixture;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.Transforms;

/// <summary>Maps rows to rows with replaced values.</summary>
internal sealed class FillingMapper : ComputedMapper
{
    public FillingMapper(DataViewSchema inputSchema, DataViewSchema.Column input, GaussianMixtureModel model, MixtureMissingValueReplacingEstimator.Options options)
        : base(inputSchema, input)
    {
        Model = model;
        Draws = options.Replacement == MixtureMissingValueReplacingEstimator.ReplacementMode.Draw;
        Seed = options.Seed;
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(inputSchema);
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.Add(input.Annotations, name => name == MixtureSchema.SlotNamesKind);
        foreach (string name in options.Added()) builder.AddColumn(name, new VectorDataViewType(NumberDataViewType.Single, model.Dimension), annotations.ToAnnotations());
        OutputSchema = builder.ToSchema();
    }

    public override DataViewSchema OutputSchema { get; }

    public GaussianMixtureModel Model { get; }

    public bool Draws { get; }

    public int Seed { get; }

    public override RowColumns CreateColumns(DataViewRow row, bool[] active) => new RowFilling(this, row, active);
}
