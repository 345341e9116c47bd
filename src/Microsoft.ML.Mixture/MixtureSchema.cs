using Microsoft.ML.Data;
using Microsoft.ML.Mixture.Interop;
using Microsoft.ML.Mixture.Serialization;

namespace Microsoft.ML.Trainers;

/// <summary>The columns that a mixture reads and adds: their names, types and annotations.</summary>
internal static partial class MixtureSchema
{
    public const string PredictedLabel = "PredictedLabel";
    public const string Score = "Score";
    public const string Probability = "Probability";
    public const string LogLikelihood = "LogLikelihood";
    public const string PValue = "PValue";
    public const string Contributions = "FeatureContributions";

    /// <summary>The kind of the annotation that names the slots of a vector.</summary>
    public const string SlotNamesKind = "SlotNames";

    /// <summary>In UTF-8 bytes; longer names are not read from a model file.</summary>
    public const int LongestColumnName = 65_536;

    /// <summary>The kind of the annotation of predicted labels that says which of them is noise, where a mixture has it.</summary>
    public const string NoiseLabelKind = "NoiseLabel";

    private const string ScoreColumnSetId = "ScoreColumnSetId";
    private const string ScoreColumnKind = "ScoreColumnKind";
    private const string ScoreValueKind = "ScoreValueKind";
    private const string ClusteringKind = "Clustering";
    private const string AnomalyKind = "AnomalyDetection";

    private const string FeatureRemedy =
        "Give an array its length with [VectorType(n)] or a SchemaDefinition, join columns with Transforms.Concatenate, turn numbers of another type into Single with "
        + "Transforms.Conversion.ConvertType, and text or keys with Transforms.Categorical.OneHotEncoding, or leave them out, as Gaussians say little of categories.";

    private const string WeightRemedy = "Turn a number of another type into Single with Transforms.Conversion.ConvertType.";

    private static readonly KeyDataViewType _setIdType = new(typeof(uint), int.MaxValue);

    /// <summary>The names of the added columns, in order.</summary>
    public static IReadOnlyList<string> AddedColumns { get; } = [PredictedLabel, Score, Probability, LogLikelihood];

    /// <summary>The names of the columns that anomaly detection adds, in order.</summary>
    public static IReadOnlyList<string> AnomalyColumns { get; } = [PredictedLabel, Score, PValue, LogLikelihood, Contributions];

    /// <summary>Reads the name of a feature column from a model file.</summary>
    /// <exception cref="FormatException">There is none, or it is too long or empty.</exception>
    public static string ReadFeatureColumnName(ref PayloadReader reader)
    {
        string name = reader.ReadString(LongestColumnName);
        FormatChecks.Require(!string.IsNullOrWhiteSpace(name), $"the name of its feature column is empty");
        return name;
    }

    /// <summary>The input's columns followed by the added ones.</summary>
    public static DataViewSchema Output(DataViewSchema input, int shareCount, bool hasNoise)
    {
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(input);
        uint setId = NextSetId(input);
        var vector = new VectorDataViewType(NumberDataViewType.Single, shareCount);
        builder.AddColumn(PredictedLabel, new KeyDataViewType(typeof(uint), shareCount), Annotations(setId, PredictedLabel, noiseLabel: hasNoise ? (uint)shareCount : null));
        builder.AddColumn(Score, vector, Annotations(setId, Score));
        builder.AddColumn(Probability, vector, Annotations(setId, Probability));
        builder.AddColumn(LogLikelihood, NumberDataViewType.Single, Annotations(setId, LogLikelihood));
        return builder.ToSchema();
    }

    /// <summary>The input's columns followed by those of anomaly detection.</summary>
    public static DataViewSchema AnomalyOutput(DataViewSchema input, DataViewSchema.Column features)
    {
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(input);
        uint setId = NextSetId(input);
        builder.AddColumn(PredictedLabel, BooleanDataViewType.Instance, Annotations(setId, PredictedLabel, AnomalyKind));
        foreach (string name in (string[])[Score, PValue, LogLikelihood]) builder.AddColumn(name, NumberDataViewType.Single, Annotations(setId, name, AnomalyKind));
        var names = new DataViewSchema.Annotations.Builder();
        names.Add(features.Annotations, name => name == SlotNamesKind);
        builder.AddColumn(Contributions, features.Type, names.ToAnnotations());
        return builder.ToSchema();
    }

