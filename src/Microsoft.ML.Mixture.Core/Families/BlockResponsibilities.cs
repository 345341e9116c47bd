using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>What a mixture says of the rows of one block after the other, in memory that all share.</summary>
/// <param name="components">The components.</param>
/// <param name="logWeights">The logarithms of their weights.</param>
internal sealed class BlockResponsibilities(MixtureComponents components, double[] logWeights)
{
    private double[] _values = [];
    private double[] _logDensities = [];
    private double[] _scratch = [];

    /// <summary>r(i,k), times the weight of the row, at [k * stride + i]; until the next block.</summary>
    public double[] Of(RowBlock block)
    {
        LogDensities(block);
        return Normalize(block);
    }

    /// <summary>ln f(k)(x(i)) at [k * stride + i]; until <see cref="Normalize"/> or the next block.</summary>
    public double[] LogDensities(RowBlock block)
    {
        if (_values.Length == 0)
        {
            _values = new double[logWeights.Length * block.Stride];
            _logDensities = new double[block.Stride];
            _scratch = new double[components.ScratchLength(block.Stride)];
        }

        components.LogDensities(block, _values, _scratch);
        return _values;
    }

    /// <summary>The same as <see cref="Of"/>, in place of the log-densities of the block that were asked for last.</summary>
    public double[] Normalize(RowBlock block)
    {
        LogSumExp.NormalizeInPlace(_values, block.Stride, block.LaneCount, logWeights, block.Weights, _logDensities);
        return _values;
    }
}
