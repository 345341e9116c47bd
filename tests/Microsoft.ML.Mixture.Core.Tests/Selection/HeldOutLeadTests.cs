using System.Globalization;
using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.Selection.Tests;

/// <summary>Whether rows left out tell the first two models of a search by cross-validation apart.</summary>
public class HeldOutLeadTests
{
    // Where each row, or all copies of one, is a fold of its own, the folds have what the rows tell.
    [Theory]
    [InlineData(1, false)]
    [InlineData(1, true)]
    [InlineData(3, true)]
    public void ErrorOfDifference_EachRowIsAFold_IsThatOfTheFolds(int copies, bool hasWeights)
    {
        double[,] some = new MixtureCase(2, 2, 20, 5).Rows, rows = new double[40 * copies, 2];
        for (int i = 0; i < rows.GetLength(0); i++) (rows[i, 0], rows[i, 1]) = (some[i % 40, 0], some[i % 40, 1]);
        if (copies == 1) rows[7, 1] = double.NaN;
        double[]? weights = hasWeights ? [.. Enumerable.Range(0, rows.GetLength(0)).Select(i => 0.5 + (i % 5))] : null;

        MixtureCrossValidation one = Run(1), two = Run(2);

        Assert.Equal(40, one.FoldLogLikelihoods.Count);
        double[] differences = [.. one.FoldLogLikelihoods.Zip(two.FoldLogLikelihoods, (first, second) => first - second)];
        double mean = differences.Sum() / one.RowWeightTotal;
        double expected = Math.Sqrt(40 / 39.0 * differences.Zip(one.FoldRowWeights, (difference, weight) => Math.Pow(difference - (mean * weight), 2)).Sum());
        Closeness.Relative(expected, one.Models!.ErrorOfDifference(two.Models!, CancellationToken.None), 1e-9, "The standard error");

        MixtureCrossValidation Run(int count) => MixtureCrossValidation.Run(
            GaussianMixture.Copy(rows, weights), new GaussianMixtureOptions { ComponentCount = count }, 40, (part, how) => GaussianMixture.Fit(part, how, CancellationToken.None), CancellationToken.None);
    }

    /// <summary>Leads of 3.5 to 12.6 turned with the seed in three of three sets, and one search of twelve said so.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Search_WinnerThatTurnsWithTheSeed_IsWarnedOfWithLeadAndError(bool isOfIrises)
    {
        CovarianceStructure[] structures = [CovarianceStructure.Full, CovarianceStructure.Tied, CovarianceStructure.TiedShape, CovarianceStructure.Diagonal];
        var winners = new HashSet<string>();
        for (int seed = 0; seed < 4; seed++)
        {
            MixtureSearchResult result = GaussianMixture.Search((isOfIrises ? CsvTable.Iris : CsvTable.Faithful).Features, Options(options => (options.Seed, options.MaximumComponentCount, options.CovarianceStructures) = (seed, 5, structures)));
            winners.Add(result.Best.ToString());
            string warning = Assert.Single(result.Warnings, text => text.Contains("do not tell the first two models apart", StringComparison.Ordinal) || text.Contains("does not tell", StringComparison.Ordinal));
            double lead = result.Ranking[1].Value(MixtureCriterion.CrossValidation) - result.Best.Value(MixtureCriterion.CrossValidation);
            Assert.Contains(
                string.Create(CultureInfo.InvariantCulture, $"{result.Best} and {result.Ranking[1]} differ by {lead:F2} in cross-validated deviance, less than twice the standard error of that over the rows, "), warning, StringComparison.Ordinal);
            Assert.Contains(warning, result.Model.Report!.Warnings);
            Assert.Equal(result.Best.ComponentCount == result.Ranking[1].ComponentCount, warning.EndsWith(" it is their shape that is open.", StringComparison.Ordinal));
            Assert.All(result.Candidates, candidate => Assert.Null(candidate.CrossValidation?.Models));
        }

        Assert.InRange(winners.Count, 2, 4);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(2, true)]
    public void Search_GroupsThatStandApart_AreToldApart(int seed, bool hasNoise)
    {
        var random = new Random(seed);
        double[,] rows = new double[300, 2];
        for (int i = 0; i < 300; i++)
        {
            double first = MixtureCase.Normal(random), second = MixtureCase.Normal(random);
            (rows[i, 0], rows[i, 1]) = ((12 * (i % 2)) + first, (i % 2 == 0 ? 0.9 * first : -0.8 * first) + (0.4 * second));
        }

        MixtureSearchResult result = GaussianMixture.Search(rows, Options(options => (options.Seed, options.NoiseComponent, options.MinimumComponentCount, options.MaximumComponentCount, options.CovarianceStructures) =
            (seed, hasNoise, 2, 2, [CovarianceStructure.Full, CovarianceStructure.Tied, CovarianceStructure.Diagonal])));

        Assert.Equal("full (VVV), 2 components", result.Best.ToString());
        Assert.DoesNotContain(result.Warnings, warning => warning.Contains("apart", StringComparison.Ordinal));
    }

    [Fact]
    public void Search_OfFactorAnalysersThatForeseeAlike_IsWarnedOf()
    {
        var options = new FactorAnalyzerMixtureSearchOptions { MinimumComponentCount = 3, MaximumComponentCount = 3, MaximumFactorCount = 2, Criterion = MixtureCriterion.CrossValidation, FoldCount = 4 };

        FactorAnalyzerSearchResult result = FactorAnalyzerMixture.Search(CsvTable.Iris.Features, options);

        Assert.Contains(result.Warnings, warning => warning.StartsWith("The rows left out do not tell the first two models apart: ", StringComparison.Ordinal));
    }

    private static GaussianMixtureSearchOptions Options(Action<GaussianMixtureSearchOptions> change)
    {
        var options = new GaussianMixtureSearchOptions { Criterion = MixtureCriterion.CrossValidation };
        change(options);
        return options;
    }
}
