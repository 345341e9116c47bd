using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.Anomalies.Tests;

/// <summary>Contributions are those of the definition, taken word for word from mixtures of all other features, and of one given them.</summary>
[Trait("Kind", "Reference")]
public class ContributionReferenceTests
{
    // What rounding makes of numbers of a component in which other features tell all but a share 1 / inflation of the variance of one.
    private const double Rounding = 5e-14;

    public static TheoryData<string> Structures => [.. CovarianceStructure.BuiltIn.Select(structure => structure.Name)];

    [Theory]
    [MemberData(nameof(Structures))]
    public void Contributions_OfAnyStructure_AreThoseOfTheDefinition(string structure)
    {
        double[,] rows = AnomalyCalibrationTests.Mixture(5).Sample(200, 3);
        var options = new GaussianMixtureOptions { ComponentCount = 3, CovarianceStructure = CovarianceStructure.BuiltIn.Single(one => one.Name == structure), RestartCount = 1 };
        GaussianMixtureModel model = GaussianMixture.Fit(rows, options);
        ContributionScorer scorer = model.CreateContributionScorer();
        for (int i = 0; i < 40; i++) Compare(model, scorer, Odd(MixtureAssert.RowOf(rows, i), i), 1e-9);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 1)]
    [InlineData(1, 2)]
    [InlineData(2, 5)]
    [InlineData(4, 9)]
    public void Contributions_OfOrdinaryAndExtremeRows_AreThoseOfTheDefinition(int components, int dimension)
    {
        for (int seed = 0; seed < 8; seed++)
        {
            GaussianMixtureModel model = Mixture(components, dimension, seed, least: 0.5);
            ContributionScorer scorer = model.CreateContributionScorer();
            double[,] rows = model.Sample(24, seed);
            for (int i = 0; i < 24; i++) Compare(model, scorer, Odd(MixtureAssert.RowOf(rows, i), i), 1e-9);
        }
    }

    [Theory]
    [InlineData(1e-1)]
    [InlineData(1e-2)]
    [InlineData(1e-3)]
    [InlineData(1e-5)]
    public void Contributions_OfNearlySingularCovariances_AreThoseOfTheDefinitionAsFarAsThereAreDigits(double least)
    {
        for (int seed = 0; seed < 8; seed++)
        {
            GaussianMixtureModel model = Mixture(2, 4, seed, least);
            double inflation = model.Covariances.Max(covariance =>
            {
                double[,] values = covariance.ToArray();
                (double[,] precision, _) = TextbookMixture.Invert(values);
                return Enumerable.Range(0, 4).Max(j => values[j, j] * precision[j, j]);
            });
            Assert.True(inflation > 0.05 / (least * least), $"The inflation is {inflation}.");
            ContributionScorer scorer = model.CreateContributionScorer();
            double[,] rows = model.Sample(12, seed);
            for (int i = 0; i < 12; i++) Compare(model, scorer, MixtureAssert.RowOf(rows, i), Math.Max(1e-9, Rounding * inflation));
        }
    }

    [Fact]
    public void Contributions_WithNoiseAndAComponentWithoutWeight_AreThoseOfTheOthers()
    {
        GaussianMixtureModel model = Mixture(2, 3, 1, least: 0.5);
        double[,] means = { { 0, 0, 0 }, { 0, 0, 0 }, { 1, 2, 3 } };
        for (int at = 0; at < 6; at++) means[at / 3, at % 3] = model.Means[at / 3, at % 3];
        GaussianMixtureModel more = GaussianMixtureModel.FromParameters(
            [.. model.Weights, 0], means, [.. model.Covariances.Select(covariance => covariance.ToArray()), model.Covariances[0].ToArray()]);
        ContributionScorer scorer = more.WithNoise(0.2, [-9, -9, -9], [9, 9, 9]).CreateContributionScorer();
        double[,] rows = model.Sample(24, 1);
        for (int i = 0; i < 24; i++) Compare(model, scorer, Odd(MixtureAssert.RowOf(rows, i), i), 1e-9);
    }

    [Fact]
    public void Contributions_OfRowsInAnyOrder_AreTheSameBits()
    {
        GaussianMixtureModel model = Mixture(3, 4, 2, least: 0.5);
        double[,] rows = model.Sample(40, 2);
        ContributionScorer scorer = model.CreateContributionScorer();
        var first = new FeatureContribution[40][];
        for (int i = 0; i < 40; i++) scorer.Score(Odd(MixtureAssert.RowOf(rows, i), i), first[i] = new FeatureContribution[4]);
        var again = new FeatureContribution[4];
        for (int i = 39; i >= 0; i--)
        {
            double[] row = Odd(MixtureAssert.RowOf(rows, i), i);
            scorer.Score(row, again);
            Assert.Equal(first[i], again);
            model.CreateContributionScorer().Score(row, again);
            Assert.Equal(first[i], again);
        }
    }

    [Fact]
    public void Contributions_WhereNothingIsObserved_AreZeroAboutTheWholeMixture()
    {
        GaussianMixtureModel model = Mixture(2, 3, 4, least: 0.5);
        foreach (FeatureContribution contribution in model.FeatureContributions(double.NaN, double.NaN, double.PositiveInfinity))
        {
            int j = contribution.Feature;
            Assert.Equal(j == 2 ? double.PositiveInfinity : 0, contribution.Contribution);
            Closeness.Absolute(model.OverallMean[j], contribution.Expectation, 1e-12, "Expectation");
            Closeness.Relative(Math.Sqrt(model.OverallCovariance[j, j]), contribution.Deviation, 1e-12, "Deviation");
        }
    }

    // In the units of deviations, as values may be zero.
    private static void Compare(GaussianMixtureModel model, ContributionScorer scorer, double[] row, double tolerance)
    {
        var contributions = new FeatureContribution[row.Length];
        scorer.Score(row, contributions);
        double[] finite = [.. row.Select(value => double.IsInfinity(value) ? double.NaN : value)];
        double farthest = finite.Max(value => double.IsNaN(value) ? 0 : Math.Abs(value));
        for (int j = 0; j < row.Length; j++)
        {
            double[] without = [.. finite];
            without[j] = double.NaN;
            int[] others = [.. Enumerable.Range(0, row.Length).Where(m => !double.IsNaN(without[m]))];
            GaussianMixtureModel alone = model.Conditional(without).Marginal(finite[..j].Count(double.IsNaN));
            double deviation = Math.Sqrt(alone.OverallCovariance[0, 0]), actual = contributions[j].Contribution;
            string what = $"of feature {j} of [{string.Join(", ", row)}]";
            Closeness.Relative(deviation, contributions[j].Deviation, tolerance, $"Deviation {what}");
            Closeness.Absolute(alone.OverallMean[0], contributions[j].Expectation, tolerance * Math.Max(deviation, 1e-5 * farthest), $"Expectation {what}");
            Assert.Equal((j, row[j]), (contributions[j].Feature, contributions[j].Value));
            if (!double.IsFinite(row[j]))
            {
                Assert.Equal(double.IsNaN(row[j]) ? 0 : double.PositiveInfinity, actual);
                continue;
            }

            double left = others.Length == 0 ? 0 : model.Marginal(others).LogDensity([.. others.Select(m => row[m])]), whole = model.LogDensity(finite);
            double expected = left - whole - Math.Log(deviation * Math.Sqrt(2 * Math.PI));
            Closeness.Absolute(expected, actual, (tolerance * Math.Max(1, Math.Abs(expected))) + (1e-15 * Math.Abs(whole) * row.Length), $"Contribution {what}");
        }
    }

    // A feature far away, by up to a million deviations, missing ones and an infinite one, in turns with rows as they were.
    private static double[] Odd(double[] row, int i)
    {
        int j = i / 8 % row.Length;
        switch (i % 8)
        {
            case 1: row[j] += 30; break;
            case 2: row[j] -= 1e3; break;
            case 3: row[j] += 1e6; break;
            case 4: row[j] = double.NaN; break;
            case 5: row[j] = double.NegativeInfinity; break;
            case 6:
                row[j] = double.NaN;
                row[(j + 1) % row.Length] += 1e3;
                break;
            case 7: Array.ForEach([.. Enumerable.Range(0, row.Length)], m => row[m] -= 1e4 * (m + 1)); break;
        }

        return row;
    }

    // The last feature may nearly follow from the others: it has the standard deviation "least" given them.
    private static GaussianMixtureModel Mixture(int components, int dimension, int seed, double least)
    {
        var random = new Random(seed);
        double[,] means = new double[components, dimension];
        for (int at = 0; at < means.Length; at++) means[at / dimension, at % dimension] = 3 * MixtureCase.Normal(random);
        double[][,] covariances = [.. Enumerable.Range(0, components).Select(_ =>
        {
            double[,] factor = new double[dimension, dimension], covariance = new double[dimension, dimension];
            for (int a = 0; a < dimension; a++)
            {
                for (int b = 0; b < a; b++) factor[a, b] = MixtureCase.Normal(random) / Math.Sqrt(dimension);
                factor[a, a] = a == dimension - 1 ? least : 1;
            }

            for (int a = 0; a < dimension; a++)
            {
                for (int b = 0; b < dimension; b++) covariance[a, b] = Enumerable.Range(0, dimension).Sum(m => factor[a, m] * factor[b, m]);
            }

            return covariance;
        })];
        double[] weights = [.. Enumerable.Range(1, components).Select(k => 2.0 * k / (components * (components + 1)))];
        return GaussianMixtureModel.FromParameters(weights, means, covariances);
    }
}
