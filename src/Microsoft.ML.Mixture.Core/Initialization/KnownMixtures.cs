namespace Microsoft.ML.Mixture;

/// <summary>What mixtures of a race say of the rows, kept for the next moves: the best and the runners-up are asked again and again.</summary>
/// <param name="groups">Asks them.</param>
/// <param name="componentCount">K.</param>
internal sealed class KnownMixtures(StartGroups groups, int componentCount)
{
    // Of many rows no more than the last one, which takes as much memory as their shares.
    private const int MostKnown = 6;
    private const long MostSharesKnown = 1_000_000;

    private readonly List<(MixtureFit Fit, ComponentRelocation Told)> _known = [];

    /// <summary>What a mixture says.</summary>
    /// <param name="fit">The mixture.</param>
    /// <param name="passes">The number of passes over the rows so far: raised if one was needed.</param>
    public ComponentRelocation Ask(MixtureFit fit, ref int passes)
    {
        int at = _known.FindIndex(known => ReferenceEquals(known.Fit, fit));
        ComponentRelocation told;
        if (at >= 0)
        {
            told = _known[at].Told;
            _known.RemoveAt(at);
        }
        else
        {
            double[] logJoint = StartShares.Create(groups.Points.RowCount, componentCount), logNoise = fit.Components is NoiseComponents ? new double[groups.Points.RowCount] : [];
            double[] shares = groups.Responsibilities(fit.ToState(), logJoint, logNoise);
            told = new ComponentRelocation(groups.Points.Weights, shares, logJoint, logNoise, componentCount, groups.Points.Dimension);
            passes++;
            if (_known.Count > 0 && (_known.Count == MostKnown || (long)(_known.Count + 1) * shares.Length > MostSharesKnown)) _known.RemoveAt(0);
        }

        _known.Add((fit, told));
        return told;
    }
}
