using System.Diagnostics;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.Mixture.Benchmarks;

/// <summary>One row at a time through a PredictionEngine, beside an engine that only copies the same columns: what ML.NET takes for itself.</summary>
internal static class PipelinePredict
{
    private const int Predictions = 20_000;
    private const int Repetitions = 15;
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
        ITransformer copy = ml.Transforms.CopyColumns("Probability", "Features").Fit(data);
        SchemaDefinition input = PipelineData.Definition(workload), output = SchemaDefinition.Create(typeof(Prediction));
        output["Probability"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, workload.ComponentCount);
        using PredictionEngine<PipelineData.Row, Prediction> scorer = ml.Model.CreatePredictionEngine<PipelineData.Row, Prediction>(model, inputSchemaDefinition: input);
        using PredictionEngine<PipelineData.Row, Prediction> copier = ml.Model.CreatePredictionEngine<PipelineData.Row, Prediction>(copy, inputSchemaDefinition: input);
        PipelineData.Row row = PipelineData.RowAt(workload, 0);
        double ours = double.PositiveInfinity, bare = double.PositiveInfinity;
        for (int repetition = 0; repetition < Repetitions; repetition++)
        {
            ours = Math.Min(ours, Microseconds(scorer, row));
            bare = Math.Min(bare, Microseconds(copier, row));
        }

        Console.WriteLine($"mixture-predict {workload.Name} {ours:F3} us, a copy of the columns {bare:F3} us, the difference {ours - bare:F3} us");
    }

    private static double Microseconds(PredictionEngine<PipelineData.Row, Prediction> engine, PipelineData.Row row)
    {
        var prediction = new Prediction();
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < Predictions; i++) engine.Predict(row, ref prediction);
        return Stopwatch.GetElapsedTime(start).TotalMicroseconds / Predictions;
    }

    internal sealed class Prediction
    {
        public float[] Probability { get; set; } = [];
    }
}
