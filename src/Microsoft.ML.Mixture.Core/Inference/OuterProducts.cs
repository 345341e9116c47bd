using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>The sum of weighted outer products of vectors, as a lower triangle. Vectors are gathered, so that the triangle is passed over once for many.</summary>
/// <param name="length">The length of the vectors.</param>
internal sealed class OuterProducts(int length)
{
    private const int Most = 128;

    private readonly double[] _gathered = new double[length * Most];
    private readonly double[] _scaled = new double[length * Most];
    private readonly double[] _sum = new double[PackedTriangle.Length(length)];
    private int _count;

    /// <summary>Adds weight times the vector times its transpose.</summary>
    public void Add(ReadOnlySpan<double> vector, double weight)
    {
        for (int i = 0; i < vector.Length; i++)
        {
            _gathered[(i * Most) + _count] = vector[i];
            _scaled[(i * Most) + _count] = weight * vector[i];
        }

        if (++_count == Most) Flush();
    }

    /// <summary>The sum so far; see <see cref="PackedTriangle"/>.</summary>
    public double[] Sum()
    {
        Flush();
        return _sum;
    }

    private void Flush()
    {
        for (int i = 0, at = 0; i < length; i++)
        {
            ReadOnlySpan<double> row = _scaled.AsSpan(i * Most, _count);
            for (int j = 0; j <= i; j++) _sum[at++] += Lanes.Dot(row, _gathered.AsSpan(j * Most, _count));
        }

        _count = 0;
    }
}
