using MathNet.Numerics.Random;

namespace Microsoft.ML.Mixture;

/// <summary>A start of a race: what it begins with, which nothing changes that others do at the same time, and what it has led to.</summary>
/// <param name="step">What it is.</param>
/// <param name="random">Draws what it begins with; its own, if it runs at the same time as others.</param>
internal sealed class Racer(StartStep step, Xoshiro256StarStar random)
{
    public StartStep Step => step;

    public Xoshiro256StarStar Random => random;

    /// <summary>Its number, which tells whose turn it is where there are several ways.</summary>
    public int Turn { get; init; }

    /// <summary>The number of fits with fewer parameters, and of what takes their place, before it.</summary>
    public int SimplerFit { get; init; }

    /// <summary>How many moves of that mixture in order come before it.</summary>
    public int TurnOfMove { get; init; }

    /// <summary>The mixture that it moves; null for none.</summary>
    public MixtureFit? From { get; init; }

    /// <summary>What that says of the rows.</summary>
    public ComponentRelocation? Told { get; init; }

    /// <summary>The run that it has to get above, or is over; null for none.</summary>
    public MixtureFit? Rival { get; init; }

    /// <summary>How many steps it may take however good its rival is.</summary>
    public int StepsBesideRival { get; init; }

    /// <summary>So many times what it is estimated to have left may be, where it decides whether the rival is out of reach.</summary>
    public double CautionBesideRival { get; init; } = 1;

    /// <summary>What may still be to be gained at the end, per unit of row weight.</summary>
    public double Tolerance { get; init; }

    /// <summary>The passes that it may take, with those before EM.</summary>
    public int MostPasses { get; set; } = int.MaxValue / 2;

    /// <summary>The passes of the race before it.</summary>
    public int PassesBefore { get; init; }

    /// <summary>The passes over the rows that it has taken.</summary>
    public int Passes { get; set; }

    /// <summary>What EM starts from; null where there is nothing.</summary>
    public MixtureState? Start { get; set; }

    /// <summary>Where it has run; null if it has not.</summary>
    public RaceLane? Lane { get; set; }

    /// <summary>What EM has led to; null if it broke off, or has not begun.</summary>
    public MixtureFit? Fit { get; set; }

    /// <summary>Why there is nothing to start from, or the run broke off.</summary>
    public DegenerateComponent? Failure { get; set; }
}
