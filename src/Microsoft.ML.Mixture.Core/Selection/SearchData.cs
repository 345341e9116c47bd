namespace Microsoft.ML.Mixture;

/// <summary>The rows of a search, which are looked at once for all its models.</summary>
/// <param name="Source">As they are given.</param>
/// <param name="Unscaled">Those in use.</param>
/// <param name="Scaled">The same in the units of fits.</param>
internal sealed record SearchData(RowSource Source, TrainingRows Unscaled, ScaledRows Scaled)
{
    /// <summary>Looks at the rows.</summary>
    /// <param name="source">The rows.</param>
    /// <param name="options">Those of the search.</param>
    /// <param name="fit">Those of one of its fits.</param>
    /// <param name="time">The time of the search, which the first look does not end.</param>
    /// <param name="cancellationToken">Stops the look.</param>
    /// <exception cref="ArgumentException">A weight or a feature is not valid, or there are too few rows for any of the models, or for cross-validation.</exception>
    public static SearchData Prepare(RowSource source, MixtureSearchOptions options, MixtureOptions fit, TimeLimit time, CancellationToken cancellationToken)
    {
        MixtureOptions.CheckFeatureNames(fit.FeatureNames, source.Dimension);
        TrainingRows rows = TrainingRows.InspectUpTo(SearchedCounts.MostToLookFor(options), source, usesHoles: true, fit.FeatureName, cancellationToken);
        rows.Check(options.MinimumComponentCount, fit.FeatureName);
        int used = rows.Source.RowCount;
        if (options.Criterion == MixtureCriterion.CrossValidation && used < options.FoldCount)
        {
            throw new ArgumentException(
                $"There {Counted.Is(used)} {Counted.Of(used, "row")} in use, too few for {options.FoldCount} folds. {(used > 1 ? $"Ask for at most {used}, pass more rows" : "Pass more rows")}, or rank by another criterion.");
        }

        ScaledRows scaled = GaussianFit.Prepare(rows, fit, cancellationToken);
        scaled = time.Within(scaled.FindRepeatedValues, scaled, cancellationToken);
        if (options.Criterion == MixtureCriterion.CrossValidation && scaled.Rows.Source.Copies is { } copies && copies.Count < options.FoldCount)
        {
            throw new ArgumentException(
                $"Only {copies.Count} of the {used} rows in use differ, and copies stay in one fold: too few for {options.FoldCount} folds. Ask for at most {copies.Count}, or rank by another criterion.");
        }

        return new SearchData(source, rows, scaled);
    }

    /// <summary>Has a search try no more components than may be of use, and says so where more were asked for.</summary>
    public string[] Limit(GaussianMixtureSearchOptions options)
    {
        // What all rows can tell is tried in a fold, too.
        Func<int, bool>? mayWin = options.IsOfFold ? null : count => options.CovarianceStructures.Any(structure => !new MixtureCandidate(count, structure).IsOverfitted(Unscaled));
        return Limit(options, options.CovarianceStructures.Count, mayWin);
    }

    /// <summary>The same for factor analysers.</summary>
    public string[] Limit(FactorAnalyzerMixtureSearchOptions options) =>
        Limit(options, options.SpecificVarianceStructures.Count * (Math.Min(options.MaximumFactorCount, Source.Dimension) - options.MinimumFactorCount + 1), mayWin: null);

    /// <summary>What models warn of because it is missing in the rows.</summary>
    public string[] WarningsOfMissing(MixtureOptions fit) => [.. MissingValueWarnings.OfRows(Unscaled, fit)];

    /// <summary>Looks for features that follow from others, unless the time is over.</summary>
    public SearchData FindDependencies(TimeLimit time, CancellationToken cancellationToken) => this with { Scaled = time.Within(Scaled.FindDependencies, Scaled, cancellationToken) };

    private string[] Limit(MixtureSearchOptions options, int modelsOfCount, Func<int, bool>? mayWin)
    {
        (options.MaximumComponentCount, string? warning) = SearchedCounts.Of(options, Unscaled, modelsOfCount, mayWin);
        return warning is null ? [] : [warning];
    }
}
