using System.Text;

namespace Microsoft.ML.Mixture;

/// <content>The report as a text.</content>
public sealed partial class FitReport
{
    // What is longer than a line or takes longer than a moment is left to the properties.
    private const int MostListed = 16;
    private const int MostFeatures = 128;

    // A condition number that looks bad, and what is left of it without the units of the features where these are to blame.
    private const double LargeCondition = 1e4;
    private const double MostOfUnits = 0.1;

    // In rows.
    private const double LeastNoise = 0.5;

    // In nats.
    private const double Rounding = 1e-14;

    /// <summary>
    /// The report in sentences, a line each, in the invariant culture. Lists are cut after 16 values, and eigenvalues are left out for more than
    /// 128 features. The text may change between versions.
    /// </summary>
    /// <returns>The text, without a line break at its end.</returns>
    public override string ToString()
    {
        var lines = new List<string> { RowText(), LikelihoodText(), StopText() };
        if (EvidenceLowerBoundHistory.Count > 0) lines.Add(Text($"Evidence lower bound {EvidenceLowerBound:F4}."));
        if (RacedStartCount > 0) lines.Add($"{Counted.Of(RacedStartCount, "start")} of all kinds raced for the start of this fit: {AgreeingRacedStartCount} led to the winner.");
        if (StartObjectives.Count + UnfinishedStartCount > 1) lines.Add(StartText());
        string noise = NoiseEffectiveCount > 0 ? Text($", noise: {NoiseEffectiveCount:F1}") : string.Empty;
        lines.Add($"Rows by component: {List(EffectiveCounts, count => Text($"{count:F1}"))}{noise}.");
        if (Model is { HasNoise: true } && NoiseEffectiveCount < LeastNoise)
        {
            lines.Add(
                $"The noise that was asked for has no row: either none is stray, or a component is as dense as noise in the volume that it takes for that of the data. If rows are known to be stray, give {nameof(GaussianMixtureOptions.InitialNoise)} "
                + $"or a higher {nameof(GaussianMixtureOptions.NoiseLogDensity)}, or ask for fewer components.");
        }

        GaussianMixtureModel? model = (Model?.Dimension ?? Factors?.Dimension) <= MostFeatures ? Gaussians : null;
        if (model is not null)
        {
            lines.Add($"Smallest eigenvalue of each covariance: {List(model.SmallestEigenvalues, value => Text($"{value:G3}"))}.");
            lines.Add($"Condition number of each covariance: {List(model.ConditionNumbers, value => Text($"{value:G3}"))}.{UnitText(model)}");
        }

        if (model?.MostOverlappingPair is { } pair)
        {
            lines.Add(Text(
                $"Components {pair.First} and {pair.Second} overlap most: their Bhattacharyya coefficient is {pair.BhattacharyyaCoefficient:G3} of 1, and at most {100 * pair.MisclassificationBound:G2} % of their rows need be mistaken for each other's."));
        }

        lines.AddRange(Warnings.Select(warning => $"Warning: {warning}"));
        return string.Join('\n', lines);
    }

    private static string UnitText(GaussianMixtureModel model)
    {
        IReadOnlyList<double> ofCorrelations = model.ConditionNumbersOfCorrelations;
        return model.ConditionNumbers.Zip(ofCorrelations).Any(pair => IsOfUnits(pair.First, pair.Second))
            ? $" Large ones are due to the units of the features, which the fit does not mind; those of the correlations: {List(ofCorrelations, value => Text($"{value:G3}"))}." : string.Empty;
    }

    // Where units are very far apart, the smallest eigenvalue is lost in rounding.
    private static bool IsOfUnits(double condition, double ofCorrelations)
    {
        double size = condition > 0 ? condition : double.PositiveInfinity;
        return size >= LargeCondition && ofCorrelations > 0 && ofCorrelations <= size * MostOfUnits;
    }

    private string RowText()
    {
        var text = new StringBuilder(Text($"Fitted {Counted.Of(RowCount, "row")} of total weight {RowWeightTotal:G6}"));
        if (IncompleteRowCount > 0) text.Append(Text($", {IncompleteRowCount} of them with missing features"));
        if (MissingRowCount > 0) text.Append(Text($"; left out {Counted.Of(MissingRowCount, "row")} of which every feature is missing"));
        if (ZeroWeightRowCount > 0) text.Append(Text($"; left out {Counted.Of(ZeroWeightRowCount, "row")} of weight zero"));
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
            StopReason.TimeBudget => "the time budget was over",
            StopReason.Cancelled => "the fit was cancelled",
            _ => "the objective had begun to fall",
        };
        string left = !double.IsFinite(RemainingGain) ? string.Empty
            : RemainingGain > Rounding ? Text($"; by an estimate at most about {RemainingGain:G2} nats per unit of weight were still to be gained")
            : "; no more than rounding was still to be gained";
        string time = ElapsedTime is { } elapsed ? Text($" The fit took {elapsed.TotalSeconds:G3} s.") : string.Empty;
        return Text($"Stopped after {Counted.Of(IterationCount, "iteration")}: {reason}{left}.{time}");
    }

    private string StartText()
    {
        int failed = StartObjectives.Count(double.IsNaN);
        string lost = failed > 0 ? Text($", {failed} gave no model") : string.Empty;
        string rejected = RejectedStartCount > 0
            ? Text($", {RejectedStartCount} {Counted.Was(RejectedStartCount)} rejected, however high, because more of their components rest on a handful of rows") : string.Empty;
        string unfinished = UnfinishedStartCount > 0 ? Text($", {UnfinishedStartCount} of those asked for {Counted.Was(UnfinishedStartCount)} not finished") : string.Empty;
        string objectives = List(StartObjectives, value => double.IsNaN(value) ? "none" : Text($"{value:F4}"), isNumbered: false);
        string agreeing = StopReason is StopReason.TimeBudget or StopReason.Cancelled ? "the best was cut off" : $"{AgreeingStartCount} led to this maximum or one as high";
        return Text($"{Counted.Of(StartObjectives.Count, "start")}: {agreeing}{rejected}{lost}{unfinished}. {(StartObjectives.Count == 1 ? "Its objective is" : "Their objectives are")} {objectives}.");
    }

    private static string List(IReadOnlyList<double> values, Func<double, string> text, bool isNumbered = true)
    {
        string listed = string.Join(", ", values.Take(MostListed).Select((value, k) => isNumbered ? Text($"{k}: {text(value)}") : text(value)));
        return values.Count > MostListed ? Text($"{listed}, and {values.Count - MostListed} more") : listed;
    }

    private static string Text(FormattableString text) => FormattableString.Invariant(text);
}
