using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.BadInput.Tests;

/// <summary>Copies of a row tell nothing that the row does not: what a component rests on are rows that differ.</summary>
[Trait("Kind", "Degenerate")]
public class CopiedRowsTests
{
    /// <summary>Two rows thirty times had passed for a group of sixty.</summary>
    [Theory]
    [InlineData("VVV", 2, "too few for a covariance of its own over 4 features")]
    [InlineData("VVV", 6, "hardly enough for a covariance of its own over 4 features")]
    [InlineData("VVE", 1, "too few for a covariance of its own over 4 features")]
    [InlineData("VVI", 3, "hardly enough for a covariance of its own over 4 features")]
    [InlineData("VII", 1, "too few for a covariance of its own over 4 features")]
    public void Fit_ComponentOnCopiesOfFewRows_SaysHowManyDiffer(string code, int distinct, string judgement)
    {
        const int All = 200, Copies = 30;
        var random = new Random(distinct);
        int[] labels = [.. Enumerable.Range(0, All + (distinct * Copies)).Select(i => i < All ? i % (All / 4) % 2 : 2)];
        double[,] rows = new double[labels.Length, 4];
        for (int i = 0; i < labels.Length; i++)
        {
            int from = i < All ? i - (All / 4) : i - distinct;
            for (int j = 0; j < 4; j++) rows[i, j] = i < All / 4 || (i >= All && i < All + distinct) ? (20 * labels[i]) + MixtureCase.Normal(random) : rows[from, j];
        }

        FitReport report = GaussianMixture.Fit(
            rows, new GaussianMixtureOptions { ComponentCount = 3, CovarianceStructure = CovarianceStructure.FromCode(code), Start = MixtureStart.FromLabels(labels) }).Report!;

        string noun = distinct == 1 ? "row" : "rows";
        Assert.Contains(
            report.Warnings,
            text => text.StartsWith($"Component 2 rests on {Copies * distinct} rows that are copies of each other and tell as much as {distinct} different {noun}, {judgement}. Remove the copies, or give them as one row with a weight. Ask for fewer components", StringComparison.Ordinal));
        Assert.Equal(judgement.StartsWith("too few", StringComparison.Ordinal) ? 1 : 0, report.SpuriousComponentCount);
    }

    /// <summary>Components on two to four rows that had been drawn several times each had passed for groups.</summary>
    [Theory]
    [InlineData("VVV", 3)]
    [InlineData("VVV", 6)]
    [InlineData("VVE", 5)]
    [InlineData("VVI", 6)]
    [InlineData("VVE", 6)]
    public void Fit_RowsDrawnManyTimes_HasNoComponentOnAHandfulWithoutAWord(string code, int componentCount)
    {
        for (int seed = 0; seed < 8; seed++)
        {
            double[,] rows = DrawnAgain(seed % 2 == 0 ? CsvTable.Iris.Features : CsvTable.Diabetes.Features, 4 + (seed % 6), seed);
            int fewest = code == "VVI" ? 2 : rows.GetLength(1) + 1;
            var options = new GaussianMixtureOptions { ComponentCount = componentCount, CovarianceStructure = CovarianceStructure.FromCode(code), Seed = seed };
            GaussianMixtureModel model = GaussianMixture.Fit(rows, options);
            HashSet<string>[] own = [.. Enumerable.Range(0, componentCount).Select(_ => new HashSet<string>())];
            for (int i = 0; i < rows.GetLength(0); i++)
            {
                double[] row = Row(rows, i);
                own[model.Predict(row)].Add(string.Join(' ', row));
            }

            Assert.True(
                own.All(rowsOf => rowsOf.Count >= fewest) || model.Report!.Warnings.Any(text => text.Contains("copies of each other", StringComparison.Ordinal)),
                $"Seed {seed}: components of {string.Join(", ", own.Select(rowsOf => rowsOf.Count))} different rows, no warning.");
        }
    }

