using System.Runtime.CompilerServices;
using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <content>The E-step: log-densities.</content>
internal sealed partial class GaussianComponents
{
    public override int ScratchLength(int stride) => ComponentCount + (_takesFullScatter && Dimension > WeightedMoments.LargestFullDimension
        ? (SparseScatter.RowStride(Dimension) * stride) + Math.Max(WeightedScatter.WorkLength(Dimension, stride), SparseScatter.WorkLength(Dimension))
        : TriangularPanels.PadDimension(Dimension) * stride);

    // A distance for each block and component.
    internal override ComponentBounds? CreateBounds(int blockCount) => (long)blockCount * ComponentCount <= Array.MaxLength ? new GaussianBounds(this, blockCount) : null;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void LogDensities(RowBlock rows, Span<double> logDensities, Span<double> scratch)
    {
        if (rows.Holes is not null)
        {
            LogDensitiesOfHoled(rows, logDensities, scratch);
            return;
        }

        PrepareLogDensities(rows, scratch);
        for (int k = 0; k < ComponentCount; k++) LogDensities(k, rows, logDensities.Slice(k * rows.Stride, rows.LaneCount), scratch);
    }

    /// <summary>Does what all components have in common: with one covariance for all, rows are whitened once and each component only takes a difference.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void PrepareLogDensities(RowBlock rows, Span<double> scratch)
    {
        if (_isWhitened) SquaredNorm.Whiten(rows.Values, _means.AsSpan(0, Dimension), _factors, rows.Stride, rows.LaneCount, scratch);
    }

    /// <summary>Computes log p(x_i | k) of one component, after <see cref="PrepareLogDensities"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void LogDensities(int component, RowBlock rows, Span<double> destination, Span<double> scratch)
    {
        int stride = rows.Stride, lanes = rows.LaneCount;
        ReadOnlySpan<double> mean = _means.AsSpan(component * Dimension, Dimension);
        ReadOnlySpan<double> factor = Slice(_factors, component, _factorLength);
        switch (Shape)
        {
            case CovarianceShape.Full when _isWhitened:
                SquaredNorm.Scaled(scratch, _whitenedMeans.AsSpan(component * Dimension, Dimension), 1, stride, lanes, destination);
                break;
            case CovarianceShape.Full when Dimension > 1:
                SquaredNorm.Triangular(rows.Values, mean, factor, stride, lanes, destination);
                break;
            case CovarianceShape.Diagonal:
                SquaredNorm.Diagonal(rows.Values, mean, factor, stride, lanes, destination);
                break;
            default:
                SquaredNorm.Scaled(rows.Values, mean, factor[0], stride, lanes, destination);
                break;
        }

        Lanes.MultiplyAddInPlace(destination, -0.5, _logConstants[component]);
    }
}
