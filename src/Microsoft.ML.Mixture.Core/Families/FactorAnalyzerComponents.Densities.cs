using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <content>The E-step: log-densities, and the sums that the M-step needs.</content>
/// <remarks>
/// Statistics of component k, one after the other, with y = x - mu(k): the sum of r y, D numbers; the sum of r y(j)^2, D numbers; the sum of r y z', D x P
/// with P from <see cref="LowRank"/>; the sum of r z, q numbers; the sum of r (z z' + inverse(M)), the expectation of the factors' squares, a packed
/// triangle. The cost of an iteration is about 2 D P operations for densities and as many for statistics, for each row and component.
/// </remarks>
internal sealed partial class FactorAnalyzerComponents
{
    private int ComponentStatisticsLength => (Dimension * (2 + _rank)) + FactorCount + PackedTriangle.Length(FactorCount);

    public override int ScratchLength(int stride) => 2 * _rank * stride;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void LogDensities(RowBlock rows, Span<double> logDensities, Span<double> scratch)
    {
        if (rows.Holes is not null)
        {
            LogDensitiesOfHoled(rows, logDensities, scratch);
            return;
        }

        for (int k = 0; k < ComponentCount; k++)
        {
            ReadOnlySpan<double> factors = Factors(k, rows.Values, rows.Stride, rows.LaneCount, scratch);
            LogDensities(k, rows.Values, factors, rows.Stride, logDensities.Slice(k * rows.Stride, rows.LaneCount));
        }
    }

    public override void Accumulate(RowBlock rows, ReadOnlySpan<double> responsibilities, Span<double> statistics, Span<double> scratch)
    {
        Span<double> filled = Prepare(rows);
        for (int k = 0; k < ComponentCount; k++) Accumulate(k, rows, responsibilities, statistics, scratch, filled);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal override void AccumulateChosen(RowBlock rows, ReadOnlySpan<int> components, Span<double> responsibilities, Span<double> statistics, Span<double> scratch)
    {
        Span<double> filled = Prepare(rows);
        foreach (int k in components) Accumulate(k, rows, responsibilities, statistics, scratch, filled);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Accumulate(int component, RowBlock rows, ReadOnlySpan<double> responsibilities, Span<double> statistics, Span<double> scratch, Span<double> filled)
    {
        int stride = rows.Stride, lanes = rows.LaneCount;
        ReadOnlySpan<double> shares = responsibilities.Slice(component * stride, lanes), mean = OfFeatures(_means, component), values = rows.Holes is null ? rows.Values : filled;
        Span<double> sums = statistics.Slice(component * ComponentStatisticsLength, ComponentStatisticsLength);
        Span<double> squares = sums[Dimension..], products = squares[Dimension..], ofFactors = products[(Dimension * _rank)..];
        Span<double> factors = rows.Holes is null
            ? Factors(component, values, stride, lanes, scratch)
            : FactorsOfHoled(component, rows, shares, squares, products, ofFactors[FactorCount..], scratch, filled);
        WeightedMoments.AddDiagonal(values, mean, shares, stride, lanes, sums[..Dimension], squares[..Dimension]);

        Span<double> weighted = scratch.Slice(0, _rank * stride);
        for (int m = 0; m < _rank; m++)
        {
            TensorPrimitives.Multiply(factors.Slice(m * stride, lanes), shares, weighted.Slice(m * stride, lanes));
        }

        LowRank.AddProducts(values, mean, weighted, stride, lanes, products[..(Dimension * _rank)]);
        double share = rows.Holes is null ? Lanes.Sum(shares) : 0;
        for (int a = 0, next = FactorCount; a < FactorCount; a++)
        {
            ofFactors[a] += Lanes.Sum(weighted.Slice(a * stride, lanes));
            for (int b = 0; b <= a; b++)
            {
                ofFactors[next++] += Lanes.Dot(weighted.Slice(a * stride, lanes), factors.Slice(b * stride, lanes)) + (share * Posterior(component)[(a * _rank) + b]);
            }
        }
    }

    private void LogDensities(int component, ReadOnlySpan<double> values, ReadOnlySpan<double> factors, int stride, Span<double> destination)
    {
        LowRank.ResidualNorm(
            values, OfFeatures(_means, component), OfLoadings(_loadings, component), OfFeatures(_scales, component), factors, stride, destination.Length, destination);
        Lanes.MultiplyAddInPlace(destination, -0.5, _logConstants[component]);
    }

    // The second half of the scratch memory, with z; the first is left with Lambda' inverse(Psi) (x - mu).
    private Span<double> Factors(int component, ReadOnlySpan<double> values, int stride, int lanes, Span<double> scratch)
    {
        int length = _rank * stride;
        Span<double> projections = scratch[..length], factors = scratch.Slice(length, length);
        LowRank.Project(values, OfFeatures(_means, component), OfLoadings(_weightedLoadings, component), stride, lanes, projections);
        LowRank.Project(projections, _zeros, Posterior(component), stride, lanes, factors);
        return factors;
    }
}
