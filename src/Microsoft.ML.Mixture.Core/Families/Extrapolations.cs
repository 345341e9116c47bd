namespace Microsoft.ML.Mixture;

/// <summary>What families have in common that take longer steps in the direction of two steps of EM; see <see cref="Acceleration"/>.</summary>
internal static class Extrapolations
{
    private const double SmallestWeight = 1e-12;

    /// <summary>Adds to squared lengths what two steps of a weight make; false if a weight is too small to have a logarithm of meaning.</summary>
    public static bool TryAddWeights(MixtureState before, MixtureState middle, MixtureState after, int component, ref double first, ref double change)
    {
        double weight0 = before.Weights[component], weight1 = middle.Weights[component], weight2 = after.Weights[component];
        if (!(Math.Min(Math.Min(weight0, weight1), weight2) > SmallestWeight)) return false;
        Add(Math.Log(weight0), Math.Log(weight1), Math.Log(weight2), 1, ref first, ref change);
        return true;
    }

    /// <summary>Adds to squared lengths what two steps of a parameter make, of the first and of their difference.</summary>
    public static void Add(double before, double middle, double after, double unit, ref double first, ref double change)
    {
        double r = (middle - before) / unit, v = ((after - middle) / unit) - r;
        first += r * r;
        change += v * v;
    }

    /// <summary>The value of a parameter beyond two steps.</summary>
    public static double Beyond(double before, double middle, double after, double step)
    {
        double r = middle - before;
        return before + (2 * step * r) + (step * step * (after - middle - r));
    }

    /// <summary>Weights beyond two steps, by their logarithms, with sum one.</summary>
    public static void Weights(ReadOnlySpan<double> before, ReadOnlySpan<double> middle, ReadOnlySpan<double> after, double step, Span<double> destination)
    {
        double largest = double.NegativeInfinity, total = 0;
        for (int k = 0; k < destination.Length; k++)
        {
            destination[k] = Beyond(Math.Log(before[k]), Math.Log(middle[k]), Math.Log(after[k]), step);
            largest = Math.Max(largest, destination[k]);
        }

        foreach (ref double weight in destination) total += weight = Math.Exp(weight - largest);
        foreach (ref double weight in destination) weight /= total;
    }
}
