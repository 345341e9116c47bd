using CsCheck;
using Xunit.Abstractions;

namespace Microsoft.ML.Mixture.Laws.Tests;

/// <summary>What happens to a fit when the data are written down in another way.</summary>
public class EquivarianceLaws(ITestOutputHelper output)
{
    private const int Iterations = 4;

    [Fact]
    [Trait("Kind", "Law")]
    public void Fit_RowsPermuted_IsUnchanged() =>
        Gen.Select(MixtureCase.Any, MixtureCase.Structure, Gen.Int[0, int.MaxValue]).Sample(
            (data, structure, seed) =>
            {
                int[] order = [.. Enumerable.Range(0, data.RowCount)];
                new Random(seed).Shuffle(order);
                double[,] permuted = Map(data, (i, j) => data.Rows[order[i], j]);
                MixtureAssert.Close(
                    MixtureAssert.Parameters(data.Fit(structure, Iterations)), MixtureAssert.Parameters(data.Fit(structure, Iterations, rows: permuted)), MixtureCase.Rounding(structure), "parameter");
            },
            iter: MixtureCase.Cases);

    [Fact]
    [Trait("Kind", "Law")]
    public void Fit_ComponentsRelabelled_IsUnchanged()
    {
        var wells = new OtherWells();
        Gen.Select(MixtureCase.Any, MixtureCase.Structure, Gen.Int[0, int.MaxValue]).Sample(
            (data, structure, seed) =>
            {
                int[] order = [.. Enumerable.Range(0, data.ComponentCount)];
                new Random(seed).Shuffle(order);
                double[,] means = new double[data.ComponentCount, data.Dimension];
                for (int k = 0; k < data.ComponentCount; k++)
                {
                    for (int j = 0; j < data.Dimension; j++) means[k, j] = data.StartMeans[order[k], j];
                }

                GaussianMixtureModel expected = data.Fit(structure, Iterations), actual = data.Fit(structure, Iterations, data.Start(means: means));
                double difference = expected.Report!.LogLikelihood - actual.Report!.LogLikelihood;
                if (!wells.AreTheSame(structure, Math.Abs(difference) <= 1e-9 * Math.Abs(expected.Report.LogLikelihood))) return;
                for (int k = 0; k < data.ComponentCount; k++)
                {
                    MixtureAssert.Close([expected.Weights[order[k]]], [actual.Weights[k]], MixtureCase.Tolerance(structure, 1e-12), "weight");
                    MixtureAssert.Close(expected.Means.Row(order[k]).ToArray(), actual.Means.Row(k).ToArray(), MixtureCase.Tolerance(structure, 1e-12), "mean");
                    MixtureAssert.Close(expected.Covariances[order[k]].ToArray().Cast<double>(), actual.Covariances[k].ToArray().Cast<double>(), MixtureCase.Tolerance(structure, 1e-12), "covariance");
                }
            },
            iter: MixtureCase.Cases);
        wells.AssertRare();
    }

    [Fact]
    [Trait("Kind", "Law")]
    public void Fit_FeaturesPermuted_IsPermuted() =>
        Gen.Select(MixtureCase.Any, MixtureCase.Structure, Gen.Int[0, int.MaxValue]).Sample(
            (data, structure, seed) =>
            {
                if (!MixtureCase.TreatsFeaturesAlike(structure)) return;
                int[] order = [.. Enumerable.Range(0, data.Dimension)];
                new Random(seed).Shuffle(order);
                double[,] means = new double[data.ComponentCount, data.Dimension];
                for (int k = 0; k < data.ComponentCount; k++)
                {
                    for (int j = 0; j < data.Dimension; j++) means[k, j] = data.StartMeans[k, order[j]];
                }

                GaussianMixtureModel expected = data.Fit(structure, Iterations, prior: 1e-3);
                GaussianMixtureModel actual = data.Fit(structure, Iterations, data.Start(means: means), 1e-3, Map(data, (i, j) => data.Rows[i, order[j]]));
                MixtureAssert.Close(expected.Weights, actual.Weights, MixtureCase.Tolerance(structure, 1e-10), "weight");
                for (int k = 0; k < data.ComponentCount; k++)
                {
                    for (int a = 0; a < data.Dimension; a++)
                    {
                        MixtureAssert.Close([expected.Means[k, order[a]]], [actual.Means[k, a]], MixtureCase.Tolerance(structure, 1e-10), "mean");
                        for (int b = 0; b < data.Dimension; b++)
                        {
                            MixtureAssert.Close([expected.Covariances[k][order[a], order[b]]], [actual.Covariances[k][a, b]], MixtureCase.Tolerance(structure, 1e-10), "covariance");
                        }
                    }
                }
            },
            iter: MixtureCase.Cases);

