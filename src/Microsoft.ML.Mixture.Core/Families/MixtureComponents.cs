namespace Microsoft.ML.Mixture;

/// <summary>
/// The components of a mixture: every parameter but the mixing weights, for all K components together.
/// </summary>
/// <remarks>
/// <para>
/// A family of components derives from this class and from <see cref="ComponentFamily"/>; the EM loop calls nothing else. All K components
/// live in one object because parameters may be shared between them. Work comes in blocks of rows, so a virtual call costs nothing.
/// </para>
/// <para>
/// The expectation step calls <see cref="LogDensities"/> and <see cref="Accumulate"/> from several threads at once, each with scratch
/// memory of its own; both must leave the object unchanged. The statistics are one flat vector that only ever is added to: blocks, threads
/// and machines merge by addition. <see cref="TryMaximize"/> turns their sum into the next parameters.
/// </para>
/// </remarks>
public abstract class MixtureComponents
{
    /// <summary>K, the number of components.</summary>
    public abstract int ComponentCount { get; }

    /// <summary>D, the number of features.</summary>
    public abstract int Dimension { get; }

    /// <summary>The number of free parameters, without the mixing weights, for AIC and BIC.</summary>
    public abstract long FreeParameterCount { get; }

    /// <summary>The number of doubles that <see cref="Accumulate"/> adds to.</summary>
    public abstract int StatisticsLength { get; }

    /// <summary>
    /// The logarithm of the prior density of these parameters up to a constant, in nats: zero without a prior. EM never lowers the
    /// log-likelihood plus this number.
    /// </summary>
    public virtual double LogPrior => 0;

    /// <summary>
    /// Whether a step may lower the objective because the M-step does more than maximise, such as add a floor to variances.
    /// </summary>
    public virtual bool ObjectiveMayFall => false;

    /// <summary>The number of doubles of scratch memory that a block needs.</summary>
    /// <param name="stride">The stride of the block.</param>
    /// <returns>The length of the scratch memory passed to <see cref="LogDensities"/> and <see cref="Accumulate"/>.</returns>
    public virtual int ScratchLength(int stride) => 0;

    /// <summary>Computes log p(x_i | k) for every row of a block and every component.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="logDensities">
    /// On return log p(x_i | k), in nats, at <c>logDensities[k * rows.Stride + i]</c>: shape K x stride, component-major.
    /// All <see cref="RowBlock.LaneCount"/> rows must be written, without a NaN.
    /// </param>
    /// <param name="scratch">Scratch memory, of unknown content.</param>
    public abstract void LogDensities(RowBlock rows, Span<double> logDensities, Span<double> scratch);

    /// <summary>Adds the sufficient statistics of a block of rows.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="responsibilities">
    /// r(i,k) times the weight of row i, in the shape of <see cref="LogDensities"/>. Zero for rows that only fill a vector.
    /// </param>
    /// <param name="statistics">The statistics, of <see cref="StatisticsLength"/> doubles: added to.</param>
    /// <param name="scratch">Scratch memory, of unknown content.</param>
    public abstract void Accumulate(RowBlock rows, ReadOnlySpan<double> responsibilities, Span<double> statistics, Span<double> scratch);

    /// <summary>
    /// Finds components that owe their likelihood to a handful of rows and not to a group in the data. Of several starts, the one with the
    /// fewest of them is kept, and among those the one with the best objective.
    /// </summary>
    /// <param name="effectiveCounts">N(k), shape K.</param>
    /// <param name="rowCounts">
    /// The rows that each component rests on, shape K: N(k) where all rows have a weight of one. Where weights are uneven, as many rows of one weight as tell as much,
    /// (sum of w r)^2 / (sum of w^2 r). Where rows are copies of each other, those of one row with their weight.
    /// </param>
    /// <returns>The components, with a full sentence on each; none by default.</returns>
    public virtual IReadOnlyList<DegenerateComponent> FindSpurious(ReadOnlySpan<double> effectiveCounts, ReadOnlySpan<double> rowCounts) => [];

    /// <summary>The same where rows may be copies of each other, and with what the rows themselves show.</summary>
    internal virtual IReadOnlyList<DegenerateComponent> FindSpuriousAmong(ReadOnlySpan<double> effectiveCounts, RowsOfComponents rows) => FindSpurious(effectiveCounts, rows.Counts);

    /// <summary>Makes components of the same family and size whose parameters are yet to be set by <see cref="TryMaximize"/>.</summary>
    /// <returns>The new components.</returns>
    public abstract MixtureComponents CreateEmpty();

    /// <summary>The M-step: sets the parameters of <paramref name="destination"/> to those that the statistics make most likely.</summary>
    /// <param name="effectiveCounts">N(k), the sum over i of w(i) r(i,k), shape K. Zero if the component has lost all rows.</param>
    /// <param name="statistics">The statistics that <see cref="Accumulate"/> of this object has added up over all rows.</param>
    /// <param name="destination">Components that <see cref="CreateEmpty"/> made; never this object.</param>
    /// <param name="failure">Which component has no valid parameters, and why.</param>
    /// <returns>Whether all components have valid parameters.</returns>
    public abstract bool TryMaximize(
        ReadOnlySpan<double> effectiveCounts, ReadOnlySpan<double> statistics, MixtureComponents destination, out DegenerateComponent? failure);

