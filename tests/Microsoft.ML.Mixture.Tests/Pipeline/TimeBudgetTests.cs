using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;
using Microsoft.ML.Transforms;

namespace Microsoft.ML.Mixture.Tests;

/// <summary>Trainers whose time is over or that are cancelled and return what they have.</summary>
[Trait("Kind", "Pipeline")]
public class TimeBudgetTests
{
    private readonly MLContext _context = new(seed: 1);
    private readonly List<LoggingEventArgs> _log = [];

    [Fact]
    public void Fit_CancelledAndToReturnTheBest_ReturnsItAndWarns()
    {
        using var source = new CancellationTokenSource();
        Watch(message =>
        {
            if (message.Contains("Start 1, iteration 2:", StringComparison.Ordinal)) source.Cancel();
        });
        GaussianMixtureTrainer.Options options = Options();
        (options.CancellationToken, options.CancellationBehavior) = (source.Token, CancellationBehavior.ReturnBest);

        FitReport report = Fit(options);

        Assert.Equal((2, 4), (report.StartObjectives.Count, report.UnfinishedStartCount));
        string warning = Assert.Single(Messages(ChannelMessageKind.Warning), text => text.Contains("cancelled", StringComparison.Ordinal));
        Assert.Contains("The fit was cancelled before it was done, with 1 of 5 starts finished and 3 not begun.", warning, StringComparison.Ordinal);
        Assert.Contains(report.Warnings, text => warning.Contains(text, StringComparison.Ordinal));
    }

    [Fact]
    public void Fit_CancelledAtTheDefault_Throws()
    {
        using var source = new CancellationTokenSource();
        Watch(message =>
        {
            if (message.Contains("Start 1, iteration 2:", StringComparison.Ordinal)) source.Cancel();
        });
        GaussianMixtureTrainer.Options options = Options();
        options.CancellationToken = source.Token;
        options.TimeBudget = TimeSpan.FromHours(1);

        var error = Assert.ThrowsAny<OperationCanceledException>(() => Fit(options));

        Assert.Equal(source.Token, error.CancellationToken);
    }

    [Theory]
    [InlineData("gaussian")]
    [InlineData("factors")]
    [InlineData("bayesian")]
    [InlineData("anomaly")]
    [InlineData("filling")]
    public void Fit_BudgetOfOneTick_HasAModelInThePipelineAndWarns(string trainer)
    {
        Watch(_ => { });
        var tick = TimeSpan.FromTicks(1);
        GaussianMixtureTrainer.Options options = Options();
        options.TimeBudget = tick;
        IEstimator<ITransformer> estimator = trainer switch
        {
            "gaussian" => _context.Clustering.Trainers.GaussianMixture(options),
            "factors" => _context.Clustering.Trainers.FactorAnalyzerMixture(new FactorAnalyzerMixtureTrainer.Options { NumberOfComponents = 3, TimeBudget = tick }),
            "bayesian" => _context.Clustering.Trainers.BayesianGaussianMixture(new BayesianGaussianMixtureTrainer.Options { TimeBudget = tick }),
            "anomaly" => _context.AnomalyDetection.Trainers.GaussianMixture(new GaussianMixtureAnomalyTrainer.Options { FalseAlarmRate = 0.05, Mixture = options }),
            _ => _context.Transforms.ReplaceMissingValuesByMixture(new MixtureMissingValueReplacingEstimator.Options { Mixture = options }),
        };
        IDataView data = TestData.IrisFeatures(_context);

        TransformerChain<ColumnCopyingTransformer> transformer = estimator.Append(_context.Transforms.CopyColumns("Copy", "Features")).Fit(data);

        MixtureModelParameters model = transformer.First() switch
        {
            MixtureTransformer<GaussianMixtureModelParameters> gaussian => gaussian.Model,
            MixtureTransformer<FactorAnalyzerMixtureModelParameters> factors => factors.Model,
            GaussianMixtureAnomalyTransformer anomalies => anomalies.Model,
            ITransformer other => ((MixtureMissingValueReplacingTransformer)other).Model,
        };
        Assert.Equal((StopReason.TimeBudget, 0), (model.Report!.StopReason, model.Report.IterationCount));
        Assert.Equal(150, TestData.Column<float[]>(transformer.Transform(data), "Copy").Length);
        Assert.Contains(Messages(ChannelMessageKind.Warning), text => text.Contains(
            "The time budget of 00:00:00.0000001 ended the fit before any start had a model. The model is a makeshift: a start without a single iteration", StringComparison.Ordinal));
    }

    [Fact]
    public void Fit_BudgetOfOneTickForASearch_GivesASingleComponentAndSaysSo()
    {
        GaussianMixtureTrainer.Options options = Options();
        (options.NumberOfComponents, options.Accelerate, options.TimeBudget) = (GaussianMixtureTrainer.Auto, true, TimeSpan.FromTicks(1));

        GaussianMixtureModelParameters model = _context.Clustering.Trainers.GaussianMixture(options).Fit(TestData.IrisFeatures(_context)).Model;

        Assert.Equal(1, model.NumberOfComponents);
        Assert.Contains(model.Search!.Warnings, warning => warning.StartsWith("The time budget of 00:00:00.0000001 ended before 8 of 9 models were fitted.", StringComparison.Ordinal));
    }

