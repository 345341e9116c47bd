namespace Microsoft.ML.Mixture;

/// <summary>What a start hands back.</summary>
/// <param name="State">The first mixture; null if there is none.</param>
/// <param name="Failure">If there is none, which component has no valid parameters, and why; null where all had, but no likelihood was finite.</param>
internal sealed record StartOutcome(MixtureState? State, DegenerateComponent? Failure = null)
{
    /// <summary>That of runs from what samples, or races of many rows, have found: stricter ones are less often on a plateau, but take longer.</summary>
    public const double StrictnessOfManyRows = 0.3;

    private const double StrictnessOfSingleRuns = 0.01;

    /// <summary>Why there is no mixture where no component is to blame: all were made, and none makes the rows possible.</summary>
    public const string NothingFinite = "The log-likelihood is not a finite number at any start. Pass a start that lies near the data.";

    /// <summary>Why there is none of a start alone.</summary>
    public const string NotFinite = "Its log-likelihood is not a finite number. Pass a start that lies near the data.";

    /// <summary>Why there is no mixture.</summary>
    public string Reason => Failure?.Reason ?? NothingFinite;

    /// <summary>The share of the tolerance at which the run from the mixture ends; see <see cref="StoppingRule.Strictness"/>.</summary>
    public double Strictness { get; init; } = StrictnessOfSingleRuns;

    /// <summary>The race that the mixture has won; null where there was none.</summary>
    public StartRaceRecord? Race { get; init; }

    /// <summary>The best run to all rows, of which the mixture is, if the budget has ended the start; null if it was done.</summary>
    public MixtureFit? Interrupted { get; init; }

    /// <summary>Which rows were guessed to be noise; null if none were.</summary>
    public bool[]? GuessedNoise { get; init; }

    /// <summary>A mixture, if it could be made.</summary>
    public static StartOutcome Of(bool isMade, MixtureState state, DegenerateComponent? failure) => isMade ? new StartOutcome(state) : new StartOutcome(State: null, failure);
}
