using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>A Cholesky factorisation of correlations, feature by feature, which leaves out those that are not to explain later ones.</summary>
/// <param name="correlations">Of the features; see <see cref="PackedTriangle"/>.</param>
internal sealed class FeatureElimination(double[] correlations)
{
    private readonly double[] _factor = new double[correlations.Length];
    private readonly List<int> _kept = [];

    /// <summary>The features that explain others, in their order.</summary>
    public IReadOnlyList<int> Kept => _kept;

    /// <summary>The share of the variance of a feature that those before it leave.</summary>
    public double Unexplained(int feature)
    {
        double pivot = correlations[PackedTriangle.Index(feature, feature)];
        for (int a = 0; a < _kept.Count; a++)
        {
            int other = _kept[a];
            double sum = correlations[PackedTriangle.Index(feature, other)];
            for (int b = 0; b < a; b++) sum -= _factor[PackedTriangle.Index(feature, _kept[b])] * _factor[PackedTriangle.Index(other, _kept[b])];
            sum /= _factor[PackedTriangle.Index(other, other)];
            _factor[PackedTriangle.Index(feature, other)] = sum;
            pivot -= sum * sum;
        }

        return pivot;
    }

    /// <summary>Lets a feature explain later ones.</summary>
    /// <param name="feature">The feature that was asked for last.</param>
    /// <param name="unexplained">What is left of it, above zero.</param>
    public void Keep(int feature, double unexplained)
    {
        _factor[PackedTriangle.Index(feature, feature)] = Math.Sqrt(unexplained);
        _kept.Add(feature);
    }

    /// <summary>The regression of a feature on those kept, in standard deviations: a part for each of them.</summary>
    /// <param name="feature">The feature that was asked for last, which is not kept.</param>
    public double[] PartsOf(int feature)
    {
        double[] parts = new double[_kept.Count];
        for (int a = parts.Length - 1; a >= 0; a--)
        {
            double part = _factor[PackedTriangle.Index(feature, _kept[a])];
            for (int b = a + 1; b < parts.Length; b++) part -= parts[b] * _factor[PackedTriangle.Index(_kept[b], _kept[a])];
            parts[a] = part / _factor[PackedTriangle.Index(_kept[a], _kept[a])];
        }

        return parts;
    }
}
