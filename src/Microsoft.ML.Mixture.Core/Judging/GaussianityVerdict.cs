using System.Globalization;

namespace Microsoft.ML.Mixture;

/// <summary>Turns what components look like into sentences, of which those are kept that chance does not explain.</summary>
internal sealed class GaussianityVerdict(GaussianMixtureModel model, double falseAlarmRate)
{
    /// <summary>With fewer complete rows for each feature the shape of a component is not judged.</summary>
    public const int RowsPerFeature = 5;

    private const int FarLevel = 3;
    private const int FewestDigits = 3;
    private const int MostDigits = 9;

    private readonly List<GaussianityFinding> _suspicions = [];
    private readonly List<GaussianityFinding> _certainties = [];
    private readonly double _tests = (model.ComponentCount * ((4.0 * model.Dimension) + 3)) + model.Dimension;

    /// <summary>The findings, what is certain first, for other findings often follow from it; of two with the same words one.</summary>
    /// <param name="filledIn">The verdict on the same rows with draws from the mixture where values are missing; null where none are.</param>
    /// <param name="withdrawnCount">The number of findings that it does not have.</param>
    /// <remarks>
    /// Rows that show a feature may be a selection by what they show of others, which no Gaussian describes though one describes all rows. Those that are filled in are such a
    /// sample again if the mixture fits and holes depend on nothing but what is observed: the values that are missing have then the distribution that it says.
    /// Source: Rubin (1976), Inference and missing data, Biometrika 63(3), 581-592, doi:10.1093/biomet/63.3.581.
    /// </remarks>
    public IReadOnlyList<GaussianityFinding> Findings(GaussianityVerdict? filledIn, out int withdrawnCount)
    {
        GaussianityFinding[] suspicions = [.. Clear.DistinctBy(finding => finding.Text)];
        HashSet<GaussianityClaim?>? left = filledIn is null ? null : [.. filledIn.Clear.Select(finding => finding.Claim)];
        GaussianityFinding[] found = [.. suspicions.Where(finding => left is null || left.Contains(finding.Claim))];
        withdrawnCount = suspicions.Length - found.Length;
        return [.. _certainties.Concat(found).DistinctBy(finding => finding.Text)];
    }

    private IEnumerable<GaussianityFinding> Clear => _suspicions.Where(suspicion => suspicion.Probability * _tests < falseAlarmRate);

    /// <summary>Judges a component and its features.</summary>
    public void Judge(ComponentGaussianity component, ComponentSums sums)
    {
        int dimension = sums.CompleteFeatureCount;
        if (component.IsJudged)
        {
            JudgeTails(component, sums);
            double complete = sums.EffectiveCompleteCount;
            if (dimension > 1 && complete >= Math.Max(GaussianityCheck.FewestRows, RowsPerFeature * dimension) && !double.IsNaN(component.Skewness))
            {
                double expected = (double)dimension * (dimension + 1) * (dimension + 2) / complete;
                string skewed = Text(
                    $"Component {component.Component} is skewed: Mardia's skewness is {component.Skewness:G3}, where about {expected:G3} is to be expected of so many Gaussian rows.");
                _suspicions.Add(new GaussianityFinding(NormalMoments.ProbabilityOfSkewness(component.Skewness, dimension, complete), skewed, IsOfFeature: false) { Claim = new(component.Component, null, GaussianityFault.Skew) });
            }
        }

        foreach (FeatureGaussianity feature in component.Features.Where(feature => feature.EffectiveCount >= GaussianityCheck.FewestRows)) Judge(component.Component, feature);
    }

    /// <summary>Judges the values of a feature in all components.</summary>
    public void JudgeValues(int feature, string name, double[] values, double[]? weights)
    {
        RepeatedValues.Heap[] heaps = RepeatedValues.Find(model, feature, values, weights, falseAlarmRate / _tests, out int distinct);
        if (RepeatedValues.AreFew(distinct, values.Length))
        {
            string count = distinct == 1 ? "a single value" : $"only {distinct} different values";
            _certainties.Add(new GaussianityFinding(0, $"{name} takes {count} in {values.Length} rows, and a Gaussian takes none twice.", IsOfFeature: true));
        }
        else if (heaps.Length > 0)
        {
            string list = string.Join(", ", heaps.Select(heap => Text($"{heap.Value:G6} in {Counted.Of(heap.Count, "row")} where {heap.Expected:F1} are to be expected")));
            _certainties.Add(new GaussianityFinding(0, $"Values of {WithinSentence(name)} repeat (ties): {list}.", IsOfFeature: true));
        }
        else if (RepeatedValues.CoarsestGrid(model, feature, values) is var (component, few, rows))
        {
            string within = $"within two standard deviations of the mean of component {component}, in {Counted.Of(rows, "row")}";
            _certainties.Add(new GaussianityFinding(0, $"{name} takes only {few} different values {within}, and a Gaussian takes none twice.", IsOfFeature: true));
        }
    }

