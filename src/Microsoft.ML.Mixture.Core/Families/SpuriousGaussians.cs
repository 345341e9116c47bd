namespace Microsoft.ML.Mixture;

/// <summary>
/// Gaussians that owe their likelihood to a handful of rows, or to rows that coincide in some direction, and not to a group in the data.
/// </summary>
internal static class SpuriousGaussians
{
    private const double FewestRows = 1.5;

    // Beside the others, the variance of a component that has closed in on a few rows that happen to lie close together.
    private const double CompactVariance = 0.01;

    // And how many of its own variances theirs are, across a plane in which these rows happen to lie: a true group of few rows is hardly so thin, however long.
    private const double VariancesAcrossPlane = 10_000;

    // Rows are few up to so many times the fewest.
    private const double TimesFewest = 2;

    // So many rows, and so many for each parameter of a plane, do not lie close together by chance.
    private const double ManyRows = 20;
    private const double ManyRowsOfDirection = 5;

    // A component with less has none.
    private const double LeastRow = 0.5;

    // Where variances owe something to other components, that of a feature in which rows do not vary counts as small below this share of that of all rows.
    private const double SmallVariance = 0.01;

    // And where values are few, below this one: a feature that is nearly always the same has no more itself.
    private const double SmallVarianceOfFewValues = 0.1;

    // A component is still a group where no more than one of so many features is flat.
    public const int FlatFeaturesOfAll = 4;

    public static IReadOnlyList<DegenerateComponent> Find(GaussianComponents components, GaussianFamily family, ReadOnlySpan<double> effectiveCounts, RowsOfComponents rowsOf)
    {
        ReadOnlySpan<double> rowCounts = rowsOf.Counts;
        var found = new List<DegenerateComponent>();
        int dimension = components.Dimension;
        CovarianceStructure structure = family.Structure;
        bool tiesShape = components.IsShared || (structure.TiesShape && components.Shape == structure.Shape);
        bool isBounded = components.IsShared || (structure.TiesVariances && components.Shape == structure.Shape);

        double total = 0, totalRows = 0;
        for (int k = 0; k < effectiveCounts.Length; k++) (total, totalRows) = (total + effectiveCounts[k], totalRows + rowCounts[k]);
        bool haveMoreParametersThanRows = components.FreeParameterCount + components.ComponentCount - 1 > totalRows;

        // D rows lie in a plane. Common axes can turn until one of them stands upright on it, at a bounded cost to the other components. Variances that all
        // share are no component's own, so that the likelihood is bounded whatever rows a component has; but a model of more
        // parameters than rows that has a component for a single row tells rows one by one.
        double fewest = isBounded && !haveMoreParametersThanRows ? LeastRow : tiesShape || components.Shape == CovarianceShape.Spherical ? FewestRows
            : components.Shape == CovarianceShape.Full ? dimension + 1 : 2;
        var shown = new ShownRows(components, family, effectiveCounts, rowCounts);
        for (int k = 0; k < effectiveCounts.Length; k++)
        {
            double rows = rowCounts[k], count = tiesShape ? total / effectiveCounts.Length : effectiveCounts[k];
            var estimated = Share.Of(count, total, tiesShape ? totalRows / effectiveCounts.Length : rows, dimension);
            var own = Share.Of(effectiveCounts[k], total, rows, dimension);

            // That few rows have no spread is not why they have small variances then.
            bool saysNothing = components.IsShared ? k > 0 : isBounded && rows <= dimension + 1;
            (int flat, double? flatness) = saysNothing ? (-1, null) : FlatFeatures(components, family.RegularizationOf(k), k, estimated, own);
            bool mayBeCompact = !tiesShape && components.Shape != CovarianceShape.Spherical && rows >= fewest && (family.HasHoles || rows < TimesFewest * fewest);
            double least = mayBeCompact && IsCompact(components, k) ? TimesFewest * fewest : fewest;
            string judgement = isBounded ? "too few for a group" : $"too few for a covariance of its own over {Counted.Of(dimension, "feature")}";
            if (rows < least)
            {
                double? owed = family.HasHoles && rows >= fewest ? PooledGaussian.Owed(components, effectiveCounts, k) : null;
                string simpler = rowsOf.AreCopies(k) && components.Shape != CovarianceShape.Spherical ? " or for a structure with fewer parameters" : string.Empty;
                string remedies = rows < LeastRow ? "fewer components, or try restarts" : $"fewer components{simpler}, try restarts, or strengthen the covariance prior";
                found.Add(new DegenerateComponent(k, $"Component {k} rests on {rowsOf.Describe(k)}, {judgement}. {rowsOf.RemedyOf(k)}Ask for {remedies}.")
                {
                    Owed = owed,
                    IsBounded = owed is not null,
                });
            }
            else if (shown.JudgeComponent(k, least, judgement) is { } unseen)
            {
                found.Add(unseen);
            }
            else if (flat >= 0)
            {
                string subject = components.IsShared ? "Every component" : $"Component {k}", where = VariesAlone(components, family.RegularizationOf(k), count, k, flat)
                    ? $"next to no spread of its own in {family.FeatureName(flat)} beside the features before it, from which it nearly follows there"
                    : $"next to no spread of its own in {family.FeatureName(flat)}, which is nearly constant there";
                found.Add(new DegenerateComponent(
                    k, $"{subject} has {where}: that variance is not that of its rows, and likelihood and BIC mean little. "
                        + "Ask for fewer components, drop the feature, try restarts, or strengthen the covariance prior.")
                {
                    IsFlat = true,
                    HasManyRows = estimated.AreMany,
                    Owed = (components.IsShared ? total : effectiveCounts[k]) * flatness,
                });
            }
        }

        if (found.Count == 0 && shown.JudgeAll() is { } all) found.Add(all);
        return found;
    }

