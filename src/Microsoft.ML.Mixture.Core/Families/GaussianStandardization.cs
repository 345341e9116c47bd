using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>A copy of the maps y = inverse(L(k)) (x - mu(k)) of a mixture, to compare later ones with.</summary>
internal sealed class GaussianStandardization
{
    private GaussianComponents? _shapeOf;
    private double[] _means = [];
    private double[] _inverses = [];
    private double[] _row = [];

    public void CopyFrom(GaussianComponents components)
    {
        _shapeOf = components;
        if (_means.Length != components.Means.Length) _means = new double[components.Means.Length];
        if (_inverses.Length != components.InverseFactors.Length) _inverses = new double[components.InverseFactors.Length];
        components.Means.CopyTo(_means);
        components.InverseFactors.CopyTo(_inverses);
    }

    /// <summary>Tells how a component has moved: with y the old and y' the new image of a row, |y'| is at least (|y| - shift) / growth.</summary>
    /// <returns>False if the two are stored differently, so that nothing can be said.</returns>
    public bool TryCompare(GaussianComponents next, int component, out double shift, out double growth)
    {
        shift = growth = 0;
        if (_shapeOf is null || _shapeOf.Shape != next.Shape || _shapeOf.IsShared != next.IsShared || _means.Length != next.Means.Length) return false;
        int dimension = next.Dimension;
        ReadOnlySpan<double> before = _means.AsSpan(component * dimension, dimension), after = next.Means.Slice(component * dimension, dimension);
        int length = next.Shape.Length(dimension);
        ReadOnlySpan<double> inverse = _inverses.AsSpan(next.IsShared ? 0 : component * length, length);
        ReadOnlySpan<double> factor = next.Factor(component);
        double squaredShift = 0;
        if (next.Shape != CovarianceShape.Full)
        {
            for (int j = 0; j < dimension; j++)
            {
                int at = next.Shape.Index(j, j);
                double moved = inverse[at] * (after[j] - before[j]);
                squaredShift += moved * moved;
                growth = Math.Max(growth, inverse[at] * factor[at]);
            }
        }
        else
        {
            if (_row.Length < dimension) _row = new double[dimension];
            double squaredDifference = 0;
            for (int i = 0; i < dimension; i++)
            {
                // Row i of inverse(L) L', and inverse(L) (mu' - mu).
                Span<double> product = _row.AsSpan(0, i + 1);
                product.Clear();
                double moved = 0;
                for (int m = 0; m <= i; m++)
                {
                    double scale = inverse[PackedTriangle.Index(i, m)];
                    moved += scale * (after[m] - before[m]);
                    Lanes.AddScaled(factor.Slice(PackedTriangle.Index(m, 0), m + 1), scale, product);
                }

                squaredShift += moved * moved;
                product[i] -= 1;
                foreach (double entry in product) squaredDifference += entry * entry;
            }

            growth = 1 + Math.Sqrt(squaredDifference);
        }

        shift = Math.Sqrt(squaredShift);
        return double.IsFinite(shift) && double.IsFinite(growth) && growth > 0;
    }
}
