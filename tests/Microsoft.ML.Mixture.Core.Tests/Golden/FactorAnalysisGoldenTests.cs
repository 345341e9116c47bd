using System.Text.Json;
using MathNet.Numerics.LinearAlgebra;

namespace Microsoft.ML.Mixture;

/// <summary>One factor analyser on real rows, against scikit-learn's FactorAnalysis and the closed form of probabilistic principal components.</summary>
[Trait("Kind", "Golden")]
public class FactorAnalysisGoldenTests
{
    private static readonly JsonElement[] _results =
        [.. JsonDocument.Parse(File.ReadAllText(CsvTable.PathOf("factor_analysis_sklearn.json"))).RootElement.GetProperty("results").EnumerateArray()];

    public static TheoryData<string, int> Cases
    {
        get
        {
            var cases = new TheoryData<string, int>();
            foreach (JsonElement result in _results) cases.Add(result.GetProperty("dataset").GetString()!, result.GetProperty("factors").GetInt32());
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Fit_OneComponent_MatchesScikitLearn(string dataset, int factors)
    {
        JsonElement expected = _results.Single(result => result.GetProperty("dataset").GetString() == dataset && result.GetProperty("factors").GetInt32() == factors);

        FactorAnalyzerMixtureModel model = FactorAnalyzerMixture.Fit(Rows(dataset), new FactorAnalyzerMixtureOptions
        {
            FactorCount = factors,
            SpecificVariancePriorStrength = 0,
            Tolerance = 1e-13,
            MaximumIterations = 100_000,
        });

        Assert.Equal(StopReason.Converged, model.Report!.StopReason);
        Closeness.Relative(expected.GetProperty("loglik").GetDouble(), model.Report.LogLikelihood, 1e-9, "log-likelihood");
        double[] variances = [.. expected.GetProperty("noise_variance").EnumerateArray().Select(value => value.GetDouble())];
        Closeness.ToScale(variances, model.SpecificVariances.Row(0)[..variances.Length].ToArray(), 1e-5, "specific variances");
    }

    // Tipping and Bishop (1999), Probabilistic principal component analysis, J. R. Stat. Soc. B 61(3), 611-622, doi:10.1111/1467-9868.00196.
    [Theory]
    [InlineData("wine.csv", 1)]
    [InlineData("wine.csv", 4)]
    [InlineData("wine.csv", 11)]
    [InlineData("tissue_expression_189x500.csv", 3)]
    [InlineData("tissue_expression_189x500.csv", 12)]
    public void Fit_OneComponentWithSphericalVariances_IsPrincipalComponentAnalysis(string dataset, int factors)
    {
        double[,] rows = Rows(dataset);
        int count = rows.GetLength(0), dimension = rows.GetLength(1);
        Matrix<double> centred = Matrix<double>.Build.DenseOfArray(rows);
        centred -= Matrix<double>.Build.Dense(count, dimension, (_, j) => centred.Column(j).Sum() / count);
        double[] eigenvalues = [.. centred.Svd(computeVectors: false).S.Select(value => value * value / count)];
        double variance = eigenvalues.Skip(factors).Sum() / (dimension - factors);
        double logLikelihood = -0.5 * count * ((dimension * Math.Log(2 * Math.PI)) + eigenvalues.Take(factors).Sum(Math.Log) + ((dimension - factors) * Math.Log(variance)) + dimension);

        FactorAnalyzerMixtureModel model = FactorAnalyzerMixture.Fit(rows, new FactorAnalyzerMixtureOptions
        {
            FactorCount = factors,
            SpecificVarianceStructure = SpecificVarianceStructure.Spherical,
            SpecificVariancePriorStrength = 0,
            Tolerance = 1e-13,
            MaximumIterations = 20_000,
        });

        Closeness.Relative(logLikelihood, model.Report!.LogLikelihood, 1e-10, "log-likelihood");
        Closeness.Relative(variance, model.SpecificVariances[0, 0], 1e-6, "specific variance");
        for (int m = 0; m < factors; m++)
        {
            double length = Enumerable.Range(0, dimension).Sum(j => model.Loadings[0][j, m] * model.Loadings[0][j, m]);
            Closeness.Relative(eigenvalues[m] - variance, length, 1e-4, $"squared length of factor {m}");
        }
    }

    [Fact]
    public void Fit_GenesOfSevenTissues_FindsTheTissues()
    {
        double[,] rows = Rows("tissue_expression_189x500.csv");
        int[] tissues = CsvTable.Load("tissue_expression_189x500.csv").Labels("tissue");

        FactorAnalyzerMixtureModel model = FactorAnalyzerMixture.Fit(rows, componentCount: 7, factorCount: 2);

        int[] found = [.. Enumerable.Range(0, tissues.Length).Select(i => model.Predict(Laws.Tests.MixtureAssert.RowOf(rows, i)))];
        Assert.InRange(AdjustedRandIndex.Of(tissues, found), 0.7, 1);
    }

    private static double[,] Rows(string dataset) =>
        dataset == "wine.csv" ? CsvTable.Standardise(CsvTable.Wine.Features) : CsvTable.Load(dataset).Features;
}
