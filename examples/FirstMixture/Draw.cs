namespace FirstMixture;

/// <summary>A number, and which of the two normal distributions it was drawn from. The trainer does not see the latter.</summary>
public sealed class Draw
{
    public float Value { get; set; }

    public uint Truth { get; set; }

    /// <summary>300 draws from N(0, 1), of truth 1, and then 700 from N(5, 1), of truth 2.</summary>
    public static IReadOnlyList<Draw> Sample(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, 1000).Select(i => i < 300
            ? new Draw { Value = (float)Normal(random), Truth = 1 }
            : new Draw { Value = (float)(5 + Normal(random)), Truth = 2 })];
    }

    // Box and Muller (1958).
    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}

/// <summary>A draw that the pipeline has scored.</summary>
public sealed class Scored
{
    public float Value { get; set; }

    public uint Truth { get; set; }

    public uint PredictedLabel { get; set; }

    public float[] Probability { get; set; } = [];
}
