namespace Microsoft.ML.Mixture;

/// <summary>All models of a search, and what they are to each other.</summary>
internal sealed class SearchGrid
{
    // Cells stand by their numbers of components, each with as many structures.
    private readonly int _structureCount;

    /// <summary>Takes every model that is asked for.</summary>
    /// <param name="options">Those of the search.</param>
    /// <param name="data">The rows, whose dependencies are known.</param>
    public SearchGrid(GaussianMixtureSearchOptions options, SearchData data)
    {
        _structureCount = options.CovarianceStructures.Count;
        Counts = [.. options.ComponentCounts];
        Cells =
        [
            .. MixtureCandidate.CreateAll(options, data.Unscaled.Source.Dimension).Select(candidate => new SearchCell(
                candidate, options.FitOptions(candidate.ComponentCount, candidate.CovarianceStructure), data, options.CovarianceStructures)),
        ];
    }

    /// <summary>The models, by K and then by structure.</summary>
    public SearchCell[] Cells { get; }

    /// <summary>Every K.</summary>
    public int[] Counts { get; }

    /// <summary>Lets all models see of the others what they have by now.</summary>
    public void Publish()
    {
        foreach (SearchCell cell in Cells) cell.Published = cell.Current;
    }

    /// <summary>The models of a K.</summary>
    public IEnumerable<SearchCell> OfCount(int count) => count < Counts[0] || count > Counts[^1] ? [] : Cells.Skip((count - Counts[0]) * _structureCount).Take(_structureCount);

    /// <summary>Of the other models of the same K that are meant the likeliest fit; null for none.</summary>
    public MixtureFit? Likeliest(SearchCell cell, Func<SearchCell, bool> isMeant) => OfCount(cell.Candidate.ComponentCount)
        .Where(other => other != cell && other.Published is not null && isMeant(other))
        .MaxBy(other => other.Published!.LogLikelihood)?.Published;

    /// <summary>The same of those without components that rest on a handful of rows.</summary>
    public MixtureFit? LikeliestSound(SearchCell cell) => Likeliest(cell, other => other.Published!.Spurious.Count == 0);

    /// <summary>The same structure with one component more or less, and the same K with the structures that have found most.</summary>
    /// <param name="cell">The model.</param>
    /// <param name="most">How many of the same K.</param>
    public IEnumerable<SearchCell> Neighbours(SearchCell cell, int most)
    {
        int count = cell.Candidate.ComponentCount;
        IEnumerable<SearchCell> alike = OfCount(count)
            .Where(other => other != cell && other.Published is not null)
            .OrderBy(other => other.Published!.Unsoundness).ThenByDescending(other => other.Published!.LogLikelihood);
        return OfCount(count - 1).Concat(OfCount(count + 1))
            .Where(other => other.Candidate.CovarianceStructure == cell.Candidate.CovarianceStructure)
            .Concat(alike.Take(most));
    }
}
