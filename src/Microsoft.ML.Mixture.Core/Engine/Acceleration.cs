namespace Microsoft.ML.Mixture;

/// <summary>Squared extrapolation of EM (SQUAREM): from two steps of EM, a longer one in their direction.</summary>
/// <remarks>
/// <code>
///   r = theta1 - theta0,  v = (theta2 - theta1) - r,  alpha = -|r| / |v|,  theta' = theta0 - 2 alpha r + alpha^2 v
/// </code>
/// With alpha = -1 this is theta2. Steps grow from there as long as they succeed, and shrink when the objective falls.
/// Source: Varadhan and Roland (2008), Simple and globally convergent methods for accelerating the convergence of any EM algorithm,
/// Scand. J. Stat. 35(2), 335-353, doi:10.1111/j.1467-9469.2007.00585.x; the step length is their third.
/// </remarks>
internal sealed class Acceleration
{
    private const double Growth = 4;

    // A step hardly longer than those of EM is not worth a pass over the rows that may be in vain.
    private const double ShortestStep = 1.1;

    private double _longestStep = Growth;
    private double _step;

    /// <summary>The length that the last two steps ask for; zero if they tell nothing.</summary>
    public double StepLength { get; private set; }

    /// <summary>Extrapolates, unless that makes no sense here.</summary>
    /// <param name="before">theta0.</param>
    /// <param name="middle">theta1, the outcome of the M-step of theta0.</param>
    /// <param name="after">theta2, the outcome of the M-step of theta1.</param>
    /// <param name="destination">On return theta'.</param>
    /// <param name="cancellationToken">Stops the work between components.</param>
    /// <returns>Whether <paramref name="destination"/> holds valid parameters.</returns>
    public bool TryExtrapolate(MixtureState before, MixtureState middle, MixtureState after, MixtureState destination, CancellationToken cancellationToken)
    {
        StepLength = 0;
        ParameterSteps? steps = after.Components.Compare(before, middle, after);
        if (steps is not { } lengths || !(lengths.First > 0) || !(lengths.Change > 0)) return false;
        StepLength = Math.Sqrt(lengths.First / lengths.Change);
        _step = Math.Min(StepLength, _longestStep);
        return _step >= ShortestStep && after.Components.TryExtrapolate(before, middle, after, _step, destination, cancellationToken);
    }

    /// <summary>Notes that the last extrapolation did not lower the objective.</summary>
    public void Accept()
    {
        if (_step >= _longestStep) _longestStep *= Growth;
    }

    /// <summary>Notes that the last extrapolation lowered the objective.</summary>
    public void Reject() => _longestStep = Math.Max(Growth / 2, _longestStep / Growth);
}
