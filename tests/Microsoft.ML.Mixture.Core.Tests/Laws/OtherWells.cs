namespace Microsoft.ML.Mixture.Laws.Tests;

/// <summary>
/// Counts the comparisons of a law in which common axes come to rest elsewhere: what they minimise has several wells, and an M-step need not end in the best.
/// Such ones must be rare.
/// </summary>
internal sealed class OtherWells
{
    private const int ComparisonsOfOne = 1000;

    private int _comparisons;
    private int _found;

    /// <summary>Whether to go on with one: where the axes are in another well there is nothing to compare.</summary>
    public bool AreTheSame(CovarianceStructure structure, bool holds)
    {
        Interlocked.Increment(ref _comparisons);
        if (holds || structure.Code is not ("EVE" or "VVE")) return true;
        Interlocked.Increment(ref _found);
        return false;
    }

    public void AssertRare() => Assert.True(_found <= _comparisons / ComparisonsOfOne, $"In {_found} of {_comparisons} comparisons the axes are elsewhere.");
}
