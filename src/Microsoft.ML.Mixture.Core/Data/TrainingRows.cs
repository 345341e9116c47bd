using System.Globalization;

namespace Microsoft.ML.Mixture;

/// <summary>The rows that a fit uses, after a first look at all rows.</summary>
/// <remarks>Where rows with holes are used, rows that lack the same features stand side by side; rows that lack all of them are left out.</remarks>
internal sealed class TrainingRows
{
    // Of numbers with all their digits.
    private const int SmallestExponent = -900;

    private const int MostNamed = 5;

    private TrainingRows(RowSource source, int[]? selected)
    {
        Source = source;
        Selected = selected;
    }

    /// <summary>The rows in use.</summary>
    public RowSource Source { get; }

    /// <summary>Which of all rows are in use, in the order of <see cref="Source"/>; null if all are, as they stand.</summary>
    public int[]? Selected { get; }

    /// <summary>What is missing in the rows in use and where rows are empty; null if nothing is.</summary>
    public MissingCells? Missing { get; private init; }

    /// <summary>The number of values in the rows in use that are not missing.</summary>
    public long ObservedValueCount => Enumerable.Range(0, Source.Dimension).Sum(j => (long)ObservedCount(j));

    public required double RowWeightTotal { get; init; }

    /// <summary>Whether all rows in use have one weight.</summary>
    public required bool AreWeightsEqual { get; init; }

    /// <summary>The smallest weight of a row in use.</summary>
    public required double LightestWeight { get; init; }

    /// <summary>The rows left out because a feature is missing, or all of them where rows with holes are used.</summary>
    public required int MissingRowCount { get; init; }

    /// <summary>The rows left out because their weight is zero.</summary>
    public required int ZeroWeightRowCount { get; init; }

    /// <summary>The largest absolute value.</summary>
    public required double Magnitude { get; init; }

    public required double[] Minimum { get; init; }

    public required double[] Maximum { get; init; }

    /// <summary>The rows here are 2^Exponent times what they are in the data.</summary>
    public int Exponent { get; private init; }

    /// <summary>Rows in use that differ from each other, as many as were looked for.</summary>
    public required int[] DistinctRows { get; init; }

    /// <summary>The number of all rows, those left out included.</summary>
    public required int AllRowCount { get; init; }

    /// <summary>Looks at every row.</summary>
    /// <param name="source">All rows.</param>
    /// <param name="componentCount">K.</param>
    /// <param name="usesHoles">Whether rows with holes are used for what is observed of them; else they are left out.</param>
    /// <param name="featureName">What to call a feature.</param>
    /// <param name="cancellationToken">Stops the look.</param>
    /// <exception cref="ArgumentException">A weight or a feature is not valid, or there are too few rows.</exception>
    public static TrainingRows Inspect(
        RowSource source, int componentCount, bool usesHoles, Func<int, string> featureName, CancellationToken cancellationToken)
    {
        TrainingRows rows = InspectUpTo(componentCount, source, usesHoles, featureName, cancellationToken);
        rows.Check(componentCount, featureName);
        return rows;
    }

    /// <summary>The same for rows that are not to be fitted to, whose features have no names.</summary>
    public static TrainingRows Inspect(RowSource source, bool usesHoles, CancellationToken cancellationToken) =>
        Inspect(source, componentCount: 1, usesHoles, new MixtureOptions().FeatureName, cancellationToken);

    /// <summary>The same for rows that are to be scored only, none of which need show every feature. Where none shows a feature, it has no range.</summary>
    public static TrainingRows InspectToScore(RowSource source, CancellationToken cancellationToken) =>
        InspectUpTo(1, source, usesHoles: true, new MixtureOptions().FeatureName, cancellationToken, needsAllFeatures: false);

