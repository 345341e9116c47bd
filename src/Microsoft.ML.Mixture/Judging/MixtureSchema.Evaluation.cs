using Microsoft.ML.Data;

namespace Microsoft.ML.Trainers;

/// <content>The columns that an evaluation reads.</content>
internal static partial class MixtureSchema
{
    /// <summary>The column of clusters of scored data.</summary>
    public static DataViewSchema.Column FindClusters(DataViewSchema schema, string name) => Find(
        schema, name, "predicted label", "a key of UInt32", type => type is KeyDataViewType && type.RawType == typeof(uint), "Score the data with the transformer of a mixture or of k-means first.");

    /// <summary>The label that a mixture gives to noise, by what the column of its labels tells; null for none.</summary>
    public static uint? NoiseLabelOf(DataViewSchema.Column clusters)
    {
        if (clusters.Annotations.Schema.GetColumnOrNull(NoiseLabelKind)?.Type != NumberDataViewType.UInt32) return null;
        uint label = 0;
        clusters.Annotations.GetValue(NoiseLabelKind, ref label);
        return label;
    }

    /// <summary>The column of log-densities of scored data.</summary>
    public static DataViewSchema.Column FindLogLikelihoods(DataViewSchema schema, string name) => Find(
        schema, name, "log-likelihood", "a Single", type => type == NumberDataViewType.Single, "Score the data with the transformer of a mixture first, or pass null for clusters without densities.");

    /// <summary>The label column.</summary>
    public static DataViewSchema.Column FindLabels(DataViewSchema schema, string name) => Find(
        schema, name, "label", "a key, a number, text or a Boolean", LabelReader.Reads, "Turn it into one of these with a transform, such as Transforms.Conversion.MapValueToKey.");

    private static DataViewSchema.Column Find(DataViewSchema schema, string name, string role, string expected, Func<DataViewType, bool> isExpected, string remedy)
    {
        DataViewSchema.Column column = Find(schema, name, role, expected);
        return isExpected(column.Type) ? column : throw Mismatch(role, name, expected, column.Type.ToString()!, remedy);
    }
}
