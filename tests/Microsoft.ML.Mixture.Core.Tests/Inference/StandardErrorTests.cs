using CsCheck;
using MathNet.Numerics.LinearAlgebra;
using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.Inference.Tests;

/// <summary>Standard errors against differences of the likelihood, against closed forms, and between each other.</summary>
[Trait("Kind", "Reference")]
public class StandardErrorTests
{
    public static TheoryData<string, int, int, double> Cases
    {
        get
        {
            var cases = new TheoryData<string, int, int, double>();
            foreach (CovarianceStructure structure in MixtureCase.Lettered)
            {
                cases.Add(structure.Code!, 2, 2, 0);
                cases.Add(structure.Code!, 2, 3, 0.2);
            }

            cases.Add("VVV", 3, 4, 0.1);
            cases.Add("EEE", 3, 1, 0);
            cases.Add("VEV", 1, 3, 0.2);
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void StandardErrors_AnyStructure_AreThoseOfDifferencesOfTheLikelihood(string code, int componentCount, int dimension, double share)
    {
        var data = new MixtureCase(componentCount, dimension, 30, 17);
        double[,] rows = MissingValueLaws.Remove(Stretched(data.Rows), share, 5);
        double[] weights = [.. Enumerable.Range(0, data.RowCount).Select(i => share == 0 ? 1 : 0.5 + (i % 4))];
        double prior = share == 0 ? 0 : 0.02;
        GaussianMixtureModel model = Fit(rows, CovarianceStructure.FromCode(code), componentCount, weights, prior, data);
        var textbook = new TextbookInformation(model, [.. Enumerable.Range(0, data.RowCount).Select(i => MixtureAssert.RowOf(rows, i))], weights, prior);

        MixtureStandardErrors errors = model.StandardErrorsOf(rows, share == 0 ? null : weights, prior);

        Assert.InRange(errors.DistanceFromMaximum, 0, 1e-3);
        Matrix<double> expected = textbook.EstimateCovariance();
        int[] places = Places(errors, model);
        double[] all = [.. errors.Weights, .. errors.Means.ToArray().Cast<double>(), .. errors.Covariances.SelectMany(matrix => matrix.ToArray().Cast<double>())];
        Assert.Equal(places.Length, all.Length);
        for (int a = 0; a < places.Length; a++)
        {
            Closeness.Absolute(Math.Sqrt(Math.Max(0, expected[a, a])), all[a], 2e-4 * (all[a] + 1e-7), $"{code}: standard error {a}");
            for (int b = 0; b < places.Length; b++)
            {
                if (places[a] < 0 || places[b] < 0) continue;
                Closeness.Absolute(expected[a, b], errors.EstimateCovariance[places[a], places[b]], 4e-4 * ((all[a] * all[b]) + 1e-10), $"{code}: covariance {a}, {b}");
            }
        }
    }

    [Fact]
    public void StandardErrors_OneFullComponent_AreInClosedForm() => Gen.Select(Gen.Int[1, 5], Gen.Int[0, int.MaxValue]).Sample(
        (dimension, seed) =>
        {
            var data = new MixtureCase(1, dimension, 40 + dimension, seed);
            GaussianMixtureModel model = GaussianMixture.Fit(data.Rows, data.Options(CovarianceStructure.Full, 2));
            double count = data.RowCount;

            MixtureStandardErrors errors = model.StandardErrorsOf(data.Rows, covariancePriorStrength: 0);

            Assert.Equal([0.0], errors.Weights);
            ReadOnlyMatrix sigma = model.Covariances[0];
            for (int i = 0; i < dimension; i++)
            {
                MixtureAssert.Close([Math.Sqrt(sigma[i, i] / count)], [errors.Means[0, i]], 1e-10, "mean");
                for (int j = 0; j < dimension; j++)
                {
                    MixtureAssert.Close([Math.Sqrt(((sigma[i, i] * sigma[j, j]) + (sigma[i, j] * sigma[i, j])) / count)], [errors.Covariances[0][i, j]], 1e-10, "covariance");
                    MixtureAssert.Close([sigma[i, j] / count], [errors.EstimateCovariance[errors.IndexOfMean(0, i), errors.IndexOfMean(0, j)]], 1e-10, "covariance of means");
                    MixtureAssert.Close([0], [errors.EstimateCovariance[errors.IndexOfMean(0, i), errors.IndexOfCovariance(0, i, j)]], 1e-10, "mean and covariance");
                }
            }
        },
        iter: 40);

    // The maximum for a pair of features of which the second is missing in some rows is that of the first, and of the regression on it.
    [Fact]
    public void StandardErrors_SecondFeatureMissing_AreThoseOfTheRegression()
    {
        const int All = 80, Seen = 50;
        var data = new MixtureCase(1, 2, All, 4);
        double[,] rows = (double[,])data.Rows.Clone();
        for (int i = Seen; i < All; i++) rows[i, 1] = double.NaN;
        GaussianMixtureModel model = GaussianMixture.Fit(rows, new GaussianMixtureOptions { CovariancePriorStrength = 0, Tolerance = 1e-15, MaximumIterations = 5000 });

        MixtureStandardErrors errors = model.StandardErrorsOf(rows, covariancePriorStrength: 0);

        // mu2 = alpha + beta mu1 with (alpha, beta) of the least squares, whose variance is that at a given point, and beta^2 that of mu1.
        double slope = model.Covariances[0][1, 0] / model.Covariances[0][0, 0], rest = model.Covariances[0][1, 1] - (slope * model.Covariances[0][1, 0]);
        double[] first = [.. Enumerable.Range(0, Seen).Select(i => rows[i, 0])];
        double centre = first.Average(), squares = first.Sum(x => (x - centre) * (x - centre));
        double variance = (rest * ((1.0 / Seen) + (Math.Pow(model.Means[0, 0] - centre, 2) / squares))) + (slope * slope * model.Covariances[0][0, 0] / All);
        Closeness.Relative(Math.Sqrt(model.Covariances[0][0, 0] / All), errors.Means[0, 0], 1e-7, "first mean");
        Closeness.Relative(Math.Sqrt(variance), errors.Means[0, 1], 1e-6, "second mean");
    }

    [Fact]
    public void StandardErrors_RowWeightTwo_AreThoseOfRowsTwice() => Gen.Select(Gen.OneOf(MixtureCase.Lettered), Gen.Int[0, int.MaxValue]).Sample(
        (structure, seed) =>
        {
            var data = new MixtureCase(2, 2, 30, seed);
            double[,] rows = MissingValueLaws.Remove(Stretched(data.Rows), 0.15, seed), twice = new double[2 * data.RowCount, 2];
            for (int i = 0; i < twice.GetLength(0); i++) (twice[i, 0], twice[i, 1]) = (rows[i % data.RowCount, 0], rows[i % data.RowCount, 1]);
            GaussianMixtureModel model = Fit(rows, structure, 2, null, 0.01, data);

            MixtureStandardErrors once = model.StandardErrorsOf(rows, null, 0.01), weighted = model.StandardErrorsOf(rows, [.. Enumerable.Repeat(2.0, data.RowCount)], 0.01);
            MixtureStandardErrors repeated = model.StandardErrorsOf(twice, null, 0.01);

            MixtureAssert.Close(repeated.EstimateCovariance.ToArray().Cast<double>(), weighted.EstimateCovariance.ToArray().Cast<double>(), 1e-9);
            MixtureAssert.Close(once.Means.ToArray().Cast<double>().Select(error => error / Math.Sqrt(2)), weighted.Means.ToArray().Cast<double>(), 1e-9);
        },
        iter: 30);

    // With a covariance for each component they would be 2,310, which are too many.
    [Fact]
    public void StandardErrors_OneCovarianceOfManyComponents_CountOnce()
    {
        const int ComponentCount = 10, Dimension = 20, Count = 600;
        var random = new Random(3);
        double[,] rows = new double[Count, Dimension];
        for (int i = 0; i < Count; i++)
        {
            for (int j = 0; j < Dimension; j++) rows[i, j] = (i % ComponentCount == j ? 30 : 0) + MixtureCase.Normal(random);
        }

        var options = new GaussianMixtureOptions
        {
            ComponentCount = ComponentCount,
            CovarianceStructure = CovarianceStructure.Tied,
            Start = MixtureStart.FromLabels([.. Enumerable.Range(0, Count).Select(i => i % ComponentCount)]),
        };
        GaussianMixtureModel model = GaussianMixture.Fit(rows, options);

        MixtureStandardErrors errors = model.StandardErrorsOf(rows);

        Assert.Equal(ComponentCount + (ComponentCount * Dimension) + (Dimension * (Dimension + 1) / 2), errors.EstimateCovariance.RowCount);
        ReadOnlyMatrix sigma = model.Covariances[0];
        Closeness.Relative(Math.Sqrt(sigma[3, 3] / (Count / ComponentCount)), errors.Means[7, 3], 1e-6, "mean");
        Closeness.Relative(sigma[3, 3] * Math.Sqrt(2.0 / Count), errors.Covariances[4][3, 3], 1e-6, "variance");
    }

    // By its share of the number of rows, the group of light ones was taken for a component on its way to having none.
    [Fact]
    public void StandardErrors_GroupOfLightRows_AreThoseOfRowsRepeated()
    {
        const int Light = 20, Heavy = 20, Times = 1000;
        var random = new Random(6);
        double[] values = [.. Enumerable.Range(0, Light + Heavy).Select(i => MixtureCase.Normal(random) + (i < Light ? 0 : 30))];
        double[] weights = [.. values.Select((_, i) => i < Light ? 1.0 : Times)], repeated = [.. values[..Light], .. Enumerable.Repeat(values[Light..], Times).SelectMany(all => all)];
        var rows = new ArrayRowSource<double>(values, 1, weights);
        var options = new GaussianMixtureOptions { ComponentCount = 2, Start = MixtureStart.FromLabels([.. values.Select((_, i) => i < Light ? 0 : 1)]), Tolerance = 1e-12 };
        GaussianMixtureModel model = GaussianMixture.Fit(rows, options, CancellationToken.None);

        MixtureStandardErrors errors = model.StandardErrorsOf(rows, GaussianMixtureOptions.DefaultCovariancePriorStrength, CancellationToken.None);

        MixtureStandardErrors expected = model.StandardErrorsOf(new ArrayRowSource<double>(repeated, 1), GaussianMixtureOptions.DefaultCovariancePriorStrength, CancellationToken.None);
        MixtureAssert.Close(expected.EstimateCovariance.ToArray().Cast<double>(), errors.EstimateCovariance.ToArray().Cast<double>(), 1e-9);
        Closeness.Relative(Math.Sqrt(model.Covariances[0][0, 0] / Light), errors.Means[0, 0], 1e-3, "mean of the light rows");
    }

    [Theory]
    [InlineData(1e-100)]
    [InlineData(1e6)]
    [InlineData(1e100)]
    public void StandardErrors_OtherUnits_AreInThem(double factor)
    {
        var data = new MixtureCase(2, 2, 40, 9);
        double[,] rows = MissingValueLaws.Remove(data.Rows, 0.2, 5), scaled = (double[,])rows.Clone();
        for (int i = 0; i < data.RowCount; i++) scaled[i, 1] = (scaled[i, 1] * factor) + (factor < 1 ? 0 : 1000 * factor);
        GaussianMixtureModel model = Fit(rows, CovarianceStructure.Full, 2, null, 1e-4, data);
        double[,] means = model.Means.ToArray();
        double[][,] covariances = [.. model.Covariances.Select(covariance => covariance.ToArray())];
        for (int k = 0; k < 2; k++)
        {
            means[k, 1] = (means[k, 1] * factor) + (factor < 1 ? 0 : 1000 * factor);
            covariances[k][0, 1] = covariances[k][1, 0] = covariances[k][1, 0] * factor;
            covariances[k][1, 1] *= factor * factor;
        }

        MixtureStandardErrors expected = model.StandardErrorsOf(rows, null, 1e-4);
        MixtureStandardErrors actual = GaussianMixtureModel.FromParameters([.. model.Weights], means, covariances).StandardErrorsOf(scaled, null, 1e-4);

        for (int k = 0; k < 2; k++)
        {
            Closeness.Relative(expected.Weights[k], actual.Weights[k], 1e-6, "weight");
            Closeness.Relative(expected.Means[k, 0], actual.Means[k, 0], 1e-6, "mean 0");
            Closeness.Relative(expected.Means[k, 1] * factor, actual.Means[k, 1], 1e-6, "mean 1");
            Closeness.Relative(expected.Covariances[k][1, 0] * factor, actual.Covariances[k][0, 1], 1e-6, "covariance");
            Closeness.Relative(expected.Covariances[k][1, 1] * factor * factor, actual.Covariances[k][1, 1], 1e-6, "variance");
        }
    }

    // Products of errors that are beyond double precision there are infinite; they had become sums of infinities of both signs.
    [Theory]
    [InlineData(300)]
    [InlineData(460)]
    public void StandardErrors_EnormousUnits_CovarianceOfEstimatesIsRightOrInfinite(int exponent)
    {
        var data = new MixtureCase(2, 2, 40, 9);
        double[,] scaled = (double[,])data.Rows.Clone();
        for (int i = 0; i < data.RowCount; i++)
        {
            for (int j = 0; j < 2; j++) scaled[i, j] = Math.ScaleB(data.Rows[i, j], exponent);
        }

        MixtureStandardErrors plain = Fit(data.Rows, CovarianceStructure.Full, 2, null, 1e-4, data).StandardErrorsOf(data.Rows, null, 1e-4);
        MixtureStandardErrors errors = Fit(scaled, CovarianceStructure.Full, 2, null, 1e-4, data).StandardErrorsOf(scaled, null, 1e-4);

        int count = plain.EstimateCovariance.RowCount;
        double[] all = [.. Enumerable.Range(0, count).Select(a => Math.Sqrt(plain.EstimateCovariance[a, a]))];
        for (int a = 0; a < count; a++)
        {
            for (int b = 0; b < count; b++)
            {
                // Units of weights, means and covariances.
                int power = exponent * (Power(a) + Power(b));
                double expected = plain.EstimateCovariance[a, b];
                if (Math.Abs(expected) < 1e-6 * all[a] * all[b]) Assert.False(double.IsNaN(errors.EstimateCovariance[a, b]));
                else if (double.IsInfinity(Math.ScaleB(expected, power))) Assert.Equal(Math.ScaleB(expected, power), errors.EstimateCovariance[a, b]);
                else Closeness.Relative(Math.ScaleB(expected, power), errors.EstimateCovariance[a, b], 1e-6, $"{a}, {b}");
            }
        }

        Assert.Contains("beyond double precision", Assert.Single(errors.Warnings), StringComparison.Ordinal);

        static int Power(int at) => at < 2 ? 0 : at < 6 ? 1 : 2;
    }

    // Axes that both components have follow from each, and not from their sum, which has none.
    [Fact]
    public void StandardErrors_CommonAxesOfCovariancesWhoseSumIsASphere_AreThoseNearby()
    {
        double[,] rows = Model(4).Sample(2_000, seed: 1);
        MixtureStandardErrors exact = Model(4).StandardErrorsOf(rows, covariancePriorStrength: 0), nearby = Model(4.0001).StandardErrorsOf(rows, covariancePriorStrength: 0);
        for (int a = 0; a < exact.EstimateCovariance.RowCount; a++)
        {
            double error = Math.Sqrt(nearby.EstimateCovariance[a, a]);
            Closeness.Absolute(error, Math.Sqrt(exact.EstimateCovariance[a, a]), 1e-3 * error, $"Standard error {a}");
        }

        static GaussianMixtureModel Model(double variance)
        {
            // Axes at 30 degrees, with the variances 4 and 1 one way and the other.
            (double cosine, double sine) = (Math.Cos(Math.PI / 6), Math.Sin(Math.PI / 6));
            double[] Lower(double first, double second) =>
                [(cosine * cosine * first) + (sine * sine * second), cosine * sine * (first - second), (sine * sine * first) + (cosine * cosine * second)];
            Assert.True(GaussianMixtureModel.TryCreate(
                [0.4, 0.6], 2, CovarianceStructure.FromCode("VVE"), [0, 0, 3, 3], [.. Lower(variance, 1), .. Lower(1, 4)], null, out GaussianMixtureModel? model, out _));
            return model!;
        }
    }

    [Fact]
    public void StandardErrors_AnySourceOrBlock_AreTheSame()
    {
        // More rows than one block of vectors is gathered for, in sets of missing features that change within blocks.
        var data = new MixtureCase(2, 3, 200, 9);
        double[,] rows = MissingValueLaws.Remove(data.Rows, 0.2, 5);
        GaussianMixtureModel model = Fit(rows, CovarianceStructure.Full, 2, null, 1e-4, data);

        MixtureStandardErrors errors = model.StandardErrorsOf(rows, null, 1e-4);

        MixtureStandardErrors same = model.StandardErrorsOf(new ArrayRowSource<double>(rows.Cast<double>().ToArray(), 3), 1e-4, CancellationToken.None);
        Assert.Equal(errors.EstimateCovariance.ToArray(), same.EstimateCovariance.ToArray());
        Matrix<double> matrix = Matrix<double>.Build.DenseOfArray(errors.EstimateCovariance.ToArray());
        Assert.Equal(model.FreeParameterCount, matrix.Rank());
        Assert.Empty(errors.Warnings);
    }

    // Far from each other, rows tell all about which is which: the weights are shares of a count.
    [Fact]
    public void StandardErrors_WithNoise_AreThoseOfItsShare()
    {
        const int Strays = 40;
        var data = new MixtureCase(1, 2, 160, 3);
        int count = data.RowCount + Strays;
        double[,] rows = new double[count, 2];
        for (int i = 0; i < count; i++)
        {
            for (int j = 0; j < 2; j++) rows[i, j] = i < data.RowCount ? data.Rows[i, j] : 500 + (i * (7 + j) % 50);
        }

        GaussianMixtureModel gaussian = GaussianMixture.Fit(data.Rows, data.Options(CovarianceStructure.Full, 2));
        double share = Strays / (double)count;

        MixtureStandardErrors errors = gaussian.WithNoise(share, [-1000, -1000], [1000, 1000]).StandardErrorsOf(rows, covariancePriorStrength: 0);

        Closeness.Relative(Math.Sqrt(share * (1 - share) / count), errors.NoiseWeight, 1e-3, "weight of the noise");
        Closeness.Relative(errors.NoiseWeight, errors.Weights[0], 1e-9, "weight");
        MixtureStandardErrors alone = gaussian.StandardErrorsOf(data.Rows, covariancePriorStrength: 0);
        Closeness.ToScale(alone.Means.ToArray(), errors.Means, 1e-3, "means");
        Assert.Equal(0, alone.NoiseWeight);
    }

    // Single rows far from everything are noise, and do not widen the prior of the fit; rows that a fit is told to begin with as noise do.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void StandardErrors_NoiseFarFromEverything_AreThoseOfTheOtherRows(bool isTold)
    {
        var data = new MixtureCase(1, 2, 400, 3);
        double[,] rows = (double[,])data.Rows.Clone();
        (rows[3, 0], rows[3, 1], rows[77, 0]) = (1e6, 1e6, -1e6);
        bool[] noise = new bool[400];
        noise[3] = noise[77] = true;
        GaussianMixtureModel model = GaussianMixture.Fit(
            rows, new GaussianMixtureOptions { NoiseComponent = true, NoiseLogDensity = -25, Tolerance = 1e-12, InitialNoise = isTold ? noise : null });

        MixtureStandardErrors errors = model.StandardErrorsOf(rows);

        Assert.Equal(2 / 400.0, model.NoiseWeight, 1e-6);
        Assert.InRange(errors.DistanceFromMaximum, 0, 1e-3);
        for (int j = 0; j < 2; j++)
        {
            // The prior of rows that lie so far out is most of what a variance is made of.
            double variance = model.Covariances[0][j, j];
            Closeness.Relative(Math.Sqrt(variance / 398), errors.Means[0, j], 1e-4, "mean");
            Closeness.Relative(variance * Math.Sqrt(2.0 / 398), errors.Covariances[0][j, j], 1e-3, "variance");
        }
    }

    [Fact]
    public void Coordinates_AnyStructure_AreAsManyAsItsFreeParameters() => Gen.Select(Gen.OneOf(MixtureCase.Lettered), Gen.Int[1, 4], Gen.Int[1, 5], Gen.Int[0, int.MaxValue]).Sample(
        (structure, componentCount, dimension, seed) =>
        {
            var data = new MixtureCase(componentCount, dimension, 25, seed);
            GaussianMixtureModel model = GaussianMixture.Fit(data.Rows, data.Options(structure, 2, prior: 1e-3));
            Assert.Equal(structure.FreeParameterCount(componentCount, dimension), CovarianceCoordinates.Of(model).Count);
        },
        iter: 60);

    /// <summary>Features of different spread, so that no axes are of the same length.</summary>
    internal static double[,] Stretched(double[,] rows)
    {
        double[,] stretched = (double[,])rows.Clone();
        for (int i = 0; i < rows.GetLength(0); i++)
        {
            for (int j = 0; j < rows.GetLength(1); j++) stretched[i, j] *= 1 + (0.7 * j);
        }

        return stretched;
    }

    internal static GaussianMixtureModel Fit(double[,] rows, CovarianceStructure structure, int componentCount, double[]? weights, double prior, MixtureCase data)
    {
        GaussianMixtureOptions options = data.Options(structure, 20_000, MixtureStart.FromLabels([.. Enumerable.Range(0, rows.GetLength(0)).Select(i => i % componentCount)]), prior);
        options.Tolerance = 1e-14;
        return GaussianMixture.Fit(rows, options, weights);
    }

    // Where the K weights, K x D means and K x D x D entries of covariances stand; -1 for entries that are always zero.
    private static int[] Places(MixtureStandardErrors errors, GaussianMixtureModel model)
    {
        IEnumerable<int> features = Enumerable.Range(0, model.Dimension), components = Enumerable.Range(0, model.ComponentCount);
        return
        [
            .. components.Select(errors.IndexOfWeight), .. components.SelectMany(k => features.Select(j => errors.IndexOfMean(k, j))),
            .. components.SelectMany(k => features.SelectMany(i => features.Select(j => errors.IndexOfCovariance(k, i, j)))),
        ];
    }
}