    /// <summary>Looks at every row, for several K of which some may turn out too large; see <see cref="Check"/>.</summary>
    /// <param name="largestCount">The largest K.</param>
    /// <param name="source">All rows.</param>
    /// <param name="usesHoles">Whether rows with holes are used for what is observed of them; else they are left out.</param>
    /// <param name="featureName">What to call a feature.</param>
    /// <param name="cancellationToken">Stops the look.</param>
    /// <param name="needsAllFeatures">Whether each feature is to be observed in some row.</param>
    /// <exception cref="ArgumentException">A weight or a feature is not valid, or there is nothing to fit to.</exception>
    public static TrainingRows InspectUpTo(
        int largestCount, RowSource source, bool usesHoles, Func<int, string> featureName, CancellationToken cancellationToken, bool needsAllFeatures = true)
    {
        if (source.Dimension < 1) throw new ArgumentException($"The rows have {source.Dimension} features, but need at least 1. Pass rows with values.");
        var seen = new RowInspection(source.RowCount, source.Dimension, usesHoles, largestCount, featureName);
        foreach (RowBlock block in new RowBlocks(source, cancellationToken)) seen.Add(block);
        int used = seen.UsedCount, missing = seen.MissingCount, distinct = seen.DistinctRows.Count;
        CheckCounts(source.RowCount, used, missing, seen.WeightTotal, 1, distinct, distinct);
        MissingCells? cells = seen.Missing;
        if (cells is not null && needsAllFeatures) CheckColumns(cells, used, 1, featureName);
        double magnitude = 0;
        for (int j = 0; j < source.Dimension; j++) magnitude = Math.Max(magnitude, Math.Max(Math.Abs(seen.Minimum[j]), Math.Abs(seen.Maximum[j])));
        int[]? selected = null, patterns = null, places = null;
        if (cells is { IncompleteRowCount: > 0 }) (selected, patterns) = cells.Sort(seen.Keep);
        else if (used < source.RowCount) selected = [.. Enumerable.Range(0, source.RowCount).Where(i => seen.Keep[i])];
        if (selected is not null)
        {
            places = new int[source.RowCount];
            for (int at = 0; at < selected.Length; at++) places[selected[at]] = at;
        }

        RowSource rows = selected is null ? source
            : patterns is null ? new SelectedRowSource(source, selected) : new HoledRowSource(source, selected, cells!.Patterns, patterns);
        return new TrainingRows(rows, selected)
        {
            AllRowCount = source.RowCount,
            Missing = cells,
            RowWeightTotal = seen.WeightTotal,
            AreWeightsEqual = seen.AreWeightsEqual,
            LightestWeight = seen.LightestWeight,
            MissingRowCount = missing,
            ZeroWeightRowCount = source.RowCount - used - missing,
            Magnitude = magnitude,
            Minimum = seen.Minimum,
            Maximum = seen.Maximum,
            DistinctRows = places is null ? [.. seen.DistinctRows] : [.. seen.DistinctRows.Select(i => places[i])],
        };
    }

    /// <summary>The same rows times 2^exponent.</summary>
    public TrainingRows Scale(int exponent) => ReadBy(new ScaledRowSource(Source, exponent), exponent);

    /// <summary>The same rows, of which some are known to be copies of each other.</summary>
    public TrainingRows Mark(CopiedRows copies) => ReadBy(new CopiesRowSource(Source, copies), exponent: 0);

    /// <summary>Some of the rows in use, among them <see cref="DistinctRows"/>, to make starts of: what is known of the others still stands in for them.</summary>
    /// <param name="sample">The rows, in order.</param>
    /// <param name="weight">The sum of their weights.</param>
    public TrainingRows Take(int[] sample, double weight)
    {
        int[] distinct = [.. DistinctRows.Select(row => Array.BinarySearch(sample, row)).Where(at => at >= 0)];
        return ReadBy(new SelectedRowSource(Source, sample), exponent: 0, weight, distinct);
    }

    private TrainingRows ReadBy(RowSource source, int exponent) => ReadBy(source, exponent, RowWeightTotal, DistinctRows);

    private TrainingRows ReadBy(RowSource source, int exponent, double weight, int[] distinct) => new(source, Selected)
    {
        AllRowCount = AllRowCount,
        Missing = Missing,
        Exponent = Exponent + exponent,
        RowWeightTotal = weight,
        AreWeightsEqual = AreWeightsEqual,
        LightestWeight = LightestWeight,
        MissingRowCount = MissingRowCount,
        ZeroWeightRowCount = ZeroWeightRowCount,
        Magnitude = double.ScaleB(Magnitude, exponent),
        Minimum = [.. Minimum.Select(value => double.ScaleB(value, exponent))],
        Maximum = [.. Maximum.Select(value => double.ScaleB(value, exponent))],
        DistinctRows = distinct,
    };

    /// <summary>The most components that the rows allow for, as far as was looked for.</summary>
    public int MostComponents => Missing is null ? DistinctRows.Length : Math.Min(DistinctRows.Length, ObservedCounts(Missing, Source.RowCount).Min());

