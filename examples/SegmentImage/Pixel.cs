using Microsoft.ML.Data;

namespace SegmentImage;

/// <summary>A pixel: where it is and what colour it has.</summary>
public sealed class Pixel
{
    /// <summary>Column and row, then red, green and blue from 0 to 255.</summary>
    [VectorType(5)]
    public float[] Features { get; set; } = [];
}

/// <summary>What the mixture says of a pixel.</summary>
public sealed class Segment
{
    public uint PredictedLabel { get; set; }

    public float[] Probability { get; set; } = [];
}
