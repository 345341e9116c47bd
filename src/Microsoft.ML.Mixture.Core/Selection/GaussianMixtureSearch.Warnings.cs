namespace Microsoft.ML.Mixture;

/// <content>What a search says of all its models.</content>
internal sealed partial class GaussianMixtureSearch
{
    private MixtureSearchResult Tell(MixtureCandidate[] candidates)
    {
        var warnings = new List<string>();
        if (_isCut) warnings.Add(_options.WarnOfTime(candidates.Count(candidate => candidate.Failure == _options.UnfinishedReason), candidates.Length));
        var features = new SearchedFeatures(_rows, _cells.Select(cell => cell.Options));
        warnings.AddRange(features.Warnings);
        return new MixtureSearchResult(candidates, _options.Criterion, warnings, features.Told, _surprise > Reach ? _surprise : 0);
    }
}
