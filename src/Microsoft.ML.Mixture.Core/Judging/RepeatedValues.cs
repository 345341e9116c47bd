using MathNet.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>Values of a feature that come again more often than rounding explains.</summary>
internal static class RepeatedValues
{
    private const int FewestRepeats = 5;
    private const int LeastExcess = 3;
    private const int MostNamed = 3;
    private const int FewValues = 10;
    private const int FewestRows = 50;
    private const int FewestNearRows = 40;
    private const double Near = 2;
    private const int GapsNearby = 9;

    /// <summary>A value with the number of rows that have it, and the number that the mixture expects between the middles to its neighbours.</summary>
    public readonly record struct Heap(double Value, int Count, double Expected);

    /// <summary>Looks for repeated values of one feature.</summary>
    /// <param name="model">The mixture.</param>
    /// <param name="feature">j.</param>
    /// <param name="values">The observed values, sorted.</param>
    /// <param name="weights">The weights of their rows; null if all are the same. The mixture tells weights, so that more rows are expected where these are light.</param>
    /// <param name="probability">The chance of any where values are draws that were rounded to a grid.</param>
    /// <param name="distinct">The number of different values.</param>
    /// <returns>Those that stand out most, in the order of their values.</returns>
    public static Heap[] Find(GaussianMixtureModel model, int feature, double[] values, double[]? weights, double probability, out int distinct)
    {
        var starts = new List<int>();
        for (int i = 0; i < values.Length; i++)
        {
            if (i == 0 || values[i] != values[i - 1]) starts.Add(i);
        }

        distinct = starts.Count;
        double total = weights?.Sum() ?? 0;
        var heaps = new List<(Heap Heap, double Probability)>();
        for (int at = 0; at < starts.Count; at++)
        {
            int first = starts[at], end = at + 1 < starts.Count ? starts[at + 1] : values.Length;
            if (end - first < FewestRepeats) continue;
            double low = first > 0 ? (values[first - 1] / 2) + (values[first] / 2) : double.NegativeInfinity;
            double high = end < values.Length ? (values[first] / 2) + (values[end] / 2) : double.PositiveInfinity;

            // The first, the last and one far from the others have no neighbours that tell how far a grid would round to them.
            double widest = GapNearby(values, starts, at);
            (low, high) = (Math.Max(low, values[first] - widest), Math.Min(high, values[first] + widest));
            double rows = weights is null ? values.Length : total / weights.AsSpan(first, end - first).ToArray().Average();
            double expected = rows * Probability(model, feature, low, high);
            double chance = NormalMoments.ProbabilityOfPoisson(end - first, expected);
            if (end - first >= LeastExcess * expected && chance * starts.Count < probability) heaps.Add((new Heap(values[first], end - first, expected), chance));
        }

        return [.. heaps.OrderBy(entry => entry.Probability).ThenBy(entry => -entry.Heap.Count).Take(MostNamed).Select(entry => entry.Heap).OrderBy(heap => heap.Value)];
    }

    /// <summary>Whether a feature has so few values for its rows that no Gaussian describes it.</summary>
    public static bool AreFew(int distinct, int rowCount) => distinct <= FewValues && rowCount >= FewestRows;

    /// <summary>The component within two standard deviations of whose mean fewest values lie, where rows enough lie there and values are too few for a Gaussian of that width.</summary>
    /// <param name="model">The mixture.</param>
    /// <param name="feature">j.</param>
    /// <param name="values">The observed values, sorted.</param>
    /// <returns>The component, its values there and the rows that have them; null if there is none.</returns>
    /// <remarks>Rounding to half of a standard deviation leaves eight or nine values there, to a tenth some forty, however many rows there are.</remarks>
    public static (int Component, int Distinct, int RowCount)? CoarsestGrid(GaussianMixtureModel model, int feature, double[] values)
    {
        (int Component, int Distinct, int RowCount)? coarsest = null;
        for (int k = 0; k < model.ComponentCount; k++)
        {
            double mean = model.Means[k, feature], reach = Near * Math.Sqrt(model.Components.CovarianceOf(k, feature, feature));
            int first = SortedValues.CountUpTo(values, mean - reach), end = SortedValues.CountUpTo(values, mean + reach), distinct = 0;
            for (int i = first; i < end && distinct <= FewValues; i++)
            {
                if (i == first || values[i] != values[i - 1]) distinct++;
            }

            if (distinct <= FewValues && end - first >= FewestNearRows && !(distinct >= coarsest?.Distinct)) coarsest = (k, distinct, end - first);
        }

        return coarsest;
    }

    // The middle one of the next few gaps between values, on the side where it is wider: a grid has none that are smaller than its step.
    private static double GapNearby(double[] values, List<int> starts, int at)
    {
        double widest = 0;
        foreach (int side in (ReadOnlySpan<int>)[-1, 1])
        {
            var gaps = new List<double>();
            for (int next = at + side; next >= 0 && next < starts.Count && gaps.Count < GapsNearby; next += side) gaps.Add(Math.Abs(values[starts[next]] - values[starts[next - side]]));
            gaps.Sort();
            if (gaps.Count > 0) widest = Math.Max(widest, gaps[gaps.Count / 2]);
        }

        return widest > 0 ? widest : double.PositiveInfinity;
    }

    private static double Probability(GaussianMixtureModel model, int feature, double low, double high)
    {
        double sum = 0;
        for (int k = 0; k < model.ComponentCount; k++)
        {
            double mean = model.Means[k, feature], width = Math.Sqrt(2 * model.Components.CovarianceOf(k, feature, feature));

            // Differences of small tails, on whichever side they are.
            double from = (low - mean) / width, to = (high - mean) / width;
            sum += model.Weights[k] / 2 * (from > 0 ? SpecialFunctions.Erfc(from) - SpecialFunctions.Erfc(to) : SpecialFunctions.Erfc(-to) - SpecialFunctions.Erfc(-from));
        }

        if (model.Noise is { } noise)
        {
            double middle = noise.Distribution.Centre[feature], side = noise.Distribution.Sides[feature];
            sum += noise.Weight * (Math.Clamp(((high - middle) / side) + 0.5, 0, 1) - Math.Clamp(((low - middle) / side) + 0.5, 0, 1));
        }

        return Math.Max(0, sum);
    }
}
