using Xunit.Abstractions;

namespace Microsoft.ML.Mixture.Selection.Tests;

/// <summary>What the table of a search says of models that cannot win: it owes little to the one tree that all of them start from.</summary>
public class RetriedCellsTests(ITestOutputHelper output)
{
    private const int RowCount = 1200;
    private const int PlainStarts = 3;

    // 32 of 252 were when models that cannot win had started from the tree and from each other alone, and 20 are.
    [Fact]
    [Trait("Kind", "Law")]
    public void Search_OfFewRows_LeavesFewModelsBelowPlainStarts()
    {
        int below = 0, all = 0;
        for (int seed = 0; seed < 3; seed++)
        {
            double[,] rows = ManyGroups.Draw(RowCount, seed);
            MixtureSearchResult result = GaussianMixture.Search(rows, new GaussianMixtureSearchOptions { MinimumComponentCount = 2, MaximumComponentCount = 7 });
            below += PlainStartsAbove.Count(rows, result, PlainStarts);
            all += result.Candidates.Count;
        }

        output.WriteLine($"{below} of {all} models of searches are below the best of {PlainStarts} plain starts");
        Assert.InRange(below, 0, 24);
    }
}
