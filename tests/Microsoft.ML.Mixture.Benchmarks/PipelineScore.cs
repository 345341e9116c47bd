using System.Diagnostics;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.Mixture.Benchmarks;

/// <summary>Scoring all rows through the pipeline: every row's probabilities are read, beside reading its features; the best of five.</summary>
internal static class PipelineScore
{
    private const int Repetitions = 5;
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
        double read = Best(data, "Features");
        double best = Best(model.Transform(data), "Probability");
        Console.WriteLine($"mixture-score {workload.Name} {best:F4} -");
        Console.WriteLine($"mlnet-read {workload.Name} {read:F4} -");
    }

    // Reads a column of all rows by as many cursors as there are processors.
    private static double Best(IDataView view, string name)
    {
        double best = double.PositiveInfinity;
        for (int repetition = 0; repetition < Repetitions; repetition++)
        {
            long start = Stopwatch.GetTimestamp();
            DataViewSchema.Column column = view.Schema[name];
            DataViewRowCursor[] cursors = view.GetRowCursorSet([column], Environment.ProcessorCount);
            Parallel.ForEach(cursors, cursor =>
            {
                using (cursor)
                {
                    ValueGetter<VBuffer<float>> getter = cursor.GetGetter<VBuffer<float>>(column);
                    VBuffer<float> value = default;
                    while (cursor.MoveNext()) getter(ref value);
                }
            });
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return best;
    }
}
