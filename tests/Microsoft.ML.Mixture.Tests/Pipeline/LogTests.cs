using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.Mixture.Tests;

[Trait("Kind", "Pipeline")]
public class LogTests
{
    private readonly MLContext _context = new(seed: 1);
    private readonly List<LoggingEventArgs> _log = [];

    public LogTests() => _context.Log += (_, message) =>
    {
        lock (_log) _log.Add(message);
    };

    [Fact]
    public void Fit_RowsWithMissingFeatures_SaysHowManyAndWhere()
    {
        Point[] points = TestData.Clusters(60);
        points[3].Features = [float.NaN, 1];
        points[7].Features = [1, float.NaN];
        points[9].Features = [2, float.NaN];
        points[11].Features = [float.NaN, float.NaN];

        GaussianMixtureTransformer transformer = Fit(_context.Data.LoadFromEnumerable(points), 3);

        string[] warnings = [.. Messages(ChannelMessageKind.Warning)];
        Assert.Contains("3 values are missing (NaN) in 3 of 59 rows: feature 1 in 2, feature 0 in 1.", warnings[0], StringComparison.Ordinal);
        Assert.Contains("1 row with nothing but missing features (NaN) was left out of the fit", warnings[1], StringComparison.Ordinal);
        FitReport report = transformer.Model.Report!;
        Assert.Equal((59, 3, 1, 3), (report.RowCount, report.IncompleteRowCount, report.MissingRowCount, report.MissingPatternCount));
        Assert.Equal([2, 3], report.MissingValueCounts);
    }

    [Fact]
    public void Fit_ConstantColumn_IsNamedBySlot()
    {
        IDataView data = TestData.Eruptions(_context);
        data = _context.Transforms.CustomMapping<Eruption, Constant>((_, constant) => constant.Always = 3, null).Fit(data).Transform(data);
        data = Concatenate(data, nameof(Eruption.Duration), nameof(Constant.Always), nameof(Eruption.Waiting));

        Fit(data, 2);

        Assert.Contains("Feature 1 ('Always') is constant", Messages(ChannelMessageKind.Warning).Single(), StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_CopiedColumn_IsNamedBySlotWithItsOriginal()
    {
        IDataView data = TestData.Eruptions(_context);
        data = _context.Transforms.CopyColumns("Again", nameof(Eruption.Duration)).Fit(data).Transform(data);
        data = Concatenate(data, nameof(Eruption.Duration), nameof(Eruption.Waiting), "Again");

        Fit(data, 2);

        Assert.Contains(
            "Feature 2 ('Again') is a copy of feature 0 ('Duration'), up to scale and offset", Messages(ChannelMessageKind.Warning).Single(), StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_NotConverged_WarnsWithTheRemedy()
    {
        _context.Clustering.Trainers.GaussianMixture(new GaussianMixtureTrainer.Options
        {
            NumberOfComponents = 3,
            MaximumNumberOfIterations = 2,
            Start = MixtureStart.KMeansPlusPlus,
        })
            .Fit(TestData.IrisFeatures(_context));

        Assert.Contains("stopped after 2 iterations before it converged", Messages(ChannelMessageKind.Warning).Single(), StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_OfGoodData_WarnsOfNothing()
    {
        Fit(TestData.EruptionFeatures(_context), 2);

        Assert.Empty(Messages(ChannelMessageKind.Warning));
        Assert.Empty(Messages(ChannelMessageKind.Error));
    }

    [Fact]
    public void Fit_EveryIteration_IsTraced()
    {
        FitReport report = Fit(TestData.EruptionFeatures(_context), 2).Model.Report!;

        string[] traces = [.. Messages(ChannelMessageKind.Trace).Where(message => message.Contains("average log-likelihood", StringComparison.Ordinal))];
        Assert.StartsWith("Start 0, the best of 1 that race: average log-likelihood -4.15", traces[0], StringComparison.Ordinal);
        traces = [.. traces.SkipWhile(message => message.Contains("that race", StringComparison.Ordinal))];
        Assert.Equal(report.IterationCount + 1, traces.Length);
        for (int iteration = 0; iteration < traces.Length; iteration++)
        {
            string likelihood = (report.LogLikelihoodHistory[iteration] / report.RowWeightTotal).ToString("G10", CultureInfo.InvariantCulture);
            Assert.Contains($"Start 0, iteration {iteration}: average log-likelihood {likelihood}, objective ", traces[iteration], StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Fit_RaceWhoseBestGivesWayToASoundOne_SaysWhyItsObjectiveFalls()
    {
        Fit(TestData.IrisFeatures(_context), 9);

        string[] race = [.. Messages(ChannelMessageKind.Trace).Where(message => message.Contains("that race", StringComparison.Ordinal))];
        double[] objectives = [.. race.Select(message => double.Parse(message.Split("objective ")[1].TrimEnd('.').Split(',')[0], CultureInfo.InvariantCulture))];
        int[] falls = [.. Enumerable.Range(1, race.Length - 1).Where(at => objectives[at] < objectives[at - 1])];
        Assert.NotEmpty(falls);
        Assert.All(falls, at => Assert.Contains("so that it may be lower", race[at], StringComparison.Ordinal));
        Assert.Contains(" that race, with 2 components on a handful of rows: average", race[0], StringComparison.Ordinal);
        Assert.Contains(race, message => Regex.IsMatch(message, " that race, with 0 components on a handful of rows instead of [1-9], so that it may be lower: average"));
        Assert.DoesNotContain("handful", race[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_AtItsEnd_TellsWhatItDid()
    {
        FitReport report = Fit(TestData.EruptionFeatures(_context), 2).Model.Report!;

        string message = Messages(ChannelMessageKind.Info).Single(text => text.Contains("Fitted", StringComparison.Ordinal));
        Assert.Contains($"Fitted 2 components to 272 rows in {report.IterationCount} iterations (Converged); average log-likelihood -4.15", message, StringComparison.Ordinal);
        Assert.All(_log.Where(entry => entry.RawMessage.Contains("Fitted", StringComparison.Ordinal)), entry => Assert.Contains("GaussianMixture", entry.Source, StringComparison.Ordinal));
    }

    [Fact]
    public void Fit_MessagesInAnotherCulture_StayTheSame()
    {
        CultureInfo culture = CultureInfo.CurrentCulture;
        try
        {
            var comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            comma.NumberFormat.NumberDecimalSeparator = ",";
            CultureInfo.CurrentCulture = comma;
            Fit(TestData.EruptionFeatures(_context), 2);
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }

        Assert.Contains("average log-likelihood -4.15", Messages(ChannelMessageKind.Info).Single(text => text.Contains("Fitted", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    private string[] Messages(ChannelMessageKind kind)
    {
        lock (_log) return [.. _log.Where(entry => entry.Kind == kind && entry.Source.Contains("GaussianMixture", StringComparison.Ordinal)).Select(entry => entry.RawMessage)];
    }

    private GaussianMixtureTransformer Fit(IDataView data, int components) => _context.Clustering.Trainers.GaussianMixture(numberOfComponents: components).Fit(data);

    private IDataView Concatenate(IDataView data, params string[] columns) => _context.Transforms.Concatenate("Features", columns).Fit(data).Transform(data);

    private sealed class Constant
    {
        public float Always { get; set; }
    }
}
