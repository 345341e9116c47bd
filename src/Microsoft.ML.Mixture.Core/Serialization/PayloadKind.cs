namespace Microsoft.ML.Mixture.Serialization;

/// <summary>
/// Says what the body of a <see cref="SealedPayload"/> holds. The numbers are written to files: never reuse one.
/// </summary>
internal enum PayloadKind
{
    /// <summary>The parameters of a Gaussian mixture.</summary>
    GaussianMixtureModel = 1,

    /// <summary>A step of an ML.NET pipeline: column names and options.</summary>
    PipelineStep = 2,

    /// <summary>A step of an ML.NET pipeline that replaces missing values: column names, options and a Gaussian mixture.</summary>
    FillingStep = 3,

    /// <summary>A step of an ML.NET pipeline that finds anomalies: a column name, a calibration and a Gaussian mixture.</summary>
    AnomalyStep = 4,

    /// <summary>The parameters of a mixture of factor analysers.</summary>
    FactorAnalyzerMixtureModel = 5,

    /// <summary>A step of an ML.NET pipeline that scores under factor analysers: column names and the mixture.</summary>
    FactorAnalyzerStep = 6,
}
