using System.Diagnostics;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.Mixture.Benchmarks;

/// <summary>Scoring all rows through the pipeline: every row's probabilities are read; the best of three.</summary>
internal static class PipelineScore
{
    private const int Repetitions = 3;
    private const int Iterations = 3;

    public static void Run(Workload workload)
    {
        var ml = new MLContext(seed: 1);
        IDataView data = PipelineData.Load(ml, workload);
        GaussianMixtureTransformer model = ml.Clustering.Trainers.GaussianMixture(new GaussianMixtureTrainer.Options
        {
            NumberOfComponents = workload.ComponentCount,
            CovarianceStructure = workload.Structure,
            MaximumNumberOfIterations = Iterations,
            Start = workload.Start(),
        }).Fit(data);
        double best = double.PositiveInfinity;
        for (int repetition = 0; repetition < Repetitions; repetition++)
        {
            long start = Stopwatch.GetTimestamp();
            IDataView scored = model.Transform(data);
            DataViewSchema.Column column = scored.Schema["Probability"];
            DataViewRowCursor[] cursors = scored.GetRowCursorSet([column], Environment.ProcessorCount);
            Parallel.ForEach(cursors, cursor =>
            {
                using (cursor)
                {
                    ValueGetter<VBuffer<float>> getter = cursor.GetGetter<VBuffer<float>>(column);
                    VBuffer<float> probability = default;
                    while (cursor.MoveNext()) getter(ref probability);
                }
            });
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        Console.WriteLine($"mixture-score {workload.Name} {best:F4} -");
    }
}
