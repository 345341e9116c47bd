using System.Diagnostics;

namespace Microsoft.ML.Mixture.Benchmarks;

/// <summary>A fixed number of EM iterations of the core from a fixed start: the loop alone, without reading or starting.</summary>
internal static class EngineWorkload
{
    public static void Run(Workload workload)
    {
        (double seconds, double logLikelihood) = Measure(workload, threads: null);
        Console.WriteLine($"mixture {workload.Name} {seconds:F6} {logLikelihood:F12}");
    }

    /// <summary>Seconds per iteration, and the mean log-likelihood reached.</summary>
    public static (double Seconds, double LogLikelihood) Measure(Workload workload, int? threads)
    {
        var clock = new IterationClock();
        GaussianMixtureModel model = GaussianMixture.Fit(
            new ArrayRowSource<double>(workload.Rows, workload.Dimension),
            new GaussianMixtureOptions
            {
                ComponentCount = workload.ComponentCount,
                CovarianceStructure = workload.Structure,
                CovariancePriorStrength = 0,
                CovarianceFloor = workload.Floor,
                MaximumIterations = workload.Iterations,
                Tolerance = 0,
                ThreadCount = threads,
                Start = workload.Start(),
                Progress = clock,
            },
            CancellationToken.None);
        return (clock.SecondsPerIteration, model.Report!.AverageLogLikelihood);
    }

    private sealed class IterationClock : IProgress<FitProgress>
    {
        private long _first;
        private long _last;
        private int _iterations;

        public double SecondsPerIteration => Stopwatch.GetElapsedTime(_first, _last).TotalSeconds / _iterations;

        public void Report(FitProgress value)
        {
            _last = Stopwatch.GetTimestamp();
            if (value.Iteration == 0) _first = _last;
            _iterations = value.Iteration;
        }
    }
}
