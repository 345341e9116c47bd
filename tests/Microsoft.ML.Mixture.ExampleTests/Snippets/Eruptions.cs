using Microsoft.ML;
using Microsoft.ML.Data;

namespace Snippets;

#region classes
public sealed class Eruption
{
    [LoadColumn(0)] public float Duration { get; set; }
    [LoadColumn(1)] public float Waiting { get; set; }
}

public sealed class Assignment
{
    public uint PredictedLabel { get; set; }
    public float[] Probability { get; set; } = [];
}
#endregion

/// <summary>The eruptions that most snippets are about, as a file and with a column of features.</summary>
internal static class Eruptions
{
    public const string File = "faithful.csv";

    public static IDataView Load(MLContext ml) => ml.Data.LoadFromTextFile<Eruption>(File, separatorChar: ',', hasHeader: true);

    public static IDataView Features(MLContext ml) => ml.Transforms.Concatenate("Features", "Duration", "Waiting").Fit(Load(ml)).Transform(Load(ml));
}
