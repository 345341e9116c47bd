using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>Responsibilities of rows under mixtures of some number of components, as starts are made of them.</summary>
/// <param name="rows">The rows.</param>
/// <param name="componentCount">K.</param>
internal sealed class MixtureShares(RowSource rows, int componentCount)
{
    private AlignedBuffer? _joint;
    private AlignedBuffer? _scratch;

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
            int needed = state.Components.ScratchLength(block.Stride);
            if (_scratch is null || _scratch.Length < needed) _scratch = new AlignedBuffer(needed);
            Span<double> joint = (_joint ??= new AlignedBuffer(all * block.Stride)).Span;
            state.Components.LogDensities(block, joint, _scratch.Span);
            for (int i = 0; i < block.RowCount; i++)
            {
                Span<double> own = shares.AsSpan((first + i) * count, count);
                double noise = all > count ? logWeights[count] + joint[(count * block.Stride) + i] : double.NegativeInfinity;
                if (!logNoise.IsEmpty) logNoise[first + i] = noise;
                double largest = noise, total = 0;
                for (int k = 0; k < count; k++) largest = Math.Max(largest, own[k] = logWeights[k] + joint[(k * block.Stride) + i]);
                if (!logJoint.IsEmpty) own.CopyTo(logJoint[((first + i) * count)..]);
                if (all > count) total = Math.Exp(noise - largest);
                for (int k = 0; k < count; k++) total += own[k] = Math.Exp(own[k] - largest);
                for (int k = 0; k < count; k++) own[k] /= total;
            }

            first += block.RowCount;
        }

        return shares;
    }
}
