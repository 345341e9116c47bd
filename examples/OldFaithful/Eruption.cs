using Microsoft.ML.Data;

namespace OldFaithful;

/// <summary>An eruption: how long it lasted and how long one waited for the next, in minutes.</summary>
public sealed class Eruption
{
    [LoadColumn(0)]
    public float Duration { get; set; }

    [LoadColumn(1)]
    public float Waiting { get; set; }
}

/// <summary>What the pipeline says of an eruption.</summary>
public sealed class Assignment
{
    public uint PredictedLabel { get; set; }

    public float[] Probability { get; set; } = [];

    public float LogLikelihood { get; set; }
}