    [Fact]
    public void Fit_BudgetThatDoesNotEndIt_ChangesNothing()
    {
        IDataView data = TestData.IrisFeatures(_context);
        GaussianMixtureTrainer.Options options = Options();
        string plain = TestData.Describe(_context.Clustering.Trainers.GaussianMixture(options).Fit(data).Model);
        (options.TimeBudget, options.CancellationBehavior) = (TimeSpan.FromDays(1), CancellationBehavior.ReturnBest);
        Assert.Equal(plain, TestData.Describe(_context.Clustering.Trainers.GaussianMixture(options).Fit(data).Model));
    }

    [Fact]
    public void TimeBudget_Infinite_IsNoLimit()
    {
        GaussianMixtureTrainer.Options options = Options();
        options.TimeBudget = Timeout.InfiniteTimeSpan;

        Assert.Null(options.TimeBudget);
        Assert.Null(new FactorAnalyzerMixtureTrainer.Options { TimeBudget = Timeout.InfiniteTimeSpan }.TimeBudget);
        Assert.Null(new BayesianGaussianMixtureTrainer.Options { TimeBudget = Timeout.InfiniteTimeSpan }.TimeBudget);
        Assert.NotEqual(StopReason.TimeBudget, Fit(options).StopReason);
    }

    /// <summary>The search for a threshold made a hundred refits, and the fit without noise began a budget of its own, when the time was over.</summary>
    [Fact]
    public void Fit_BudgetOfOneTickForAnomalies_HasAThresholdWithoutRefitsAndSaysSo()
    {
        GaussianMixtureTrainer.Options options = Options();
        (options.TimeBudget, options.NoiseComponent) = (TimeSpan.FromTicks(1), true);

        GaussianMixtureAnomalyTransformer transformer = _context.AnomalyDetection.Trainers.GaussianMixture(
            new GaussianMixtureAnomalyTrainer.Options { FalseAlarmRate = 0.05, HeldOutFraction = 0, Mixture = options }).Fit(TestData.IrisFeatures(_context));

        AnomalyCalibration calibration = transformer.Calibration;
        Assert.Equal((0, null, true), (calibration.RefitCount, calibration.Training, double.IsFinite(calibration.Threshold)));
        Assert.Contains(calibration.Warnings, warning => warning.Contains("Allow for it by refits, for which a time budget has to leave some time", StringComparison.Ordinal));
    }

    [Fact]
    public void Fit_OptionsThatMakeNoSense_AreRefused()
    {
        GaussianMixtureTrainer.Options options = Options();
        options.TimeBudget = TimeSpan.Zero;
        Assert.Contains("TimeBudget is 00:00:00", Assert.Throws<ArgumentOutOfRangeException>(() => Fit(options)).Message, StringComparison.Ordinal);
        options.TimeBudget = null;
        options.CancellationBehavior = (CancellationBehavior)9;
        Assert.Contains("CancellationBehavior is 9", Assert.Throws<ArgumentOutOfRangeException>(() => Fit(options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_EveryIteration_TellsGainAndSpeed()
    {
        Watch(_ => { });
        GaussianMixtureTrainer.Options options = Options();
        (options.NumberOfRestarts, options.OptimizationTolerance, options.MaximumNumberOfIterations) = (1, 0, 12);

        FitReport report = Fit(options);

        string trace = Assert.Single(Messages(ChannelMessageKind.Trace), text => text.Contains("iteration 11:", StringComparison.Ordinal));
        double gain = (report.ObjectiveHistory[11] - report.ObjectiveHistory[10]) / report.RowWeightTotal;
        Match match = Regex.Match(trace, ", gained ([0-9.E-]+), [0-9.E+]+ iterations a second, about [0-9.E+-]+ s left\\.$");
        Assert.True(match.Success, trace);
        Assert.InRange(double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) / gain, 0.99, 1.01);
    }

    private FitReport Fit(GaussianMixtureTrainer.Options options) => _context.Clustering.Trainers.GaussianMixture(options).Fit(TestData.IrisFeatures(_context)).Model.Report!;

    private static GaussianMixtureTrainer.Options Options() => new() { NumberOfComponents = 3, NumberOfRestarts = 5, Accelerate = false };

    private void Watch(Action<string> see) => _context.Log += (_, message) =>
    {
        lock (_log) _log.Add(message);
        see(message.RawMessage);
    };

    private string[] Messages(ChannelMessageKind kind)
    {
        lock (_log) return [.. _log.Where(entry => entry.Kind == kind).Select(entry => entry.RawMessage)];
    }
}
