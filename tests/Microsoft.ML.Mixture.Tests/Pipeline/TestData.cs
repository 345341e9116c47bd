using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.Mixture.Tests;

/// <summary>Data that several tests use.</summary>
internal static class TestData
{
    public static string PathOf(string file) => Path.Combine(AppContext.BaseDirectory, "Data", file);

    public static IDataView Eruptions(MLContext context) => context.Data.LoadFromTextFile<Eruption>(PathOf("faithful.csv"), separatorChar: ',', hasHeader: true);

    public static IDataView Iris(MLContext context) => context.Data.LoadFromTextFile<Flower>(PathOf("iris.csv"), separatorChar: ',', hasHeader: true);

    /// <summary>Iris with its features in one column that names its slots.</summary>
    public static IDataView IrisFeatures(MLContext context)
    {
        IDataView flowers = Iris(context);
        return FlowerFeatures(context).Fit(flowers).Transform(flowers);
    }

    public static IEstimator<ITransformer> FlowerFeatures(MLContext context) => context.Transforms.Concatenate(
        "Features", nameof(Flower.SepalLength), nameof(Flower.SepalWidth), nameof(Flower.PetalLength), nameof(Flower.PetalWidth));

    public static IDataView EruptionFeatures(MLContext context)
    {
        IDataView eruptions = Eruptions(context);
        return context.Transforms.Concatenate("Features", nameof(Eruption.Duration), nameof(Eruption.Waiting)).Fit(eruptions).Transform(eruptions);
    }

    /// <summary>Three clusters that stand far apart, with the cluster as label, row after row another one.</summary>
    public static Point[] Clusters(int rowCount) =>
    [
        .. Enumerable.Range(0, rowCount).Select(i => new Point
        {
            Features = [(i % 3 * 10) + Noise(2 * i), (i % 3 == 1 ? 8 : 0) + Noise((2 * i) + 1)],
            Label = i % 3,
        }),
    ];

    /// <summary>A number between -0.5 and 0.5 that looks random, the same on every machine.</summary>
    public static float Noise(int i)
    {
        ulong x = ((ulong)i + 1) * 0x9E3779B97F4A7C15;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return (float)(((x ^ (x >> 31)) >> 40) / (double)(1 << 24)) - 0.5f;
    }

    /// <summary>Everything that a fitted mixture is, bit for bit.</summary>
    public static string Describe(GaussianMixtureModelParameters model)
    {
        using var stream = new MemoryStream();
        model.Save(stream);
        return Convert.ToHexString(stream.ToArray());
    }

    /// <summary>The values of columns, row after row, bit for bit.</summary>
    public static string[] Bits(IDataView data, params string[] columns) => EstimatorCheck.ReadRows(data, [.. columns.Select(name => data.Schema[name])]);

    public static T[] Column<T>(IDataView data, string name) => [.. data.GetColumn<T>(name)];

    public static string Text(float value) => value.ToString("R", CultureInfo.InvariantCulture);
}

internal sealed class Eruption
{
    [LoadColumn(0)]
    public float Duration { get; set; }

    [LoadColumn(1)]
    public float Waiting { get; set; }
}

internal sealed class Flower
{
    [LoadColumn(0)]
    public float SepalLength { get; set; }

    [LoadColumn(1)]
    public float SepalWidth { get; set; }

    [LoadColumn(2)]
    public float PetalLength { get; set; }

    [LoadColumn(3)]
    public float PetalWidth { get; set; }

    [LoadColumn(4)]
    public string Species { get; set; } = string.Empty;
}

internal sealed class Point
{
    [VectorType(2)]
    public float[] Features { get; set; } = [];

    public float Weight { get; set; } = 1;

    public float Label { get; set; }
}

internal sealed class Assignment
{
    public uint PredictedLabel { get; set; }

    public float[] Score { get; set; } = [];

    public float[] Probability { get; set; } = [];

    public float LogLikelihood { get; set; }
}
