using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using Xunit.Abstractions;

namespace Microsoft.ML.Mixture.Tests;

/// <summary>Classifiers of ML.NET behind the mixture's replacement of missing values, and behind that by the mean: both fitted within each fold.</summary>
[Trait("Kind", "Recovery")]
public sealed class FillingBeforeTrainingTests(ITestOutputHelper output)
{
    private const int Folds = 5;
    private static readonly int[] _seeds = [1, 2, 3];
    private readonly MLContext _context = new(seed: 1);

    // Diabetes of 768 women; 652 cells are missing, of insulin alone in half of the rows.
    [Fact]
    public void Classifier_OfDiabetes_LosesNothing()
    {
        IDataView data = _context.Data.LoadFromTextFile<Patient>(TestData.PathOf("pima2_missing.csv"), separatorChar: ',', hasHeader: true);
        IEstimator<ITransformer> label = _context.Transforms.CustomMapping<Patient, Diagnosis>((patient, diagnosis) => diagnosis.Label = patient.Diabetes == "pos", null);
        IDataView rows = label.Fit(data).Transform(data);

        (double Loss, double Area) Measure(IEstimator<ITransformer> filling)
        {
            var pipeline = filling.Append(_context.Transforms.NormalizeMeanVariance("Features")).Append(_context.BinaryClassification.Trainers.LbfgsLogisticRegression());
            CalibratedBinaryClassificationMetrics[] folds = [.. _seeds.SelectMany(seed => _context.BinaryClassification.CrossValidate(rows, pipeline, Folds, seed: seed)).Select(fold => fold.Metrics)];
            return (folds.Average(fold => fold.LogLoss), folds.Average(fold => fold.AreaUnderRocCurve));
        }

        (double loss, double area) = Measure(Mixture(2));
        (double lossOfMean, double areaOfMean) = Measure(Mean());

        output.WriteLine(FormattableString.Invariant($"pima: log-loss {loss:F4}, area {area:F4}; filled in with the mean {lossOfMean:F4}, {areaOfMean:F4}."));
        Assert.True(loss <= lossOfMean + 0.002, $"The log-loss is {loss:F4}, and {lossOfMean:F4} behind the mean.");
        Assert.True(area >= areaOfMean - 0.002, $"The area under the curve is {area:F4}, and {areaOfMean:F4} behind the mean.");
    }

    // The three species of 344 penguins, of whose four measurements 30 % are removed at random.
    [Fact]
    public void Classifier_OfPenguins_Gains()
    {
        var random = new Random(1);
        Bird[] birds = [.. _context.Data.CreateEnumerable<Penguin>(
            _context.Data.LoadFromTextFile<Penguin>(TestData.PathOf("penguins.csv"), separatorChar: ',', hasHeader: true), reuseRowObject: false)
            .Select(penguin => new Bird { Species = penguin.Species, Features = [.. penguin.Measurements.Select(value => random.NextDouble() < 0.3 ? float.NaN : value)] })];
        IDataView rows = _context.Data.LoadFromEnumerable(birds);

        (double Loss, double Accuracy) Measure(IEstimator<ITransformer> filling)
        {
            var pipeline = filling.Append(_context.Transforms.NormalizeMeanVariance("Features")).Append(_context.Transforms.Conversion.MapValueToKey("Label", nameof(Bird.Species)))
                .Append(_context.MulticlassClassification.Trainers.LbfgsMaximumEntropy());
            MulticlassClassificationMetrics[] folds = [.. _seeds.SelectMany(seed => _context.MulticlassClassification.CrossValidate(rows, pipeline, Folds, seed: seed)).Select(fold => fold.Metrics)];
            return (folds.Average(fold => fold.LogLoss), folds.Average(fold => fold.MicroAccuracy));
        }

        (double loss, double accuracy) = Measure(Mixture(3));
        (double lossOfMean, double accuracyOfMean) = Measure(Mean());

        output.WriteLine(FormattableString.Invariant($"penguins: log-loss {loss:F4}, accuracy {accuracy:F4}; filled in with the mean {lossOfMean:F4}, {accuracyOfMean:F4}."));
        Assert.True(loss < lossOfMean, $"The log-loss is {loss:F4}, and {lossOfMean:F4} behind the mean.");
        Assert.True(accuracy > accuracyOfMean, $"The accuracy is {accuracy:F4}, and {accuracyOfMean:F4} behind the mean.");
    }

    private MixtureMissingValueReplacingEstimator Mixture(int componentCount) =>
        _context.Transforms.ReplaceMissingValuesByMixture("Features", numberOfComponents: componentCount);

    private MissingValueReplacingEstimator Mean() => _context.Transforms.ReplaceMissingValues("Features", replacementMode: MissingValueReplacingEstimator.ReplacementMode.Mean);

    private sealed class Patient
    {
        [LoadColumn(0, 7)]
        [VectorType(8)]
        [ColumnName("Features")]
        public float[] Measurements { get; set; } = [];

        [LoadColumn(8)]
        public string Diabetes { get; set; } = string.Empty;
    }

    private sealed class Diagnosis
    {
        public bool Label { get; set; }
    }

    private sealed class Penguin
    {
        [LoadColumn(0, 3)]
        [VectorType(4)]
        public float[] Measurements { get; set; } = [];

        [LoadColumn(7)]
        public string Species { get; set; } = string.Empty;
    }

    private sealed class Bird
    {
        [VectorType(4)]
        public float[] Features { get; set; } = [];

        public string Species { get; set; } = string.Empty;
    }
}
