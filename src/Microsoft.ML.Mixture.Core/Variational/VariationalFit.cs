namespace Microsoft.ML.Mixture;

/// <summary>What a fit by variational Bayes does around the EM loop: the prior, pruning, and the mixture of expected parameters.</summary>
internal static class VariationalFit
{
    // Groups under a narrower prior may be more, and of more groups the prior is narrower.
    private const int MostRounds = 2;

    public static GaussianMixtureModel Run(RowSource source, BayesianGaussianMixtureOptions options, CancellationToken cancellationToken)
    {
        GaussianMixtureOptions common = options.ToGaussianOptions();
        return FitBudget.Run(common, budget => RunWithin(source, options, common, budget), cancellationToken);
    }

    // The number of components is the most to use, and rows that differ in fewer places use no more; unless a start has so many.
    private static GaussianMixtureModel RunWithin(RowSource source, BayesianGaussianMixtureOptions options, GaussianMixtureOptions common, FitBudget budget)
    {
        if (options.Start is { IsRandom: false }) return Run(source, options, common, budget);
        MixtureOptions.CheckFeatureNames(common.FeatureNames, source.Dimension);
        int most = TrainingRows.InspectUpTo(common.ComponentCount, source, usesHoles: true, common.FeatureName, budget.PreparingToken).MostComponents;
        if (most == 0 || most >= common.ComponentCount) return Run(source, options, common, budget);
        var fewer = (BayesianGaussianMixtureOptions)options.Within(options.TimeBudget);
        fewer.ComponentCount = most;
        (GaussianMixtureOptions asked, common) = (common, fewer.ToGaussianOptions());
        return Run(source, fewer, common, budget, asked.ComponentCount);
    }

    private static GaussianMixtureModel Run(RowSource source, BayesianGaussianMixtureOptions options, GaussianMixtureOptions common, FitBudget budget, int? askedCount = null)
    {
        ScaledRows scaled = GaussianFit.Prepare(source, common, budget.PreparingToken).FindDependencies(budget).FindRepeatedValues(budget);
        budget.Advice = GaussianWarnings.OfMoreFeaturesThanRows(scaled.Rows, common);
        var units = new FitUnits(scaled.LogDensityShift, scaled.LogDensityShift);
        (VariationalFamily family, MixtureFit fit) = FitUnder(PriorOfRows.Create(scaled, options, budget.PreparingToken));
        PriorOfGroups? groups = GroupsOf(fit, family.Prior, scaled, options, budget);
        for (int round = 0; round < MostRounds && groups?.Widest is not null; round++)
        {
            // Groups that a wide prior takes for one show under a tight one, which of long tails makes too many.
            PriorOfGroups? explored = SuggestPrior(groups, followsTightest: true, options, budget) is { } tight && TryFitUnder(tight) is { } under
                ? GroupsOf(under.Fit, under.Family.Prior, scaled, options, budget) : null;
            if (SuggestPrior(explored is not null && explored.IsAsSoundAs(groups) ? explored : groups, followsTightest: false, options, budget) is not { } prior) break;
            if (TryFitUnder(prior) is not { } again || !(again.Fit.Objective > fit.Objective)) break;

            // A narrower prior raises the bound of rows that coincide without end, and that of a handful of rows by themselves.
            PriorOfGroups? found = GroupsOf(again.Fit, again.Family.Prior, scaled, options, budget);
            if (found?.IsAsSoundAs(groups) != true) break;
            (family, fit) = again;
            groups = found;
        }

        MixtureFit unpruned = fit;
        fit = ComponentPruning.FitToAllRows(family, unpruned, scaled, options.PruningThreshold, common, budget);
        if (fit != unpruned) groups = GroupsOf(fit, family.Prior, scaled, options, budget);
        var posterior = (VariationalGaussians)fit.Components;
        double[] counts = posterior.Counts.ToArray(), weights = family.Weights.ExpectedWeights(counts);
        int[] inUse = ComponentPruning.InUse(counts, options.PruningThreshold);

        // The mixture of what is in use, and what it makes of the rows.
        MixtureState kept = ComponentPruning.Keep(posterior.Gaussians, weights, inUse, family.Gaussians);
        using var step = new ExpectationStep(scaled.Rows.Source, kept.Components, scaled.Rows.RowWeightTotal, options.ThreadCount);
        ExpectedStatistics ofModel = step.Run(kept, budget.FinishingToken);
        var ended = new EndedFit(scaled, fit, units, common, budget);
        IEnumerable<string> warnings = GaussianWarnings.Collect(ended, common, (GaussianComponents)kept.Components, kept.Weights);
        IEnumerable<string> ofFewRows = FewRowsWarnings.CollectOfPosterior(fit, inUse, options.CovarianceStructure, source.Dimension);
        IEnumerable<string> ofNumber = ComponentPruning.Warnings(unpruned, fit, options.PruningThreshold).Concat(Warnings(inUse.Length, unpruned, options.ComponentCount, askedCount));
        FitReport report = ended.Report(kept.Components, warnings.Concat(PosteriorWarnings.Collect(groups, inUse, options)).Concat(ofFewRows).Concat(ofNumber), ofModel);
        GaussianMixtureModel expected = GaussianFit.Create(weights, posterior.Gaussians, options.CovarianceStructure, scaled.Exponent, report);
        return GaussianFit.Create(
            kept.Weights, (GaussianComponents)kept.Components, options.CovarianceStructure, scaled.Exponent, report,
            new GaussianMixturePosterior(PriorOfRows.Describe(family, scaled.Exponent), counts, expected, inUse));

        (VariationalFamily Family, MixtureFit Fit) FitUnder(NormalWishartPrior prior)
        {
            var gaussians = new GaussianFamily(
                options.CovarianceStructure, CovarianceRegularization.None(source.Dimension), featureName: common.FeatureNameWithin, origin: scaled.Moments.Means,
                hasHoles: scaled.HasHoles, prior: prior);
            var under = new VariationalFamily(
                gaussians, WeightPosterior.Create(options.WeightPrior, options.WeightConcentrationPrior ?? (1.0 / (askedCount ?? options.ComponentCount))),
                sortsComponents: options.WeightPrior == MixtureWeightPrior.DirichletProcess && options.Start is null or { IsRandom: true });
            return (under, MixtureFitter.Fit(under, scaled, units, common, budget));
        }

        // There is a fit already.
        (VariationalFamily Family, MixtureFit Fit)? TryFitUnder(NormalWishartPrior prior)
        {
            try
            {
                return FitUnder(prior);
            }
            catch (Exception exception) when (exception is MixtureFitException || (exception is OperationCanceledException && budget.Interruption is not null))
            {
                return null;
            }
        }
    }

