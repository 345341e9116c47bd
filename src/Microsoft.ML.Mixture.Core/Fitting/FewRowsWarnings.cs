namespace Microsoft.ML.Mixture;

/// <summary>Components that rest on so few rows that these may be stray ones, though their likelihood is that of a model like others.</summary>
/// <remarks>
/// A variance that is estimated with f degrees of freedom has the relative standard error sqrt(2 / f), which is one with two. Of n rows a variance of one
/// feature has n - 1 degrees of freedom, and of a whole covariance matrix the variance of the last feature beside the others n - D.
/// </remarks>
internal static class FewRowsWarnings
{
    private const int DegreesOfFreedom = 2;

    // Whatever they share with others, two rows are no group.
    private const int Pair = 2;

    // A component with less has no row to remove.
    private const double LeastRow = 0.5;

    public static IEnumerable<string> Collect(TrainingRows rows, MixtureFit fit, GaussianMixtureOptions options)
    {
        // Variational Bayes has a prior that is worth rows.
        if (fit.Components is not (GaussianComponents or NoiseComponents)) return [];
        CovarianceStructure structure = options.CovarianceStructure;
        int dimension = rows.Source.Dimension, most = MostRows(structure, dimension);
        double[] all = [.. fit.RowCounts.Take(options.ComponentCount)], distinct = [.. fit.DistinctCounts.Take(options.ComponentCount)], own = new RowsOfComponents(all, distinct).Counts.ToArray();
        int[] few = [.. OnFewRows(rows, fit, options).Except(Named(fit, structure))];
        if (options.ComponentCount == 1)
        {
            var ofOne = new RowsOfComponents(all, distinct);
            return few.Length == 0 || (rows.AreWeightsEqual && !ofOne.AreCopies(0)) ? [] : [OfOne(ofOne, structure, dimension)];
        }

        string judgement = most == Pair ? "too few for a group" : $"hardly enough for a covariance of its own over {Counted.Of(dimension, "feature")}";
        string orNoise = options.NoiseComponent ? string.Empty : $", or set {nameof(options.NoiseComponent)}";
        return SimilarWarnings.Tell(
            few,
            k => Tell(k, new RowsOfComponents(all, distinct)),
            "component",
            mostInFull: Math.Max(1, SimilarWarnings.MostInFull - fit.Spurious.Count));

        string Tell(int k, RowsOfComponents rowsOf)
        {
            string ask = own[k] < LeastRow ? "Ask" : rowsOf.AreCopies(k) ? $"{rowsOf.RemedyOf(k)}Ask" : $"{IfStray(own[k])}{orNoise}; if not, ask";
            return $"Component {k} rests on {rowsOf.Describe(k)}, {judgement}. {ask} for fewer components{(most == Pair ? string.Empty : " or strengthen the covariance prior")}.";
        }
    }

    /// <summary>Components that variational Bayes keeps for rows that may be stray ones.</summary>
    /// <param name="fit">The fit, whose prior is worth rows: its bound does not rise without end on one, but it does with a component for each row that is far from all others.</param>
    /// <param name="inUse">The components that are kept.</param>
    /// <param name="structure">Their structure.</param>
    /// <param name="dimension">D.</param>
    public static IEnumerable<string> CollectOfPosterior(MixtureFit fit, int[] inUse, CovarianceStructure structure, int dimension)
    {
        double[] all = [.. inUse.Select(k => fit.RowCounts[k])], distinct = fit.DistinctCounts.Length == 0 ? [] : [.. inUse.Select(k => fit.DistinctCounts[k])];
        double[] own = new RowsOfComponents(all, distinct).Counts.ToArray();
        double most = Math.Min(1 + DegreesOfFreedom, MostRows(structure, dimension)) + 0.5;
        return own.Length == 1 ? [] : SimilarWarnings.Tell<int>([.. Enumerable.Range(0, own.Length).Where(k => own[k] >= LeastRow && own[k] < most)], Tell, "component");

        string Tell(int k)
        {
            var rows = new RowsOfComponents(all, distinct);
            return $"Component {k} rests on {rows.Describe(k)}, too few for a group, as variational Bayes keeps components for rows that are far from all others. {rows.RemedyOf(k)}{IfStray(own[k])}, "
                + $"or use {nameof(GaussianMixture)} with {nameof(GaussianMixtureOptions.NoiseComponent)}.";
        }
    }

    // Those of which worse is said already.
    private static IEnumerable<int> Named(MixtureFit fit, CovarianceStructure structure) =>
        fit.Spurious.Where(found => !found.IsOfAll && !(found.IsFlat && structure.IsShared)).Select(found => found.Component);

