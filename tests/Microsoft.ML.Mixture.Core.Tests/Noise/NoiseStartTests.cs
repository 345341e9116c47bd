using Microsoft.ML.Mixture.Laws.Tests;
using Microsoft.ML.Mixture.Reliability.Tests;
using Xunit.Abstractions;

namespace Microsoft.ML.Mixture.Noise.Tests;

/// <summary>Fits with noise begin with single far rows as noise, and find good maxima.</summary>
public class NoiseStartTests(ITestOutputHelper output)
{
    public static TheoryData<int, double, int> FarCases => new()
    {
        { 1, 1e4, 2 }, { 3, 1e4, 2 }, { 3, 1e4, 5 }, { 1, 1e6, 5 }, { 3, 1e8, 2 }, { 3, 1e30, 2 },
    };

    [Theory]
    [Trait("Kind", "Recovery")]
    [MemberData(nameof(FarCases))]
    public void Fit_WithSingleFarRows_KeepsBothGroups(int farCount, double distance, int dimension)
    {
        for (int seed = 0; seed < 3; seed++)
        {
            double[,] rows = TwoGroups(farCount, distance, dimension, seed);
            if (seed == 2) rows[0, 0] = rows[3, 1] = double.NaN;
            GaussianMixtureModel model = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 2, NoiseComponent = true, Seed = seed });
            Assert.All(model.Report!.EffectiveCounts, count => Assert.InRange(count, 180, 220));
            for (int i = 0; i < farCount; i++) Assert.Equal(2, model.Predict(MixtureAssert.RowOf(rows, 400 + i)));
            Assert.DoesNotContain(model.Report.Warnings, warning => warning.Contains("far from all others", StringComparison.Ordinal));
        }
    }

    [Theory]
    [Trait("Kind", "Recovery")]
    [InlineData(4)]
    [InlineData(12)]
    public void Fit_WithSmallFarGroup_GivesItAComponent(int count)
    {
        double[,] rows = TwoGroups(count, 0, 2, seed: 3);
        var random = new Random(5);
        for (int i = 400; i < 400 + count; i++) (rows[i, 0], rows[i, 1]) = (100 + MixtureCase.Normal(random), 100 + MixtureCase.Normal(random));
        GaussianMixtureModel model = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 3, NoiseComponent = true });
        Assert.Contains(Enumerable.Range(0, 3), k => Math.Abs(model.Means[k, 0] - 100) < 2);
    }

    [Fact]
    [Trait("Kind", "Law")]
    public void Screen_MarksSingleFarRowsOnly()
    {
        Assert.Null(Screen(TwoGroups(0, 0, 3, 1)));
        bool[]? marks = Screen(TwoGroups(3, 1e3, 3, 1));
        Assert.NotNull(marks);
        Assert.Equal([400, 401, 402], Enumerable.Range(0, 403).Where(i => marks[i]));

        // More than a tenth are no single rows, nor is one of the weight of a hundred, and beside rows at 1e200 others are without variance.
        Assert.Equal(44, Screen(Spread(44))!.Count(mark => mark));
        Assert.Null(Screen(Spread(45)));
        double[] weights = new double[401];
        Array.Fill(weights, 1);
        weights[400] = 100;
        Assert.Null(Screen(TwoGroups(1, 1e3, 3, 1), weights));
        Assert.Null(Screen(TwoGroups(1, 1e200, 3, 1)));

        // Each half again as far as the last.
        static double[,] Spread(int count)
        {
            double[,] rows = TwoGroups(count, 0, 3, 1);
            for (int i = 0; i < count; i++) rows[400 + i, i % 3] = 1e3 * Math.Pow(1.5, i);
            return rows;
        }

        static bool[]? Screen(double[,] rows, double[]? weights = null)
        {
            var options = new GaussianMixtureOptions { ComponentCount = 2, NoiseComponent = true };
            return FarRows.Screen(GaussianFit.Prepare(GaussianMixture.Copy(rows, weights), options, CancellationToken.None), options, known: null, CancellationToken.None).Marks;
        }
    }

    // Of each value there had been four copies with a weight beside them.
    [Fact]
    public void Screen_ManyFeatures_TakesLittleMoreMemoryThanTheRows()
    {
        const int Count = 2000, Dimension = 100;
        var random = new Random(4);
        double[,] values = new double[Count, Dimension];
        for (int i = 0; i < values.Length; i++) values[i / Dimension, i % Dimension] = MixtureCase.Normal(random);
        var options = new GaussianMixtureOptions { ComponentCount = 2, NoiseComponent = true };
        ScaledRows rows = GaussianFit.Prepare(GaussianMixture.Copy(values, null), options, CancellationToken.None);
        Assert.Null(FarRows.Screen(rows, options, known: null, CancellationToken.None).Marks);

        long before = GC.GetAllocatedBytesForCurrentThread();
        FarRows.Screen(rows, options, known: null, CancellationToken.None);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2L * sizeof(double) * values.Length);
    }

    // Copies of light rows had counted as so many rows, and the medians knew no weights.
    [Theory]
    [Trait("Kind", "Law")]
    [InlineData(1, 2, true)]
    [InlineData(1, 3, true)]
    [InlineData(1, 4, false)]
    [InlineData(3, 2, true)]
    [InlineData(50, 0.001, true)]
    public void Screen_WeightsOfFarRows_CountAsSoManyRows(int farCount, double weight, bool isFar)
    {
        // Three features: of more copies than that, each counts as one of a group.
        double[,] rows = TwoGroups(farCount, 1e3, 3, 1);
        double[] weights = new double[400 + farCount];
        for (int i = 0; i < weights.Length; i++) weights[i] = i < 400 ? 1 + (i % 7 == 0 ? 1 : 0) : weight;
        for (int i = 401; i < weights.Length && weight < 1; i++) for (int j = 0; j < 3; j++) rows[i, j] = rows[400, j];

        bool[]? weighted = Screen(rows, weights), scaled = Screen(rows, [.. weights.Select(value => 0.1 * value)]);

        Assert.Equal(isFar ? Enumerable.Range(400, farCount) : [], Marked(weighted));
        Assert.Equal(Marked(weighted), Marked(scaled));
        if (weight < 1) return;
        int[] copies = [.. Enumerable.Range(0, weights.Length).SelectMany(i => Enumerable.Repeat(i, (int)weights[i]))];
        double[,] repeated = new double[copies.Length, 3];
        for (int i = 0; i < repeated.Length; i++) repeated[i / 3, i % 3] = rows[copies[i / 3], i % 3];
        Assert.Equal(Marked(weighted), Marked(Screen(repeated)).Select(i => copies[i]).Distinct());

        static IEnumerable<int> Marked(bool[]? marks) => Enumerable.Range(0, marks?.Length ?? 0).Where(i => marks![i]);

        static bool[]? Screen(double[,] rows, double[]? weights = null)
        {
            var options = new GaussianMixtureOptions { ComponentCount = 2, NoiseComponent = true };
            return FarRows.Screen(GaussianFit.Prepare(GaussianMixture.Copy(rows, weights), options, CancellationToken.None), options, known: null, CancellationToken.None).Marks;
        }
    }

    /// <summary>The far row is noise, and the prior was measured without it; still the features were called copies of each other that it alone makes them, and the prior strong.</summary>
    [Fact]
    public void Fit_WithARowFarOutInAllFeatures_WarnsOfNothing()
    {
        double[,] rows = TwoGroups(1, 0, 2, seed: 1);
        (rows[400, 0], rows[400, 1]) = (1e5, 1e5);

        IReadOnlyList<string> warnings = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 2, NoiseComponent = true }).Report!.Warnings;
        MixtureSearchResult search = GaussianMixture.Search(
            rows, new GaussianMixtureSearchOptions { MaximumComponentCount = 2, NoiseComponent = true, CovarianceStructures = [CovarianceStructure.Full, CovarianceStructure.Diagonal] });

        Assert.Empty(warnings);
        Assert.DoesNotContain(search.Warnings, warning => warning.Contains("copy", StringComparison.Ordinal) || warning.Contains("prior", StringComparison.Ordinal));
    }

    /// <summary>What follows from others in all rows but the far one, which is noise, was not told.</summary>
    [Fact]
    public void Fit_WithACopyButForTheFarRow_WarnsOfTheCopy()
    {
        double[,] groups = TwoGroups(1, 1e5, 2, seed: 1), rows = new double[401, 3];
        for (int i = 0; i < 401; i++) (rows[i, 0], rows[i, 1], rows[i, 2]) = (groups[i, 0], groups[i, 1], (2 * groups[i, 0]) + 1);
        rows[400, 2] = -7e4;

        IReadOnlyList<string> warnings = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 2, NoiseComponent = true }).Report!.Warnings;

        Assert.Contains(warnings, warning => warning.StartsWith("Feature 2 is a copy of feature 0, up to scale and offset", StringComparison.Ordinal));
    }

    /// <summary>The objective beside that of a fit from the labels. MIXTURE_NIGHTLY=1 makes it 2 to 5 components, 5 to 30 % of noise and 20 data sets each.</summary>
    [Fact]
    [Trait("Kind", "Recovery")]
    public void Fit_WithManyStrayRows_ReachesTheMaximumNearTheTruth()
    {
        int below = 0, fits = 0, agreeing = 0, rows = 0;
        foreach (int components in GoalSize.IsNightly ? (int[])[2, 3, 4, 5] : [5])
        {
            foreach (double share in GoalSize.IsNightly ? (double[])[0.05, 0.1, 0.2, 0.3] : [0.05, 0.2])
            {
                int ofCell = 0;
                for (int seed = 0; seed < GoalSize.Of(8, 20); seed++, fits++)
                {
                    (double[,] values, int[] labels) = Clusters(components, share, seed);
                    GaussianMixtureModel model = GaussianMixture.Fit(values, Options(null)), near = GaussianMixture.Fit(values, Options(MixtureStart.FromLabels(labels)));
                    if (near.Report!.SpuriousComponentCount == 0 && near.Report.ObjectiveHistory[^1] > model.Report!.ObjectiveHistory[^1] + 1) ofCell++;
                    agreeing += labels.Where((label, i) => model.Predict(MixtureAssert.RowOf(values, i)) == components == (label == components)).Count();
                    rows += labels.Length;

                    GaussianMixtureOptions Options(MixtureStart? start) => new() { ComponentCount = components, NoiseComponent = true, Seed = seed, Start = start };
                }

                below += ofCell;
                output.WriteLine(FormattableString.Invariant($"{components} components, {share:P0} noise: {ofCell} fits end more than a nat below the one from the labels."));
            }
        }

        output.WriteLine(FormattableString.Invariant($"{below} of {fits}; {(double)agreeing / rows:P1} of the rows are noise or not as they should be."));
        Assert.True(below <= fits / 10, $"{below} of {fits} fits end below the one from the labels.");
        Assert.True(agreeing > 0.95 * rows, $"{agreeing} of {rows} rows are noise or not as they should be.");
    }

    // Two groups eight deviations apart, and far rows in different directions.
    private static double[,] TwoGroups(int farCount, double distance, int dimension, int seed)
    {
        var random = new Random(seed);
        double[,] rows = new double[400 + farCount, dimension];
        for (int i = 0; i < 400 + farCount; i++)
        {
            for (int j = 0; j < dimension; j++)
            {
                rows[i, j] = i >= 400 ? distance * ((i % 3) switch { 1 => 1, 2 => j == 0 ? -1 : 1, _ => j == 1 ? -2 : -0.5 })
                    : MixtureCase.Normal(random) + (j == 0 ? 8 * (i % 2) : 0);
            }
        }

        return rows;
    }

    private static (double[,] Rows, int[] Labels) Clusters(int components, double share, int seed)
    {
        const int Count = 600, Dimension = 2;
        var random = new Random((seed * 7) + (components * 1000) + (int)(share * 100_000));
        double[,] means = new double[components, Dimension], rows = new double[Count, Dimension];
        for (int at = 0; at < means.Length; at++) means[at / Dimension, at % Dimension] = 4 * MixtureCase.Normal(random);
        double[][] factors = [.. Enumerable.Range(0, components).Select(_ => (double[])[0.5 + random.NextDouble(), MixtureCase.Normal(random), 0.5 + random.NextDouble()])];
        int[] labels = new int[Count];
        for (int i = 0; i < Count; i++)
        {
            int label = labels[i] = random.NextDouble() < share ? components : random.Next(components);
            double first = MixtureCase.Normal(random), second = MixtureCase.Normal(random);
            if (label == components)
            {
                (rows[i, 0], rows[i, 1]) = (24 * (random.NextDouble() - 0.5), 24 * (random.NextDouble() - 0.5));
                continue;
            }

            (rows[i, 0], rows[i, 1]) = (means[label, 0] + (factors[label][0] * first), means[label, 1] + (factors[label][1] * first) + (factors[label][2] * second));
        }

        return (rows, labels);
    }
}
