using Microsoft.ML.Mixture.Engine.Tests;
using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.BadInput.Tests;

/// <summary>Several rows that are scattered about the groups take a component, and groups become one for it; the fit says so.</summary>
[Trait("Kind", "Degenerate")]
public class ScatteredRowsTests
{
    private const string IsWide = "times as wide as the widest of the others";
    private const string OfOne = "times what the middle half of the rows would have them";

    [Theory]
    [InlineData(2, 5, 50)]
    [InlineData(2, 12, 200)]
    [InlineData(4, 8, 50)]
    [InlineData(4, 12, 200)]
    [InlineData(8, 20, 30)]
    public void Fit_RowsScatteredAboutThreeGroups_NamesTheirComponentAndThem(int dimension, int strayCount, double distance)
    {
        double[,] rows = GroupsAndStrays(dimension, 3, strayCount, distance);

        GaussianMixtureModel model = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 3 });

        string warning = Assert.Single(model.Report!.Warnings, text => text.Contains(IsWide, StringComparison.Ordinal));
        int component = model.Predict(Row(rows, 300));
        Assert.Matches(
            $"^Component {component} has {strayCount} rows, [1-9]\\.[0-9] % of the weight, and is [0-9.]+ times as wide as the widest of the others, of which it has hardly a row, as if stray rows had a component of their own: "
                + "rows 300, 301, 302, 303, 304(, [0-9, ]+( and [0-9]+ more)?)?\\. Groups among the others may have become one for it\\. Look at these rows: if they are stray ones, set NoiseComponent, or remove them; ",
            warning);
    }

    [Fact]
    public void Fit_RemediesOfScatteredRows_GiveTheGroups()
    {
        double[,] rows = GroupsAndStrays(2, 3, 8, 50);
        int[] groups = [.. Enumerable.Range(0, 300).Select(i => i % 3)];

        Assert.InRange(Agreement(new GaussianMixtureOptions { ComponentCount = 3 }), 0, 0.8);
        Assert.InRange(Agreement(new GaussianMixtureOptions { ComponentCount = 3, NoiseComponent = true }), 0.95, 1);
        Assert.InRange(Agreement(new GaussianMixtureOptions { ComponentCount = 4 }), 0.95, 1);
        Assert.DoesNotContain(
            GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 3, NoiseComponent = true }).Report!.Warnings, text => text.Contains(IsWide, StringComparison.Ordinal));

        double Agreement(GaussianMixtureOptions options)
        {
            GaussianMixtureModel model = GaussianMixture.Fit(rows, options);
            return ClusteringAgreement.AdjustedRandIndex<int, int>(groups, [.. Enumerable.Range(0, 300).Select(i => model.Predict(Row(rows, i)))]);
        }
    }

    [Fact]
    public void Fit_FactorAnalysersAndVariationalBayes_TellOfScatteredRowsAndTheRemedy()
    {
        const string Remedy = "if they are stray ones, use GaussianMixture with NoiseComponent, or remove them;";
        double[,] rows = GroupsAndStrays(5, 3, 16, 100);

        FitReport ofFactors = FactorAnalyzerMixture.Fit(rows, new FactorAnalyzerMixtureOptions { ComponentCount = 3, FactorCount = 2 }).Report!;
        FitReport ofPosterior = BayesianGaussianMixture.Fit(rows, new BayesianGaussianMixtureOptions { ComponentCount = 6 }).Report!;

        Assert.Contains(Remedy, Assert.Single(ofFactors.Warnings, text => text.Contains(IsWide, StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Contains(ofPosterior.Warnings, text => text.Contains(IsWide, StringComparison.Ordinal) && text.Contains(Remedy, StringComparison.Ordinal));
    }

    [Fact]
    public void Fit_OneComponentWidenedByScatteredRows_TellsOfIt()
    {
        double[,] rows = GroupsAndStrays(2, 1, 12, 100);

        FitReport report = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 1 }).Report!;
        FitReport noisy = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 1, NoiseComponent = true }).Report!;
        FitReport ofFactor = FactorAnalyzerMixture.Fit(rows, new FactorAnalyzerMixtureOptions { ComponentCount = 1, FactorCount = 1 }).Report!;

        Assert.Contains("If they are stray rows, set NoiseComponent, or remove them;", Assert.Single(report.Warnings, text => text.Contains(OfOne, StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Contains(ofFactor.Warnings, text => text.Contains(OfOne, StringComparison.Ordinal));
        Assert.DoesNotContain(noisy.Warnings, text => text.Contains(OfOne, StringComparison.Ordinal));
    }

    [Fact]
    public void Fit_RowsLeftOutAndWithHolesAndWeights_AreCountedAsTheCallerDoes()
    {
        double[,] rows = GroupsAndStrays(3, 3, 8, 100);
        rows[0, 0] = rows[4, 2] = rows[77, 1] = rows[302, 1] = double.NaN;
        for (int j = 0; j < 3; j++) rows[3, j] = double.NaN;
        double[] weights = [.. Enumerable.Range(0, 308).Select(i => i == 9 ? 0.0 : 2)];

        FitReport report = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 3 }, weights).Report!;

        Assert.Matches(": rows 300, 301, 302, 303, 304, 305, 306, 307\\. Groups", Assert.Single(report.Warnings, text => text.Contains(IsWide, StringComparison.Ordinal)));
    }

    [Fact]
    public void Fit_AnyNumberOfThreads_TellsTheSameOfScatteredRows()
    {
        double[,] rows = GroupsAndStrays(2, 3, 12, 100);

        FitReport one = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 3, ThreadCount = 1 }).Report!;
        FitReport two = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 3, ThreadCount = 2 }).Report!;

        Assert.Equal(one.Warnings, two.Warnings);
    }

    [Fact]
    public void Fit_ThatWasCancelled_LooksForNoScatteredRows()
    {
        double[,] rows = GroupsAndStrays(2, 3, 12, 100);
        using var source = new CancellationTokenSource();
        var options = new GaussianMixtureOptions
        {
            ComponentCount = 3,
            CancellationBehavior = CancellationBehavior.ReturnBest,
            Tolerance = 0,
            MaximumIterations = 1000,
            Start = MixtureStart.FromLabels([.. Enumerable.Range(0, 312).Select(i => i < 300 ? i % 3 / 2 : 2)]),
            Progress = new ProgressRecorder(progress => CancelAfterFive(progress, source)),
        };

        FitReport report = GaussianMixture.Fit(rows, options, cancellationToken: source.Token).Report!;

        Assert.Equal(StopReason.Cancelled, report.StopReason);
        Assert.DoesNotContain(report.Warnings, text => text.Contains(IsWide, StringComparison.Ordinal));
    }

    [Fact]
    public void Fit_CleanGroupsOfAnySpread_SaysNothingOfScatteredRows()
    {
        for (int seed = 0; seed < 8; seed++)
        {
            // The first group has one row in twenty, and is up to five times as wide.
            (var random, int dimension) = (new Random(seed), 1 + (seed % 4));
            double[,] rows = new double[300, dimension];
            for (int at = 0; at < rows.Length; at++)
            {
                int i = at / dimension;
                double spread = i < 15 ? 1 + (seed % 5) : 1;
                rows[i, at % dimension] = (spread * MixtureCase.Normal(random)) + (i < 15 ? 4 * spread : 8 * (i % 2));
            }

            for (int count = 1; count <= 4; count++) AssertSilent(rows, count, seed);
        }
    }

    [Fact]
    public void Fit_LongTails_AreNoScatteredRows()
    {
        for (int seed = 0; seed < 3; seed++)
        {
            var random = new Random(seed);
            double[,] ofT = new double[300, 2], logNormal = new double[300, 2];
            for (int i = 0; i < 300; i++)
            {
                double sum = 0;
                for (int degree = 0; degree < 5; degree++) sum += Math.Pow(MixtureCase.Normal(random), 2);
                for (int j = 0; j < 2; j++) (ofT[i, j], logNormal[i, j]) = (MixtureCase.Normal(random) / Math.Sqrt(sum / 5), Math.Exp(MixtureCase.Normal(random)));
            }

            for (int count = 1; count <= 4; count++)
            {
                AssertSilent(ofT, count, seed);
                AssertSilent(logNormal, count, seed);
            }
        }
    }

    // A diffuse group of many rows is one.
    [Fact]
    public void Fit_BackgroundOfManyRows_IsAGroup()
    {
        double[,] rows = GroupsAndStrays(3, 3, 60, 40);

        AssertSilent(rows, 4, seed: 0);
    }

    private static void CancelAfterFive(FitProgress progress, CancellationTokenSource source)
    {
        if (progress.Iteration >= 5) source.Cancel();
    }

    private static void AssertSilent(double[,] rows, int componentCount, int seed) => Assert.DoesNotContain(
        GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = componentCount, Seed = seed }).Report!.Warnings,
        text => text.Contains(IsWide, StringComparison.Ordinal) || text.Contains(OfOne, StringComparison.Ordinal));

    private static double[] Row(double[,] rows, int row) => [.. Enumerable.Range(0, rows.GetLength(1)).Select(j => rows[row, j])];

    // Three hundred rows in groups eight and more apart, in turns, and strays in all directions at about the distance.
    private static double[,] GroupsAndStrays(int dimension, int groupCount, int strayCount, double distance)
    {
        var random = new Random(dimension + strayCount);
        double[,] rows = new double[300 + strayCount, dimension];
        for (int i = 0; i < 300 + strayCount; i++)
        {
            double[] direction = [.. Enumerable.Range(0, dimension).Select(_ => MixtureCase.Normal(random))];
            double length = Math.Sqrt(direction.Sum(value => value * value)), radius = distance * (0.7 + (0.6 * random.NextDouble()));
            for (int j = 0; j < dimension; j++) rows[i, j] = i < 300 ? direction[j] + (j == 0 ? 8 * (i % groupCount) : 0) : radius * direction[j] / length;
        }

        return rows;
    }
}
