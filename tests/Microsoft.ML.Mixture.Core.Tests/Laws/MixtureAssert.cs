namespace Microsoft.ML.Mixture.Laws.Tests;

/// <summary>Comparisons of models, by bits or by a relative distance.</summary>
internal static class MixtureAssert
{
    public static double[] Parameters(GaussianMixtureModel model) =>
        [.. model.Weights, .. model.Means.ToArray().Cast<double>(), .. model.Covariances.SelectMany(covariance => covariance.ToArray().Cast<double>())];

    public static double[] RowOf(double[,] rows, int row) => [.. Enumerable.Range(0, rows.GetLength(1)).Select(j => rows[row, j])];

    public static double[] AllResponsibilities(GaussianMixtureModel model, double[,] rows) =>
        [.. Enumerable.Range(0, rows.GetLength(0)).SelectMany(i => model.Responsibilities(RowOf(rows, i)))];

    public static void SameBits(GaussianMixtureModel expected, GaussianMixtureModel actual)
    {
        Assert.Equal(Bits(Parameters(expected)), Bits(Parameters(actual)));
        if (expected.Report is null || actual.Report is null) return;
        Assert.Equal(Bits(expected.Report.LogLikelihoodHistory), Bits(actual.Report.LogLikelihoodHistory));
        Assert.Equal(Bits(expected.Report.ObjectiveHistory), Bits(actual.Report.ObjectiveHistory));
        Assert.Equal(Bits(expected.Report.EffectiveCounts), Bits(actual.Report.EffectiveCounts));
    }

    public static long[] Bits(IEnumerable<double> values) => [.. values.Select(BitConverter.DoubleToInt64Bits)];

    /// <summary>Each difference within the tolerance times one plus the size of the expected value.</summary>
    public static double Close(IEnumerable<double> expected, IEnumerable<double> actual, double tolerance, string what = "value")
    {
        double[] left = [.. expected], right = [.. actual];
        Assert.Equal(left.Length, right.Length);
        double worst = 0;
        for (int i = 0; i < left.Length; i++)
        {
            double error = left[i] == right[i] ? 0 : Math.Abs(left[i] - right[i]) / (1 + Math.Abs(left[i]));
            Assert.True(error <= tolerance, $"{what} {i} is {right[i]:R} and not {left[i]:R}: relative error {error:G3}, allowed {tolerance:G3}.");
            worst = Math.Max(worst, error);
        }

        return worst;
    }
}
