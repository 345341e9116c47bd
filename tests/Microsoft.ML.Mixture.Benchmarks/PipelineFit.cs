using System.Diagnostics;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.Mixture.Benchmarks;

/// <summary>Whole fits through the pipeline at default options, over three seeds, with ML.NET's KMeans on the same data view beside them.</summary>
internal static class PipelineFit
{
    private const int SeedCount = 3;
    private const int Repetitions = 5;

    public static void Run(Workload workload)
    {
        var ml = new MLContext(seed: 1);
        IDataView data = PipelineData.Load(ml, workload);
        var times = new List<double>();
        var likelihoods = new List<double>();
        for (int seed = 0; seed < SeedCount; seed++)
        {
            GaussianMixtureTrainer trainer = ml.Clustering.Trainers.GaussianMixture(new GaussianMixtureTrainer.Options
            {
                NumberOfComponents = workload.ComponentCount,
                CovarianceStructure = workload.Structure,
                Seed = seed,
            });
            long start = Stopwatch.GetTimestamp();
            GaussianMixtureTransformer model = trainer.Fit(data);
            times.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            likelihoods.Add(model.Model.AverageLogLikelihood);
        }

        Console.WriteLine($"mixture-fit {workload.Name} {Median(times):F4} {Median(likelihoods):F9}");
        (double pipeline, double core) = SideBySide(ml, data, workload);
        Console.WriteLine($"mixture-core-fit {workload.Name} {core:F4} the pipeline takes {pipeline / core:F2} times as long, {pipeline:F4}");
        long kMeansStart = Stopwatch.GetTimestamp();
        ml.Clustering.Trainers.KMeans(numberOfClusters: workload.ComponentCount).Fit(data);
        Console.WriteLine($"mlnet-kmeans-fit {workload.Name} {Stopwatch.GetElapsedTime(kMeansStart).TotalSeconds:F4} -");
    }

    // One after the other, through the pipeline and of the same rows in an array without ML.NET; the best of several.
    private static (double Pipeline, double Core) SideBySide(MLContext ml, IDataView data, Workload workload)
    {
        float[] rows = [.. workload.Rows.Select(value => (float)value)];
        GaussianMixtureTrainer trainer = ml.Clustering.Trainers.GaussianMixture(new GaussianMixtureTrainer.Options
        {
            NumberOfComponents = workload.ComponentCount,
            CovarianceStructure = workload.Structure,
        });
        double pipeline = double.PositiveInfinity, core = double.PositiveInfinity;
        for (int repetition = 0; repetition < Repetitions; repetition++)
        {
            long start = Stopwatch.GetTimestamp();
            trainer.Fit(data);
            pipeline = Math.Min(pipeline, Stopwatch.GetElapsedTime(start).TotalSeconds);
            start = Stopwatch.GetTimestamp();
            GaussianMixture.Fit(
                new ArrayRowSource<float>(rows, workload.Dimension),
                new GaussianMixtureOptions { ComponentCount = workload.ComponentCount, CovarianceStructure = workload.Structure },
                CancellationToken.None);
            core = Math.Min(core, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return (pipeline, core);
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
