using Microsoft.ML.Mixture.Engine.Tests;
using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.Selection.Tests;

public class CrossValidationTests
{
    // One Gaussian in one feature, one row left out at a time: means and variances of the others by hand.
    [Fact]
    public void CrossValidate_OneComponentLeaveOneOut_IsTheClosedForm()
    {
        double[] values = [0.3, 1.2, -0.7, 2.5, 0.9, 1.1], weights = [1, 2, 0.5, 1, 3, 1];
        double expected = 0;
        for (int i = 0; i < values.Length; i++)
        {
            int[] others = [.. Enumerable.Range(0, values.Length).Where(other => other != i)];
            double total = others.Sum(other => weights[other]), mean = others.Sum(other => weights[other] * values[other]) / total;
            double variance = others.Sum(other => weights[other] * Math.Pow(values[other] - mean, 2)) / total;
            expected -= weights[i] / 2 * (Math.Log(2 * Math.PI * variance) + (Math.Pow(values[i] - mean, 2) / variance));
        }

        MixtureCrossValidation result = GaussianMixture.CrossValidate(
            Column(values), new GaussianMixtureOptions { CovariancePriorStrength = 0 }, foldCount: values.Length, weights);

        Closeness.Relative(expected, result.LogLikelihood, 1e-12, "Log-likelihood");
        Closeness.Relative(-2 * expected, result.Deviance, 1e-12, "Deviance");
        Closeness.Relative(expected / 8.5, result.AverageLogLikelihood, 1e-12, "Average");
        Assert.Equal(8.5, result.FoldRowWeights.Sum());
    }

    /// <summary>A fold that shows nothing of a feature was refused, though the row counts for what is observed of it.</summary>
    [Fact]
    public void CrossValidate_FoldThatLacksAFeature_CountsForWhatItShows()
    {
        double[] values = [0.3, 1.2, -0.7, 2.5, 0.9, 1.1], seconds = [2.0, 0.4, 1.3, double.NaN, 0.8, -0.6];
        double[,] rows = new double[6, 2];
        for (int i = 0; i < 6; i++) (rows[i, 0], rows[i, 1]) = (values[i], seconds[i]);
        double[] others = [.. values.Where(value => value != 2.5)];
        double mean = others.Average(), variance = others.Average(value => Math.Pow(value - mean, 2));

        MixtureCrossValidation result = GaussianMixture.CrossValidate(rows, new GaussianMixtureOptions { CovariancePriorStrength = 0 }, foldCount: 6);

        double expected = -0.5 * (Math.Log(2 * Math.PI * variance) + (Math.Pow(2.5 - mean, 2) / variance));
        Assert.Single(result.FoldLogLikelihoods, fold => Math.Abs(fold - expected) < 1e-9);
    }

    /// <summary>A warning about starts stood amid it.</summary>
    [Fact]
    public void CrossValidate_ModelBeyondDoublePrecision_SaysThatAlone()
    {
        var random = new Random(5);
        double[,] rows = new double[200, 2];
        for (int i = 0; i < 200; i++) (rows[i, 0], rows[i, 1]) = (1e160 * (random.NextDouble() + random.NextDouble()), 1e160 * (random.NextDouble() + random.NextDouble()));

        string message = Assert.Throws<MixtureFitException>(() => GaussianMixture.CrossValidate(rows, new GaussianMixtureOptions { ComponentCount = 2 })).Message;

        Assert.StartsWith(
            "The fit succeeded, but its covariances are beyond double precision in the units of the data. Scale the features to sizes between 1E-100 and 1E+100.", message, StringComparison.Ordinal);
        Assert.DoesNotContain("starts", message, StringComparison.Ordinal);
    }

    [Fact]
    public void CrossValidate_TimeBudget_IsThatOfAllFolds()
    {
        var clock = new ManualClock();
        var options = new GaussianMixtureOptions { ComponentCount = 2, Start = MixtureStart.KMeansPlusPlus, Clock = clock };
        options.Progress = new ProgressRecorder(progress =>
        {
            if (progress.Iteration == 0) clock.Advance(TimeSpan.FromSeconds(1));
        });
        double[] without = [.. GaussianMixture.CrossValidate(CsvTable.Faithful.Features, options, foldCount: 4).FoldLogLikelihoods];

        options.TimeBudget = TimeSpan.FromSeconds(5);
        IReadOnlyList<double> enough = GaussianMixture.CrossValidate(CsvTable.Faithful.Features, options, foldCount: 4).FoldLogLikelihoods;
        options.TimeBudget = TimeSpan.FromSeconds(3);
        MixtureFitException error = Assert.Throws<MixtureFitException>(() => GaussianMixture.CrossValidate(CsvTable.Faithful.Features, options, foldCount: 4));

        Assert.Equal(without, enough);
        Assert.Contains("time budget of 00:00:03 ended after 2 of 4 folds, and all are needed", error.Message, StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromSeconds(3), options.TimeBudget);
        Assert.Equal(0, clock.ActiveTimerCount);
    }