    /// <summary>Of components whose rows lie in a plane, those on few rows: more rows do so by a rule of their own, which is told, and not by the choice of the fit.</summary>
    public static IEnumerable<DegenerateComponent> FindInPlanes(GaussianComponents components, IEnumerable<ComponentPlane> planes, RowsOfComponents rows)
    {
        var found = new List<DegenerateComponent>();
        foreach (ComponentPlane plane in planes)
        {
            double count = rows.Counts[plane.Component];
            if (AreMany(count, components.Dimension)) continue;
            found.Add(new DegenerateComponent(
                plane.Component, $"Component {plane.Component} rests on {Counted.Of(count, "row")} that lie in a plane, {plane.Describe(components.Family.FeatureName)}: the variance across is not that of its rows, "
                    + "and likelihood and BIC mean little. Ask for fewer components, drop a feature, try restarts, or strengthen the covariance prior.")
            {
                IsFlat = true,
            });
        }

        return found;
    }

    // Whether a feature varies in a component, whatever the other features say of it.
    private static bool VariesAlone(GaussianComponents components, CovarianceRegularization prior, double count, int component, int feature)
    {
        CovarianceShape shape = components.Shape;
        if (shape != CovarianceShape.Full) return false;
        return prior.LeavesSpread(components.Covariance(component)[shape.Index(feature, feature)], prior.PriorVariances[feature], count);
    }

    // Whether most of the others are far wider: by the geometric mean of the variances, or, in units of its own ones, by their sum, in which one direction is enough.
    private static bool IsCompact(GaussianComponents components, int component)
    {
        int dimension = components.Dimension, others = components.ComponentCount - 1, wider = 0;
        for (int k = 0; k <= others; k++)
        {
            if (k == component) continue;
            bool isWider = -2 * (components.LogConstant(component) - components.LogConstant(k)) < dimension * Math.Log(CompactVariance)
                || components.SumOfVariancesExceeds(VariancesAcrossPlane, k, unit: component);
            wider += isWider ? 1 : 0;
        }

        return 2 * wider > others;
    }

    // How much denser a variance makes a row than a larger one would.
    private static double Narrowness(double larger, double variance) => Math.Max(0, 0.5 * Math.Log(larger / variance));

    // The first feature whose variance, given the features before it, is mostly the prior's or floor's though that of all rows is not, -1 if there is none; and how much
    // denser all such features make a row than if they had the variance of all rows, or, of few values, the least that counts as a spread, in nats; or null where the former are so many
    // that the component is nothing else.
    private static (int First, double? Flatness) FlatFeatures(
        GaussianComponents components, CovarianceRegularization prior, int component, Share estimated, Share own)
    {
        if (prior.PriorCount <= 0 && prior.Floor <= 0) return (-1, null);
        ReadOnlySpan<double> covariance = components.Covariance(component);
        double count = estimated.Count;
        if (components.Shape == CovarianceShape.Spherical)
        {
            double mean = prior.PriorVariances.Average();
            bool varies = prior.LeavesSpread(covariance[0], mean, count)
                || (prior.SharedValues is { } values && estimated.AreMany && prior.LeavesSpreadOfMany(covariance[0], covariance[0], mean, count, estimated.OfMany, values.LargestShares.Min()));
            double least = Enumerable.Range(0, components.Dimension).Average(prior.LeastVarianceOfValues);
            bool haveFewValues = Enumerable.Range(0, components.Dimension).All(j => prior.LeastVarianceOfValues(j) > 0);
            return (varies ? -1 : 0, haveFewValues ? components.Dimension * Narrowness(least, covariance[0]) : null);
        }

        bool isFull = components.Shape == CovarianceShape.Full;
        ReadOnlySpan<double> stored = isFull ? components.Factor(component) : covariance;
        (int first, int flat, double flatness) = (-1, 0, 0);
        double[]? beside = null;
        for (int j = 0; j < components.Dimension; j++)
        {
            double priorVariance = prior.PriorVariances[j];
            if (prior.Follows(j) || (isFull && prior.IsWithoutSpread(j, priorVariance, count))) continue;
            double entry = stored[components.Shape.Index(j, j)], variance = isFull ? entry * entry : entry;
            if (IsSpread(components, prior, component, j, variance, estimated, own, ref beside)) continue;
            if (first < 0) first = j;
            if (prior.LeastVarianceOfValues(j) is > 0 and double least)
            {
                flatness += Narrowness(least, variance);
                continue;
            }

            flat++;
            flatness += Narrowness(priorVariance, variance);
        }

        return (first, FlatFeaturesOfAll * flat <= components.Dimension ? flatness : null);
    }

