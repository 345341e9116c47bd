using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <content>What the M-step needs of a block of rows.</content>
internal sealed partial class GaussianComponents
{
    public override void Accumulate(RowBlock rows, ReadOnlySpan<double> responsibilities, Span<double> statistics, Span<double> scratch)
    {
        for (int k = 0; k < ComponentCount; k++) Accumulate(k, rows, responsibilities, statistics, scratch);
    }

    internal override void AccumulateChosen(RowBlock rows, ReadOnlySpan<int> components, Span<double> responsibilities, Span<double> statistics, Span<double> scratch)
    {
        foreach (int k in components) Accumulate(k, rows, responsibilities, statistics, scratch);
    }

    private void Accumulate(int component, RowBlock rows, ReadOnlySpan<double> responsibilities, Span<double> statistics, Span<double> scratch)
    {
        int stride = rows.Stride, lanes = rows.LaneCount;
        Span<double> centred = scratch[..(Lanes.Pad(Dimension) * stride)];
        Span<double> weighted = scratch.Slice(centred.Length, centred.Length);
        Span<int> active = stackalloc int[stride];
        ReadOnlySpan<double> shares = responsibilities.Slice(component * stride, lanes);
        int count = SparseScatter.FindRows(shares, active);
        if (count == 0) return;
        Span<double> sums = statistics.Slice(component * ComponentStatisticsLength, Dimension);
        Span<double> scatter = statistics.Slice((component * ComponentStatisticsLength) + Dimension, ComponentStatisticsLength - Dimension);
        ReadOnlySpan<double> pivot = _pivots.AsSpan(component * Dimension, Dimension);
        if (count < lanes * MostActiveShare)
        {
            SparseScatter.Gather(rows.Values, pivot, shares, stride, active[..count], centred, weighted, sums);
            AddSparse(centred, weighted, count, scatter);
        }
        else
        {
            Centring.Subtract(rows.Values, pivot, stride, lanes, centred);
            Centring.WeighAndAddSums(centred, shares, stride, lanes, weighted, sums);
            AddDense(centred, weighted, stride, lanes, scatter);
        }
    }

    private void AddDense(ReadOnlySpan<double> centred, ReadOnlySpan<double> weighted, int stride, int lanes, Span<double> scatter)
    {
        switch (_family.Structure.Shape)
        {
            case CovarianceShape.Full when Dimension > 1:
                WeightedScatter.AddFull(centred, weighted, Dimension, stride, lanes, scatter);
                break;
            case CovarianceShape.Full or CovarianceShape.Diagonal:
                WeightedScatter.AddDiagonal(centred, weighted, stride, lanes, scatter[..Dimension]);
                break;
            default:
                scatter[0] += WeightedScatter.Trace(centred, weighted, Dimension, stride, lanes);
                break;
        }
    }

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
