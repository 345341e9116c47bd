using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>A Cholesky factorisation of correlations, feature by feature, which leaves out those that are not to explain later ones.</summary>
/// <param name="correlations">Of the features; see <see cref="PackedTriangle"/>.</param>
internal sealed class FeatureElimination(double[] correlations)
{
    private readonly List<int> _kept = [];

    // Of the features kept, row after row; see PackedTriangle.
    private readonly double[] _factor = new double[correlations.Length];

    // Of the feature that was asked for last.
    private double[] _row = [];

    /// <summary>The features that explain others, in their order.</summary>
    public IReadOnlyList<int> Kept => _kept;

    /// <summary>The share of the variance of a feature that those before it leave.</summary>
    public double Unexplained(int feature)
    {
        double pivot = correlations[PackedTriangle.Index(feature, feature)];
        if (_row.Length < _kept.Count) Array.Resize(ref _row, 2 * _kept.Count);
        for (int a = 0; a < _kept.Count; a++)
        {
            ReadOnlySpan<double> other = _factor.AsSpan(PackedTriangle.Index(a, 0), a + 1);
            double part = (correlations[PackedTriangle.Index(feature, _kept[a])] - Lanes.Dot(_row.AsSpan(0, a), other[..a])) / other[a];
            _row[a] = part;
            pivot -= part * part;
        }

        return pivot;
    }

    /// <summary>Lets a feature explain later ones.</summary>
    /// <param name="feature">The feature that was asked for last.</param>
    /// <param name="unexplained">What is left of it, above zero.</param>
    public void Keep(int feature, double unexplained)
    {
        int count = _kept.Count;
        _row.AsSpan(0, count).CopyTo(_factor.AsSpan(PackedTriangle.Index(count, 0)));
        _factor[PackedTriangle.Index(count, count)] = Math.Sqrt(unexplained);
        _kept.Add(feature);
    }

    /// <summary>The regression of the feature that was asked for last, which is not kept, on those kept, in standard deviations: a part for each of them.</summary>
    public double[] PartsOfLast()
    {
        double[] parts = _row[.._kept.Count];
        for (int a = parts.Length - 1; a >= 0; a--)
        {
            ReadOnlySpan<double> own = _factor.AsSpan(PackedTriangle.Index(a, 0), a + 1);
            parts[a] /= own[a];
            Lanes.AddScaled(own[..a], -parts[a], parts.AsSpan(0, a));
        }

        return parts;
    }
}