    [Fact]
    [Trait("Kind", "Law")]
    public void Fit_AffineMapThatTheStructureAllows_IsEquivariant() =>
        Gen.Select(MixtureCase.Any, MixtureCase.Structure, Gen.Int[0, int.MaxValue]).Sample(
            (data, structure, seed) =>
            {
                (double[,] map, double logDeterminant) = RandomMap(structure, data.Dimension, new Random(seed));
                double[] offset = [.. Enumerable.Range(0, data.Dimension).Select(j => (10.0 * j) - 7)];
                double[] Image(Func<int, double> x) => [.. Enumerable.Range(0, data.Dimension).Select(a => offset[a] + Enumerable.Range(0, data.Dimension).Sum(b => map[a, b] * x(b)))];
                double[][] images = [.. Enumerable.Range(0, data.RowCount).Select(i => Image(b => data.Rows[i, b]))];
                double tolerance = MixtureCase.Tolerance(structure, 1e-8);

                // From labels, because the image of a spherical start is not spherical.
                MixtureStart start = MixtureStart.FromLabels(data.Labels);
                GaussianMixtureModel expected = data.Fit(structure, Iterations, start), actual = data.Fit(structure, Iterations, start, rows: Map(data, (i, j) => images[i][j]));
                MixtureAssert.Close(expected.Weights, actual.Weights, tolerance, "weight");
                MixtureAssert.Close([expected.Report!.LogLikelihood - (data.RowCount * logDeterminant)], [actual.Report!.LogLikelihood], 1e-10, "log-likelihood");
                for (int k = 0; k < data.ComponentCount; k++)
                {
                    MixtureAssert.Close(Image(b => expected.Means[k, b]), actual.Means.Row(k).ToArray(), tolerance, "mean");
                    for (int a = 0; a < data.Dimension; a++)
                    {
                        for (int b = 0; b < data.Dimension; b++)
                        {
                            double image = 0;
                            for (int m = 0; m < data.Dimension; m++)
                            {
                                for (int n = 0; n < data.Dimension; n++) image += map[a, m] * expected.Covariances[k][m, n] * map[b, n];
                            }

                            MixtureAssert.Close([image], [actual.Covariances[k][a, b]], tolerance, "covariance");
                        }
                    }
                }

                MixtureAssert.Close(
                    MixtureAssert.AllResponsibilities(expected, data.Rows), MixtureAssert.AllResponsibilities(actual, Map(data, (i, j) => images[i][j])), tolerance, "responsibility");
            },
            iter: MixtureCase.Cases);

    [Theory]
    [Trait("Kind", "Law")]
    [InlineData(1)]
    [InlineData(1e3)]
    [InlineData(1e6)]
    [InlineData(1e8)]
    public void Fit_RowsShifted_IsShifted(double shift)
    {
        double worst = 0;
        Gen.Select(MixtureCase.Any, MixtureCase.Structure, Gen.OneOf(0, 1e-6)).Sample(
            (data, structure, prior) =>
            {
                // The rows stand on a grid, so the shifted rows are exact; a shifted mean is not.
                double tolerance = MixtureCase.Rounding(structure) + (64 * shift * MixtureCase.Epsilon);
                double[,] shifted = Map(data, (i, j) => data.Rows[i, j] + shift), means = new double[data.ComponentCount, data.Dimension];
                double[,] roundedMeans = new double[data.ComponentCount, data.Dimension];
                for (int k = 0; k < data.ComponentCount; k++)
                {
                    for (int j = 0; j < data.Dimension; j++)
                    {
                        means[k, j] = data.StartMeans[k, j] + shift;
                        roundedMeans[k, j] = means[k, j] - shift;
                    }
                }

                GaussianMixtureModel expected = data.Fit(structure, Iterations, data.Start(means: roundedMeans), prior);
                GaussianMixtureModel actual = data.Fit(structure, Iterations, data.Start(means: means), prior, shifted);
                MixtureAssert.Close(expected.Weights, actual.Weights, tolerance, "weight");
                MixtureAssert.Close(expected.Means.ToArray().Cast<double>(), actual.Means.ToArray().Cast<double>().Select(mean => mean - shift), tolerance, "mean");
                MixtureAssert.Close(expected.Covariances.SelectMany(c => c.ToArray().Cast<double>()), actual.Covariances.SelectMany(c => c.ToArray().Cast<double>()), tolerance, "covariance");
                double error = MixtureAssert.Close([expected.Report!.LogLikelihood], [actual.Report!.LogLikelihood], Math.Min(1e-6, tolerance), "log-likelihood");
                MixtureAssert.Close(MixtureAssert.AllResponsibilities(expected, data.Rows), MixtureAssert.AllResponsibilities(actual, shifted), tolerance, "responsibility");
                lock (output) worst = Math.Max(worst, error);
            },
            iter: MixtureCase.Cases);
        output.WriteLine($"worst error of the log-likelihood {worst:G3}");
    }

