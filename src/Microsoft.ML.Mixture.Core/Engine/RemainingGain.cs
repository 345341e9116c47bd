namespace Microsoft.ML.Mixture;

/// <summary>Estimates how far below its limit the objective of a run is, from how fast its gains shrink.</summary>
/// <remarks>
/// <para>
/// Near a maximum, EM multiplies what is left of each of its directions by a rate, and gains by the square of it. With the rate r of gains,
/// what is left after a gain g is g r / (1 - r). Gains of several directions shrink at first as the fastest and at last as the slowest, so r
/// comes out too small rather than too large. Hence the slowest rate seen counts, and is forgotten only by and by.
/// </para>
/// <para>
/// Two steps of EM in a row tell r by their gains. Where steps are accelerated, a cycle has one only; there the length of the extrapolation
/// tells it, which is 1 / (1 - rate) of a single direction. An extrapolation mixes the directions anew, and what a whole cycle gains is a
/// second estimate of what is left.
/// </para>
/// <para>
/// It knows nothing of a hill behind a plateau: where gains shrink and will grow again, it estimates what is left of the plateau.
/// Source: Boehning, Dietz, Schaub, Schlattmann and Lindsay (1994), The distribution of the likelihood ratio for mixtures of densities from
/// the one-parameter exponential family, Ann. Inst. Stat. Math. 46(2), 373-388, doi:10.1007/BF01720593, for the extrapolation by Aitken.
/// </para>
/// </remarks>
internal sealed class RemainingGain
{
    private const double Caution = 4;
    private const double Forgetting = 4;

    // Of gains that grow, too.
    private const double LeastShrinkage = 1e-6;

    // 1 - r of the slowest rate; NaN before there is any.
    private double _shrinkage = double.NaN;
    private double _objective = double.NaN;
    private double _objectiveAtLastCheck = double.NaN;
    private double _lastGain = double.NaN;

    /// <summary>What is left, in the units of the objective; infinite as long as nothing is known.</summary>
    public double Estimate { get; private set; } = double.PositiveInfinity;

    /// <summary>Notes how long an extrapolation from two steps would be; zero tells nothing.</summary>
    public void AddStepLength(double length)
    {
        if (!(length > 0)) return;
        double share = 1 / Math.Max(length, 1);
        AddShrinkage(share * (2 - share));
    }

    /// <summary>Notes the objective after an accelerated step, which changes no estimate.</summary>
    public void AddExtrapolated(double objective)
    {
        _objective = objective;
        _lastGain = double.NaN;
    }

    /// <summary>Notes the objective after a step of EM, or of the start.</summary>
    public void Add(double objective)
    {
        double gain = Math.Abs(objective - _objective), gainSinceLastCheck = Math.Abs(objective - _objectiveAtLastCheck);
        _shrinkage = Math.Min(1, Forgetting * _shrinkage);
        if (_lastGain > 0) AddShrinkage(Math.Max(LeastShrinkage, 1 - (gain / _lastGain)));
        double estimate = Caution * Math.Max(gain * (1 - _shrinkage) / _shrinkage, gainSinceLastCheck);
        Estimate = double.IsNaN(estimate) ? double.PositiveInfinity : estimate;
        _objective = _objectiveAtLastCheck = objective;
        _lastGain = gain;
    }

    private void AddShrinkage(double shrinkage) => _shrinkage = double.IsNaN(_shrinkage) ? shrinkage : Math.Min(_shrinkage, shrinkage);
}
