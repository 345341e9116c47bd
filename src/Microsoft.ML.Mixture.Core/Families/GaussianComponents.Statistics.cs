using System.Runtime.CompilerServices;
using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <content>What the M-step needs of a block of rows.</content>
internal sealed partial class GaussianComponents
{
    // Above this share of rows it is cheaper to pass over all of them, eight at a time.
    private const double MostActiveShare = 0.4;

    public override void Accumulate(RowBlock rows, ReadOnlySpan<double> responsibilities, Span<double> statistics, Span<double> scratch)
    {
        for (int k = 0; k < ComponentCount; k++) Accumulate(k, rows, responsibilities, statistics, scratch);
        if (_usesTotal) AccumulateConstant(rows, statistics[^ConstantStatisticsLength..], scratch);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal override void AccumulateChosen(RowBlock rows, ReadOnlySpan<int> components, Span<double> responsibilities, Span<double> statistics, Span<double> scratch)
    {
        foreach (int k in components) Accumulate(k, rows, responsibilities, statistics, scratch);
    }

    internal override void AccumulateConstant(RowBlock rows, Span<double> statistics, Span<double> scratch) =>
        AccumulateFull(rows, _family.Origin, rows.Weights, stackalloc double[Dimension], statistics, scratch);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Accumulate(int component, RowBlock rows, ReadOnlySpan<double> responsibilities, Span<double> statistics, Span<double> scratch)
    {
        int stride = rows.Stride, lanes = rows.LaneCount;
        ReadOnlySpan<double> shares = responsibilities.Slice(component * stride, lanes);
        ReadOnlySpan<double> pivot = _pivots.AsSpan(component * Dimension, Dimension);
        Span<double> sums = statistics.Slice(component * _componentStatisticsLength, Dimension);
        Span<double> scatter = statistics.Slice((component * _componentStatisticsLength) + Dimension, _componentStatisticsLength - Dimension);
        if (_usesTotal)
        {
            WeightedMoments.AddSums(rows.Values, pivot, shares, stride, lanes, sums);
            return;
        }

        if (!_takesFullScatter)
        {
            WeightedMoments.AddDiagonal(rows.Values, pivot, shares, stride, lanes, sums, scatter);
            return;
        }

        if (Dimension > WeightedMoments.LargestFullDimension)
        {
            // Of a few rows each is added by itself.
            Span<int> active = stackalloc int[stride];
            int count = SparseScatter.FindRows(shares, active);
            if (count < lanes * MostActiveShare)
            {
                Span<double> centred = scratch[..(Lanes.Pad(Dimension) * stride)], weighted = scratch.Slice(centred.Length, centred.Length);
                SparseScatter.Gather(rows.Values, pivot, shares, stride, active[..count], centred, weighted, sums);
                SparseScatter.AddFull(centred, weighted, Dimension, count, scatter);
                return;
            }
        }

        AccumulateFull(rows, pivot, shares, sums, scatter, scratch);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AccumulateFull(
        RowBlock rows, ReadOnlySpan<double> pivot, ReadOnlySpan<double> shares, Span<double> sums, Span<double> scatter, Span<double> scratch)
    {
        int stride = rows.Stride, lanes = rows.LaneCount;
        if (Dimension <= WeightedMoments.LargestFullDimension)
        {
            WeightedMoments.AddFull(rows.Values, pivot, shares, stride, lanes, sums, scatter);
            return;
        }

        Span<double> centred = scratch[..(Lanes.Pad(Dimension) * stride)], weighted = scratch.Slice(centred.Length, centred.Length);
        Centring.WeighAndAddSums(rows.Values, pivot, shares, stride, lanes, centred, weighted, sums);
        WeightedScatter.AddFull(centred, weighted, Dimension, stride, lanes, scatter);
    }
}
