using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>Responsibilities of rows under mixtures of some number of components, as starts are made of them.</summary>
/// <param name="rows">The rows.</param>
/// <param name="componentCount">K.</param>
internal sealed class MixtureShares(RowSource rows, int componentCount)
{
    private AlignedBuffer? _joint;
    private AlignedBuffer? _scratch;
    private AlignedBuffer? _ones;
    private AlignedBuffer? _logDensities;

    /// <summary>r(i,k) at [i * K + k], one pass over the rows.</summary>
    /// <param name="state">The mixture.</param>
    /// <param name="logJoint">Receives ln(pi(k) f(k)(x(i))) in the same order; empty if it is not wanted.</param>
    /// <param name="logNoise">Receives the same of the noise, row by row; empty if there is none, or it is not wanted.</param>
    /// <param name="cancellationToken">Stops the pass.</param>
    public double[] Under(MixtureState state, Span<double> logJoint, Span<double> logNoise, CancellationToken cancellationToken)
    {
        int count = componentCount, all = state.Components.ComponentCount, first = 0;
        double[] shares = StartShares.Create(rows.RowCount, count), logWeights = new double[all];
        state.Components.CopyLogWeights(state.Weights, logWeights);
        foreach (RowBlock block in new RowBlocks(rows, cancellationToken))
        {
            int stride = block.Stride, needed = state.Components.ScratchLength(stride);
            if (_scratch is null || _scratch.Length < needed) _scratch = new AlignedBuffer(needed);
            Span<double> joint = (_joint ??= new AlignedBuffer(all * stride)).Span;
            state.Components.LogDensities(block, joint, _scratch.Span);
            for (int k = 0; k < count && !logJoint.IsEmpty; k++)
            {
                for (int i = 0; i < block.RowCount; i++) logJoint[((first + i) * count) + k] = logWeights[k] + joint[(k * stride) + i];
            }

            for (int i = 0; i < block.RowCount && !logNoise.IsEmpty; i++) logNoise[first + i] = logWeights[count] + joint[(count * stride) + i];
            if (_ones is null || _ones.Length < stride)
            {
                (_ones, _logDensities) = (new AlignedBuffer(stride), new AlignedBuffer(stride));
                _ones.Span.Fill(1);
            }

            LogSumExp.NormalizeInPlace(joint, stride, block.LaneCount, logWeights, _ones.Span, _logDensities!.Span);
            for (int k = 0; k < count; k++)
            {
                for (int i = 0; i < block.RowCount; i++) shares[((first + i) * count) + k] = joint[(k * stride) + i];
            }

            first += block.RowCount;
        }

        return shares;
    }
}
