using System.Buffers;
using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>
/// The scatter of a row of the prior where it is no diagonal matrix: where it is the covariance of a component, and where features follow from others. What these have follows for
/// them there, so that in the direction in which no row varies the prior says nothing and all components have the variance that every row has. Variances of the prior there would be the
/// smaller the more rows a component has, so that mixtures of few large components were likelier whatever the rows are.
/// </summary>
internal sealed class PriorScatter
{
    private readonly double[] _factor;
    private readonly int _dimension;

    private PriorScatter(double[] factor, int dimension)
    {
        _factor = factor;
        _dimension = dimension;
        Values = new double[factor.Length];
        for (int i = 0; i < dimension; i++)
        {
            for (int j = 0; j <= i; j++) Values[PackedTriangle.Index(i, j)] = Lanes.Dot(Row(i)[..(j + 1)], Row(j));
        }
    }

    /// <summary>The scatter; see <see cref="PackedTriangle"/>.</summary>
    public double[] Values { get; }

    /// <summary>The sum of the squares of inverse(L) G, which is trace(G G' inverse(L L')).</summary>
    /// <param name="inverse">inverse(L); see <see cref="PackedTriangle"/>.</param>
    public double Trace(ReadOnlySpan<double> inverse)
    {
        double trace = 0;
        double[] rented = ArrayPool<double>.Shared.Rent(_dimension);
        for (int i = 0; i < _dimension; i++)
        {
            ReadOnlySpan<double> row = inverse.Slice(PackedTriangle.Index(i, 0), i + 1);
            Span<double> product = rented.AsSpan(0, i + 1);
            product.Clear();
            for (int l = 0; l <= i; l++) Lanes.AddScaled(Row(l), row[l], product[..(l + 1)]);
            trace += Lanes.Dot(product, product);
        }

        ArrayPool<double>.Shared.Return(rented);
        return trace;
    }

    /// <summary>Makes it of what features have by themselves and what they follow from.</summary>
    /// <param name="correlations">Of all rows; see <see cref="PackedTriangle"/>.</param>
    /// <param name="variances">The variances of the features in the prior, shape D; zero for none.</param>
    /// <param name="ownVariances">What a feature that follows from those before it has beside them; zero for those that do not follow, shape D.</param>
    public static PriorScatter Create(double[] correlations, double[] variances, double[] ownVariances)
    {
        int dimension = variances.Length;
        double[] factor = new double[correlations.Length];
        var elimination = new FeatureElimination(correlations);
        for (int j = 0; j < dimension; j++)
        {
            double unexplained = elimination.Unexplained(j);
            factor[PackedTriangle.Index(j, j)] = Math.Sqrt(ownVariances[j] > 0 ? ownVariances[j] : variances[j]);
            if (ownVariances[j] == 0)
            {
                if (unexplained > FeatureDependencies.Rounding) elimination.Keep(j, unexplained);
                continue;
            }

            double[] parts = elimination.PartsOfLast();
            for (int a = 0; a < parts.Length; a++) factor[PackedTriangle.Index(j, elimination.Kept[a])] = parts[a] * Math.Sqrt(variances[j]);
        }

        return new PriorScatter(factor, dimension);
    }

    /// <summary>Makes it of the Cholesky factor of a covariance; see <see cref="PackedTriangle"/>.</summary>
    public static PriorScatter OfFactor(ReadOnlySpan<double> factor, int dimension) => new(factor.ToArray(), dimension);

    private ReadOnlySpan<double> Row(int i) => _factor.AsSpan(PackedTriangle.Index(i, 0), i + 1);
}
