using System.Globalization;

namespace Microsoft.ML.Mixture;

/// <summary>Whether the starts agree on where the top is.</summary>
internal static class StartWarnings
{
    // Of fewer starts none can be expected to agree.
    private const int FewestStarts = 4;
    private const int FewestRacedStarts = 5;

    // Of a long race so small a share of starts that agree is luck as one is: another seed may well miss them.
    private const int FewestOfLongRace = 100;
    private const double LeastShareOfLongRace = 0.01;

    // The winner on a sample may be another one on all rows. Where more agree than that it is no luck, however long the race is.
    private const double LeastShareOfSample = 0.02;
    private const double LeastOfSample = 5;

    public static IEnumerable<string> Collect(MixtureFit fit, MixtureOptions options)
    {
        double[] reached = [.. fit.SoundObjectives.OrderDescending()];
        int rejected = fit.RejectedStartCount, count = reached.Length + rejected;
        if (fit.AgreeingStartCount(options.Tolerance) != 1 || IsOfOneComponent(fit)) yield break;
        if (count < FewestStarts)
        {
            if (fit.Race is not { } race || !AreFew(race)) yield break;
            yield return $"Only {Math.Max(1, race.AgreeingStartCount)} of the {race.StartCount} starts that raced for this fit led to its maximum. There may be better ones: ask for restarts, or for fewer components.";
            yield break;
        }

        if (reached.Length == 1)
        {
            yield return $"Only 1 of {count} starts led to the best maximum; the others were rejected because more of their components rest on a handful of rows. There may be better ones: ask for more starts, or for fewer components.";
            yield break;
        }

        string distance = ((reached[0] - reached[1]) / fit.RowWeightTotal).ToString("G2", CultureInfo.InvariantCulture);
        string others = rejected > 0 ? $"; {rejected} {Counted.Was(rejected)} rejected because more of their components rest on a handful of rows" : string.Empty;
        yield return $"Only 1 of {count} starts led to the best maximum; the next is {distance} nats per unit of weight lower{others}. There may be better ones: ask for more starts, or for fewer components.";
    }

    /// <summary>Whether so few starts of a race agree that another seed may well end elsewhere.</summary>
    public static bool AreFew(StartRaceRecord race)
    {
        if (race.StartCount < FewestRacedStarts) return false;
        double least = race.IsOnSample ? Math.Min(LeastOfSample, LeastShareOfSample * race.StartCount)
            : race.StartCount >= FewestOfLongRace ? LeastShareOfLongRace * race.StartCount : 0;
        return race.AgreeingStartCount <= 1 || race.AgreeingStartCount < least;
    }

    // Where variational Bayes leaves one component, there is nowhere else to be; other starts were cut off while they shed theirs.
    private static bool IsOfOneComponent(MixtureFit fit) => fit.RowCounts.Count(rows => rows >= BayesianGaussianMixtureOptions.DefaultPruningThreshold) == 1;
}
