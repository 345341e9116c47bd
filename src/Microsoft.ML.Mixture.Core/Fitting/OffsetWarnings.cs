using System.Globalization;

namespace Microsoft.ML.Mixture;

/// <summary>Features so far from zero, beside the spread of a component, that double precision holds no mean near enough to the best one.</summary>
internal static class OffsetWarnings
{
    // In nats a row. A mean that is off by d costs d^2 / 2 variances of the component, and rounding to multiples of u a mean square of u^2 / 12.
    private const double LeastLoss = 1e-4;
    private const double RoundingsOfVariance = 24;

    /// <summary>Tells of them.</summary>
    /// <param name="componentCount">K.</param>
    /// <param name="means">The means of the components in the units of the fit, shape K x D.</param>
    /// <param name="varianceOf">The variance of a feature in a component.</param>
    /// <param name="exponent">The units are 2^exponent times those of the data.</param>
    /// <param name="options">What features are called.</param>
    public static IEnumerable<string> Collect(int componentCount, double[] means, Func<int, int, double> varianceOf, int exponent, MixtureOptions options)
    {
        int dimension = means.Length / componentCount;
        var found = new List<(int Feature, int Component, double Loss)>();
        for (int j = 0; j < dimension; j++)
        {
            double[] losses = [.. Enumerable.Range(0, componentCount).Select(k => Loss(means[(k * dimension) + j], varianceOf(k, j)))];
            int most = Array.IndexOf(losses, losses.Max());
            if (losses[most] > LeastLoss) found.Add((j, most, losses[most]));
        }

        return SimilarWarnings.Tell(
            found,
            one => $"{options.FeatureName(one.Feature)} is so far from zero ({Text(means[(one.Component * dimension) + one.Feature], exponent)}) beside its spread in component {one.Component} "
                + $"({Text(Math.Sqrt(varianceOf(one.Component, one.Feature)), exponent)}) that the mean is rounded, and about {one.Loss.ToString("G2", CultureInfo.InvariantCulture)} nats a row are lost there. "
                + "Subtract a constant from it.",
            "feature");
    }

    private static double Loss(double mean, double variance)
    {
        double unit = Math.BitIncrement(Math.Abs(mean)) - Math.Abs(mean);
        return unit * unit / (RoundingsOfVariance * variance);
    }

    private static string Text(double value, int exponent) => double.ScaleB(value, -exponent).ToString("G3", CultureInfo.InvariantCulture);
}
