using System.Globalization;

namespace Microsoft.ML.Mixture;

/// <summary>What a user should know about rows that outweigh all others, single ones by their values or by their weights, and some by their distance.</summary>
internal static class OutlierWarnings
{
    // Of the variance of a feature, due to one row.
    private const double MostShareOfVariance = 0.99;

    // Where all other rows have one value it is all of it, but for rounding.
    private const double ShareOfConstant = 1 - 1e-6;
    private const int FewestRows = 10;

    // Components so many times as wide as most rows spread say nothing of these.
    private const double MostTimesAsWide = 50;

    public static IEnumerable<string> Collect(EndedFit ended, GaussianMixtureOptions options, GaussianComponents components, double[] weights)
    {
        (ScaledRows scaled, MixtureFit fit, CancellationToken cancellationToken) = (ended.Scaled, ended.Fit, ended.Budget.FinishingToken);
        (TrainingRows rows, FeatureMoments moments, _) = scaled;
        bool areNoise = fit.Components is NoiseComponents && fit.Spurious.Count == 0;
        int count = rows.Source.RowCount;
        if (count < FewestRows) yield break;

        // Reading all rows again takes time.
        bool[] isAbove = [.. moments.Means.Select((mean, j) => rows.Maximum[j] - mean > mean - rows.Minimum[j])];
        double effective = rows.AreWeightsEqual ? count : EffectiveRowCount.Of(rows.Source, rows.RowWeightTotal, cancellationToken);
        if (effective < 2 * options.ComponentCount && effective < count / 2.0)
        {
            yield return $"A few rows hold nearly all the weight: they count like {Counted.Of(effective, "row")} of equal weight, "
                + $"too few for {Counted.Of(options.ComponentCount, "component")}. Correct the row weights, or ask for fewer components.";
            yield break;
        }

        double[] beside = rows.AreWeightsEqual ? ObservedBeside(rows) : WeighBeside(rows, isAbove, cancellationToken);
        var squared = new List<double>();
        var far = new List<(int Feature, double Value)>();
        for (int j = 0; j < moments.Variances.Length; j++)
        {
            // All of the variance is due to one row where all others have one value: it is then w d^2 / W, with w its weight, d its distance from the mean and W the weight of the others.
            double farthest = isAbove[j] ? rows.Maximum[j] - moments.Means[j] : moments.Means[j] - rows.Minimum[j];
            double share = farthest / Math.Sqrt(moments.Variances[j]) / Math.Sqrt(beside[j]);
            if (!(moments.Variances[j] > 0) || share * share < MostShareOfVariance || rows.ObservedCount(j) < FewestRows) continue;
            squared.Add(share * share);
            far.Add((j, double.ScaleB(isAbove[j] ? rows.Maximum[j] : rows.Minimum[j], -rows.Exponent)));
        }

        int[] single = [.. far.Select(found => found.Feature)];
        int[] constant = squared.Exists(share => share > ShareOfConstant) ? ConstantButForOneRow(rows, single, cancellationToken) : [];
        if (constant.Length > 0)
        {
            bool isOne = constant.Length == 1;
            string all = Array.TrueForAll(constant, j => rows.ObservedCount(j) == count) ? "all rows but one" : $"all but one of the rows that show {(isOne ? "it" : "them")}";
            yield return $"{Counted.Of(constant.Length, "feature")} {(isOne ? "has" : "have")} the same value in {all}, {SimilarWarnings.Names(constant, options)}, "
                + $"and {(isOne ? "says" : "say")} nothing about groups of more rows than that. Drop {(isOne ? "it" : "them")}.";
            far.RemoveAll(found => Array.BinarySearch(constant, found.Feature) >= 0);
        }

        if (areNoise) far.RemoveAll(found => options.NoiseLogDensity is not null || !IsMeasured(ended.Near.Measured, rows, found.Feature, isAbove[found.Feature]));
        string consequence = areNoise
            ? "the noise reaches out to it, and is too thin for stray rows nearer to the groups"
            : "nearly all the variance of the feature is due to it, and groups among the other rows may be lost";
        IEnumerable<string> ofFar = SimilarWarnings.Tell(
            far,
            found => $"{options.FeatureName(found.Feature)} has the value {found.Value.ToString("G3", CultureInfo.InvariantCulture)} far from all others: {consequence}. Check the value, or leave its row out.",
            others => $"{Counted.Of(others.Count, "more feature")} {(others.Count == 1 ? "has" : "have")} a value far from all others: {SimilarWarnings.Names([.. others.Select(found => found.Feature)], options)}. "
                + $"For each, {consequence}. Check the values, or leave out their rows or the features.");
        IReadOnlyList<ScatteredRows> scattered = ScatteredRowsWarnings.Find(ended, options, components, weights);
        string[] others = [.. ofFar, .. OfWideComponents(scaled, options, components, single), .. OfStrayRows(ended, options, single, isAbove, scattered)];
        foreach (string warning in ScatteredRowsWarnings.Tell(scattered, fit).Concat(others)) yield return warning;
        if (others.Length > 0) yield break;
        foreach (string warning in ScatteredRowsWarnings.OfOne(scaled, components, fit)) yield return warning;
    }

