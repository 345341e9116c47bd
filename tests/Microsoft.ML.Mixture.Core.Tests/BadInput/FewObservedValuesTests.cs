using Microsoft.ML.Mixture.Laws.Tests;
using Microsoft.ML.Mixture.Reliability.Tests;

namespace Microsoft.ML.Mixture.BadInput.Tests;

/// <summary>Where values are missing, components rest on fewer of them than they have rows.</summary>
[Trait("Kind", "Degenerate")]
public class FewObservedValuesTests
{
    /// <summary>Winners had components that a few whole rows in a plane had to themselves.</summary>
    [Theory]
    [InlineData(0.2)]
    [InlineData(0.3)]
    public void Search_OneGaussianWithHoles_TakesNothingNearlySingular(double share)
    {
        for (int seed = 0; seed < GoalSize.Of(1, 4); seed++)
        {
            MixtureCandidate best = GaussianMixture.Search(OneGaussian(50, 4, share, seed)).Best;

            Assert.True(best.ComponentCount <= 4 && best.Model!.Report!.ConditionNumbers.Max() < 1e4, $"Seed {seed}: {best} of condition {best.Model!.Report!.ConditionNumbers.Max():G3}.");
            Assert.False(best.IsDoubtful);
        }
    }

    [Fact]
    public void Search_FewerThanTwoObservedValuesForEachParameter_IsDoubtful()
    {
        double[,] rows = OneGaussian(24, 6, 0.3, 5);
        long observed = rows.Cast<double>().LongCount(value => !double.IsNaN(value));

        MixtureSearchResult result = GaussianMixture.Search(
            rows, new GaussianMixtureSearchOptions { CovarianceStructures = [CovarianceStructure.TiedSpherical] });

        MixtureCandidate[] between = [.. result.Candidates.Where(one => one.Model is { } model && 2 * model.FreeParameterCount > observed && 2 * model.FreeParameterCount <= rows.Length)];
        Assert.NotEmpty(between);
        Assert.All(between, one => Assert.True(one.IsDoubtful, $"{one} has {one.Model!.FreeParameterCount} parameters for {observed} values and is not doubtful."));
        Assert.False(result.Best.IsDoubtful);
    }

    [Theory]
    [InlineData("VVV", 5, true)]
    [InlineData("VVI", 5, true)]
    [InlineData("EEE", 5, true)]
    [InlineData("VEV", 5, true)]
    [InlineData("VVV", 100, false)]
    [InlineData("VVI", 100, false)]
    [InlineData("EEE", 100, false)]
    [InlineData("VEV", 100, false)]
    public void Fit_FeatureObservedInFewRows_IsNamed(string code, int observed, bool isExpected)
    {
        double[,] rows = TwoGroups(500);
        for (int i = observed; i < 500; i++) rows[i, 2] = double.NaN;

        FitReport report = Fit(rows, code).Report!;

        string[] warnings = [.. report.Warnings.Where(text => text.Contains(" tell as much of ", StringComparison.Ordinal))];
        Assert.Equal(isExpected, warnings.Length > 0);
        Assert.Equal(isExpected, report.SpuriousComponentCount > 0);
        Assert.All(warnings, text => Assert.Contains("as much of feature 2 ('width') as ", text, StringComparison.Ordinal));
    }

