namespace Microsoft.ML.Mixture;

/// <summary>Tells rows that differ from rows that do not.</summary>
internal sealed class RowComparer : IEqualityComparer<double[]>, IAlternateEqualityComparer<ReadOnlySpan<double>, double[]>
{
    public static RowComparer Instance { get; } = new();

    public double[] Create(ReadOnlySpan<double> alternate) => alternate.ToArray();

    public bool Equals(ReadOnlySpan<double> alternate, double[] other) => alternate.SequenceEqual(other);

    public bool Equals(double[]? x, double[]? y) => x.AsSpan().SequenceEqual(y);

    public int GetHashCode(ReadOnlySpan<double> alternate)
    {
        var hash = default(HashCode);
        foreach (double value in alternate) hash.Add(value);
        return hash.ToHashCode();
    }

    public int GetHashCode(double[] row) => GetHashCode(row.AsSpan());
}
