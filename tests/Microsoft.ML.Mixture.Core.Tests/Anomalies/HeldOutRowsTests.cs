using MathNet.Numerics.Random;

namespace Microsoft.ML.Mixture.Anomalies.Tests;

/// <summary>As many rows are held out as it takes for those that lack nothing to tell the threshold.</summary>
[Trait("Kind", "Law")]
public class HeldOutRowsTests
{
    [Theory]
    [InlineData(500, 0.2, 0.01, 0, 99)]
    [InlineData(5_000, 0.2, 0.01, 0, 999)]
    [InlineData(150, 0.2, 0.01, 0, 75)]
    [InlineData(5_000, 0.2, 0.01, 0.1, 999)]
    [InlineData(100, 0.2, 0.2, 0.3, 19)]
    public void Split_EnoughRowsThatLackNothing_HoldsOutTheFirstOfTheDraw(int count, double fraction, double rate, double missing, int expected)
    {
        double[,] rows = Rows(count, missing);

        HeldOutRows.Split(Source(rows), fraction, rate, 2, seed: 5, last: false, Name, CancellationToken.None, out RowSource? heldOut);

        // A draw without putting back, written down once more.
        int[] order = [.. Enumerable.Range(0, count)];
        var random = new Xoshiro256StarStar(5, threadSafe: false);
        for (int i = 0; i < expected; i++)
        {
            int other = i + random.Next(count - i);
            (order[i], order[other]) = (order[other], order[i]);
        }

        Assert.Equal(order.Take(expected).Order().Select(i => rows[i, 0]), FirstFeature(heldOut!));
    }

