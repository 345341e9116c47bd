using System.Globalization;
using System.Text;

namespace Microsoft.ML.Mixture;

/// <summary>A check as a text.</summary>
internal static class GaussianityText
{
    private const int MostFeatures = 10;
    private const int MostFindings = 10;
    private const int NarrowestName = 12;
    private const string Unknown = "-";

    public static string Write(GaussianityCheck check)
    {
        var text = new StringBuilder();
        string holes = check.IncompleteRowCount > 0 ? $", {check.IncompleteRowCount} of them with missing features" : string.Empty;
        Append(text, $"Does a Gaussian fit each component? {Counted.Of(check.RowCount, "row")}{holes}");
        AppendTable(text, check);
        Append(text, $"");
        foreach (ComponentGaussianity component in check.Components.Where(component => !component.IsJudged))
        {
            Append(text, $"Component {component.Component} has too few rows to tell.");
        }

        if (check.Components.Any(HasUnknown))
        {
            Append(text, $"A dash stands where rows tell nothing: there are none, or all are equal, or, for the skewness of a component, they are too few or very far from it, or the features are more than {GaussianityCheck.MostFeaturesOfSkewness}.");
        }

        AppendFindings(text, check);
        return text.ToString().TrimEnd('\n');
    }

    private static bool HasUnknown(ComponentGaussianity component) =>
        component.TailShares.Concat([component.Skewness, component.Kurtosis]).Concat(component.Features.SelectMany(feature => feature.TailShares.Concat([feature.Skewness, feature.Kurtosis]))).Any(double.IsNaN);

    private static void AppendTable(StringBuilder text, GaussianityCheck check)
    {
        FeatureGaussianity[] all = [.. check.Components.SelectMany(component => component.Features)];
        HashSet<FeatureGaussianity> listed = [.. all.OrderBy(feature => feature.Probability).ThenByDescending(feature => feature.Score).Take(MostFeatures)];
        int width = Math.Max(NarrowestName, listed.Max(feature => feature.Name.Length) + 2);
        Append(text, $"{"".PadRight(width)}      rows   % beyond what holds 50, 90, 95, 99 %   skewness   kurtosis");
        foreach (ComponentGaussianity component in check.Components)
        {
            string name = $"Component {component.Component}".PadRight(width);
            string expected = double.IsNaN(component.ExpectedKurtosis) ? string.Empty : string.Create(CultureInfo.InvariantCulture, $" ({component.ExpectedKurtosis:0.##})");
            Append(text, $"{name}{component.EffectiveCount,10:F1}   {Shares(component.TailShares)}   {Number(component.Skewness)}   {Number(component.Kurtosis)}{expected}");
            foreach (FeatureGaussianity feature in component.Features.Where(listed.Contains))
            {
                Append(
                    text,
                    $"  {feature.Name.PadRight(width - 2)}{feature.EffectiveCount,10:F1}   {Shares(feature.TailShares)}   {Number(feature.Skewness)}   {Number(feature.Kurtosis)} (3)");
            }
        }

        if (all.Length > listed.Count) Append(text, $"and {Counted.Of(all.Length - listed.Count, "line")} more of features that fit better; see Components.");
    }

    private static void AppendFindings(StringBuilder text, GaussianityCheck check)
    {
        GaussianityFinding[] ofFeatures = [.. check.Found.Where(finding => finding.IsOfFeature)];
        HashSet<GaussianityFinding> listed = [.. ofFeatures.OrderBy(finding => finding.Probability).ThenByDescending(finding => finding.Score).Take(MostFindings)];
        foreach (GaussianityFinding finding in check.Found.Where(finding => !finding.IsOfFeature || listed.Contains(finding))) Append(text, $"{finding.Text}");
        if (ofFeatures.Length > listed.Count) Append(text, $"and {Counted.Of(ofFeatures.Length - listed.Count, "finding")} more about features, less clear than these; see Findings.");
        if (check.WithdrawnCount > 0)
        {
            Append(text, $"What is observed differs from Gaussian rows in {Counted.Of(check.WithdrawnCount, "more respect")}, as it would where Gaussian rows lack values by what they show of others: nothing is left of it where draws from the mixture stand for what is missing.");
        }

        if (check.IsConsistent) Append(text, $"Nothing was found that sampling noise does not explain, at a false-alarm rate of {100 * check.FalseAlarmRate:0.###} %.");
    }

    private static string Shares(IReadOnlyList<double> shares) => string.Concat(shares.Select(share => Number(100 * share, "F1", 9)));

    private static string Number(double value, string format = "F2", int width = 8) => (double.IsNaN(value) ? Unknown : value.ToString(format, CultureInfo.InvariantCulture)).PadLeft(width);

    private static void Append(StringBuilder text, FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture).TrimEnd()).Append('\n');
}
