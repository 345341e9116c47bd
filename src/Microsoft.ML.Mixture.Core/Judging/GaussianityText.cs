using System.Globalization;
using System.Text;

namespace Microsoft.ML.Mixture;

/// <summary>A check as a text.</summary>
internal static class GaussianityText
{
    public static string Write(GaussianityCheck check)
    {
        var text = new StringBuilder();
        int width = Math.Max(12, check.Components.Max(component => component.Features.Max(feature => feature.Name.Length)) + 2);
        string holes = check.IncompleteRowCount > 0 ? $", {check.IncompleteRowCount} of them with missing features" : string.Empty;
        Append(text, $"Does a Gaussian fit each component? {Counted.Of(check.RowCount, "row")}{holes}");
        Append(text, $"{"".PadRight(width)}      rows   % beyond what holds 50, 90, 95, 99 %   skewness   kurtosis");
        foreach (ComponentGaussianity component in check.Components)
        {
            string name = $"Component {component.Component}".PadRight(width);
            string expected = string.Create(CultureInfo.InvariantCulture, $" ({component.ExpectedKurtosis:0.##})");
            Append(text, $"{name}{component.EffectiveCount,10:F1}   {Shares(component.TailShares)}   {component.Skewness,8:F2}   {component.Kurtosis,8:F2}{expected}");
            foreach (FeatureGaussianity feature in component.Features)
            {
                Append(
                    text,
                    $"  {feature.Name.PadRight(width - 2)}{feature.EffectiveCount,10:F1}   {Shares(feature.TailShares)}   {feature.Skewness,8:F2}   {feature.Kurtosis,8:F2} (3)");
            }
        }

        Append(text, $"");
        foreach (ComponentGaussianity component in check.Components.Where(component => !component.IsJudged))
        {
            Append(text, $"Component {component.Component} has too few rows to tell.");
        }

        foreach (string finding in check.Findings) Append(text, $"{finding}");
        if (check.IsConsistent) Append(text, $"Nothing was found that sampling noise does not explain, at a false-alarm rate of {100 * check.FalseAlarmRate:0.###} %.");
        return text.ToString().TrimEnd('\n');
    }

    private static string Shares(IReadOnlyList<double> shares) => string.Concat(shares.Select(share => (100 * share).ToString("F1", CultureInfo.InvariantCulture).PadLeft(9)));

    private static void Append(StringBuilder text, FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture).TrimEnd()).Append('\n');
}
