namespace Microsoft.ML.Mixture.BadInput.Tests;

/// <summary>Rows of uneven weights: what a component rests on are rows, not their weight.</summary>
[Trait("Kind", "Degenerate")]
public class UnevenWeightTests
{
    private const int Few = 5;

    /// <summary>A component on two of five rows of weight 200 among 500 had passed for one of 400.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Fit_FewHeavyRows_HaveNoComponentOfTheirOwn(bool hasNoise)
    {
        (double[,] rows, double[] weights) = HeavyRows();
        var options = new GaussianMixtureOptions { ComponentCount = 3, NoiseComponent = hasNoise };
        for (int seed = 0; seed < 5; seed++)
        {
            options.Seed = seed;
            FitReport report = GaussianMixture.Fit(rows, options, weights).Report!;
            Assert.True(
                report.SmallestEigenvalues.Min() > 0.01 || report.Warnings.Any(text => text.Contains(" rests on ", StringComparison.Ordinal)),
                $"Seed {seed}: smallest eigenvalue {report.SmallestEigenvalues.Min():G3}, no warning.");
            if (!hasNoise) Assert.Equal(0, report.SpuriousComponentCount);
        }
    }

    /// <summary>By the formula, from responsibilities that are computed here.</summary>
    [Fact]
    public void RowCounts_UnevenWeights_AreThoseOfRowsThatTellAsMuch()
    {
        (double[,] rows, double[] weights) = HeavyRows();
        var source = GaussianMixture.Copy(rows, weights);
        var family = new GaussianFamily(CovarianceStructure.Full, CovarianceRegularization.None(2));
        GaussianComponents.TryCreate(family, 2, CovarianceShape.Spherical, isShared: false, [0, 0, 0, 0], [1, 4], out GaussianComponents components, out _);
        using var step = new ExpectationStep(source, components, weights.Sum(), threadCount: 1);
        step.Run(new MixtureState([0.5, 0.5], components), CancellationToken.None);
        double[] found = new double[2];

        step.CopyRowCounts(found);

        double[] sums = new double[2], squares = new double[2];
        for (int i = 0; i < weights.Length; i++)
        {
            double distance = (rows[i, 0] * rows[i, 0]) + (rows[i, 1] * rows[i, 1]);
            double narrow = Math.Exp(-0.5 * distance), wide = 0.25 * Math.Exp(-0.125 * distance);
            double[] shares = [narrow / (narrow + wide), wide / (narrow + wide)];
            for (int k = 0; k < 2; k++) (sums[k], squares[k]) = (sums[k] + (weights[i] * shares[k]), squares[k] + (weights[i] * weights[i] * shares[k]));
        }

        for (int k = 0; k < 2; k++) Closeness.Relative(sums[k] * sums[k] / squares[k], found[k], 1e-12, "Rows");
    }

    /// <summary>A single Gaussian was never said to rest on few rows; where weights are equal, their number is plain to see.</summary>
    [Theory]
    [InlineData("VVV", 3, "Component 0 rests on 3 rows, too few for a covariance")]
    [InlineData("VVV", 4, "The Gaussian rests on rows of such uneven weights that they tell as much as 4 rows of one weight, hardly enough for a covariance over 3 features. ")]
    [InlineData("VVV", 5, "The Gaussian rests on rows of such uneven weights that they tell as much as 5 rows of one weight, hardly enough for a covariance over 3 features. ")]
    [InlineData("VVV", 6, null)]
    [InlineData("VVV", 500, null)]
    [InlineData("VVI", 3, "The Gaussian rests on rows of such uneven weights that they tell as much as 3 rows of one weight, hardly enough for variances of 3 features. ")]
    [InlineData("VVI", 4, null)]
    [InlineData("VII", 2, "The Gaussian rests on rows of such uneven weights that they tell as much as 2 rows of one weight, hardly enough for a variance. ")]
    [InlineData("VII", 3, null)]
    public void Fit_OneGaussianOnFewHeavyRows_SaysAsHowManyTheyCount(string code, int heavy, string? expected)
    {
        var random = new Random(3);
        double[,] rows = new double[500, 3];
        for (int i = 0; i < rows.Length; i++) rows[i / 3, i % 3] = Normal(random);
        double[] weights = [.. Enumerable.Range(0, 500).Select(i => i < heavy ? 1e6 : 1)];

        string[] warnings =
        [
            .. GaussianMixture.Fit(rows, new GaussianMixtureOptions { CovarianceStructure = CovarianceStructure.FromCode(code) }, weights).Report!.Warnings
                .Where(text => text.Contains(" rests on ", StringComparison.Ordinal)),
        ];

        Assert.Equal(expected is null ? [] : [expected], warnings.Select(warning => warning[..Math.Min(warning.Length, expected?.Length ?? 0)]));
    }

