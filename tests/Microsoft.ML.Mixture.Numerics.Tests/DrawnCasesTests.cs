using System.Collections.Concurrent;
using CsCheck;

namespace Microsoft.ML.Mixture.Numerics.Tests;

/// <summary>The laws are tested on the same cases every day.</summary>
public class DrawnCasesTests
{
    // Printed by one run, so that another has to draw the same.
    [Fact]
    public void SampleTheSame_InAnyRun_DrawsTheseCases() => Assert.Equal([457243, 639020, 703695, 820878, 852366, 925717], Draw("a law", 6));

    [Fact]
    public void SampleTheSame_OfAnotherLaw_DrawsOtherCases() => Assert.Empty(Draw("a law", 50).Intersect(Draw("another law", 50)));

    [Fact]
    public void SampleTheSame_MoreCases_BeginWithTheSame() => Assert.Empty(Draw("a law", 50).Except(Draw("a law", 80)));

    [Fact]
    public void SampleTheSame_ACaseFails_IsFoundEachTimeAndSaidWithItsSeed()
    {
        string[] messages = [.. Enumerable.Range(0, 2).Select(_ => Assert.Throws<CsCheckException>(() =>
            DrawnCases.SampleTheSame(Gen.Int[0, 1000], drawn => Assert.NotInRange(drawn, 500, 520), 200, "a law")).Message)];

        Assert.All(messages, message => Assert.Contains("seed", message, StringComparison.OrdinalIgnoreCase));
    }

    private static int[] Draw(string law, int count)
    {
        var drawn = new ConcurrentBag<int>();
        DrawnCases.SampleTheSame(Gen.Int[0, 999_999], drawn.Add, count, law);
        return [.. drawn.Order()];
    }
}
