using System.Globalization;

namespace Microsoft.ML.Mixture;

/// <summary>Rows that are scattered about the groups and have a component for it, or widen the only one.</summary>
internal static class ScatteredRowsWarnings
{
    private const int MostNamed = 8;

    // Than the middle half would have it. Of log-normal rows that is twice as narrow as their standard deviation would have it.
    private const double MostTimesAsWide = 4;

    // Of the features, so many have to show it.
    private const double LeastShareOfFeatures = 0.5;

    // What variational Bayes keeps for three rows is told of.
    private const double FewRows = 3.5;

    /// <summary>Of Gaussians.</summary>
    /// <param name="ended">The fit.</param>
    /// <param name="options">How it was fitted.</param>
    /// <param name="components">The Gaussians of the model.</param>
    /// <param name="weights">Their weights.</param>
    /// <returns>What is found; nothing where there is noise, which is for such rows, or where the fit was interrupted and reads no more of them.</returns>
    public static IReadOnlyList<ScatteredRows> Find(EndedFit ended, GaussianMixtureOptions options, GaussianComponents components, double[] weights)
    {
        if (ended.Fit.Components is NoiseComponents || ended.Budget.Interruption is not null) return [];
        (TrainingRows rows, MixtureFit fit) = (ended.Scaled.Rows, ended.Fit);
        IEnumerable<int> few = fit.Components is GaussianComponents ? FewRowsWarnings.OnFewRows(rows, fit, options).Concat(fit.SpuriousOnTheirOwn) : OnFewRows(rows, weights);
        return ScatteredRows.FindAll(rows, components, weights, [.. few], ended.Budget.FinishingToken);
    }

    /// <summary>Of factor analysers.</summary>
    public static IEnumerable<string> Collect(EndedFit ended, FactorAnalyzerMixtureOptions options)
    {
        if (ended.Budget.Interruption is not null) return [];
        (TrainingRows rows, MixtureFit fit) = (ended.Scaled.Rows, ended.Fit);
        var components = (FactorAnalyzerComponents)fit.Components;
        if (components.ComponentCount == 1) return OfOne(ended.Scaled, j => components.VarianceOf(0, j), UseNoise);
        return Tell(ScatteredRows.FindAll(rows, components, fit.Weights, [.. FewRowsWarnings.OnFewRows(rows, fit, options), .. fit.SpuriousOnTheirOwn], ended.Budget.FinishingToken), UseNoise);
    }

    /// <summary>Tells of it, Gaussians by EM or variational Bayes.</summary>
    public static IEnumerable<string> Tell(IReadOnlyList<ScatteredRows> found, MixtureFit fit) => fit.Components is GaussianComponents ? Tell(found, RemedyOf(fit)) : Tell(found, RemedyOf(fit), "they are a group of their own");

    /// <summary>The only Gaussian, where it is far wider than the middle half of the rows.</summary>
    public static IEnumerable<string> OfOne(ScaledRows scaled, GaussianComponents components, MixtureFit fit) =>
        fit.Components is NoiseComponents || components.ComponentCount > 1 ? [] : OfOne(scaled, j => components.CovarianceOf(0, j, j), RemedyOf(fit));

    private static string UseNoise => $"use {nameof(GaussianMixture)} with {nameof(GaussianMixtureOptions.NoiseComponent)}";

    private static string RemedyOf(MixtureFit fit) => fit.Components is GaussianComponents ? $"set {nameof(GaussianMixtureOptions.NoiseComponent)}" : UseNoise;

    private static IEnumerable<int> OnFewRows(TrainingRows rows, double[] weights) => Enumerable.Range(0, weights.Length).Where(k => weights[k] * rows.Source.RowCount < FewRows);

    private static IEnumerable<string> Tell(IReadOnlyList<ScatteredRows> found, string remedy, string otherwise = "ask for one component more, and compare the groups") => SimilarWarnings.Tell(
        found,
        scattered => $"Component {scattered.Component} has {Counted.Of(scattered.Rows.Count, "row")}, {Percent(scattered.Share)} % of the weight, and is {Times(scattered.TimesAsWide)} times as wide as the widest of the others, "
            + $"of which it has hardly a row, as if stray rows had a component of their own: {Names(scattered.Rows)}. Groups among the others may have become one for it. "
            + $"Look at these rows: if they are stray ones, {remedy}, or remove them; if they are not, {otherwise}.",
        "component");

    private static IEnumerable<string> OfOne(ScaledRows scaled, Func<int, double> varianceOf, string remedy)
    {
        if (scaled.SharedValues is not { } values) yield break;
        (double sum, int count, double[] variances) = (0, 0, scaled.Moments.Variances);
        for (int j = 0; j < variances.Length; j++)
        {
            double middle = values.DeviationOfMiddle(j);
            if (!(middle > 0)) continue;
            sum += Math.Log(Math.Sqrt(Math.Min(varianceOf(j), variances[j])) / middle);
            count++;
        }

        if (count == 0 || count < LeastShareOfFeatures * variances.Length || !(Math.Exp(sum / count) > MostTimesAsWide)) yield break;
        yield return $"The standard deviations of the component are {Times(Math.Exp(sum / count))} times what the middle half of the rows would have them, in the geometric mean of {Counted.Of(count, "feature")}: "
            + $"a few rows far from the others decide about it. If they are stray rows, {remedy}, or remove them; if they are not, the rows have longer tails than a Gaussian: "
            + "transform the features, such as by their logarithms, or ask for more components.";
    }

    private static string Names(IReadOnlyList<int> rows)
    {
        string named = string.Join(", ", rows.Take(MostNamed));
        return rows.Count > MostNamed ? $"rows {named} and {rows.Count - MostNamed} more" : $"rows {named}";
    }

    private static string Percent(double share) => (100 * share).ToString("F1", CultureInfo.InvariantCulture);

    private static string Times(double value) => value.ToString(value < 10 ? "F1" : "F0", CultureInfo.InvariantCulture);
}
