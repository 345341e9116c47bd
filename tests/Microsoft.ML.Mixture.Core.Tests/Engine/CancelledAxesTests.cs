namespace Microsoft.ML.Mixture.Engine.Tests;

/// <summary>The principal axes of one matrix of many features take seconds, and minutes of some more.</summary>
[Collection("Timed")]
[Trait("Kind", "Budget")]
public class CancelledAxesTests
{
    /// <summary>The work could be cancelled between matrices only.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void PrincipalAxes_CancelledWithinAMatrix_Throw(bool isRough)
    {
        const int Dimension = 500;
        var random = new Random(1);
        double[] matrix = new double[Dimension * (Dimension + 1) / 2];
        for (int i = 0, at = 0; i < Dimension; i++)
        {
            for (int j = 0; j <= i; j++, at++) matrix[at] = i == j ? 2 : (random.NextDouble() - 0.5) / 20;
        }

        using var source = new CancellationTokenSource(TimeSpan.FromMilliseconds(1));

        Assert.ThrowsAny<OperationCanceledException>(() => new PrincipalAxes(matrix, 1, Dimension, isRough, source.Token));
    }
}