    [Fact]
    public void Fit_ComponentThatNeverShowsAFeature_SaysAsHowManyRowsItsOwnCount()
    {
        double[,] rows = TwoGroups(200);
        for (int i = 0; i < 200; i += 2) rows[i, 2] = double.NaN;

        FitReport report = Fit(rows, "VVI").Report!;

        Assert.Contains(
            "Component 0 rests on 100 rows, but so much is missing in them that they tell as much of feature 2 ('width') as no row of which nothing is missing, "
                + "too few for a covariance of its own over 3 features. Ask for fewer components or for a structure with fewer parameters, or drop features that are often missing.",
            report.Warnings);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Fit_FactorAnalyserThatHardlyEverShowsAFeature_SaysWhich(int shown)
    {
        double[,] rows = TwoGroups(200);
        for (int i = 2 * shown; i < 200; i += 2) rows[i, 2] = double.NaN;
        var options = new FactorAnalyzerMixtureOptions { ComponentCount = 2, FactorCount = 1, FeatureNames = ["length", "height", "width"] };

        IReadOnlyList<string> warnings = FactorAnalyzerMixture.Fit(rows, options).Report!.Warnings;

        Assert.Matches("Component [01] rests on 100 rows, but fewer than 3 of them show feature 2 \\('width'\\): its mean and loadings there say nothing\\.", string.Join('\n', warnings));
        for (int i = 0; i < 200; i++) rows[i, 2] = i % 5 < 2 ? double.NaN : rows[199 - i, 1];
        Assert.DoesNotContain(FactorAnalyzerMixture.Fit(rows, options).Report!.Warnings, text => text.Contains("say nothing", StringComparison.Ordinal));
    }

    /// <summary>What earlier parameters leave open had been set against those of an accelerated step: where a time budget or a listener ended a fit after one, rows told "as much as no row".</summary>
    [Theory]
    [InlineData(13)]
    [InlineData(15)]
    public void Fit_EndedAfterAnAcceleratedStep_SaysOfNoComponentThatItsRowsTellLittle(int iterations)
    {
        using var cancellation = new CancellationTokenSource();
        FitReport report = GaussianMixture.Fit(
            HeavyTails(3000, 20, 0.15, 1),
            new GaussianMixtureOptions
            {
                ComponentCount = 2,
                Start = MixtureStart.FromLabels([.. Enumerable.Range(0, 3000).Select(i => i % 2)]),
                CancellationBehavior = CancellationBehavior.ReturnBest,
                Progress = new Canceller(cancellation, iterations),
            },
            cancellationToken: cancellation.Token).Report!;

        Assert.Equal((StopReason.Cancelled, iterations, 0), (report.StopReason, report.IterationCount, report.SpuriousComponentCount));
        Assert.DoesNotContain(report.Warnings, text => text.Contains(" tell as much ", StringComparison.Ordinal));
    }

    // The inverse of a variance below 1E-308 is beyond double precision.
    [Fact]
    public void Fit_VarianceThatCollapsesToNothing_CountsAsNoRow()
    {
        var random = new Random(1);
        double[,] rows = new double[100, 2];
        for (int i = 0; i < 100; i++)
        {
            rows[i, 0] = random.Next(5) < 3 ? double.NaN : 3;
            rows[i, 1] = rows[i, 0] == 3 && random.Next(3) > 0 ? double.NaN : (6 * (i % 2)) + random.NextDouble();
        }

        IReadOnlyList<string> warnings = GaussianMixture.Fit(
            rows, new GaussianMixtureOptions { ComponentCount = 2, CovarianceStructure = CovarianceStructure.FromCode("VEV"), CovariancePriorStrength = 0, Seed = 1 }).Report!.Warnings;

        Assert.Contains(warnings, warning => warning.Contains("as much of feature 0 as no row of which nothing is missing", StringComparison.Ordinal));
        Assert.DoesNotContain(warnings, warning => warning.Contains("as NaN", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(2, null)]
    [InlineData(9, null)]
    [InlineData(12, "1 feature has the same value in all but one of the rows that show it, feature 2 ('width'), and says nothing about groups of more rows than that. Drop it.")]
    public void Fit_FeatureOfTwoValuesInFewRows_IsToldOnlyIfItIsConstantButForOneRow(int observed, string? expected)
    {
        double[,] rows = TwoGroups(500);
        for (int i = 0; i < 500; i++) rows[i, 2] = i >= observed ? double.NaN : i == 0 ? 3 : 1;

        string[] warnings = [.. Fit(rows, "VVI").Report!.Warnings.Where(text => text.Contains("the same value", StringComparison.Ordinal) || text.Contains("far from all", StringComparison.Ordinal))];

        Assert.Equal(expected is null ? [] : [expected], warnings);
    }

    [Fact]
    public void Fit_OneCellMissing_StillWarnsOfMoreParametersThanRows()
    {
        double[,] rows = TwoGroups(28);
        const string Complete = "The model has 29 free parameters for 28 rows, so that much of it is chance. Ask for fewer components, or for a structure with fewer parameters.";
        Assert.Empty(Parameters(Fit(rows, "VVV")));
        double[,] wider = OneGaussian(28, 4, 0, 3);
        for (int i = 0; i < 28; i++) wider[i, 0] += 8 * (i % 2);
        Assert.Equal([Complete], Parameters(Fit(wider, "VVV")));
        wider[0, 0] = double.NaN;

        Assert.Equal([Complete.Replace("rows,", "rows with 1 of their 112 values missing,", StringComparison.Ordinal)], Parameters(Fit(wider, "VVV")));
    }

    /// <summary>As many values as 26 whole rows have.</summary>
    [Fact]
    public void Fit_MoreParametersThanValuesAllow_CountsThoseThatAreThere()
    {
        double[,] wider = OneGaussian(30, 4, 0, 3);
        for (int i = 0; i < 30; i++) wider[i, 0] += 8 * (i % 2);
        Assert.Empty(Parameters(Fit(wider, "VVV")));
        for (int i = 0; i < 8; i++) wider[i, i % 4] = double.NaN;

        Assert.StartsWith("The model has 29 free parameters for 30 rows with 8 of their 120 values missing, ", Assert.Single(Parameters(Fit(wider, "VVV"))), StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_OneComponentOfMoreParametersThanRows_IsNotToAskForFewer()
    {
        string warning = Assert.Single(Parameters(GaussianMixture.Fit(OneGaussian(60, 12, 0, 1), 1)));

        Assert.EndsWith("Ask for a structure with fewer parameters, or pass fewer features.", warning, StringComparison.Ordinal);
    }

    private static string[] Parameters(GaussianMixtureModel model) => [.. model.Report!.Warnings.Where(text => text.Contains("free parameters for", StringComparison.Ordinal))];

    private static GaussianMixtureModel Fit(double[,] rows, string code) => GaussianMixture.Fit(rows, new GaussianMixtureOptions
    {
        ComponentCount = 2,
        CovarianceStructure = CovarianceStructure.FromCode(code),
        Start = MixtureStart.FromLabels([.. Enumerable.Range(0, rows.GetLength(0)).Select(i => i % 2)]),
        FeatureNames = rows.GetLength(1) == 3 ? ["length", "height", "width"] : null,
    });

    private static double[,] TwoGroups(int count)
    {
        var random = new Random(4);
        double[,] rows = new double[count, 3];
        for (int i = 0; i < count; i++)
        {
            for (int j = 0; j < 3; j++) rows[i, j] = (8 * (i % 2)) + MixtureCase.Normal(random);
        }

        return rows;
    }

    // Of Student's t with three degrees of freedom.
    private static double[,] HeavyTails(int count, int dimension, double share, int seed)
    {
        var random = new Random(seed);
        double[,] rows = new double[count, dimension], mix = new double[dimension, dimension];
        for (int i = 0; i < mix.Length; i++) mix[i / dimension, i % dimension] = MixtureCase.Normal(random);
        for (int i = 0; i < count; i++)
        {
            double width = Math.Sqrt(3 / Enumerable.Range(0, 3).Sum(_ => Math.Pow(MixtureCase.Normal(random), 2)));
            double[] z = [.. Enumerable.Range(0, dimension).Select(_ => width * MixtureCase.Normal(random))];
            for (int j = 0; j < dimension; j++)
            {
                double value = Enumerable.Range(0, dimension).Sum(at => mix[j, at] * z[at]);
                rows[i, j] = random.NextDouble() < share ? double.NaN : value;
            }
        }

        return rows;
    }

    private static double[,] OneGaussian(int count, int dimension, double share, int seed)
    {
        var random = new Random(seed);
        double[,] rows = new double[count, dimension], mix = new double[dimension, dimension];
        for (int i = 0; i < dimension; i++)
        {
            for (int j = 0; j < dimension; j++) mix[i, j] = MixtureCase.Normal(random);
        }

        for (int i = 0; i < count; i++)
        {
            double[] z = [.. Enumerable.Range(0, dimension).Select(_ => MixtureCase.Normal(random))];
            for (int j = 0; j < dimension; j++)
            {
                double value = Enumerable.Range(0, dimension).Sum(at => mix[j, at] * z[at]);
                rows[i, j] = random.NextDouble() < share ? double.NaN : value;
            }
        }

        return rows;
    }

    private sealed class Canceller(CancellationTokenSource source, int iterations) : IProgress<FitProgress>
    {
        public void Report(FitProgress value)
        {
            if (value.Iteration >= iterations) source.Cancel();
        }
    }
}
