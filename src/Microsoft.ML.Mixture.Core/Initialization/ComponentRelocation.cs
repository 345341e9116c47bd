namespace Microsoft.ML.Mixture;

/// <summary>What a mixture says of its components that tells which of them to take away and which to split.</summary>
/// <remarks>Sums over rows are in their order, so that the result depends on the mixture alone.</remarks>
internal sealed class ComponentRelocation
{
    // The dense rows of a component, or the others, are at least this share of its weight.
    private const double LeastPart = 0.15;

    private readonly int _componentCount;
    private readonly double[] _weights;
    private readonly double[] _logJoint;
    private readonly double[] _logNoise;
    private readonly double[] _misfits;

    /// <summary>Looks at a mixture.</summary>
    /// <param name="weights">The weights of the rows.</param>
    /// <param name="responsibilities">r(i,k) at [i * K + k].</param>
    /// <param name="logJoint">ln(pi(k) f(k)(x(i))) at [i * K + k].</param>
    /// <param name="logNoise">The same of the noise, row by row; empty for none.</param>
    /// <param name="componentCount">K.</param>
    /// <param name="dimension">D.</param>
    public ComponentRelocation(double[] weights, double[] responsibilities, double[] logJoint, double[] logNoise, int componentCount, int dimension)
    {
        (_componentCount, _weights, _logJoint, _logNoise) = (componentCount, weights, logJoint, logNoise);
        _misfits = Misfits(responsibilities, dimension);
    }

    /// <summary>
    /// How far rows of a component are from what it says of them. The log-density of rows of a Gaussian has the variance D / 2: two groups in one
    /// have less, a group within a wide one has more.
    /// </summary>
    public double Misfit(int component) => _misfits[component];

    /// <summary>Takes a component away: its rows go to where they are likely without it.</summary>
    /// <param name="shares">Responsibilities, at [i * K + k].</param>
    /// <param name="gone">The component.</param>
    public void Remove(double[] shares, int gone)
    {
        for (int at = 0; at < shares.Length; at += _componentCount)
        {
            double noise = _logNoise.Length > 0 ? _logNoise[at / _componentCount] : double.NegativeInfinity, largest = noise, total = 0;
            for (int k = 0; k < _componentCount; k++)
            {
                if (k != gone) largest = Math.Max(largest, _logJoint[at + k]);
            }

            // A row that is nowhere likely goes to all alike.
            bool isNowhere = double.IsNegativeInfinity(largest);
            if (noise > double.NegativeInfinity) total = Math.Exp(noise - largest);
            for (int k = 0; k < _componentCount; k++) total += shares[at + k] = k == gone ? 0 : isNowhere ? 1 : Math.Exp(_logJoint[at + k] - largest);
            for (int k = 0; k < _componentCount; k++) shares[at + k] /= total;
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

    private double[] Misfits(double[] responsibilities, int dimension)
    {
        double[] counts = new double[_componentCount], means = new double[_componentCount], squares = new double[_componentCount];
        for (int at = 0; at < responsibilities.Length; at++)
        {
            double share = responsibilities[at] * _weights[at / _componentCount];
            if (share == 0) continue;
            counts[at % _componentCount] += share;
            means[at % _componentCount] += share * _logJoint[at];
        }

        for (int k = 0; k < _componentCount; k++) means[k] = counts[k] > 0 ? means[k] / counts[k] : 0;
        for (int at = 0; at < responsibilities.Length; at++)
        {
            double share = responsibilities[at] * _weights[at / _componentCount], offset = _logJoint[at] - means[at % _componentCount];
            if (share > 0) squares[at % _componentCount] += share * offset * offset;
        }

        for (int k = 0; k < _componentCount; k++) squares[k] = counts[k] > 0 ? Math.Sqrt(counts[k]) * Math.Abs((2 * squares[k] / counts[k] / dimension) - 1) : 0;
        return squares;
    }
}