    /// <summary>The number of rows in use in which a feature is not missing.</summary>
    public int ObservedCount(int feature) => Source.RowCount - (Missing is null ? 0 : Missing.CellCounts[feature] - Missing.EmptyRowCount);

    /// <summary>Throws if the rows are too few for so many components, at most the K that was looked for.</summary>
    /// <param name="componentCount">K.</param>
    /// <param name="featureName">What to call a feature.</param>
    /// <exception cref="ArgumentException">There are too few rows.</exception>
    public void Check(int componentCount, Func<int, string> featureName)
    {
        CheckCounts(AllRowCount, Source.RowCount, MissingRowCount, RowWeightTotal, componentCount, DistinctRows.Length, MostComponents);
        if (Missing is not null) CheckColumns(Missing, Source.RowCount, componentCount, featureName);
    }

    private static void CheckCounts(int all, int used, int missing, double total, int componentCount, int distinct, int most)
    {
        if (all == 0) throw new ArgumentException("There are no rows. Pass at least one, and for a fit as many as components.");
        if (used == 0)
        {
            throw new ArgumentException(missing == 0
                ? $"{(all == 1 ? "The only row weight is" : $"All {all} row weights are")} zero, so that no row counts. Give at least {Counted.Of(componentCount, "row")} a positive weight."
                : all == 1 ? "The only row cannot be used: it has a missing feature (NaN). Pass rows of which something is observed."
                : $"None of the {all} rows can be used: {missing} have a missing feature (NaN) and {all - missing} have weight zero. Pass rows of which something is observed.");
        }

        if (total / all < Math.ScaleB(1, SmallestExponent))
        {
            throw new ArgumentException($"The mean of the row weights is {Text(total / all)}, too little for sums of shares of it in double precision. Multiply the row weights by a constant.");
        }

        if (double.IsInfinity(total)) throw new ArgumentException("The sum of the row weights is infinite. Divide the row weights by a constant.");
        if (used < componentCount)
        {
            string leftOut = missing > 0 ? $" ({Counted.Of(missing, "row")} with missing features {Counted.Was(missing)} left out)" : string.Empty;
            throw new ArgumentException(
                $"There {Counted.Is(used)} {Counted.Of(used, "row")} to fit {Counted.Of(componentCount, "component")} to{leftOut}. "
                + $"Ask for at most {Counted.Of(most, "component")} or pass more rows.");
        }

        if (distinct < componentCount)
        {
            throw new ArgumentException(
                $"Only {distinct} of the {used} rows differ from each other, too few for {Counted.Of(componentCount, "component")}. Ask for at most {Counted.Of(most, "component")}.");
        }
    }

    // All of them at once, so that what is advised is enough.
    private static void CheckColumns(MissingCells cells, int used, int componentCount, Func<int, string> featureName)
    {
        int[] observed = ObservedCounts(cells, used), few = [.. Enumerable.Range(0, observed.Length).Where(j => observed[j] < componentCount)];
        if (few.Length == 0) return;
        IEnumerable<string> others = few.Skip(1).Take(MostNamed - 1).Select(j => $", f{featureName(j)[1..]} in {Text(observed[j])}");
        string more = few.Length > MostNamed ? $", and {Counted.Of(few.Length - MostNamed, "more feature")} in too few as well" : string.Empty;
        int most = few.Min(j => observed[j]);
        string cause = Array.TrueForAll(few, j => observed[j] == 0)
            ? ": all have a missing value (NaN) there" : $", too few for {Counted.Of(componentCount, "component")}: the others have a missing value (NaN) there";
        string drop = few.Length == 1 ? "Drop the feature" : "Drop these features";
        throw new ArgumentException(
            $"{featureName(few[0])} is observed in {Text(observed[few[0]])} of {used} rows{string.Concat(others)}{more}{cause}. "
            + (most == 0 ? $"{drop}." : $"{drop}, or ask for at most {Counted.Of(most, "component")}."));
    }

    // The rows in use in which each feature is observed.
    private static int[] ObservedCounts(MissingCells cells, int used) => [.. cells.CellCounts.Select(missing => used - (missing - cells.EmptyRowCount))];

    private static string Text(int count) => count == 0 ? "none" : count.ToString(CultureInfo.InvariantCulture);

    private static string Text(double value) => value.ToString("G9", CultureInfo.InvariantCulture);
}
