using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.Mixture.Benchmarks;

/// <summary>How well anomalies are told from ordinary rows, beside ML.NET's RandomizedPca at the best of several ranks, with and without normalised features.</summary>
/// <remarks>
/// Each data set has a class that is ordinary; all others are anomalies. "clean": training on half of the ordinary rows, test on all other rows;
/// "contaminated": training on half of the rows, test on the other half, where anomalies are thinned out to at most a tenth of the rows. No labels are
/// read in training. Halves are drawn by a seed, three times;
/// figures are means. RandomizedPca gets the rank and the normalisation whose mean area is the best on the test rows; the mixture its defaults.
/// </remarks>
internal static class AnomalyTable
{
    private const int Repeats = 3;
    private const int FalsePositives = 10;

    private static readonly (string File, string Label, string Ordinary, string[] Skipped)[] _sets =
    [
        ("shuttle_58000x9.csv", "Class", "Rad.Flow", []),
        ("breast_cancer_original.csv", "Class", "benign", []),
        ("letter_20000x16.csv", "lettr", "O", []),
        ("digits_1797x64.csv", "digit", "0", []),
    ];

    public static void Print(string folder, IEnumerable<string> names)
    {
        Console.WriteLine("| data | training | anomalies in test | AUC, mixture | AUC, RandomizedPca (best) | detected at 10 false positives, mixture | RandomizedPca | alarms among ordinary at 1 % |");
        Console.WriteLine("| -- | -- | -- | -- | -- | -- | -- | -- |");
        foreach ((string file, string label, string ordinary, string[] skipped) in _sets)
        {
            if (names.Any() && !names.Any(name => file.StartsWith(name, StringComparison.Ordinal))) continue;
            Row[] rows = Load(Path.Combine(folder, file), label, ordinary, skipped);
            foreach (bool clean in (bool[])[true, false]) Report(file, rows, clean);
        }
    }

    private static void Report(string file, Row[] rows, bool clean)
    {
        int dimension = rows[0].Features.Length;
        (int Rank, bool Normalised)[] settings = [.. new[] { 1, 2, 3, 5, 8, 12, 20, 40 }.Where(rank => rank < dimension).SelectMany(rank => new[] { (rank, false), (rank, true) })];
        double[] areas = new double[settings.Length], rates = new double[settings.Length];
        double area = 0, rate = 0, alarms = 0;
        int anomalies = 0;
        for (int seed = 0; seed < Repeats; seed++)
        {
            (Row[] training, Row[] test) = Split(rows, clean, seed);
            anomalies += test.Count(row => row.Label == 1);
            var ml = new MLContext(seed: seed);
            SchemaDefinition schema = SchemaDefinition.Create(typeof(Row));
            schema[nameof(Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, dimension);
            IDataView trainingData = ml.Data.LoadFromEnumerable(training, schema), testData = ml.Data.LoadFromEnumerable(test, schema);
            var options = new GaussianMixtureAnomalyTrainer.Options();
            options.Mixture.Seed = seed;
            IDataView scored = ml.AnomalyDetection.Trainers.GaussianMixture(options).Fit(trainingData).Transform(testData);
            AnomalyDetectionMetrics own = ml.AnomalyDetection.Evaluate(scored, falsePositiveCount: FalsePositives);
            area += own.AreaUnderRocCurve / Repeats;
            rate += own.DetectionRateAtFalsePositiveCount / Repeats;
            bool[] called = [.. scored.GetColumn<bool>("PredictedLabel")];
            alarms += called.Where((alarm, i) => alarm && test[i].Label == 0).Count() / (double)test.Count(row => row.Label == 0) / Repeats;
            for (int at = 0; at < settings.Length; at++)
            {
                IEstimator<ITransformer> trainer = ml.AnomalyDetection.Trainers.RandomizedPca(nameof(Row.Features), rank: settings[at].Rank, seed: seed);
                if (settings[at].Normalised) trainer = ml.Transforms.NormalizeMeanVariance(nameof(Row.Features), fixZero: false).Append(trainer);
                IDataView judged = trainer.Fit(trainingData).Transform(testData);

                // It gives no number to a row of which a feature is far beyond a constant one of the training, and Evaluate leaves such rows out.
                if (!judged.GetColumn<float>("Score").Where((score, i) => test[i].Label == 1).Any(float.IsFinite)) continue;
                AnomalyDetectionMetrics other = ml.AnomalyDetection.Evaluate(judged, falsePositiveCount: FalsePositives);
                areas[at] += other.AreaUnderRocCurve / Repeats;
                rates[at] += other.DetectionRateAtFalsePositiveCount / Repeats;
            }
        }

        int best = Array.IndexOf(areas, areas.Max());
        string setting = $"rank {settings[best].Rank}{(settings[best].Normalised ? ", normalised" : string.Empty)}";
        Console.WriteLine(FormattableString.Invariant(
            $"| {Path.GetFileNameWithoutExtension(file)} | {(clean ? "clean" : "contaminated")} | {anomalies / Repeats} of {Split(rows, clean, 0).Test.Length} | {area:F4} | {areas[best]:F4} ({setting}) | {rate:P1} | {rates.Max():P1} | {alarms:P2} |"));
    }

    private static (Row[] Training, Row[] Test) Split(Row[] rows, bool clean, int seed)
    {
        var random = new Random(seed);
        Row[] shuffled = [.. rows];
        random.Shuffle(shuffled);
        if (!clean)
        {
            int most = shuffled.Count(row => row.Label == 0) / 9;
            shuffled = [.. shuffled.Where(row => row.Label == 0), .. shuffled.Where(row => row.Label == 1).Take(most)];
            random.Shuffle(shuffled);
        }

        Row[] pool = clean ? [.. shuffled.Where(row => row.Label == 0)] : shuffled, training = pool[..(pool.Length / 2)];
        return (training, [.. pool[(pool.Length / 2)..], .. shuffled.Where(row => clean && row.Label == 1)]);
    }

    // Rows with missing values are left out, because RandomizedPca has no use for them.
    private static Row[] Load(string path, string label, string ordinary, string[] skipped)
    {
        string[][] lines = [.. File.ReadLines(path).Select(line => line.Split(','))];
        int at = Array.IndexOf(lines[0], label);
        int[] columns = [.. Enumerable.Range(0, lines[0].Length).Where(j => j != at && !skipped.Contains(lines[0][j]))];
        return [.. lines[1..].Where(line => !line.Contains("NA")).Select(line => new Row
        {
            Features = [.. columns.Select(j => float.Parse(line[j], CultureInfo.InvariantCulture))],
            Label = line[at] == ordinary ? 0 : 1,
        })];
    }

    private sealed class Row
    {
        public float[] Features { get; set; } = [];

        public float Label { get; set; }
    }
}
