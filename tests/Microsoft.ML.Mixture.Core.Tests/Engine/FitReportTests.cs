namespace Microsoft.ML.Mixture.Engine.Tests;

/// <summary>What a fit says about itself.</summary>
public class FitReportTests
{
    [Fact]
    [Trait("Kind", "Reference")]
    public void Report_SeveralStarts_ListsWhereTheyLed()
    {
        var problem = new EngineProblem(RowKind.Overlapping, 400, 2, 4, 3);
        var options = new GaussianMixtureOptions { ComponentCount = 4, RestartCount = 6 };

        FitReport report = GaussianMixture.Fit(problem.Rows, options).Report!;

        Assert.Equal(6, report.StartObjectives.Count);
        Assert.Equal(report.ObjectiveHistory[^1], report.StartObjectives.Max());
        int agreeing = report.StartObjectives.Count(value => value >= report.ObjectiveHistory[^1] - (options.Tolerance * report.RowWeightTotal));
        Assert.Equal(agreeing, report.AgreeingStartCount);
        Assert.InRange(report.AgreeingStartCount, 1, 6);
        Assert.InRange(report.RemainingGain, 0, options.Tolerance);
        for (int start = 0; start < 6; start++)
        {
            options.RestartCount = start + 1;
            Assert.Equal(report.StartObjectives.Take(start + 1), GaussianMixture.Fit(problem.Rows, options).Report!.StartObjectives);
        }
    }

    [Fact]
    [Trait("Kind", "Reference")]
    public void ToString_AnyReport_IsReadable()
    {
        var report = new FitReport
        {
            RowCount = 100,
            MissingRowCount = 2,
            IncompleteRowCount = 7,
            RowWeightTotal = 100,
            FreeParameterCount = 11,
            StopReason = StopReason.Converged,
            LogLikelihoodHistory = [-260, -250],
            ObjectiveHistory = [-260.5, -250.5],
            EffectiveCounts = [40.5, 59.5],
            StartObjectives = [-250.5, double.NaN, -250.5],
            AgreeingStartCount = 2,
            RemainingGain = 2e-5,
            Warnings = ["Feature 1 is constant. Drop it."],
        };

        Assert.Equal(
            [
                "Fitted 100 rows of total weight 100, 7 of them with missing features; left out 2 rows of which every feature is missing.",
                "Log-likelihood -250.0000 (-2.5000 per unit of weight), 11 free parameters, BIC 550.66, AIC 522.00.",
                "Stopped after 1 iterations: converged; at most about 2E-05 nats per unit of weight were still to be gained.",
                "3 starts: 2 led to this maximum or one as high, 1 gave no model. Their objectives are -250.5000, none, -250.5000.",
                "Rows by component: 0: 40.5, 1: 59.5.",
                "Warning: Feature 1 is constant. Drop it.",
            ],
            report.ToString().Split('\n'));
    }
}