    // Of a value that has no share in the volume of the noise nobody needs to know, nor where that is given.
    private static bool IsMeasured(TrainingRows measured, TrainingRows rows, int feature, bool isAbove) =>
        isAbove ? measured.Maximum[feature] == rows.Maximum[feature] : measured.Minimum[feature] == rows.Minimum[feature];

    // But of those that are told of by a value, or with others of their component.
    private static IEnumerable<string> OfStrayRows(EndedFit ended, GaussianMixtureOptions options, int[] single, bool[] isAbove, IReadOnlyList<ScatteredRows> scattered)
    {
        // Variational Bayes has another prior, and keeps components for such rows. What was interrupted reads no more of them.
        if (ended.Fit.Components is not (GaussianComponents or NoiseComponents) || ended.Budget.Interruption is not null) return [];
        TrainingRows rows = ended.Scaled.Rows;
        CovarianceStructure structure = options.CovarianceStructure;
        StrayRow[] found = [.. StrayRow.FindAll(rows, ended.Fit, structure, ended.Budget.FinishingToken)
            .Where(stray => !scattered.Any(one => one.Component == stray.Component) && !Array.Exists(single, j => stray.Point[j] == (isAbove[j] ? rows.Maximum[j] : rows.Minimum[j])))];
        string remedy = options.NoiseComponent ? $"mark it in {nameof(options.InitialNoise)}" : $"set {nameof(options.NoiseComponent)}";
        return SimilarWarnings.Tell(
            found,
            stray => $"Row {stray.Row}, with the value {Number(stray.Point[stray.Feature], ended.Scaled)} in {options.FeatureNameWithin(stray.Feature)}, stretches component {stray.Component}: of the variance of "
                + $"{(StrayRow.AreOwn(structure) ? $"its {Counted.Of(ended.Fit.EffectiveCounts[stray.Component], "row")}" : "all rows")} in the direction of this one, {(100 * stray.Share).ToString("F0", CultureInfo.InvariantCulture)} % is due to it, "
                + $"and groups among the others may be lost. If it is a stray row, remove it, or {remedy}; if it is not, the rows have longer tails than Gaussians: transform the feature, such as by its logarithm, or ask for more components.",
            "component");
    }

