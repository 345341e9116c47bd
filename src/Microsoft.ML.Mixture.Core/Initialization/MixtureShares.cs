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
    private AlignedBuffer? _own;

    /// <summary>r(i,k) at [i * K + k], one pass over the rows.</summary>
    /// <param name="state">The mixture.</param>
    /// <param name="logJoint">Receives ln(pi(k) f(k)(x(i))) in the same order; empty if it is not wanted.</param>
    /// <param name="logNoise">Receives the same of the noise, row by row; empty if there is none, or it is not wanted.</param>
    /// <param name="cancellationToken">Stops the pass.</param>
    public double[] Under(MixtureState state, Span<double> logJoint, Span<double> logNoise, CancellationToken cancellationToken) =>
        Under(state, [], [], logJoint, logNoise, cancellationToken);

    /// <summary>r(i,k) at [i * K + k], of each row under a mixture that had been fitted without it, one pass over the rows.</summary>
    /// <param name="state">The mixture.</param>
    /// <param name="shares">r(i,k) in the M-step that it comes from, in the same order.</param>
    /// <param name="counts">The sum of these times the weights of the rows, shape K.</param>
    /// <param name="cancellationToken">Stops the pass.</param>
    public double[] WithoutEachRow(MixtureState state, double[] shares, double[] counts, CancellationToken cancellationToken) =>
        Under(state, shares, counts, [], [], cancellationToken);

    private double[] Under(
        MixtureState state, ReadOnlySpan<double> before, ReadOnlySpan<double> counts, Span<double> logJoint, Span<double> logNoise, CancellationToken cancellationToken)
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
            if (!before.IsEmpty) LeaveOut(block, state.Components, before[(first * count)..], counts, joint);
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

    private void LeaveOut(RowBlock block, MixtureComponents components, ReadOnlySpan<double> shares, ReadOnlySpan<double> counts, Span<double> joint)
    {
        int count = componentCount, stride = block.Stride;
        if (_own is null || _own.Length < count * stride) _own = new AlignedBuffer(count * stride);
        Span<double> own = _own.Span;
        for (int k = 0; k < count; k++)
        {
            for (int i = 0; i < block.RowCount; i++) own[(k * stride) + i] = block.Weights[i] * shares[(i * count) + k];
        }

        components.LeaveRowsOut(block, own, counts, joint);
        for (int k = 0; k < count; k++)
        {
            for (int i = 0; i < block.RowCount; i++)
            {
                double rest = 1 - (own[(k * stride) + i] / counts[k]);
                if (rest is > 0 and < 1) joint[(k * stride) + i] += Math.Log(rest);
            }
        }
    }
}
