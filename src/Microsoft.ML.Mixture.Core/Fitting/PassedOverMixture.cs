using System.Globalization;

namespace Microsoft.ML.Mixture;

/// <summary>A mixture that a race has passed over, likelier than its winner, for components on few rows that lie as far from all others as groups do.</summary>
/// <param name="Objective">Its objective.</param>
/// <param name="RowCounts">How many rows each of these components rests on.</param>
internal sealed record PassedOverMixture(double Objective, IReadOnlyList<double> RowCounts)
{
    // Rows that close together by chance lie among others: within five squared distances for each feature where data sets of up to 13 features were looked at, and true groups of few rows beyond fifteen.
    private const double LeastDistanceOfFeature = 10;

    // Of fewer rows a covariance does not tell distances.
    private const double FewestTimes = 1.25;

    // Fewer are stray rows.
    private const double FewestRows = 2.5;

    // What a component on few rows gains by chance grows with the features.
    private const double LeastNats = 10;
    private const double LeastNatsOfFeature = 2;

    /// <summary>The likelier one of what has been passed over before and a run that has lost.</summary>
    /// <param name="before">The former; null for none.</param>
    /// <param name="loser">The run, which counts if it has been judged and was found unsound for such components alone.</param>
    /// <param name="winner">What it has lost to.</param>
    public static PassedOverMixture? Likelier(PassedOverMixture? before, MixtureFit loser, MixtureFit winner)
    {
        if (loser.Spurious.Count == 0 || !(loser.Objective > Math.Max(winner.Objective, before?.Objective ?? double.NegativeInfinity)) || loser.Components is not (GaussianComponents or NoiseComponents)) return before;
        GaussianComponents components = NoiseComponents.GaussiansOf(loser.Components);
        int[] few = [.. loser.Spurious.Select(found => found.Component)], others = [.. Enumerable.Range(0, components.ComponentCount).Except(few).Where(k => loser.RowCounts[k] > FewestTimes * components.Dimension)];
        bool areGroups = others.Length > 0 && loser.Spurious.All(found => !found.IsOfAll && !found.IsFlat && !found.IsBounded && loser.RowCounts[found.Component] >= FewestRows)
            && few.All(k => Enumerable.Range(0, components.ComponentCount).All(other => other == k || others.All(by => AreApart(components, k, other, by, loser.RowCounts[by]))));
        return areGroups ? new PassedOverMixture(loser.Objective, [.. few.Select(k => loser.RowCounts[k]).Order()]) : before;
    }

    // By the covariance of any component that has rows for one, which makes distances n / (n - D - 1) times as long: that of the other may be of hardly enough, as in what is left of a group.
    private static bool AreApart(GaussianComponents components, int first, int second, int by, double rows)
    {
        int dimension = components.Dimension;
        double[] point = new double[dimension];
        for (int j = 0; j < dimension; j++) point[j] = components.Means[(by * dimension) + j] + components.Means[(first * dimension) + j] - components.Means[(second * dimension) + j];
        return components.SquaredDistance(by, point) * (rows - dimension - 1) / rows >= LeastDistanceOfFeature * dimension;
    }

    /// <summary>What is to be said of it.</summary>
    /// <param name="fit">The fit that was preferred.</param>
    /// <param name="structure">Its structure.</param>
    public IEnumerable<string> Tell(MixtureFit fit, CovarianceStructure structure)
    {
        int dimension = fit.Components.Dimension;
        double gain = Objective - fit.Objective;
        if (gain < LeastNats + (LeastNatsOfFeature * dimension)) yield break;
        string least = RowCounts[0].ToString("G3", CultureInfo.InvariantCulture), most = RowCounts[^1].ToString("G3", CultureInfo.InvariantCulture);
        string which = RowCounts.Count == 1 ? $"a component of it rests on {Counted.Of(RowCounts[0], "row")}" : $"{RowCounts.Count} of its components rest on {(least == most ? least : $"{least} to {most}")} rows each";
        string simpler = structure.Shape == CovarianceShape.Full ? $"a structure of fewer parameters, such as {nameof(CovarianceStructure.Tied)} or {nameof(CovarianceStructure.Diagonal)}, with fewer features" : "fewer features";
        yield return $"A mixture whose objective is {gain.ToString("G3", CultureInfo.InvariantCulture)} nats higher was passed over, because {which}, too few for a covariance of its own over {Counted.Of(dimension, "feature")}; but far from all others, as small groups are, and large ones may be split in its place. "
            + $"Ask for {simpler}, or for a stronger covariance prior; or give the groups by {nameof(MixtureStart)}.{nameof(MixtureStart.FromLabels)}, which keeps them.";
    }
}
