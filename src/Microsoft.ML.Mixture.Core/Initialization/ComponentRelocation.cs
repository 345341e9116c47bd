namespace Microsoft.ML.Mixture;

/// <summary>What a mixture says of its components that tells which of them to take away and which to split.</summary>
/// <remarks>Sums over rows are in their order, so that the result depends on the mixture alone.</remarks>
internal sealed class ComponentRelocation
{
    // The dense rows of a component, or the others, are at least this share of its weight.
    private const double LeastPart = 0.15;

    // Where so much of a row is left to the others, their shares tell how it goes to them.
    private const double LeastOthers = 1e-6;

    private readonly int _componentCount;
    private readonly int _dimension;
    private readonly double[] _weights;
    private readonly double[] _logJoint;
    private readonly double[] _logNoise;
    private double[]? _misfits;

    /// <summary>Looks at a mixture.</summary>
    /// <param name="weights">The weights of the rows.</param>
    /// <param name="responsibilities">r(i,k) at [i * K + k].</param>
    /// <param name="logJoint">ln(pi(k) f(k)(x(i))) at [i * K + k].</param>
    /// <param name="logNoise">The same of the noise, row by row; empty for none.</param>
    /// <param name="componentCount">K.</param>
    /// <param name="dimension">D.</param>
    public ComponentRelocation(double[] weights, double[] responsibilities, double[] logJoint, double[] logNoise, int componentCount, int dimension)
    {
        (_componentCount, _dimension, _weights, _logJoint, _logNoise) = (componentCount, dimension, weights, logJoint, logNoise);
        Responsibilities = responsibilities;
    }

    /// <summary>r(i,k) at [i * K + k].</summary>
    public double[] Responsibilities { get; }

    /// <summary>ln(pi(k) f(k)(x(i))) at [i * K + k].</summary>
    public ReadOnlySpan<double> LogJoint => _logJoint;

    /// <summary>The same of the noise, row by row; empty for none.</summary>
    public ReadOnlySpan<double> LogNoise => _logNoise;

    /// <summary>
    /// How far rows of a component are from what it says of them. The log-density of rows of a Gaussian has the variance D / 2: two groups in one
    /// have less, a group within a wide one has more.
    /// </summary>
    public double Misfit(int component) => (_misfits ??= Misfits())[component];

    /// <summary>Takes a component away: its rows go to where they are likely without it.</summary>
    /// <param name="shares">The responsibilities of the mixture, at [i * K + k], but for those of components that are gone.</param>
    /// <param name="gone">The component.</param>
    public void Remove(double[] shares, int gone)
    {
        for (int at = 0; at < shares.Length; at += _componentCount)
        {
            Span<double> row = shares.AsSpan(at, _componentCount);
            row[gone] = 0;
            double others = 0;
            foreach (double share in row) others += share;
            if (others > LeastOthers && _logNoise.Length == 0)
            {
                foreach (ref double share in row) share /= others;
                continue;
            }

            RemoveByDensities(row, at, gone);
        }
    }

    /// <summary>Splits a component into the rows where it is dense and those about them.</summary>
    /// <param name="shares">Responsibilities, at [i * K + k].</param>
    /// <param name="source">The component.</param>
    /// <param name="other">The one that gets the rows where it is not dense.</param>
    /// <param name="place">From 0 to 1: where to cut.</param>
    public void SplitShell(double[] shares, int source, int other, double place)
    {
        double[] densities = new double[_weights.Length];
        int[] order = new int[_weights.Length];
        double total = 0, before = 0;
        for (int i = 0; i < order.Length; i++)
        {
            (densities[i], order[i]) = (_logJoint[(i * _componentCount) + source], i);
            total += _weights[i] * shares[(i * _componentCount) + source];
        }

        Array.Sort(densities, order);
        double end = total * (LeastPart + ((1 - (2 * LeastPart)) * place));
        foreach (int i in order)
        {
            if (before > end) break;
            int at = i * _componentCount;
            before += _weights[i] * shares[at + source];
            (shares[at + other], shares[at + source]) = (shares[at + source], 0);
        }
    }

    private void RemoveByDensities(Span<double> row, int at, int gone)
    {
        double noise = _logNoise.Length > 0 ? _logNoise[at / _componentCount] : double.NegativeInfinity, largest = noise, total = 0;
        for (int k = 0; k < row.Length; k++)
        {
            if (k != gone) largest = Math.Max(largest, _logJoint[at + k]);
        }

        // A row that is nowhere likely goes to all alike.
        bool isNowhere = double.IsNegativeInfinity(largest);
        if (noise > double.NegativeInfinity) total = Math.Exp(noise - largest);
        for (int k = 0; k < row.Length; k++) total += row[k] = k == gone ? 0 : isNowhere ? 1 : Math.Exp(_logJoint[at + k] - largest);
        foreach (ref double share in row) share /= total;
    }

    private double[] Misfits()
    {
        double[] counts = new double[_componentCount], means = new double[_componentCount], squares = new double[_componentCount];
        for (int i = 0, at = 0; i < _weights.Length; i++)
        {
            for (int k = 0; k < _componentCount; k++, at++)
            {
                double share = Responsibilities[at] * _weights[i];
                if (share == 0) continue;
                counts[k] += share;
                means[k] += share * _logJoint[at];
            }
        }

        for (int k = 0; k < _componentCount; k++) means[k] = counts[k] > 0 ? means[k] / counts[k] : 0;
        for (int i = 0, at = 0; i < _weights.Length; i++)
        {
            for (int k = 0; k < _componentCount; k++, at++)
            {
                double share = Responsibilities[at] * _weights[i], offset = _logJoint[at] - means[k];
                if (share > 0) squares[k] += share * offset * offset;
            }
        }

        for (int k = 0; k < _componentCount; k++) squares[k] = counts[k] > 0 ? Math.Sqrt(counts[k]) * Math.Abs((2 * squares[k] / counts[k] / _dimension) - 1) : 0;
        return squares;
    }
}
