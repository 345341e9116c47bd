namespace Microsoft.ML.Mixture;

/// <summary>Remembers of each block of rows how far away its components are at least, so that those without any share need not be evaluated.</summary>
/// <remarks>
/// Rows must come in the same blocks in every pass. A component is left out of a block only if its share is certain to be below
/// <see cref="Numerics.LogSumExp.SmallestExponent"/> in all of its rows, where it counts as zero anyway: results do not change by a bit.
/// </remarks>
internal abstract class ComponentBounds
{
    /// <summary>Whether distances are known, from an earlier pass.</summary>
    public abstract bool AreKnown { get; }

    /// <summary>Forgets all distances, because rows will come in other blocks.</summary>
    public abstract void Forget();

    /// <summary>Prepares for a pass under other parameters than those of the pass before.</summary>
    /// <param name="components">The parameters.</param>
    /// <param name="logWeights">log pi(k), shape K.</param>
    public abstract void Begin(MixtureComponents components, double[] logWeights);

    /// <summary>Computes log p(x_i | k) of the components that may have a share.</summary>
    /// <param name="block">The number of the block. Different threads work on different blocks.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="logDensities">On return log p(x_i | k) at [k * stride + i] for the components returned; of no meaning for the others.</param>
    /// <param name="largest">Scratch memory, shape stride.</param>
    /// <param name="scratch">Scratch memory, as <see cref="MixtureComponents.LogDensities"/> needs it.</param>
    /// <param name="components">On return the components, in ascending order. Shape K.</param>
    /// <returns>How many components there are.</returns>
    public abstract int LogDensities(int block, RowBlock rows, Span<double> logDensities, Span<double> largest, Span<double> scratch, Span<int> components);
}