    // By the variance of the model given the features before it, and by that which the component would have without the others: with a volume in common the first is as much
    // larger than what rows leave that do not vary as others are smaller, and with a shape in common it may be smaller than what the prior adds to rows that do.
    private static bool IsSpread(
        GaussianComponents components, CovarianceRegularization prior, int component, int feature, double variance, Share estimated, Share own, ref double[]? beside)
    {
        if (IsBelowSpacing(components, prior, component, feature)) return false;
        double whole = components.CovarianceOf(component, feature, feature), ownWhole = components.OwnVariance(component, feature), priorVariance = prior.PriorVariances[feature];

        // So many rows do not lie in a plane by chance.
        bool isTied = !double.IsNaN(ownWhole), mayBePlane = components.Shape == CovarianceShape.Full && feature > 0 && (isTied ? own : estimated).AreMany && variance <= SmallVariance * priorVariance;
        if (mayBePlane) beside ??= isTied ? prior.VariancesBesideOthers(own.Count, components.OwnCovariance(component)) : prior.VariancesBesideOthers(estimated.Count, components.Covariance(component));
        if (!isTied) return LeavesSpread(prior, feature, mayBePlane ? beside![feature] : variance, whole, estimated);
        bool spreads = LeavesSpread(prior, feature, ownWhole, ownWhole, own);
        if (!spreads && whole <= SmallVariance * priorVariance) return false;
        if (mayBePlane && !LeavesSpread(prior, feature, beside![feature], ownWhole, own)) return false;
        return LeavesSpread(prior, feature, variance, whole, estimated) || (spreads && !VariesAlone(components, prior, estimated.Count, component, feature));
    }

    /// <summary>Whether rows have a spread of their own in a feature, by any of the rules.</summary>
    /// <param name="prior">What keeps variances positive.</param>
    /// <param name="feature">The feature.</param>
    /// <param name="variance">The variance after the M-step, perhaps given other features.</param>
    /// <param name="whole">The same of the feature alone.</param>
    /// <param name="rows">What the variance was estimated from.</param>
    public static bool LeavesSpread(CovarianceRegularization prior, int feature, double variance, double whole, Share rows)
    {
        double priorVariance = prior.PriorVariances[feature];
        return prior.LeavesSpread(variance, priorVariance, rows.Count) || prior.LeavesSpreadOfFewValues(feature, variance, rows.Count)
            || (prior.SharedValues is { } values && rows.AreMany && prior.LeavesSpreadOfMany(variance, whole, priorVariance, rows.Count, rows.OfMany, values.LargestShares[feature]));
    }

    // Of variances that components have in common, which those of others raise where some are at one value.
    private static bool IsBelowSpacing(GaussianComponents components, CovarianceRegularization prior, int component, int feature)
    {
        if (!components.IsShared && double.IsNaN(components.OwnVariance(component, feature))) return false;
        double variance = components.CovarianceOf(component, feature, feature);
        return variance <= SmallVarianceOfFewValues * prior.PriorVariances[feature] && prior.IsBelowSpacing(feature, variance);
    }

    /// <summary>Whether rows are so many that they do not lie close together, or near a plane, by chance.</summary>
    public static bool AreMany(double rows, int dimension) => rows >= Math.Max(ManyRows, ManyRowsOfDirection * (dimension + 1));

    /// <summary>The rows that a variance is estimated from.</summary>
    /// <param name="Count">Their total responsibility.</param>
    /// <param name="OfMany">What share of all they are if they are many, else zero.</param>
    internal readonly record struct Share(double Count, double OfMany)
    {
        public bool AreMany => OfMany > 0;

        public static Share Of(double count, double total, double rows, int dimension) =>
            new(count, SpuriousGaussians.AreMany(rows, dimension) ? count / total : 0);
    }
}