    // But of features in which a single row is so far away.
    private static IEnumerable<string> OfWideComponents(ScaledRows scaled, GaussianMixtureOptions options, GaussianComponents components, int[] single)
    {
        if (scaled.SharedValues is not { } values) return [];
        double[] variances = scaled.Moments.Variances;
        CovarianceRegularization prior = GaussianFit.Regularize(scaled, options);
        double average = scaled.Rows.RowWeightTotal / options.ComponentCount;

        // Of variances that the prior makes so large another warning tells.
        return SimilarWarnings.Tell<int>(
            [.. Enumerable.Range(0, variances.Length).Except(single).Where(j => IsTooWide(components, j, variances[j], values.DeviationOfMiddle(j))
                && prior.LeavesSpread(LeastVariance(components, j), prior.PriorVariances[j], average))],
            j => $"Half of the rows have values from {Number(values.Quartiles[j].Lower, scaled)} to {Number(values.Quartiles[j].Upper, scaled)} in {options.FeatureNameWithin(j)}, where no component has a standard deviation below "
                + $"{Number(Math.Sqrt(LeastVariance(components, j)), scaled)}: rows far from these decide about it, and the components say nothing of the others there. "
                + "Leave out the far rows or take the feature's logarithm, or try restarts, more components, or a structure that lets variances differ.",
            others => $"So it is in {Counted.Of(others.Count, "more feature")}: {SimilarWarnings.Names(others, options)}.");
    }

    // Where features share their variance it may be that of another one.
    private static bool IsTooWide(GaussianComponents components, int feature, double variance, double deviationOfMiddle)
    {
        double most = MostTimesAsWide * deviationOfMiddle;
        return most > 0 && Math.Min(variance, LeastVariance(components, feature)) > most * most;
    }

    private static double LeastVariance(GaussianComponents components, int feature) => Enumerable.Range(0, components.ComponentCount).Min(k => components.CovarianceOf(k, feature, feature));

    private static string Number(double value, ScaledRows scaled) => double.ScaleB(value, -scaled.Exponent).ToString("G3", CultureInfo.InvariantCulture);

    // Of some features, those that have one value in all rows but one in which they are observed.
    private static int[] ConstantButForOneRow(TrainingRows rows, int[] features, CancellationToken cancellationToken)
    {
        int[] atMinimum = new int[features.Length], atMaximum = new int[features.Length], observed = new int[features.Length];
        foreach (RowBlock block in new RowBlocks(rows.Source, cancellationToken))
        {
            for (int at = 0; at < features.Length; at++)
            {
                double minimum = rows.Minimum[features[at]], maximum = rows.Maximum[features[at]];
                foreach (double value in block.Values.Slice(features[at] * block.Stride, block.RowCount))
                {
                    if (value == minimum) atMinimum[at]++;
                    if (value == maximum) atMaximum[at]++;
                    if (!double.IsNaN(value)) observed[at]++;
                }
            }
        }

        return [.. Enumerable.Range(0, features.Length).Where(at => Math.Max(atMinimum[at], atMaximum[at]) == observed[at] - 1).Select(at => features[at])];
    }

    // Of each feature the number of rows that show it, but one.
    private static double[] ObservedBeside(TrainingRows rows) =>
        [.. Enumerable.Range(0, rows.Source.Dimension).Select(j => rows.ObservedCount(j) - 1.0)];

    // Of each feature the weight of all other rows that show it by that of the row at its farthest value: infinite if several are there.
    private static double[] WeighBeside(TrainingRows rows, bool[] isAbove, CancellationToken cancellationToken)
    {
        int dimension = rows.Source.Dimension;
        double[] own = new double[dimension], others = new double[dimension];
        foreach (RowBlock block in new RowBlocks(rows.Source, cancellationToken))
        {
            for (int j = 0; j < dimension; j++)
            {
                double farthest = isAbove[j] ? rows.Maximum[j] : rows.Minimum[j];
                ReadOnlySpan<double> values = block.Values.Slice(j * block.Stride, block.RowCount);
                for (int i = 0; i < values.Length; i++)
                {
                    if (values[i] == farthest) own[j] = own[j] == 0 ? block.Weights[i] : double.PositiveInfinity;
                    else if (!double.IsNaN(values[i])) others[j] += block.Weights[i];
                }
            }
        }

        return [.. others.Zip(own, (rest, weight) => double.IsInfinity(weight) ? weight : rest / weight)];
    }
}
