using Microsoft.ML.Mixture.Numerics;

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
        double[] matrix = Matrix(dimension);
        using var source = new CancellationTokenSource();
        Thread canceller = CancelSoon(source);

        Assert.ThrowsAny<OperationCanceledException>(() => new PrincipalAxes(matrix, 1, dimension, isRough, source.Token));
        canceller.Join();
    }

    /// <summary>An estimate of many features ended after a whole matrix.</summary>
    [Fact]
    public void Estimate_CancelledWithinAMatrix_Throws()
    {
        const int Dimension = 700;
        double[] scatter = Matrix(Dimension), covariances = new double[scatter.Length];
        using var source = new CancellationTokenSource();
        CancellationToken token = source.Token;
        Thread canceller = CancelSoon(source);

        Assert.ThrowsAny<OperationCanceledException>(() => CovarianceStructure.FromCode("EEV")
            .Estimate(new CovarianceScatter(CovarianceShape.Full, Dimension, new double[] { 1 }, scatter, cancellationToken: token), covariances));
        canceller.Join();
    }

    /// <summary>The factor of a covariance of 4,000 features takes seconds, and could be cancelled between covariances only.</summary>
    [Fact]
    public void Factor_CancelledWithinAMatrix_Throws()
    {
        const int Dimension = 3;
        double[] covariance = [1, 0, 1, 0, 0, 1], lower = new double[6], inverse = new double[6], factor = new double[TriangularPanels.Length(Dimension)];

        Assert.Throws<OperationCanceledException>(() => GaussianFactor.Factor(
            CovarianceShape.Full, Dimension, 0, covariance, CovarianceRegularization.None(Dimension), lower, inverse, factor, out _, out _, new CancellationToken(canceled: true)));
    }

    /// <summary>Whether features follow from others takes the cube of their number, and could be cancelled while rows were read only.</summary>
    [Fact]
    public void FeatureDependencies_CancelledAfterTheRowsWereRead_Throw()
    {
        // Of one row in the last block little is left to read. What comes then takes half a second and more.
        const int RowCount = (13 * 128) + 1, Dimension = 1600;
        var random = new Random(1);
        double[] values = [.. Enumerable.Range(0, RowCount * Dimension).Select(_ => random.NextDouble())];
        ScaledRows scaled = GaussianFit.Prepare(new ArrayRowSource<double>(values, Dimension), new GaussianMixtureOptions(), CancellationToken.None);
        using var source = new CancellationTokenSource();
        using var isRead = new ManualResetEventSlim();
        int reads = 0;
        var watched = new WatchedRowSource(scaled.Rows.Source, () =>
        {
            if (++reads == 14) isRead.Set();
        });
        TrainingRows rows = TrainingRows.Inspect(watched, usesHoles: true, CancellationToken.None);
        reads = 0;
        isRead.Reset();
        var canceller = new Thread(() =>
        {
            isRead.Wait();
            Thread.Sleep(20);
            source.Cancel();
        });
        canceller.Start();

        Assert.ThrowsAny<OperationCanceledException>(() => FeatureDependencies.Find(rows, scaled.Moments, source.Token));
        canceller.Join();
        Assert.Equal(14, reads);
    }

    private static double[] Matrix(int dimension)
    {
        var random = new Random(1);
        double[] matrix = new double[dimension * (dimension + 1) / 2];
        for (int i = 0, at = 0; i < dimension; i++)
        {
            for (int j = 0; j <= i; j++, at++) matrix[at] = i == j ? 2 : (random.NextDouble() - 0.5) / 20;
        }

        return matrix;
    }

    // A thread of its own, for timers may be late where many tests run.
    private static Thread CancelSoon(CancellationTokenSource source)
    {
        var canceller = new Thread(() =>
        {
            Thread.Sleep(1);
            source.Cancel();
        });
        canceller.Start();
        return canceller;
    }
}