    // Of equal weights the number of rows is plain to see, and that of parameters is set against it; how many of them are copies is not.
    private static string OfOne(RowsOfComponents rows, CovarianceStructure structure, int dimension)
    {
        string what = structure.Shape switch
        {
            CovarianceShape.Full => $"a covariance over {Counted.Of(dimension, "feature")}",
            CovarianceShape.Diagonal => $"variances of {Counted.Of(dimension, "feature")}",
            _ => "a variance",
        };
        string remedy = structure.Shape == CovarianceShape.Spherical ? string.Empty : ", ask for a structure with fewer parameters";
        if (rows.AreCopies(0)) return $"The Gaussian rests on {rows.Describe(0)}, hardly enough for {what}. {rows.RemedyOf(0)}{(remedy.Length > 0 ? "Ask for a structure with fewer parameters, or strengthen" : "Strengthen")} the covariance prior.";
        return $"The Gaussian rests on rows of such uneven weights that they tell as much as {Counted.Of(rows.Counts[0], "row")} of one weight, hardly enough for {what}. "
            + $"Bring the weights nearer to each other{remedy}, or strengthen the covariance prior.";
    }

    /// <summary>The same of factor analysers.</summary>
    /// <remarks>
    /// Of n rows what q factors leave of a feature has n - 1 - q degrees of freedom, and where others lend the component theirs, what it varies by with the last factor has n - q. Those on
    /// too few rows for their parameters are told of as such.
    /// </remarks>
    public static IEnumerable<string> Collect(TrainingRows rows, MixtureFit fit, FactorAnalyzerMixtureOptions options)
    {
        if (options.ComponentCount == 1) return [];
        int factors = options.FactorCount;
        double[] all = [.. fit.RowCounts], distinct = [.. fit.DistinctCounts], own = new RowsOfComponents(all, distinct).Counts.ToArray();
        return SimilarWarnings.Tell(
            [.. OnFewRows(rows, fit, options).Except(fit.SpuriousOnTheirOwn)],
            k => Tell(k, new RowsOfComponents(all, distinct)),
            "component",
            mostInFull: Math.Max(1, SimilarWarnings.MostInFull - fit.Spurious.Count));

        string Tell(int k, RowsOfComponents rowsOf)
        {
            string ask = rowsOf.AreCopies(k) ? $"{rowsOf.RemedyOf(k)}Ask" : $"{IfStray(own[k])}; if not, ask";
            return $"Component {k} rests on {rowsOf.Describe(k)}, hardly enough for {Counted.Of(factors, "factor")} of its own. "
                + $"{ask} for fewer components or factors, or strengthen the prior on the specific variances.";
        }
    }

    /// <summary>The components of a fit by EM that rest on hardly enough rows.</summary>
    public static IEnumerable<int> OnFewRows(TrainingRows rows, MixtureFit fit, GaussianMixtureOptions options)
    {
        int most = MostRows(options.CovarianceStructure, rows.Source.Dimension);
        return OnFewRows(rows, fit, options.ComponentCount, most, options.CovarianceStructure.IsShared ? 0 : options.CovariancePriorStrength);
    }

    /// <summary>The same of factor analysers.</summary>
    public static IEnumerable<int> OnFewRows(TrainingRows rows, MixtureFit fit, FactorAnalyzerMixtureOptions options)
    {
        int most = options.FactorCount + DegreesOfFreedom + (options.SpecificVarianceStructure == SpecificVarianceStructure.Diagonal ? 1 : 0);
        return OnFewRows(rows, fit, options.ComponentCount, most, options.SpecificVariancePriorStrength);
    }

    // Counts are next to whole numbers where a component has its rows for itself.
    private static IEnumerable<int> OnFewRows(TrainingRows rows, MixtureFit fit, int componentCount, int most, double priorStrength)
    {
        double ofPrior = priorStrength * (rows.Source.Copies?.Count ?? rows.Source.RowCount) / componentCount;
        double[] own = [.. new RowsOfComponents([.. fit.RowCounts.Take(componentCount)], [.. fit.DistinctCounts.Take(componentCount)]).Counts];
        return Enumerable.Range(0, own.Length).Where(k => own[k] + ofPrior < most + 0.5);
    }

    private static string IfStray(double rows) => rows < 1.5 ? "If it is a stray row, remove it" : "If they are stray rows, remove them";

    // The most that are hardly enough.
    private static int MostRows(CovarianceStructure structure, int dimension)
    {
        if (dimension == 1 && !structure.IsShared) return 1 + DegreesOfFreedom;
        if (structure.TiesShape || structure.Shape == CovarianceShape.Spherical) return Pair;
        return DegreesOfFreedom + (structure.Shape == CovarianceShape.Full ? dimension : 1);
    }
}
