namespace Microsoft.ML.Mixture.Engine.Tests;

/// <summary>Hands on at once, on the thread of the fit, what a fit tells.</summary>
internal sealed class ProgressRecorder(Action<FitProgress> record) : IProgress<FitProgress>
{
    public void Report(FitProgress value) => record(value);
}
