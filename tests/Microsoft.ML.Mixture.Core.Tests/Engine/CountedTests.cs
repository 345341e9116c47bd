namespace Microsoft.ML.Mixture.Engine.Tests;

/// <summary>Messages count one thing in the singular.</summary>
public class CountedTests
{
    [Theory]
    [InlineData(0, "0 rows are")]
    [InlineData(1, "1 row is")]
    [InlineData(2, "2 rows are")]
    [InlineData(1234567, "1234567 rows are")]
    public void Of_AnyCount_GoesWithItsNounAndVerb(int count, string expected)
    {
        Assert.Equal(expected, $"{Counted.Of(count, "row")} {Counted.Is(count)}");
        Assert.Equal(expected.EndsWith("is", StringComparison.Ordinal) ? "was" : "were", Counted.Was(count));
    }

    [Fact]
    public void Report_OfOneStep_SaysOneIteration()
    {
        GaussianMixtureModel model = GaussianMixture.Fit(new double[,] { { 1 }, { 2 }, { 4 } }, new GaussianMixtureOptions { Tolerance = 0, MaximumIterations = 1 }, [1, 1, 0]);

        string text = model.Report!.ToString();

        Assert.Contains("; left out 1 row of weight zero", text, StringComparison.Ordinal);
        Assert.Contains("Stopped after 1 iteration: ", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Message_OfOneRowForTwoComponents_IsASentence()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => GaussianMixture.Fit(new double[,] { { 1 } }, 2));

        Assert.StartsWith("There is 1 row to fit 2 components to", error.Message, StringComparison.Ordinal);
        Assert.Contains("at most 1 component ", error.Message, StringComparison.Ordinal);
    }
}