    /// <summary>The input's columns followed by those of anomaly detection, before there are data.</summary>
    public static SchemaShape AnomalyOutputShape(SchemaShape input, string featureColumnName, string? weightColumnName)
    {
        SchemaShape.Column features = FindFeatures(input, featureColumnName, weightColumnName);
        var annotations = new SchemaShape(AnnotationShape());
        var names = new SchemaShape(features.Annotations.Where(annotation => annotation.Name == SlotNamesKind));
        IEnumerable<SchemaShape.Column> added = AnomalyColumns.Select(name => name switch
        {
            PredictedLabel => HostInternals.CreateColumn(name, SchemaShape.Column.VectorKind.Scalar, BooleanDataViewType.Instance, isKey: false, annotations),
            Contributions => HostInternals.CreateColumn(name, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, isKey: false, names),
            _ => HostInternals.CreateColumn(name, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.Single, isKey: false, annotations),
        });
        return new SchemaShape(input.Where(column => !AnomalyColumns.Contains(column.Name)).Concat(added));
    }

    /// <summary>The input's columns followed by the added ones, before there are data.</summary>
    public static SchemaShape OutputShape(SchemaShape input, string featureColumnName, string? weightColumnName, bool hasNoise = false)
    {
        FindFeatures(input, featureColumnName, weightColumnName);
        var annotations = new SchemaShape(AnnotationShape());
        SchemaShape ofLabel = hasNoise ? new([.. annotations, HostInternals.CreateColumn(NoiseLabelKind, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.UInt32, isKey: false)]) : annotations;
        SchemaShape.Column[] added =
        [
            HostInternals.CreateColumn(PredictedLabel, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.UInt32, isKey: true, ofLabel),
            HostInternals.CreateColumn(Score, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, isKey: false, annotations),
            HostInternals.CreateColumn(Probability, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, isKey: false, annotations),
            HostInternals.CreateColumn(LogLikelihood, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.Single, isKey: false, annotations),
        ];
        return new SchemaShape(input.Where(column => !AddedColumns.Contains(column.Name)).Concat(added));
    }

    /// <summary>The feature column of data to come, checked with the weight column if there is to be one.</summary>
    public static SchemaShape.Column FindFeatures(SchemaShape schema, string name, string? weightColumnName)
    {
        CheckShape(schema, name, SchemaShape.Column.VectorKind.Vector, "feature", "a known-sized vector of Single");
        if (weightColumnName is not null) CheckShape(schema, weightColumnName, SchemaShape.Column.VectorKind.Scalar, "example weight", "a Single");
        return schema.Last(column => column.Name == name);
    }

    /// <summary>The feature column of training data.</summary>
    public static DataViewSchema.Column FindFeatures(DataViewSchema schema, string name)
    {
        DataViewSchema.Column column = Find(schema, name, "feature", "a known-sized vector of Single");
        if (column.Type is not VectorDataViewType { IsKnownSize: true, Size: > 0 } vector || vector.ItemType != NumberDataViewType.Single)
        {
            throw Mismatch("feature", name, "a known-sized vector of Single", column.Type.ToString()!, FeatureRemedy);
        }

        return column;
    }

    /// <summary>The feature column of data to score, which must be as long as the model's.</summary>
    public static DataViewSchema.Column FindFeatures(DataViewSchema schema, string name, int dimension)
    {
        DataViewSchema.Column column = FindFeatures(schema, name);
        return ((VectorDataViewType)column.Type).Size == dimension
            ? column
            : throw Mismatch("feature", name, $"a vector of {dimension} Single, as in training", column.Type.ToString()!, "Build the column from the same features as in training.");
    }

    /// <summary>The weight column of training data, if one was asked for.</summary>
    public static DataViewSchema.Column? FindWeight(DataViewSchema schema, string? name)
    {
        if (name is null) return null;
        DataViewSchema.Column column = Find(schema, name, "example weight", "a Single");
        return column.Type == NumberDataViewType.Single ? column : throw Mismatch("example weight", name, "a Single", column.Type.ToString()!, WeightRemedy);
    }

