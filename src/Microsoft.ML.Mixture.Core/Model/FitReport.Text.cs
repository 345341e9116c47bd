using System.Text;

namespace Microsoft.ML.Mixture;

/// <content>The report as a text.</content>
public sealed partial class FitReport
{
    /// <summary>The report in sentences, a line each, in the invariant culture. The text may change between versions.</summary>
    /// <returns>The text, without a line break at its end.</returns>
    public override string ToString()
    {
        var lines = new List<string> { RowText(), LikelihoodText(), StopText() };
        if (EvidenceLowerBoundHistory.Count > 0) lines.Add(Text($"Evidence lower bound {EvidenceLowerBound:F4}."));
        if (StartObjectives.Count > 1)
        {
            int failed = StartObjectives.Count(double.IsNaN);
            string lost = failed > 0 ? Text($", {failed} gave no model") : string.Empty;
            string objectives = string.Join(", ", StartObjectives.Select(value => double.IsNaN(value) ? "none" : Text($"{value:F4}")));
            lines.Add(Text($"{StartObjectives.Count} starts: {AgreeingStartCount} led to this maximum or one as high{lost}. Their objectives are {objectives}."));
        }

        lines.Add($"Rows by component: {string.Join(", ", EffectiveCounts.Select((count, k) => Text($"{k}: {count:F1}")))}{(NoiseEffectiveCount > 0 ? Text($", noise: {NoiseEffectiveCount:F1}") : string.Empty)}.");
        lines.AddRange(Warnings.Select(warning => $"Warning: {warning}"));
        return string.Join('\n', lines);
    }

    private string RowText()
    {
        var text = new StringBuilder(Text($"Fitted {RowCount} rows of total weight {RowWeightTotal:G6}"));
        if (IncompleteRowCount > 0) text.Append(Text($", {IncompleteRowCount} of them with missing features"));
        if (MissingRowCount > 0) text.Append(Text($"; left out {MissingRowCount} rows of which every feature is missing"));
        return text.Append('.').ToString();
    }

    private string LikelihoodText() => Text(
        $"Log-likelihood {LogLikelihood:F4} ({AverageLogLikelihood:F4} per unit of weight), {FreeParameterCount} free parameters, BIC {BayesianInformationCriterion:F2}, AIC {AkaikeInformationCriterion:F2}.");

    private string StopText()
    {
        string reason = StopReason switch
        {
            StopReason.Converged => "converged",
            StopReason.MaximumIterations => "that was the limit",
            StopReason.Degenerate => "a component had become degenerate",
            _ => "the objective had begun to fall",
        };
        string left = double.IsFinite(RemainingGain) ? Text($"; at most about {RemainingGain:G2} nats per unit of weight were still to be gained") : string.Empty;
        return Text($"Stopped after {IterationCount} iterations: {reason}{left}.");
    }

    private static string Text(FormattableString text) => FormattableString.Invariant(text);
}
