using System.Runtime.CompilerServices;
using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <content>What the M-step needs of a block of rows.</content>
internal sealed partial class GaussianComponents
{
    // Above this share of rows it is cheaper to pass over all of them, eight at a time.
    private const double MostActiveShare = 0.4;
    private const double MostActiveShareOfDiagonal = 0.08;

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
        Span<double> sums = statistics.Slice(component * ComponentStatisticsLength, Dimension);
        Span<double> scatter = statistics.Slice((component * ComponentStatisticsLength) + Dimension, ComponentStatisticsLength - Dimension);
        if (_usesTotal)
        {
            WeightedMoments.AddSums(rows.Values, pivot, shares, stride, lanes, sums);
            return;
        }

        bool isFull = _family.Structure.Shape == CovarianceShape.Full;
        if (isFull && Dimension <= WeightedMoments.LargestFullDimension)
        {
            AccumulateFull(rows, pivot, shares, sums, scatter, scratch);
            return;
        }

        Span<int> active = stackalloc int[stride];
        int count = SparseScatter.FindRows(shares, active);
        if (count == 0) return;
        Span<double> centred = scratch[..(Lanes.Pad(Dimension) * stride)], weighted = scratch.Slice(centred.Length, centred.Length);
        if (count < lanes * (isFull ? MostActiveShare : MostActiveShareOfDiagonal))
        {
            SparseScatter.Gather(rows.Values, pivot, shares, stride, active[..count], centred, weighted, sums);
            AddSparse(centred, weighted, count, scatter);
        }
        else if (isFull)
        {
            AccumulateFull(rows, pivot, shares, sums, scatter, scratch);
        }
        else
        {
            WeightedMoments.AddDiagonal(rows.Values, pivot, shares, stride, lanes, sums, scatter);
        }
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
        Centring.Subtract(rows.Values, pivot, stride, lanes, centred);
        Centring.WeighAndAddSums(centred, shares, stride, lanes, weighted, sums);
        WeightedScatter.AddFull(centred, weighted, Dimension, stride, lanes, scatter);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddSparse(ReadOnlySpan<double> centred, ReadOnlySpan<double> weighted, int rowCount, Span<double> scatter)
    {
        switch (_family.Structure.Shape)
        {
            case CovarianceShape.Full:
                SparseScatter.AddFull(centred, weighted, Dimension, rowCount, scatter);
                break;
            case CovarianceShape.Diagonal:
                SparseScatter.AddDiagonal(centred, weighted, rowCount, scatter);
                break;
            default:
                scatter[0] += SparseScatter.Trace(centred, weighted, Dimension, rowCount);
                break;
        }
    }
}
