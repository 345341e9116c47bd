using CsCheck;

namespace Microsoft.ML.Mixture.Laws.Tests;

/// <summary>What holds of rows whose missing values are filled in.</summary>
[Trait("Kind", "Law")]
public class FillingLaws
{
    [Fact]
    public void Fill_AnyRow_GivesMomentsOfTheConditional() =>
        Gen.Select(MixtureCase.Any, MixtureCase.Structure, Gen.Int[0, int.MaxValue]).Sample(
            (data, structure, seed) =>
            {
                GaussianMixtureModel model = GaussianMixture.Fit(data.Rows, data.Options(structure, 3, prior: 1e-3));
                MissingValueFiller filler = model.CreateFiller();
                double[,] rows = MissingValueLaws.Remove(data.Rows, 0.4, seed);
                double[] filled = new double[data.Dimension], deviations = new double[data.Dimension];
                for (int i = 0; i < rows.GetLength(0); i += 5)
                {
                    double[] row = MixtureAssert.RowOf(rows, i);

                    filler.Fill(row, filled, deviations);

                    int[] missing = [.. Enumerable.Range(0, row.Length).Where(j => double.IsNaN(row[j]))];
                    GaussianMixtureModel? conditional = missing.Length == 0 ? null : model.Conditional(row);
                    for (int j = 0; j < row.Length; j++)
                    {
                        int place = Array.IndexOf(missing, j);
                        MixtureAssert.Close([place < 0 ? row[j] : conditional!.OverallMean[place]], [filled[j]], 1e-11, "value");
                        MixtureAssert.Close([place < 0 ? 0 : Math.Sqrt(conditional!.OverallCovariance[place, place])], [deviations[j]], 1e-10, "deviation");
                    }
                }
            },
            iter: 60);

    [Theory]
    [InlineData("full")]
    [InlineData("diagonal")]
    public void Draw_ManySeeds_HaveTheMomentsOfTheConditional(string structure)
    {
        const int Count = 20_000;
        GaussianMixtureModel model = new MixtureCase(2, 3, 60, 4).Fit(CovarianceStructure.BuiltIn.Single(known => known.Name == structure), 4);
        MissingValueFiller filler = model.CreateFiller();
        double[] row = [1, double.NaN, double.NaN], filled = new double[3];
        double[,] draws = new double[Count, 2];
        for (int seed = 0; seed < Count; seed++)
        {
            filler.Draw(row, filled, seed);
            Assert.Equal(1, filled[0]);
            (draws[seed, 0], draws[seed, 1]) = (filled[1], filled[2]);
        }

        GaussianMixtureModel conditional = model.Conditional(row);
        for (int i = 0; i < 2; i++)
        {
            double deviation = Math.Sqrt(conditional.OverallCovariance[i, i]);
            Closeness.Absolute(conditional.OverallMean[i], Enumerable.Range(0, Count).Average(s => draws[s, i]), 5 * deviation / Math.Sqrt(Count), "mean");
            for (int j = 0; j < 2; j++)
            {
                double product = Enumerable.Range(0, Count).Average(s => (draws[s, i] - conditional.OverallMean[i]) * (draws[s, j] - conditional.OverallMean[j]));
                Closeness.Absolute(conditional.OverallCovariance[i, j], product, 15 * deviation * Math.Sqrt(conditional.OverallCovariance[j, j] / Count), "covariance");
            }
        }

        double[] again = new double[3];
        filler.Draw(row, filled, 7);
        filler.Draw(row, again, 7);
        Assert.Equal(filled, again);
    }

    [Fact]
    public void Fill_InfiniteFeatureOrWrongLength_IsLeftOrRefused()
    {
        MissingValueFiller filler = new MixtureCase(2, 2, 60, 4).Fit(CovarianceStructure.Full, 4).CreateFiller();
        double[] filled = new double[2], deviations = new double[2];

        filler.Fill([double.PositiveInfinity, double.NaN], filled, deviations);

        Assert.Equal([double.PositiveInfinity, double.NaN], filled);
        Assert.Equal([double.NaN, double.NaN], deviations);
        Assert.Contains("3 values, but the mixture has 2", Assert.Throws<ArgumentException>(() => filler.Fill([1, 2, 3], filled)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => filler.Fill([1, 2], new double[1]));
        Assert.Throws<ArgumentException>(() => filler.Fill([1, double.NaN], filled, new double[1]));
        Assert.Throws<ArgumentException>(() => filler.Fill([double.PositiveInfinity, 1], filled, new double[1]));
    }
}
