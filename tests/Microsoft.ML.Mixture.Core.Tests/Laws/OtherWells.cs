namespace Microsoft.ML.Mixture.Laws.Tests;

/// <summary>
/// Counts the cases of a law in which common axes come to rest elsewhere: what they minimise has several wells, and an M-step need not end in the best. Such
/// cases must be rare.
/// </summary>
internal sealed class OtherWells
{
    private const int CasesOfOne = 1000;

    private int _cases;
    private int _found;

    /// <summary>Whether to go on with a case: where the axes are in another well there is nothing to compare.</summary>
    public bool AreTheSame(CovarianceStructure structure, bool holds)
    {
        Interlocked.Increment(ref _cases);
        if (holds || structure.Code is not ("EVE" or "VVE")) return true;
        Interlocked.Increment(ref _found);
        return false;
    }

    public void AssertRare() => Assert.True(_found <= _cases / CasesOfOne, $"In {_found} of {_cases} cases the axes are elsewhere.");
}