    [Fact]
    [Trait("Kind", "Law")]
    public void Fit_RowsTimesPowerOfTwo_IsScaled()
    {
        double worst = 0;
        Gen.Select(MixtureCase.Any, MixtureCase.Structure, Gen.Int[-500, 500], Gen.OneOf(0, 1e-6)).Sample(
            (data, structure, exponent, prior) =>
            {
                (GaussianMixtureModel expected, GaussianMixtureModel actual, double[,] scaled) = FitScaled(data, structure, exponent, prior);
                MixtureAssert.Close(expected.Weights, actual.Weights, 1e-12, "weight");
                MixtureAssert.Close(expected.Means.ToArray().Cast<double>(), actual.Means.ToArray().Cast<double>().Select(v => double.ScaleB(v, -exponent)), 1e-12, "mean");
                MixtureAssert.Close(
                    expected.Covariances.SelectMany(c => c.ToArray().Cast<double>()),
                    actual.Covariances.SelectMany(c => c.ToArray().Cast<double>()).Select(v => double.ScaleB(v, -2 * exponent)), 1e-12, "covariance");
                double shift = data.RowCount * data.Dimension * exponent * Math.Log(2);
                MixtureAssert.Close([expected.Report!.LogLikelihood], [actual.Report!.LogLikelihood + shift], 1e-14 * (1 + Math.Abs(shift)), "log-likelihood");
                double error = MixtureAssert.Close(MixtureAssert.AllResponsibilities(expected, data.Rows), MixtureAssert.AllResponsibilities(actual, scaled), 1e-11, "responsibility");
                lock (output) worst = Math.Max(worst, error);
            },
            iter: MixtureCase.Cases);
        output.WriteLine($"worst error of a responsibility {worst:G3}");
    }

    [Fact]
    [Trait("Kind", "Law")]
    public void Responsibilities_RowsTimesPowerOfTwo_AreEqualBitForBit() =>
        Gen.Select(MixtureCase.Any, MixtureCase.Structure, Gen.Int[-500, 500], Gen.OneOf(0, 1e-6)).Sample(
            (data, structure, exponent, prior) =>
            {
                (GaussianMixtureModel expected, GaussianMixtureModel actual, double[,] scaled) = FitScaled(data, structure, exponent, prior);
                Assert.Equal(MixtureAssert.Bits(expected.Weights), MixtureAssert.Bits(actual.Weights));
                Assert.Equal(
                    MixtureAssert.Bits(MixtureAssert.AllResponsibilities(expected, data.Rows)), MixtureAssert.Bits(MixtureAssert.AllResponsibilities(actual, scaled)));
            },
            iter: MixtureCase.Cases);

    private static (GaussianMixtureModel Expected, GaussianMixtureModel Actual, double[,] Scaled) FitScaled(
        MixtureCase data, CovarianceStructure structure, int exponent, double prior)
    {
        double[,] scaled = Map(data, (i, j) => double.ScaleB(data.Rows[i, j], exponent)), means = new double[data.ComponentCount, data.Dimension];
        for (int k = 0; k < data.ComponentCount; k++)
        {
            for (int j = 0; j < data.Dimension; j++) means[k, j] = double.ScaleB(data.StartMeans[k, j], exponent);
        }

        return (
            data.Fit(structure, Iterations, null, prior), data.Fit(structure, Iterations, data.Start(double.ScaleB(1, exponent), means), prior, scaled), scaled);
    }

    private static double[,] Map(MixtureCase data, Func<int, int, double> value)
    {
        double[,] rows = new double[data.RowCount, data.Dimension];
        for (int i = 0; i < data.RowCount; i++)
        {
            for (int j = 0; j < data.Dimension; j++) rows[i, j] = value(i, j);
        }

        return rows;
    }

    // Structures that speak of axes, but not of their directions, only stand multiples of a rotation; without correlation a scale for each
    // feature; the others any map.
    private static (double[,] Map, double LogDeterminant) RandomMap(CovarianceStructure structure, int dimension, Random random)
    {
        bool isAlongFeatures = structure.Shape == CovarianceShape.Diagonal;
        bool isRigid = structure.Shape == CovarianceShape.Spherical || structure.Code is "EVE" or "VVE" or "EEV" or "VEV";
        double[,] map = new double[dimension, dimension];
        double logDeterminant = 0;
        for (int j = 0; j < dimension; j++)
        {
            map[j, j] = isRigid ? 3.7 : 0.5 + (3 * random.NextDouble());
            logDeterminant += Math.Log(map[j, j]);
        }

        for (int a = 0; a < dimension; a++)
        {
            for (int b = 0; b < a && !isRigid && !isAlongFeatures; b++) map[a, b] = random.NextDouble() - 0.5;
            for (int b = 0; b < a && !isAlongFeatures; b++)
            {
                (double sine, double cosine) = Math.SinCos(2 * Math.PI * random.NextDouble());
                for (int j = 0; j < dimension; j++) (map[a, j], map[b, j]) = ((cosine * map[a, j]) - (sine * map[b, j]), (sine * map[a, j]) + (cosine * map[b, j]));
            }
        }

        return (map, logDeterminant);
    }
}
