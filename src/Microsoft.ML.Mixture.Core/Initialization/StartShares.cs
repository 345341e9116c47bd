namespace Microsoft.ML.Mixture;

/// <summary>Responsibilities that starts are made of.</summary>
internal static class StartShares
{
    /// <summary>Makes room for r(i,k) at [i * K + k], all zero.</summary>
    /// <param name="rowCount">The number of rows.</param>
    /// <param name="componentCount">K.</param>
    /// <exception cref="ArgumentException">They are more than an array holds.</exception>
    public static double[] Create(int rowCount, int componentCount)
    {
        // In 64 bits, for in 32 the length may wrap around to a small one.
        if ((long)rowCount * componentCount <= Array.MaxLength) return new double[rowCount * componentCount];
        throw new ArgumentException(
            $"The start would have a share of {Counted.Of(rowCount, "row")} for {Counted.Of(componentCount, "component")} each, more numbers than an array holds. "
            + $"Pass fewer rows or components, or start otherwise, such as with {nameof(MixtureStart)}.{nameof(MixtureStart.FromParameters)}.");
    }
}
