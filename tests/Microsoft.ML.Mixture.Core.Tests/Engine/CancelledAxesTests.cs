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
        // Uncancelled they take two seconds and more.
        int dimension = isRough ? 1800 : 700;
        var random = new Random(1);
        double[] matrix = new double[dimension * (dimension + 1) / 2];
        for (int i = 0, at = 0; i < dimension; i++)
        {
            for (int j = 0; j <= i; j++, at++) matrix[at] = i == j ? 2 : (random.NextDouble() - 0.5) / 20;
        }

        // A thread of its own, for timers may be late where many tests run.
        using var source = new CancellationTokenSource();
        var canceller = new Thread(() =>
        {
            Thread.Sleep(1);
            source.Cancel();
        });
        canceller.Start();

        Assert.ThrowsAny<OperationCanceledException>(() => new PrincipalAxes(matrix, 1, dimension, isRough, source.Token));
        canceller.Join();
    }
}
