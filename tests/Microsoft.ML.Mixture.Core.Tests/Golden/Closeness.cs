namespace Microsoft.ML.Mixture;

/// <summary>Assertions with one meaning of "equal to so many digits" for all tests.</summary>
internal static class Closeness
{
    /// <summary>|actual - expected| is at most tolerance times |expected|.</summary>
    public static void Relative(double expected, double actual, double tolerance, string what) =>
        Check(expected, actual, Math.Abs(expected), tolerance, what);

    /// <summary>|actual - expected| is at most tolerance.</summary>
    public static void Absolute(double expected, double actual, double tolerance, string what) => Check(expected, actual, 1, tolerance, what);

    /// <summary>Entries differ by at most tolerance times the largest entry.</summary>
    public static void ToScale(IEnumerable<double> expected, IEnumerable<double> actual, double tolerance, string what)
    {
        double[] wanted = [.. expected], got = [.. actual];
        Assert.True(wanted.Length == got.Length, $"{what} has {got.Length} entries instead of {wanted.Length}.");
        double scale = wanted.Select(Math.Abs).DefaultIfEmpty(0).Max();
        for (int i = 0; i < wanted.Length; i++) Check(wanted[i], got[i], scale, tolerance, $"{what}, entry {i}");
    }

    public static void ToScale(double[,] expected, ReadOnlyMatrix actual, double tolerance, string what) =>
        ToScale(expected.Cast<double>(), actual.ToArray().Cast<double>(), tolerance, what);

    public static void ToScale(IReadOnlyList<double[,]> expected, IReadOnlyList<ReadOnlyMatrix> actual, double tolerance, string what)
    {
        Assert.Equal(expected.Count, actual.Count);
        for (int k = 0; k < expected.Count; k++) ToScale(expected[k], actual[k], tolerance, $"{what} {k}");
    }

    /// <summary>The log-likelihood is not below a value that another system has reached.</summary>
    public static void AtLeast(double reached, double actual, double slack, string what) =>
        Assert.True(actual >= reached - slack, $"{what} is {actual:R}, below {reached:R}.");

    private static void Check(double expected, double actual, double scale, double tolerance, string what)
    {
        double error = Math.Abs(actual - expected);
        Assert.True(error <= tolerance * scale, $"{what} is {actual:R} instead of {expected:R}: off by {error / scale:E2}, with {tolerance:E1} allowed.");
    }
}
