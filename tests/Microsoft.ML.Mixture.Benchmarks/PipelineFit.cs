using System.Diagnostics;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.Mixture.Benchmarks;

/// <summary>Whole fits through the pipeline at default options, over three seeds, with ML.NET's KMeans on the same data view beside them.</summary>
internal static class PipelineFit
{
    private const int SeedCount = 3;

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
        long kMeansStart = Stopwatch.GetTimestamp();
        ml.Clustering.Trainers.KMeans(numberOfClusters: workload.ComponentCount).Fit(data);
        Console.WriteLine($"mlnet-kmeans-fit {workload.Name} {Stopwatch.GetElapsedTime(kMeansStart).TotalSeconds:F4} -");
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
