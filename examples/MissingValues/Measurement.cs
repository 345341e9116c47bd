using Microsoft.ML.Data;

namespace MissingValues;

/// <summary>A day of 1973 in New York: NaN where nothing was measured.</summary>
public sealed class Measurement
{
    [LoadColumn(0)]
    public float Ozone { get; set; }

    [LoadColumn(1)]
    public float Sun { get; set; }

    [LoadColumn(2)]
    public float Wind { get; set; }

    [LoadColumn(3)]
    public float Temperature { get; set; }

    [LoadColumn(4)]
    public float Month { get; set; }

    [LoadColumn(5)]
    public float Day { get; set; }
}

/// <summary>The same day without holes.</summary>
public sealed class Completed
{
    public float Month { get; set; }

    public float Day { get; set; }

    public float[] Features { get; set; } = [];

    public float[] Filled { get; set; } = [];

    public float[] Spread { get; set; } = [];
}