    [Fact]
    public void Fit_OneGaussianOnFewRowsOfEqualWeights_IsNotSaidToRestOnFew()
    {
        Assert.Empty(GaussianMixture.Fit(new double[,] { { 0 }, { 1 }, { 3 } }, 1).Report!.Warnings);
    }

    /// <summary>Weights of one on average, as had been advised, make too much of what 400 rows tell: of ten draws of two groups all had more.</summary>
    [Fact]
    public void Search_WeightsMultipliedAsTheWarningSays_FindsTheGroups()
    {
        int right = 0;
        for (int seed = 0; seed < 10; seed++)
        {
            var random = new Random(seed);
            double[,] rows = new double[400, 2];
            double[] weights = new double[400];
            for (int i = 0; i < 400; i++) (rows[i, 0], rows[i, 1], weights[i]) = (Normal(random) + (i % 2 * 8), Normal(random), Math.Exp(Normal(random)));
            double factor = weights.Sum() / weights.Sum(weight => weight * weight), mean = weights.Average();
            var options = new GaussianMixtureSearchOptions { MaximumComponentCount = 4, CovarianceStructures = [CovarianceStructure.Full, CovarianceStructure.Diagonal], Seed = seed };
            MixtureSearchResult result = GaussianMixture.Search(rows, options, [.. weights.Select(weight => weight * factor)]);
            right += result.Model.ComponentCount == 2 ? 1 : 0;
            if (seed > 0) continue;
            FitReport report = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 2 }, [.. weights.Select(weight => weight / mean)]).Report!;
            Assert.Contains(report.Warnings, text => text.Contains(FormattableString.Invariant($"multiply them by {factor * mean:G6}"), StringComparison.Ordinal));
        }

        Assert.InRange(right, 9, 10);
    }

    /// <summary>Squares of such weights are beyond double precision, and every component had seemed to rest on no row.</summary>
    [Fact]
    public void Fit_WeightsWhoseSquaresOverflow_IsSoundAsWithSmallerOnes()
    {
        double[] weights = [.. Enumerable.Range(0, 150).Select(i => 1e160 * (1 + (0.1 * (i % 3))))];

        FitReport report = GaussianMixture.Fit(CsvTable.Iris.Features, new GaussianMixtureOptions { ComponentCount = 2 }, weights).Report!;

        Assert.Equal(0, report.SpuriousComponentCount);
        Assert.DoesNotContain(report.Warnings, text => text.Contains(" rests on ", StringComparison.Ordinal));
    }

    private static (double[,] Rows, double[] Weights) HeavyRows()
    {
        var random = new Random(5);
        double[,] rows = new double[500, 2];
        double[] weights = new double[500];
        for (int i = 0; i < 500; i++) (rows[i, 0], rows[i, 1], weights[i]) = (Normal(random) + (i % 3 * 4), Normal(random) + (i % 3 == 1 ? 4 : 0), i < Few ? 200 : 1);
        return (rows, weights);
    }

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
