using System.Diagnostics;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.Mixture.Benchmarks;

/// <summary>Scoring all rows through the pipeline, whose outputs are read by a cursor a processor and by one, beside reading the features; the best of several.</summary>
internal static class PipelineScore
{
    private const int Repetitions = 9;
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
        IDataView scored = model.Transform(data);
        int several = Environment.ProcessorCount;
        (string Name, IDataView View, int CursorCount, string[] Columns)[] ways =
        [
            ("mixture-score", scored, several, ["Probability"]),
            ("mixture-score-three", scored, several, ["PredictedLabel", "Score", "Probability"]),
            ("mixture-score-three-one-cursor", scored, 1, ["PredictedLabel", "Score", "Probability"]),
            ("mixture-score-three-and-features-one-cursor", scored, 1, ["PredictedLabel", "Score", "Probability", "Features"]),
            ("mlnet-read", data, several, ["Features"]),
            ("mlnet-read-one-cursor", data, 1, ["Features"]),
        ];
        double[] best = [.. ways.Select(_ => double.PositiveInfinity)];
        for (int repetition = 0; repetition < Repetitions; repetition++)
        {
            for (int i = 0; i < ways.Length; i++) best[i] = Math.Min(best[i], Seconds(ways[i].View, ways[i].CursorCount, ways[i].Columns));
        }

        for (int i = 0; i < ways.Length; i++) Console.WriteLine($"{ways[i].Name} {workload.Name} {best[i]:F4} -");
    }

    // Reads columns of all rows.
    private static double Seconds(IDataView view, int cursorCount, string[] names)
    {
        long start = Stopwatch.GetTimestamp();
        DataViewSchema.Column[] columns = [.. names.Select(name => view.Schema[name])];
        DataViewRowCursor[] cursors = cursorCount == 1 ? [view.GetRowCursor(columns)] : view.GetRowCursorSet(columns, cursorCount);
        Parallel.ForEach(cursors, cursor =>
        {
            using (cursor)
            {
                ValueGetter<VBuffer<float>>[] getters =
                    [.. columns.Where(column => column.Type is VectorDataViewType).Select(cursor.GetGetter<VBuffer<float>>)];
                ValueGetter<uint>? getLabel = view.Schema.GetColumnOrNull("PredictedLabel") is { } label && cursor.IsColumnActive(label) ? cursor.GetGetter<uint>(label) : null;
                VBuffer<float>[] values = new VBuffer<float>[getters.Length];
                uint labelOfRow = 0;
                while (cursor.MoveNext())
                {
                    for (int i = 0; i < getters.Length; i++) getters[i](ref values[i]);
                    getLabel?.Invoke(ref labelOfRow);
                }
            }
        });
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