    /// <summary>
    /// Writes what is added to the log-densities of each component: log pi(k), or what a family that averages over its parameters has in its
    /// place.
    /// </summary>
    internal virtual void CopyLogWeights(ReadOnlySpan<double> weights, Span<double> logWeights) => MixtureState.Log(weights, logWeights);

    /// <summary>Squared lengths of two steps of EM, from two earlier mixtures to the one of these components; null if steps cannot be accelerated.</summary>
    internal virtual ParameterSteps? Compare(MixtureState before, MixtureState middle, MixtureState after) => null;

    /// <summary>Goes on in the direction of two steps; see <see cref="Acceleration"/>. May fail or be cancelled, and then leaves the destination undefined.</summary>
    internal virtual bool TryExtrapolate(
        MixtureState before, MixtureState middle, MixtureState after, double step, MixtureState destination, CancellationToken cancellationToken) => false;

    /// <summary>Makes what remembers of blocks of rows which components are too far away to have a share; null if nothing is to be gained.</summary>
    internal virtual ComponentBounds? CreateBounds(int blockCount) => null;

    /// <summary>Adds the statistics of a block in which only some components have a share; responsibilities of the others are of no meaning.</summary>
    internal virtual void AccumulateChosen(
        RowBlock rows, ReadOnlySpan<int> components, Span<double> responsibilities, Span<double> statistics, Span<double> scratch)
    {
        for (int k = 0, next = 0; k < ComponentCount; k++)
        {
            if (next < components.Length && components[next] == k) next++;
            else responsibilities.Slice(k * rows.Stride, rows.LaneCount).Clear();
        }

        Accumulate(rows, responsibilities, statistics, scratch);
    }

    /// <summary>Whether <see cref="LeaveRowsOut"/> is known.</summary>
    internal virtual bool CanLeaveRowsOut => false;

    /// <summary>Makes log-densities under these components those under components that had been fitted without the row, of each row.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="shares">What the row counted for in that fit, r(i,k) times its weight, in the shape of <see cref="LogDensities"/>.</param>
    /// <param name="counts">The sum of these over all rows, shape K.</param>
    /// <param name="logDensities">What <see cref="LogDensities"/> wrote.</param>
    internal virtual void LeaveRowsOut(RowBlock rows, ReadOnlySpan<double> shares, ReadOnlySpan<double> counts, Span<double> logDensities) =>
        throw new NotSupportedException("Densities without the row itself are not known of these components.");

    /// <summary>
    /// What to add to the log-densities of a row of which so many features are observed to have them in the units of the data. It may be left
    /// out of them because it is the same for all components.
    /// </summary>
    internal virtual double UnitLogDensityOf(int observedCount) => 0;

    /// <summary>The number of doubles at the end of the statistics that no responsibility enters, so that one pass over the rows is enough for them.</summary>
    internal virtual int ConstantStatisticsLength => 0;

    /// <summary>What these depend on, to be compared by reference; null if they are not used.</summary>
    internal virtual object? ConstantStatisticsKey => null;

    /// <summary>Adds the statistics of a block that no responsibility enters.</summary>
    internal virtual void AccumulateConstant(RowBlock rows, Span<double> statistics, Span<double> scratch)
    {
    }

    /// <summary>Keeps what of the statistics of a pass under these parameters <see cref="FindSpurious"/> needs.</summary>
    internal virtual void Note(ReadOnlySpan<double> effectiveCounts, ReadOnlySpan<double> statistics)
    {
    }

    /// <summary>Whether two components are nearly in one place, as at a saddle from which EM would part them.</summary>
    internal virtual bool HaveTwins(CancellationToken cancellationToken) => false;

    /// <summary>Whether two components are one and the same to within what can be seen.</summary>
    internal virtual bool Coincide => false;

    /// <summary>Roughly how many operations an M-step takes beside those of the pass over the rows.</summary>
    internal virtual double MaximizationOperations => 0;

    /// <summary>The same of the first M-step of a fit whose time is over; see <see cref="ComponentFamily.Hasty"/>.</summary>
    internal virtual double HastyMaximizationOperations => MaximizationOperations;

    /// <summary>Roughly how many operations a pass takes for each set of missing features, so many on average, beside what its rows take.</summary>
    internal virtual double OperationsOfPattern(double missing) => 0;

    /// <summary>The M-step, by several threads where that helps. It may be cancelled between components, and leaves the destination undefined then.</summary>
    internal virtual bool TryMaximizeTogether(
        ReadOnlySpan<double> effectiveCounts, ReadOnlySpan<double> statistics, MixtureComponents destination, WorkerTeam? team, CancellationToken cancellationToken,
        out DegenerateComponent? failure) => TryMaximize(effectiveCounts, statistics, destination, out failure);
}
