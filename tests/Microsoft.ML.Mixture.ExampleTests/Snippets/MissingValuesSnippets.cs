using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using Microsoft.ML.Transforms;

namespace Snippets;

internal static class MissingValuesSnippets
{
    public static void LoadHoles()
    {
        File.WriteAllText("holes.csv", "Duration,Waiting\n1,50\n,60\n");
        var ml = new MLContext();
        #region holes
        IDataView data = ml.Data.LoadFromTextFile<Eruption>("holes.csv", new TextLoader.Options { Separators = [','], HasHeader = true, MissingRealsAsNaNs = true });
        #endregion
        IDataView unasked = ml.Data.LoadFromTextFile<Eruption>("holes.csv", separatorChar: ',', hasHeader: true);
        Assert.Equal([1, float.NaN], data.GetColumn<float>("Duration"));
        Assert.Equal([1, 0], unasked.GetColumn<float>("Duration"));
    }

    public static void FillIn()
    {
        var ml = new MLContext();
        #region fill
        var pipeline = ml.Transforms.Concatenate("Features", "Ozone", "Sun", "Wind", "Temperature")
            .Append(ml.Transforms.ReplaceMissingValuesByMixture("Features", numberOfComponents: 2));
        #endregion
        AssertFilled(pipeline.Fit(Air(ml)).Transform(Air(ml)), "Features");
    }

    public static void Draw()
    {
        var ml = new MLContext();
        #region draw
        var pipeline = ml.Transforms.Concatenate("Features", "Ozone", "Sun", "Wind", "Temperature")
            .Append(ml.Transforms.ReplaceMissingValuesByMixture(new MixtureMissingValueReplacingEstimator.Options
            {
                InputColumnName = "Features",
                OutputColumnName = "Filled",
                DeviationColumnName = "Spread",
                Replacement = MixtureMissingValueReplacingEstimator.ReplacementMode.Draw,
                Mixture = new GaussianMixtureTrainer.Options { NumberOfComponents = 2 },
            }));
        #endregion
        IDataView filled = pipeline.Fit(Air(ml)).Transform(Air(ml));
        AssertFilled(filled, "Filled");
        Assert.Contains(filled.GetColumn<float[]>("Spread"), spread => spread[0] > 0);
    }

    private static void AssertFilled(IDataView data, string column) => Assert.DoesNotContain(data.GetColumn<float[]>(column), row => row.Any(float.IsNaN));

    // The eruptions once more, with two features that depend on the others, and holes.
    private static IDataView Air(MLContext ml) => ml.Data.LoadFromEnumerable(ml.Data.CreateEnumerable<Eruption>(Eruptions.Load(ml), reuseRowObject: false).Select((row, i) => new Day
    {
        Ozone = i % 7 == 0 ? float.NaN : row.Duration,
        Sun = row.Waiting,
        Wind = row.Duration + (i % 5),
        Temperature = row.Waiting + (i % 11),
    }).ToList());

    private sealed class Day
    {
        public float Ozone { get; set; }
        public float Sun { get; set; }
        public float Wind { get; set; }
        public float Temperature { get; set; }
    }
}