    // Null where the prior need not or may not change.
    private static NormalWishartPrior? SuggestPrior(PriorOfGroups groups, bool followsTightest, BayesianGaussianMixtureOptions options, FitBudget budget)
    {
        bool followsMeans = options.MeanPrecisionPrior is null, followsCovariances = options.CovariancePrior is null;
        if (!(followsMeans || followsCovariances) || budget.Interruption is not null) return null;
        return budget.WithinTime(token => groups.Find(followsTightest, followsMeans, followsCovariances, token), otherwise: null);
    }

    // Null where they tell nothing. Features that are constant, or follow from others where there are correlations, have no width of their own in any component; of a spherical one it is that of all features.
    private static PriorOfGroups? GroupsOf(MixtureFit fit, NormalWishartPrior prior, ScaledRows scaled, BayesianGaussianMixtureOptions options, FitBudget budget)
    {
        var posterior = (VariationalGaussians)fit.Components;
        bool isFull = options.CovarianceStructure.Shape == CovarianceShape.Full, isSpherical = options.CovarianceStructure.Shape == CovarianceShape.Spherical;
        int[] following = isFull ? [.. scaled.Dependencies.Found.Where(found => found.Unexplained < PriorOfRows.LeastPivot).Select(found => found.Feature)] : [];
        int[] features = [.. Enumerable.Range(0, posterior.Dimension).Where(j => isSpherical || scaled.Moments.Variances[j] > 0).Except(following)];
        if (features.Length == 0) return null;
        int[] inUse = ComponentPruning.InUse(posterior.Counts.ToArray(), BayesianGaussianMixtureOptions.DefaultPruningThreshold);
        double[] spacings = scaled.SharedValues?.Spacings ?? new double[posterior.Dimension];
        if (FreeCovariances.Has(options.CovarianceStructure)) return Of(posterior, prior);
        NormalWishartPrior faint = prior.Faint();
        return FreeCovariances.Of(posterior, scaled, faint, options.ThreadCount, budget.FinishingToken) is { } free ? Of(free, faint) : null;

        PriorOfGroups Of(VariationalGaussians gaussians, NormalWishartPrior ofCovariances) =>
            new(gaussians, inUse, fit.RowCounts, prior, ofCovariances, spacings, features, following, budget.FinishingToken);
    }

    private static IEnumerable<string> Warnings(int inUse, MixtureFit fit, int most, int? askedCount)
    {
        if (askedCount is { } asked)
        {
            yield return $"{asked} components were asked for, but there {Counted.Is(most)} only {Counted.Of(most, "row")} that {(most == 1 ? "differs and shows" : "differ and show")} every feature, so no more were tried. Pass more rows, or ask for at most {most}.";
            yield break;
        }

        if (inUse < most || most == 1) yield break;
        int raced = fit.Race?.StartCount ?? 0;
        yield return raced > 1
            ? $"All {most} components are in use, and none of {raced} starts and moves, to fewer components among them, led to a higher evidence lower bound, so that more may be wanted. Ask for more components, and keep them if the bound rises."
            : $"All {most} components are in use, and no start with fewer was tried: the evidence lower bound may rise with more components or with fewer. Try both, or the default start, and keep what has the highest bound.";
    }
}