    /// <summary>The names of the features, if the column has them.</summary>
    public static IReadOnlyList<string>? SlotNames(DataViewSchema.Column column)
    {
        if (column.Annotations.Schema.GetColumnOrNull(SlotNamesKind) is not { Type: VectorDataViewType { ItemType: TextDataViewType } }) return null;
        VBuffer<ReadOnlyMemory<char>> names = default;
        column.GetSlotNames(ref names);
        return [.. names.DenseValues().Select(name => name.ToString())];
    }

    private static DataViewSchema.Column Find(DataViewSchema schema, string name, string role, string expected) =>
        schema.GetColumnOrNull(name) ?? throw new ArgumentOutOfRangeException(
            null, $"The {role} column '{name}' is missing: it must be {expected}. The columns are {Names(schema.Select(column => column.Name))}.");

    private static void CheckShape(SchemaShape schema, string name, SchemaShape.Column.VectorKind kind, string role, string expected)
    {
        SchemaShape.Column[] found = [.. schema.Where(column => column.Name == name)];
        if (found.Length == 0)
        {
            throw new ArgumentOutOfRangeException(
                null, $"The {role} column '{name}' is missing: it must be {expected}. The columns are {Names(schema.Select(column => column.Name))}.");
        }

        SchemaShape.Column column = found[^1];
        if (column.Kind != kind || column.ItemType != NumberDataViewType.Single || column.IsKey)
        {
            // In the words of the types of columns, as where there are data.
            string ofKind = column.Kind == SchemaShape.Column.VectorKind.Scalar ? string.Empty : $"{column.Kind} of ";
            throw Mismatch(role, name, expected, $"{ofKind}{(column.IsKey ? "key of " : "")}{column.ItemType}", kind == SchemaShape.Column.VectorKind.Scalar ? WeightRemedy : FeatureRemedy);
        }
    }

    private static ArgumentOutOfRangeException Mismatch(string role, string name, string expected, string actual, string remedy) => new(
        null, $"The {role} column '{name}' is {actual}, but must be {expected}. {remedy}");

    private static string Names(IEnumerable<string> names) => string.Join(", ", names.Select(name => $"'{name}'"));

    private static SchemaShape.Column[] AnnotationShape() =>
    [
        HostInternals.CreateColumn(ScoreColumnSetId, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.UInt32, isKey: true),
        HostInternals.CreateColumn(ScoreColumnKind, SchemaShape.Column.VectorKind.Scalar, TextDataViewType.Instance, isKey: false),
        HostInternals.CreateColumn(ScoreValueKind, SchemaShape.Column.VectorKind.Scalar, TextDataViewType.Instance, isKey: false),
    ];

    private static DataViewSchema.Annotations Annotations(uint setId, string valueKind, string columnKind = ClusteringKind, uint? noiseLabel = null)
    {
        var builder = new DataViewSchema.Annotations.Builder();
        builder.Add<uint>(ScoreColumnSetId, _setIdType, (ref uint value) => value = setId);
        builder.Add<ReadOnlyMemory<char>>(ScoreColumnKind, TextDataViewType.Instance, (ref ReadOnlyMemory<char> value) => value = columnKind.AsMemory());
        builder.Add<ReadOnlyMemory<char>>(ScoreValueKind, TextDataViewType.Instance, (ref ReadOnlyMemory<char> value) => value = valueKind.AsMemory());
        if (noiseLabel is { } label) builder.Add<uint>(NoiseLabelKind, NumberDataViewType.UInt32, (ref uint value) => value = label);
        return builder.ToAnnotations();
    }

    // Columns of one scorer share a number that no earlier scorer has.
    private static uint NextSetId(DataViewSchema input)
    {
        uint largest = 0;
        foreach (DataViewSchema.Column column in input)
        {
            if (column.Annotations.Schema.GetColumnOrNull(ScoreColumnSetId)?.Type is not KeyDataViewType { RawType: { } raw } || raw != typeof(uint)) continue;
            uint value = 0;
            column.Annotations.GetValue(ScoreColumnSetId, ref value);
            largest = Math.Max(largest, value);
        }

        return largest + 1;
    }
}