    private void JudgeTails(ComponentGaussianity component, ComponentSums sums)
    {
        // Of one feature the variance about the rows' own mean is at hand, as if it had been estimated.
        bool isOne = model.Dimension == 1;
        bool isWhole = isOne || model.CovarianceStructure == CovarianceStructure.Full
            || (model.ComponentCount == 1 && model.CovarianceStructure.Shape == CovarianceShape.Full);
        (double kurtosis, double expected) = isOne ? (component.Features[0].Kurtosis, 3) : (component.Kurtosis, component.ExpectedKurtosis);
        if (!double.IsFinite(kurtosis))
        {
            _certainties.Add(new GaussianityFinding(0, $"The rows of component {component.Component} are all equal, and a Gaussian has none twice.", IsOfFeature: false));
            return;
        }

        // Where rows have holes, the scale of what is expected is that of complete rows with as many features on average.
        double p = sums.MeanFeatureCount;
        double score = NormalMoments.KurtosisScore(kurtosis * p * (p + 2) / expected, p, component.EffectiveCount, isWhole);
        double far = component.TailShares[FarLevel];
        string than = isWhole ? "than a Gaussian" : $"than a Gaussian whose covariance has the structure '{model.CovarianceStructure}'";
        (string own, string usual) = Apart(kurtosis, expected);
        string comparison = $"its kurtosis is {own} where {usual} is to be expected";

        // Tails that are heavy beyond some point may belong to a kurtosis that is not.
        string heavier = Text($"Component {component.Component} has heavier tails {than}: {(kurtosis > expected ? comparison + ", and " : string.Empty)}{100 * far:F1} % of its rows lie beyond what holds 99 %.");
        string lighter = $"Component {component.Component} has lighter tails {than}: {comparison}.";
        GaussianityClaim heavy = new(component.Component, null, GaussianityFault.HeavyTails), light = heavy with { Fault = GaussianityFault.LightTails };
        _suspicions.Add(new GaussianityFinding(NormalMoments.ProbabilityOfKurtosis(score, p, component.EffectiveCount), score > 0 ? heavier : lighter, IsOfFeature: false) { Claim = score > 0 ? heavy : light });
        double probability = NormalMoments.ProbabilityOfCount(far * component.EffectiveCount, component.EffectiveCount, 1 - GaussianityCheck.TailLevels[FarLevel]);
        _suspicions.Add(new GaussianityFinding(probability, heavier, IsOfFeature: false) { Claim = heavy });
    }

    private void Judge(int component, FeatureGaussianity feature)
    {
        // A feature without spread says nothing here; its few values do.
        if (!(feature.VarianceRatio > 0)) return;
        double n = feature.EffectiveCount;
        string of = $"{feature.Name} of component {component}";
        GaussianityClaim Claim(bool isMore, GaussianityFault more, GaussianityFault less) => new(component, feature.Feature, isMore ? more : less);
        Suspect(
            feature,
            Claim(feature.Skewness > 0, GaussianityFault.Skew, GaussianityFault.LeftSkew),
            NormalMoments.SkewnessScore(feature.Skewness, n),
            $"{of} is skewed to the {(feature.Skewness > 0 ? "right" : "left")}: its skewness is {feature.Skewness:F2}, that of a Gaussian 0.");
        if (model.Dimension > 1)
        {
            double score = NormalMoments.KurtosisScore(feature.Kurtosis, 1, n, isWhole: true);
            Suspect(
                feature,
                Claim(feature.Kurtosis > 3, GaussianityFault.HeavyTails, GaussianityFault.LightTails),
                score,
                $"{of} has {(feature.Kurtosis > 3 ? "heavier" : "lighter")} tails than a Gaussian: its kurtosis is {feature.Kurtosis:F2}, that of a Gaussian 3.",
                NormalMoments.ProbabilityOfKurtosis(score, 1, n));
        }

        Suspect(
            feature,
            Claim(feature.Shift > 0, GaussianityFault.Above, GaussianityFault.Below),
            feature.Shift * Math.Sqrt(n),
            $"{of} lies {Math.Abs(feature.Shift):F2} standard deviations {(feature.Shift > 0 ? "above" : "below")} the mean of the model.");
        Suspect(
            feature,
            Claim(feature.VarianceRatio > 1, GaussianityFault.Wide, GaussianityFault.Narrow),
            NormalMoments.VarianceScore(feature.VarianceRatio, n),
            $"{of} varies {(feature.VarianceRatio > 1 ? "more" : "less")} than the model says: its variance is {feature.VarianceRatio:F2} times that of the model.",
            NormalMoments.ProbabilityOfVariance(feature.VarianceRatio, n));
    }

    // The probability is that of the score, if it is not known better.
    private void Suspect(FeatureGaussianity feature, GaussianityClaim claim, double score, FormattableString text, double? exact = null)
    {
        double probability = exact ?? NormalMoments.TwoSided(score);
        _suspicions.Add(new GaussianityFinding(probability, Text(text), IsOfFeature: true, Math.Abs(score)) { Claim = claim });
        if (probability < feature.Probability) feature.Probability = probability;
        if (Math.Abs(score) > feature.Score) feature.Score = Math.Abs(score);
    }

    // With three digits, or as many more as it takes to tell one from the other.
    private static (string First, string Second) Apart(double first, double second)
    {
        for (int digits = FewestDigits; ; digits++)
        {
            string format = string.Create(CultureInfo.InvariantCulture, $"G{digits}");
            (string one, string other) = (first.ToString(format, CultureInfo.InvariantCulture), second.ToString(format, CultureInfo.InvariantCulture));
            if (one != other || digits == MostDigits) return (one, other);
        }
    }

    private static string WithinSentence(string name) => "f" + name[1..];

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