    [Fact]
    public void CrossValidate_Faithful_PrefersTwoComponentsToOne()
    {
        double[,] rows = CsvTable.Faithful.Features;
        double one = GaussianMixture.CrossValidate(rows, new GaussianMixtureOptions()).Deviance;
        double two = GaussianMixture.CrossValidate(rows, new GaussianMixtureOptions { ComponentCount = 2 }).Deviance;
        Assert.True(two < one - 100, $"{two} and {one}");
    }

    [Fact]
    [Trait("Kind", "Determinism")]
    public void CrossValidate_AnyThreadsAndZeroWeights_GivesTheSameBits()
    {
        var data = new MixtureCase(3, 3, 40, 5);
        double[,] longer = new double[data.RowCount + 2, 3];
        double[] weights = [.. Enumerable.Range(0, data.RowCount + 2).Select(i => i is 7 or 50 ? 0.0 : 1)];
        for (int i = 0, from = 0; i < weights.Length; i++)
        {
            for (int j = 0; j < 3; j++) longer[i, j] = weights[i] == 0 ? 1e9 : data.Rows[from, j];
            if (weights[i] > 0) from++;
        }

        double[][] all =
        [
            [.. Run(data.Rows, null, 1, 3).FoldLogLikelihoods], [.. Run(data.Rows, null, 4, 3).FoldLogLikelihoods], [.. Run(longer, weights, 2, 3).FoldLogLikelihoods],
        ];

        Assert.Equal(MixtureAssert.Bits(all[0]), MixtureAssert.Bits(all[1]));
        Assert.Equal(MixtureAssert.Bits(all[0]), MixtureAssert.Bits(all[2]));
        Assert.NotEqual(all[0], Run(data.Rows, null, 1, 4).FoldLogLikelihoods);
    }

    // Several folds at once: which of them is faster does not decide what is thrown.
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void CrossValidate_SeveralFoldsThatFail_SaysWhyTheFirstOneDid(int threads)
    {
        double[,] rows = Column([1, 1, 1, 1, 1, 1, 2, 3]);
        var options = new GaussianMixtureOptions { ComponentCount = 3, ThreadCount = threads };

        string message = Assert.Throws<ArgumentException>(() => GaussianMixture.CrossValidate(rows, options, foldCount: 8)).Message;

        Assert.StartsWith("Only 2 of the 7 rows differ from each other", message, StringComparison.Ordinal);
    }

    [Fact]
    public void CrossValidate_CancelledOnSeveralThreads_Throws()
    {
        using var source = new CancellationTokenSource();
        var data = new MixtureCase(3, 3, 40, 5);
        int reads = 0;
        var rows = new WatchedRowSource(new ArrayRowSource<double>(data.Rows.Cast<double>().ToArray(), 3), () =>
        {
            if (Interlocked.Increment(ref reads) == 12) source.Cancel();
        });

        Assert.ThrowsAny<OperationCanceledException>(() => GaussianMixture.CrossValidate(rows, new GaussianMixtureOptions { ComponentCount = 3, ThreadCount = 2 }, 5, source.Token));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public void CrossValidate_FoldsThatCannotBe_Throws(int foldCount)
    {
        ArgumentException error = Assert.Throws<ArgumentOutOfRangeException>(
            () => GaussianMixture.CrossValidate(Column([1, 2, 3, 4, 5, 7]), new GaussianMixtureOptions(), foldCount));
        Assert.Contains("must be from 2 to the number of rows in use, 6", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void CrossValidate_StartByRows_Throws()
    {
        var options = new GaussianMixtureOptions { Start = MixtureStart.FromLabels([0, 0, 0, 0]) };
        ArgumentException error = Assert.Throws<ArgumentException>(() => GaussianMixture.CrossValidate(Column([1, 2, 3, 4]), options, 2));
        Assert.Contains("Start from parameters", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void CrossValidate_InitialNoise_Throws()
    {
        var options = new GaussianMixtureOptions { NoiseComponent = true, InitialNoise = new bool[4] };
        ArgumentException error = Assert.Throws<ArgumentException>(() => GaussianMixture.CrossValidate(Column([1, 2, 3, 4]), options, 2));
        Assert.Contains("fits to parts of the rows. Leave it out", error.Message, StringComparison.Ordinal);
    }

    private static MixtureCrossValidation Run(double[,] rows, double[]? weights, int threads, int seed) => GaussianMixture.CrossValidate(
        rows, new GaussianMixtureOptions { ComponentCount = 3, ThreadCount = threads, Seed = seed }, 5, weights);

    private static double[,] Column(double[] values)
    {
        double[,] rows = new double[values.Length, 1];
        for (int i = 0; i < values.Length; i++) rows[i, 0] = values[i];
        return rows;
    }
}