    /// <summary>Of 150 rows held out one in 151 was an alarm where one in a hundred was asked for, a third fewer.</summary>
    [Theory]
    [InlineData(750, 0.2, 0.01, 199)]
    [InlineData(700, 0.2, 0.01, 99)]
    [InlineData(240, 0.2, 0.01, 99)]
    [InlineData(300, 0.45, 0.01, 99)]
    [InlineData(1_000, 0.2, 0.03, 199)]
    [InlineData(1_000, 0.9, 0.01, 899)]
    [InlineData(200_000, 0.2, 0.01, 19_999)]
    [InlineData(198, 0.2, 0.01, 99)]
    [InlineData(150, 0.2, 0.01, 75)]
    [InlineData(60, 0.35, 0.07, 28)]
    public void Split_AnyRate_HoldsOutAsManyAsTellItExactlyIfThereAreEnough(int count, double fraction, double rate, int expected)
    {
        HeldOutRows.Split(Source(Rows(count, 0)), fraction, rate, 2, 1, last: false, Name, CancellationToken.None, out RowSource? heldOut);

        Assert.Equal(expected, heldOut!.RowCount);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.1)]
    public void Split_LastRows_HoldsThemOutInTheirOrder(double missing)
    {
        double[,] rows = Rows(500, missing);

        RowSource others = HeldOutRows.Split(Source(rows), 0.4, 0.01, 2, 1, last: true, Name, CancellationToken.None, out RowSource? heldOut);

        Assert.Equal(Enumerable.Range(0, 301).Select(i => (double)i), FirstFeature(others));
        Assert.Equal(Enumerable.Range(301, 199).Select(i => (double)i), FirstFeature(heldOut!));
    }

    [Theory]
    [InlineData(0.01, 600, 0.03)]
    [InlineData(0.01, 400, 0.3)]
    [InlineData(0.01, 2_000, 0.8)]
    [InlineData(0.002, 1_500, 0.1)]
    public void Split_SomeRowsLackAFeature_HoldsOutEnoughThatLackNothing(double rate, int count, double missing)
    {
        for (int seed = 0; seed < 20; seed++)
        {
            RowSource rows = Source(Rows(count, missing));

            RowSource others = HeldOutRows.Split(rows, 0.01, rate, 2, seed, last: false, Name, CancellationToken.None, out RowSource? heldOut);

            // Those of which at least some lack something, and no more than it takes.
            int complete = HeldOutRows.CountComplete(heldOut!), wanted = (int)Math.Ceiling(1 / rate);
            Assert.InRange(complete, wanted - 1, wanted);
            Assert.InRange(heldOut!.RowCount, wanted - 1, count / 2);
            Assert.Equal(rate, HeldOutRows.PossibleRate(heldOut.RowCount, complete, rate));
            Assert.Equal(Enumerable.Range(0, count).Select(i => (double)i), FirstFeature(heldOut).Concat(FirstFeature(others)).Order());
        }
    }

    [Fact]
    public void Split_TooFewRowsThatLackNothing_HoldsOutHalfForALargerRate()
    {
        HeldOutRows.Split(Source(Rows(160, 0.1)), 0.2, 0.01, 2, 1, last: false, Name, CancellationToken.None, out RowSource? heldOut);

        int complete = HeldOutRows.CountComplete(heldOut!);
        Assert.Equal(80, heldOut!.RowCount);
        Assert.InRange(complete, 60, 79);
        Assert.Equal(1.0 / (complete + 1), HeldOutRows.PossibleRate(80, complete, 0.01));
    }

    [Theory]
    [InlineData(2_000, 399)]
    [InlineData(150, null)]
    public void Split_HardlyARowThatLacksNothing_HoldsOutNoMoreThanForRowsOfTheOtherKind(int count, int? expected)
    {
        RowSource rows = Source(Rows(count, 0.95));

        RowSource others = HeldOutRows.Split(rows, 0.2, 0.01, 2, 1, last: false, Name, CancellationToken.None, out RowSource? heldOut);

        Assert.Equal(expected, heldOut?.RowCount);
        Assert.Equal(count - (expected ?? 0), others.RowCount);
        if (heldOut is not null) Assert.Equal(0.01, HeldOutRows.PossibleRate(heldOut.RowCount, HeldOutRows.CountComplete(heldOut), 0.01));
    }

    // Ninety rows would leave ten to the fit; and to draw on up to half of the others, until enough lack nothing, some thirty-three.
    [Theory]
    [InlineData(100, 0.9, 0.01, 0, 20)]
    [InlineData(60, 0.1, 0.05, 0.3, 38)]
    public void Split_RowsNoMoreThanTheFitNeeds_HoldsOutNone(int count, double fraction, double rate, double missing, int components)
    {
        RowSource rows = Source(Rows(count, missing));

        RowSource others = HeldOutRows.Split(rows, fraction, rate, components, 1, last: false, Name, CancellationToken.None, out RowSource? heldOut);

        Assert.Null(heldOut);
        Assert.Same(rows, others);
    }

    [Fact]
    public void Calibration_OfFewRowsThatLackNothing_SaysWhereTheThresholdComesFrom()
    {
        GaussianMixtureModel model = GaussianMixtureModel.FromParameters([1], new double[,] { { 0, 0 } }, [new double[,] { { 1, 0 }, { 0, 1 } }]);
        double[,] rows = model.Sample(60_000, seed: 3);
        for (int i = 0; i < 60_000; i++)
        {
            if (i % 2_000 > 0) rows[i, i % 2] = double.NaN;
        }

        AnomalyCalibration calibration = model.CalibrateAnomalies(rows, 0.01);

        Assert.True(calibration.IsSimulated, "Thirty rows tell no rate of 1 %.");
        Assert.Equal(
            "60000 rows were held out, but only 30 of them lack nothing, and a false-alarm rate of 0.01 takes 99: the threshold of rows that lack nothing comes from rows drawn from the "
                + "mixture, and is right as far as ordinary rows are like it. Pass more rows without missing features, fill in what is missing, or ask for a larger rate.",
            Assert.Single(calibration.Warnings));
        Assert.Contains("by comparison with 50000 rows drawn from the mixture. 60000 rows were held out, but ", calibration.ToString(), StringComparison.Ordinal);
        Assert.Empty(model.CalibrateAnomalies(rows, 0.04).Warnings);
    }

    // Rows of three times the weight are there three times as often as others, and what weighs next to nothing is not.
    [Theory]
    [InlineData(0)]
    [InlineData(0.1)]
    public void Split_RowsOfDifferentWeights_HoldsThemOutByTheirWeights(double missing)
    {
        const int Count = 8_000;
        double[] weights = [.. Enumerable.Range(0, Count).Select(i => (i % 4) switch { 0 => 1e-9, 1 => 3.0, _ => 1.0 })];
        RowSource rows = GaussianMixture.Copy(Rows(Count, missing), weights);

        RowSource others = HeldOutRows.Split(rows, 0.5, 0.01, 2, 1, last: false, Name, CancellationToken.None, out RowSource? heldOut);

        // Of 4,000 rows 3,000 have a weight, whose squares are 11/9 of the square of their mean, less or more by chance.
        Assert.Equal((Count / 2) + 1, others.RowCount);
        double[] found = FirstFeature(heldOut!);
        Assert.InRange(found.Length, 2_190, 2_350);
        if (missing == 0) Assert.Equal(99, found.Length % 100);
        int[] counts = new int[4];
        foreach (double row in found) counts[(int)row % 4]++;
        Assert.Equal(0, counts[0]);
        Assert.InRange(counts[1] / (double)(counts[2] + counts[3]), 1.4, 1.6);
        Assert.Empty(found.Intersect(FirstFeature(others)));
    }

    /// <summary>A fit that has seen copies of the rows that tell the threshold raised twice the alarms that were asked for.</summary>
    [Theory]
    [InlineData(0, false)]
    [InlineData(0.1, false)]
    [InlineData(0, true)]
    public void Split_RowsThatAreCopies_HoldsThemOutTogether(double missing, bool isUneven)
    {
        const int Different = 500, Held = 159;
        double[,] once = Rows(Different, missing);
        int[] copied = [.. Enumerable.Range(0, Different).SelectMany(i => Enumerable.Repeat(i, isUneven && i % 2 == 0 ? 1 : 4))];
        new Random(1).Shuffle(copied);
        double[,] rows = new double[copied.Length, 2];
        for (int i = 0; i < copied.Length; i++) (rows[i, 0], rows[i, 1]) = (once[copied[i], 0], once[copied[i], 1]);

        RowSource others = HeldOutRows.Split(Source(rows), 0.3, 0.05, 2, 5, last: false, Name, CancellationToken.None, out RowSource? heldOut);

        double[] held = FirstFeature(heldOut!), fitted = FirstFeature(others);
        Assert.Empty(held.Intersect(fitted));
        Assert.Equal(Different - Held, fitted.Distinct().Count());
        Assert.Equal(copied.Length, fitted.Length + copied.Count(row => !fitted.Contains(row)));

        // A quarter of them has four fifths of the weight: (1 + 4)^2 / (1 + 16) of two rows.
        if (isUneven) Assert.InRange(held.Length, 0.7 * Held, 0.78 * Held);
        else Assert.Equal(Held, held.Length);
        Assert.InRange(held.Count(row => row % 2 == 1) / (double)held.Length, isUneven ? 0.7 : 0.4, isUneven ? 0.9 : 0.6);
    }

    [Fact]
    public void Split_OneRowWithNearlyAllTheWeight_HoldsOutNone()
    {
        double[] weights = [1e9, .. Enumerable.Repeat(1.0, 299)];
        RowSource rows = GaussianMixture.Copy(Rows(300, 0), weights);
        int without = 0;

        // Whether that row is held out or not, for the others tell a threshold by themselves.
        for (int seed = 0; seed < 20; seed++)
        {
            HeldOutRows.Split(rows, 0.4, 0.01, 2, seed, last: false, Name, CancellationToken.None, out RowSource? heldOut);
            without += heldOut is null ? 1 : 0;
            Assert.True(heldOut is null || !FirstFeature(heldOut).Contains(0), "A threshold comes from one row.");
        }

        Assert.InRange(without, 1, 19);
    }

    // The first feature numbers the rows, and the second is missing in some.
    private static double[,] Rows(int count, double missing)
    {
        var random = new Random(7);
        double[,] rows = new double[count, 2];
        for (int i = 0; i < count; i++) (rows[i, 0], rows[i, 1]) = (i, random.NextDouble() < missing ? double.NaN : random.NextDouble());
        return rows;
    }

    private static ArrayRowSource<double> Source(double[,] rows) => GaussianMixture.Copy(rows, null);

    private static string Name(int feature) => $"Feature {feature}";

    internal static double[] FirstFeature(RowSource rows)
    {
        double[] values = new double[rows.Dimension * rows.RowCount];
        rows.Read(0, rows.RowCount, values, rows.RowCount, new double[rows.RowCount]);
        return values[..rows.RowCount];
    }
}
