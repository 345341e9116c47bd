using CsCheck;

namespace Microsoft.ML.Mixture.Laws.Tests;

/// <summary>What weights of rows mean.</summary>
public class WeightLaws
{
    private const int Iterations = 4;

    [Fact]
    [Trait("Kind", "Law")]
    public void RowWeightOfWholeNumber_EqualsRepeatedRow() =>
        Gen.Select(MixtureCase.Any, MixtureCase.Structure, Gen.Int[0, int.MaxValue], Gen.OneOf(0, 1e-2)).Sample(
            (data, structure, seed, prior) =>
            {
                var random = new Random(seed);
                double[] weights = [.. Enumerable.Range(0, data.RowCount).Select(_ => (double)random.Next(0, 4))];
                int[] repeated = [.. Enumerable.Range(0, data.RowCount).SelectMany(i => Enumerable.Repeat(i, (int)weights[i]))];
                GaussianMixtureModel expected = data.Fit(structure, Iterations, null, prior, Select(data.Rows, repeated));
                GaussianMixtureModel actual = data.Fit(structure, Iterations, null, prior, weights: weights);
                MixtureAssert.Close(MixtureAssert.Parameters(expected), MixtureAssert.Parameters(actual), MixtureCase.Tolerance(structure, 1e-12), "parameter");
                MixtureAssert.Close([expected.Report!.LogLikelihood], [actual.Report!.LogLikelihood], MixtureCase.Tolerance(structure, 1e-12), "log-likelihood");
                Assert.Equal(expected.Report.RowWeightTotal, actual.Report.RowWeightTotal);
                MixtureAssert.Close([expected.Report.BayesianInformationCriterion], [actual.Report.BayesianInformationCriterion], MixtureCase.Tolerance(structure, 1e-12), "BIC");
            },
            iter: MixtureCase.Cases);

    [Fact]
    [Trait("Kind", "Law")]
    public void RowWeightZero_EqualsAbsentRow_WhateverTheRow() =>
        Gen.Select(MixtureCase.Any, MixtureCase.Structure, Gen.Int[0, int.MaxValue], Gen.OneOf(double.NaN, 1e300, -1e-300, double.PositiveInfinity, 0)).Sample(
            (data, structure, seed, absurd) =>
            {
                var random = new Random(seed);
                bool[] present = [.. Enumerable.Range(0, data.RowCount).Select(_ => random.NextDouble() < 0.8)];
                double[,] rows = (double[,])data.Rows.Clone();
                for (int i = 0; i < data.RowCount; i++)
                {
                    if (!present[i]) rows[i, random.Next(data.Dimension)] = absurd;
                }

                double[,] kept = Select(data.Rows, [.. Enumerable.Range(0, data.RowCount).Where(i => present[i])]);
                GaussianMixtureModel expected = data.Fit(structure, Iterations, null, 1e-6, kept);
                GaussianMixtureModel actual = data.Fit(structure, Iterations, null, 1e-6, rows, [.. present.Select(p => p ? 1.0 : 0)]);
                MixtureAssert.SameBits(expected, actual);
                Assert.Equal(0, actual.Report!.MissingRowCount);
                Assert.Equal(kept.GetLength(0), actual.Report.RowCount);
            },
            iter: MixtureCase.Cases);

    [Fact]
    [Trait("Kind", "Law")]
    public void RowWeights_TimesAConstant_LeaveTheParameters() =>
        Gen.Select(MixtureCase.Any, MixtureCase.Structure, Gen.Int[0, int.MaxValue], Gen.OneOf(1e-200, 1e-9, 0.25, 3, 1024, 1e12, 1e200)).Sample(
            (data, structure, seed, factor) =>
            {
                var random = new Random(seed);
                double[] weights = [.. Enumerable.Range(0, data.RowCount).Select(_ => 0.2 + random.NextDouble())];
                GaussianMixtureModel expected = data.Fit(structure, Iterations, null, 1e-6, weights: weights);
                GaussianMixtureModel actual = data.Fit(structure, Iterations, null, 1e-6, weights: [.. weights.Select(weight => weight * factor)]);
                if (factor is 0.25 or 1024) Assert.Equal(MixtureAssert.Bits(MixtureAssert.Parameters(expected)), MixtureAssert.Bits(MixtureAssert.Parameters(actual)));
                MixtureAssert.Close(MixtureAssert.Parameters(expected), MixtureAssert.Parameters(actual), MixtureCase.Rounding(structure), "parameter");
                MixtureAssert.Close([expected.Report!.AverageLogLikelihood], [actual.Report!.AverageLogLikelihood], 1e-12, "average log-likelihood");
            },
            iter: MixtureCase.Cases);

    private static double[,] Select(double[,] rows, int[] selected)
    {
        double[,] result = new double[selected.Length, rows.GetLength(1)];
        for (int i = 0; i < selected.Length; i++)
        {
            for (int j = 0; j < rows.GetLength(1); j++) result[i, j] = rows[selected[i], j];
        }

        return result;
    }
}
