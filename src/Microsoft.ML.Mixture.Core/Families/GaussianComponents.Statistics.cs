using System.Runtime.CompilerServices;
using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <content>What the M-step needs of a block of rows.</content>
internal sealed partial class GaussianComponents
{
    // Above this share of rows it is cheaper to pass over all of them, eight at a time, unless there are many features.
    private const double MostActiveShare = 0.5;
    private const int ManyFeatures = 96;

    public override void Accumulate(RowBlock rows, ReadOnlySpan<double> responsibilities, Span<double> statistics, Span<double> scratch)
    {
        if (rows.Holes is not null)
        {
            Span<int> all = new int[ComponentCount];
            for (int k = 0; k < all.Length; k++) all[k] = k;
            AccumulateHoled(rows, all, responsibilities, statistics, scratch);
            return;
        }

        bool hasRows = false;
        for (int k = 0; k < ComponentCount; k++) Accumulate(k, rows, responsibilities, statistics, scratch, ref hasRows);
        if (_usesTotal) AccumulateConstant(rows, statistics[^ConstantStatisticsLength..], scratch);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal override void AccumulateChosen(RowBlock rows, ReadOnlySpan<int> components, Span<double> responsibilities, Span<double> statistics, Span<double> scratch)
    {
        if (rows.Holes is not null)
        {
            AccumulateHoled(rows, components, responsibilities, statistics, scratch);
            return;
        }

        bool hasRows = false;
        foreach (int k in components) Accumulate(k, rows, responsibilities, statistics, scratch, ref hasRows);
    }

    internal override void AccumulateConstant(RowBlock rows, Span<double> statistics, Span<double> scratch)
    {
        bool hasRows = false;
        Span<double> sums = Dimension <= SquareMatrix.MostOnStack ? stackalloc double[Dimension] : new double[Dimension];
        AccumulateFull(rows, _family.Origin, rows.Weights[..rows.LaneCount], sums, statistics, scratch, ref hasRows);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Accumulate(
        int component, RowBlock rows, ReadOnlySpan<double> responsibilities, Span<double> statistics, Span<double> scratch, ref bool hasRows)
    {
        int stride = rows.Stride, lanes = rows.LaneCount;
        ReadOnlySpan<double> shares = responsibilities.Slice(component * stride, lanes);
        ReadOnlySpan<double> pivot = _pivots.AsSpan(component * Dimension, Dimension);
        Span<double> sums = statistics.Slice(component * _componentStatisticsLength, Dimension);
        Span<double> scatter = statistics.Slice((component * _componentStatisticsLength) + Dimension, _componentStatisticsLength - Dimension);
        if (_usesTotal) WeightedMoments.AddSums(rows.Values, pivot, shares, stride, lanes, sums);
        else if (!_takesFullScatter) WeightedMoments.AddDiagonal(rows.Values, pivot, shares, stride, lanes, sums, scatter);
        else AccumulateFull(rows, pivot, shares, sums, scatter, scratch, ref hasRows);
    }

    // The first component that needs it leaves the rows in the scratch memory, the features of each side by side, for the others.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AccumulateFull(
        RowBlock rows, ReadOnlySpan<double> pivot, ReadOnlySpan<double> shares, Span<double> sums, Span<double> scatter, Span<double> scratch,
        ref bool hasRows)
    {
        int stride = rows.Stride, lanes = rows.LaneCount;
        if (Dimension <= WeightedMoments.LargestFullDimension)
        {
            WeightedMoments.AddFull(rows.Values, pivot, shares, stride, lanes, sums, scatter);
            return;
        }

        int rowStride = SparseScatter.RowStride(Dimension);
        Span<double> sideBySide = scratch[..(rowStride * stride)], work = scratch[sideBySide.Length..];
        Span<int> active = stackalloc int[lanes];
        active = active[..SparseScatter.FindRows(shares, active)];
        if (Dimension >= ManyFeatures || active.Length < lanes * MostActiveShare)
        {
            if (!hasRows) RowTransposition.ToRows(rows.Values, Dimension, stride, lanes, sideBySide, rowStride);
            hasRows = true;
            SparseScatter.Add(sideBySide, pivot, shares, active, work, sums, scatter);
            return;
        }

        WeightedScatter.Add(rows.Values, pivot, shares, stride, lanes, work, sums, scatter);
    }
}
