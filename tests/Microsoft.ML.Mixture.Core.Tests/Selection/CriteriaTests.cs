using CsCheck;
using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.Selection.Tests;

public class CriteriaTests
{
    [Fact]
    [Trait("Kind", "Law")]
    public void CriteriaOf_AnyRows_AreTheSumsOfTheTextbook() =>
        Gen.Select(MixtureCase.Any, MixtureCase.Structure, Gen.Int[0, int.MaxValue]).Sample(
            (data, structure, seed) =>
            {
                var random = new Random(seed);
                double[] weights = [.. Enumerable.Range(0, data.RowCount).Select(_ => random.Next(5) * 0.5)];
                GaussianMixtureModel model = data.Fit(structure, 3, weights: weights);
                double logLikelihood = 0, entropy = 0, loss = 0;
                for (int i = 0; i < data.RowCount; i++)
                {
                    double[] row = MixtureAssert.RowOf(data.Rows, i), shares = model.Responsibilities(row);
                    logLikelihood += weights[i] * model.LogDensity(row);
                    entropy -= weights[i] * shares.Sum(share => share > 0 ? share * Math.Log(share) : 0);
                    loss -= weights[i] * Math.Log(shares.Max());
                }

                MixtureCriteria criteria = model.CriteriaOf(data.Rows, weights);

                Assert.Equal(weights.Count(weight => weight > 0), criteria.RowCount);
                MixtureAssert.Close(
                    [weights.Sum(), logLikelihood, entropy, loss],
                    [criteria.RowWeightTotal, criteria.LogLikelihood, criteria.ClassificationEntropy, criteria.ClassificationLoss], 1e-11);
                double bic = (-2 * logLikelihood) + (model.FreeParameterCount * Math.Log(weights.Sum()));
                MixtureAssert.Close(
                    [bic, bic + (2 * loss), (-2 * logLikelihood) + (2 * model.FreeParameterCount)],
                    [criteria.BayesianInformationCriterion, criteria.IntegratedCompletedLikelihood, criteria.AkaikeInformationCriterion], 1e-11);
            },
            iter: 100);

    [Fact]
    [Trait("Kind", "Law")]
    public void CriteriaOf_TheRowsOfTheFit_AreThoseOfItsReport() =>
        Gen.Select(MixtureCase.Any, MixtureCase.Structure).Sample(
            (data, structure) =>
            {
                GaussianMixtureModel model = data.Fit(structure, 3);
                MixtureCriteria criteria = model.CriteriaOf(data.Rows);
                FitReport report = model.Report!;
                Assert.Equal(report.FreeParameterCount, criteria.FreeParameterCount);
                MixtureAssert.Close(
                    [report.LogLikelihood, report.BayesianInformationCriterion, report.AkaikeInformationCriterion],
                    [criteria.LogLikelihood, criteria.BayesianInformationCriterion, criteria.AkaikeInformationCriterion], 1e-10);
            },
            iter: 100);

    [Fact]
    public void ClassificationEntropy_OfEqualComponents_IsLogKARow_AndOfDistantOnesZero()
    {
        double[,] rows = { { 0 }, { 1 }, { 100 }, { 101 } };

        MixtureCriteria equal = Model(0.5, 0.5).CriteriaOf(rows), distant = Model(0.5, 100.5).CriteriaOf(rows);

        Closeness.Relative(4 * Math.Log(2), equal.ClassificationEntropy, 1e-14, "Entropy");
        Closeness.Relative(4 * Math.Log(2), equal.ClassificationLoss, 1e-14, "Loss");
        Closeness.Relative(equal.BayesianInformationCriterion + (8 * Math.Log(2)), equal.IntegratedCompletedLikelihood, 1e-14, "ICL");
        Assert.Equal(0, distant.ClassificationEntropy);
        Assert.Equal(distant.BayesianInformationCriterion, distant.IntegratedCompletedLikelihood);
    }

    [Fact]
    public void CriteriaOf_RowsOfAnotherLength_Throws()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => Model(0, 1).CriteriaOf(new double[3, 2]));
        Assert.Contains("2 features, but the mixture has 1", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Rows to score need not show what rows to fit to must: a feature that none of them showed was refused.</summary>
    [Fact]
    public void CriteriaOf_FeatureThatNoRowShows_AreThoseOfTheOthers()
    {
        GaussianMixtureModel model = GaussianMixtureModel.FromParameters([1], new double[,] { { 0, 5 } }, [new double[,] { { 1, 0.5 }, { 0.5, 2 } }]);

        MixtureCriteria criteria = model.CriteriaOf(new double[,] { { 0.5, double.NaN }, { -1, double.NaN } });

        Closeness.Relative(-Math.Log(2 * Math.PI) - (0.5 * (0.25 + 1)), criteria.LogLikelihood, 1e-13, "Log-likelihood");
        Assert.Equal(2, criteria.RowCount);
    }

    private static GaussianMixtureModel Model(double first, double second) => GaussianMixtureModel.FromParameters(
        [0.5, 0.5], new double[,] { { first }, { second } }, [new double[,] { { 1 } }, new double[,] { { 1 } }]);
}
