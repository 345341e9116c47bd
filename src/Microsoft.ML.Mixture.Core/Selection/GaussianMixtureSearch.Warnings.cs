namespace Microsoft.ML.Mixture;

/// <content>What a search says of all its models.</content>
internal sealed partial class GaussianMixtureSearch
{
    private MixtureSearchResult Tell(MixtureCandidate[] candidates)
    {
        var warnings = new List<string>();
        if (_isCut) warnings.Add(_options.WarnOfTime(candidates.Count(candidate => candidate.Failure == _options.UnfinishedReason), candidates.Length));
        string? dependency = DependencyWarnings.OfSearch(_rows, _cells.Select(cell => cell.Options));
        string[] told = dependency is null ? [] : [.. _cells.SelectMany(cell => DependencyWarnings.Collect(_rows, cell.Options)).Distinct()];
        if (dependency is not null) warnings.Add(dependency);
        return new MixtureSearchResult(candidates, _options.Criterion, warnings, told, _surprise > Reach ? _surprise : 0);
    }
}
