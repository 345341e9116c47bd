using Microsoft.ML.Data;

namespace HowManyClusters;

/// <summary>A person who was examined for diabetes: Reaven and Miller (1979), Diabetologia 16, 17-24.</summary>
public sealed class Patient
{
    /// <summary>Area under the curve of plasma glucose over three hours after a dose of glucose.</summary>
    [LoadColumn(0)]
    public float Glucose { get; set; }

    /// <summary>Area under the curve of plasma insulin over the same time.</summary>
    [LoadColumn(1)]
    public float Insulin { get; set; }

    /// <summary>Steady-state plasma glucose: how far insulin fails to bring it down.</summary>
    [LoadColumn(2)]
    public float Sspg { get; set; }

    /// <summary>What physicians found. The search does not see it.</summary>
    [LoadColumn(3)]
    public string Diagnosis { get; set; } = "";
}

/// <summary>What the search and the physicians say of a person.</summary>
public sealed class Finding
{
    public uint PredictedLabel { get; set; }

    public string Diagnosis { get; set; } = "";
}