    /// <summary>Where the whole data are few rows many times, a single Gaussian rests on them.</summary>
    [Fact]
    public void Fit_OneGaussianOnCopiesOfFewRows_SaysHowManyDiffer()
    {
        var random = new Random(2);
        double[,] rows = new double[220, 20];
        for (int i = 0; i < 220; i++)
        {
            for (int j = 0; j < 20; j++) rows[i, j] = i < 22 ? MixtureCase.Normal(random) : rows[i - 22, j];
        }

        Assert.Contains(
            GaussianMixture.Fit(rows, new GaussianMixtureOptions()).Report!.Warnings,
            text => text.StartsWith("The Gaussian rests on 220 rows that are copies of each other and tell as much as 22 different rows, hardly enough for a covariance over 20 features. Remove the copies", StringComparison.Ordinal));
    }

    [Fact]
    public void Fit_AllRowsTwice_IsThatOfRowsOfWeightTwo()
    {
        double[,] rows = CsvTable.Iris.Features, twice = new double[300, 4];
        int[] labels = [.. Enumerable.Range(0, 150).Select(i => i / 50)], labelsOfTwice = new int[300];
        for (int i = 0; i < 300; i++)
        {
            labelsOfTwice[i] = labels[i / 2];
            for (int j = 0; j < 4; j++) twice[i, j] = rows[i / 2, j];
        }

        GaussianMixtureModel copied = GaussianMixture.Fit(twice, new GaussianMixtureOptions { ComponentCount = 3, Start = MixtureStart.FromLabels(labelsOfTwice) });
        double[] two = new double[150];
        Array.Fill(two, 2);
        GaussianMixtureModel weighted = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 3, Start = MixtureStart.FromLabels(labels) }, two);

        Assert.StartsWith("Of the 300 rows only 149 differ", Assert.Single(copied.Report!.Warnings), StringComparison.Ordinal);
        for (int k = 0; k < 3; k++)
        {
            Closeness.Relative(weighted.Weights[k], copied.Weights[k], 1e-9, "Weights");
            for (int j = 0; j < 4; j++) Closeness.Relative(weighted.Means[k, j], copied.Means[k, j], 1e-9, "Means");
        }
    }

    /// <summary>Seen in a sample as well, and in rows that are scaled.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(1e-5)]
    public void Fit_AnyOrderOfRowsAndAnyNumberOfThreads_JudgesAlike(double unit)
    {
        double[,] rows = DrawnAgain(CsvTable.Iris.Features, 8, seed: 4), others = new double[rows.GetLength(0), 4];
        int[] order = [.. Enumerable.Range(0, rows.GetLength(0))];
        new Random(1).Shuffle(order);
        for (int i = 0; i < order.Length; i++)
        {
            for (int j = 0; j < 4; j++)
            {
                rows[i, j] *= unit;
                if (rows[i, j] == 0 && i % 2 == 0) rows[i, j] = -0.0;
            }
        }

        for (int i = 0; i < order.Length; i++)
        {
            for (int j = 0; j < 4; j++) others[i, j] = rows[order[i], j];
        }

        CopiedRows ofRows = CopiedRows.Find(GaussianMixture.Copy(rows, null), CancellationToken.None)!, ofOthers = CopiedRows.Find(GaussianMixture.Copy(others, null), CancellationToken.None)!;
        Assert.Equal(ofRows.Count, ofOthers.Count);
        for (int i = 0; i < order.Length; i++) Assert.Equal(ofRows.Groups[order[i]], ofOthers.Groups[i]);
        GaussianMixtureModel? expected = null;
        foreach (int threads in (int[])[1, 2, 3])
        {
            GaussianMixtureModel model = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 4, ThreadCount = threads });
            expected ??= model;
            MixtureAssert.SameBits(expected, model);
            Assert.Equal(expected.Report!.Warnings, model.Report!.Warnings);
        }
    }

    private static double[] Row(double[,] rows, int i) => [.. Enumerable.Range(0, rows.GetLength(1)).Select(j => rows[i, j])];

    /// <summary>A sample with replacement, so many times as large.</summary>
    internal static double[,] DrawnAgain(double[,] rows, int times, int seed)
    {
        var random = new Random(seed);
        double[,] drawn = new double[rows.GetLength(0) * times, rows.GetLength(1)];
        for (int i = 0; i < drawn.GetLength(0); i++)
        {
            int from = random.Next(rows.GetLength(0));
            for (int j = 0; j < drawn.GetLength(1); j++) drawn[i, j] = rows[from, j];
        }

        return drawn;
    }
}
