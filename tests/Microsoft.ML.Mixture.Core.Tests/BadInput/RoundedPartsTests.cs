using MathNet.Numerics.LinearAlgebra;
using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.BadInput.Tests;

/// <summary>
/// Parts of a whole that were rounded: the last follows from the others but for some of the rounding, which is about what the prior adds. It had the variance that every row has beside that of its rows, and EM
/// lowered its objective by up to 35 nats.
/// </summary>
[Trait("Kind", "Degenerate")]
public class RoundedPartsTests
{
    // What rounding leaves of a likelihood where a variance is a millionth of another.
    private const double Rounding = 1e-6;

    [Theory]
    [InlineData(0.05, "VVV")]
    [InlineData(0.05, "EEE")]
    [InlineData(0.02, "VVV")]
    [InlineData(0.02, "EEE")]
    [InlineData(0.01, "VVV")]
    [InlineData(0.01, "EEE")]
    public void Fit_RoundedParts_NeverLowersItsObjectiveAndConverges(double unit, string code)
    {
        const int RowCount = 300;
        for (int seed = 0; seed < 3; seed++)
        {
            double[,] rows = Parts(RowCount, unit, seed);
            foreach (MixtureStart start in new[] { MixtureStart.KMeansPlusPlus, MixtureStart.FromLabels([.. Enumerable.Range(0, RowCount).Select(i => i * 7 % 3)]), MixtureStart.Portfolio })
            {
                FitReport report = GaussianMixture.Fit(rows, new GaussianMixtureOptions
                {
                    ComponentCount = 3,
                    CovarianceStructure = CovarianceStructure.FromCode(code),
                    Seed = seed,
                    Start = start,
                    MaximumIterations = 2000,
                }).Report!;

                Assert.Equal(StopReason.Converged, report.StopReason);
                double fall = report.ObjectiveHistory.Zip(report.ObjectiveHistory.Skip(1), (before, after) => before - after).Append(0).Max();
                Assert.InRange(fall, double.NegativeInfinity, Rounding);
            }
        }
    }

    /// <summary>The search had ended with a model from which plain EM went down.</summary>
    [Fact]
    public void Search_RoundedParts_EndsAtAMaximum()
    {
        var random = new Random(5);
        double[,] rows = new double[300, 3];
        for (int i = 0; i < 300; i++)
        {
            SetParts(rows, i, 0.1, [Math.Exp(MixtureCase.Normal(random) + (i % 2 * 2)), Math.Exp(0.5 * MixtureCase.Normal(random)), Math.Exp((0.7 * MixtureCase.Normal(random)) + 0.5)]);
        }

        GaussianMixtureModel found = GaussianMixture.Search(rows, new GaussianMixtureSearchOptions { MaximumComponentCount = 5 }).Model;

        FitReport again = GaussianMixture.Fit(rows, new GaussianMixtureOptions
        {
            ComponentCount = found.ComponentCount,
            CovarianceStructure = found.CovarianceStructure,
            Start = MixtureStart.FromModel(found),
            Accelerate = false,
        }).Report!;

        Assert.Equal(StopReason.Converged, found.Report!.StopReason);
        Assert.InRange(again.ObjectiveHistory[^1] - again.ObjectiveHistory[0], -Rounding, 0.01);
    }

    /// <summary>Of random covariances the most likely one is that with no variance below the least, whatever the others.</summary>
    [Fact]
    public void Raise_IsTheMostLikelyCovarianceWithTheLeastVariance()
    {
        const int Dimension = 4;
        var random = new Random(3);
        for (int run = 0; run < 50; run++)
        {
            Matrix<double> scatter = Matrix<double>.Build.Dense(Dimension, Dimension + 2, (_, _) => MixtureCase.Normal(random));
            scatter *= scatter.Transpose();
            double[] least = [0, 0.5 * random.NextDouble(), 2 * random.NextDouble(), 0], packed = Pack(scatter);

            RaisedVariances.Raise(packed, least, new double[packed.Length]);

            Matrix<double> raised = Unpack(packed, Dimension);
            double best = Deviance(raised, scatter);
            Assert.All(Beside(raised).Zip(least), both => Assert.InRange(both.First, both.Second * (1 - 1e-9), double.PositiveInfinity));
            for (int trial = 0; trial < 40; trial++)
            {
                Matrix<double> other = raised + (Matrix<double>.Build.Dense(Dimension, Dimension, (_, _) => 0.02 * MixtureCase.Normal(random)) is var noise ? noise * noise.Transpose() : raised) - (0.004 * Matrix<double>.Build.DenseIdentity(Dimension));
                double[] beside = Beside(other);
                if (beside.Zip(least).All(both => both.First >= both.Second && both.First > 0)) Assert.InRange(Deviance(other, scatter), best - 1e-9, double.PositiveInfinity);
            }
        }
    }

    // log det Sigma + trace(inverse(Sigma) S).
    private static double Deviance(Matrix<double> covariance, Matrix<double> scatter) => Math.Log(covariance.Determinant()) + (covariance.Inverse() * scatter).Trace();

    private static double[] Beside(Matrix<double> covariance)
    {
        double[] determinants = [1, .. Enumerable.Range(1, covariance.RowCount).Select(j => covariance.SubMatrix(0, j, 0, j).Determinant())];
        return [.. Enumerable.Range(0, covariance.RowCount).Select(j => determinants[j + 1] / determinants[j])];
    }

    private static double[] Pack(Matrix<double> matrix) => [.. Enumerable.Range(0, matrix.RowCount).SelectMany(i => Enumerable.Range(0, i + 1).Select(j => matrix[i, j]))];

    private static Matrix<double> Unpack(double[] packed, int dimension) =>
        Matrix<double>.Build.Dense(dimension, dimension, (i, j) => packed[(Math.Max(i, j) * (Math.Max(i, j) + 1) / 2) + Math.Min(i, j)]);

    private static double[,] Parts(int rowCount, double unit, int seed)
    {
        var random = new Random(seed);
        double[,] rows = new double[rowCount, 4];
        for (int i = 0; i < rowCount; i++)
        {
            SetParts(rows, i, unit,
            [
                Math.Exp((0.5 * MixtureCase.Normal(random)) + (i % 2 * 1.5)), Math.Exp(0.5 * MixtureCase.Normal(random)),
                Math.Exp((0.7 * MixtureCase.Normal(random)) + 0.5), Math.Exp((0.4 * MixtureCase.Normal(random)) + (i % 3 * 0.5)),
            ]);
        }

        return rows;
    }

    private static void SetParts(double[,] rows, int row, double unit, double[] parts)
    {
        for (int j = 0; j < parts.Length; j++) rows[row, j] = Math.Round(100 * parts[j] / parts.Sum() / unit) * unit;
    }
}
