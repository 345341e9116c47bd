namespace Microsoft.ML.Mixture.Laws.Tests;

/// <summary>What rows with holes tell of a component is less than what they would tell without, by as much as theory says.</summary>
[Trait("Kind", "Law")]
public class InformationLaws
{
    /// <summary>Whether they come to their end or not: what the rows tell is taken under the parameters that a fit ends with.</summary>
    [Theory]
    [InlineData("VVV", 5000)]
    [InlineData("EEE", 5000)]
    [InlineData("VEV", 5000)]
    [InlineData("VVI", 5000)]
    [InlineData("EEI", 5000)]
    [InlineData("VII", 5000)]
    [InlineData("VVV", 1)]
    [InlineData("VVV", 4)]
    [InlineData("EEE", 1)]
    [InlineData("VEV", 2)]
    [InlineData("VVI", 1)]
    [InlineData("EEI", 3)]
    [InlineData("VII", 1)]
    public void Information_OfAFit_IsTheSumOfTheSharesOfItsRows(string code, int iterations)
    {
        const int Dimension = 3;
        var data = new MixtureCase(2, Dimension, 60, 7);
        double[,] rows = (double[,])data.Rows.Clone();
        double[] weights = [.. Enumerable.Range(0, data.RowCount).Select(i => 0.5 + (i % 3))];
        for (int i = 0; i < data.RowCount; i++)
        {
            if (i % 3 > 0) rows[i, i / 3 % Dimension] = double.NaN;
            if (i % 5 == 2) rows[i, i % Dimension] = double.NaN;
        }

        (GaussianMixtureModel model, MixtureFit fit) = Fit(rows, weights, code, iterations);

        var components = (GaussianComponents)fit.Components;
        int length = code[1..] == "II" ? 1 : Dimension;
        double[] information = new double[length];
        for (int k = 0; k < 2; k++)
        {
            double[] expected = new double[Dimension];
            double[,] covariance = model.Covariances[k].ToArray(), precision = TextbookMissingValues.Invert(covariance).Inverse;
            for (int i = 0; i < data.RowCount; i++)
            {
                double[] row = [.. Enumerable.Range(0, Dimension).Select(j => rows[i, j])];
                int[] observed = [.. Enumerable.Range(0, Dimension).Where(j => !double.IsNaN(row[j]))];
                if (observed.Length == 0) continue;
                double[,] own = TextbookMissingValues.Invert(TextbookMissingValues.Part(covariance, observed, observed)).Inverse;
                double share = weights[i] * model.Responsibilities(row)[k];
                for (int at = 0; at < observed.Length; at++) expected[observed[at]] += share * own[at, at] / precision[observed[at], observed[at]];
            }

            components.InformationOf(k, fit.EffectiveCounts[k], information);

            MixtureAssert.Close(length == 1 ? [expected.Average()] : expected, information, 1e-9, "information");
            Assert.All(information, value => Assert.InRange(value, 0, fit.EffectiveCounts[k]));
        }
    }

    [Fact]
    public void Information_WithoutHoles_IsTheCount()
    {
        var data = new MixtureCase(2, 3, 60, 7);

        (_, MixtureFit fit) = Fit(data.Rows, [.. Enumerable.Repeat(1.0, data.RowCount)], "VVV", 5000);

        double[] information = new double[3];
        ((GaussianComponents)fit.Components).InformationOf(1, fit.EffectiveCounts[1], information);
        Assert.All(information, value => Assert.Equal(fit.EffectiveCounts[1], value));
    }

    private static (GaussianMixtureModel Model, MixtureFit Fit) Fit(double[,] rows, double[] weights, string code, int iterations)
    {
        var options = new GaussianMixtureSearchOptions { MinimumComponentCount = 2, MaximumComponentCount = 2, CovarianceStructures = [CovarianceStructure.FromCode(code)] };
        GaussianMixtureOptions fit = options.FitOptions(2, options.CovarianceStructures[0]);
        (fit.Tolerance, fit.MaximumIterations) = (1e-13, iterations);
        using var time = new TimeLimit(null, options.Clock, CancellationToken.None);
        SearchData data = SearchData.Prepare(GaussianMixture.Copy(rows, weights), options, fit, time, CancellationToken.None);
        using var fits = new HypothesisFits(data.Scaled, fit, CancellationToken.None);
        Assert.True(fits.TryImprove(fits.Start(MixtureStart.KMeansPlusPlus, 1)));
        return (fits.CreateModel(), fits.Best);
    }
}
