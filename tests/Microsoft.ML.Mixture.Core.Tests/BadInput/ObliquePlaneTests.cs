using MathNet.Numerics.LinearAlgebra;
using Microsoft.ML.Mixture.Laws.Tests;
using Microsoft.ML.Mixture.Reliability.Tests;
using Xunit.Abstractions;

namespace Microsoft.ML.Mixture.BadInput.Tests;

/// <summary>Components whose rows lie in a plane across several features, which no variance of a feature shows.</summary>
[Trait("Kind", "BadInput")]
public class ObliquePlaneTests(ITestOutputHelper output)
{
    private const string InAPlane = "lie in a plane";

    [Theory]
    [InlineData("VVV")]
    [InlineData("VVE")]
    public void Fit_GroupOfManyRowsInAPlane_IsFoundAndTold(string code)
    {
        for (int seed = 0; seed < 5; seed++)
        {
            var options = new GaussianMixtureOptions { ComponentCount = 2, CovarianceStructure = CovarianceStructure.FromCode(code), Seed = seed, FeatureNames = ["a", "b", "sum"], Start = code == "VVV" ? null : FromLabels(300, 60) };

            FitReport report = GaussianMixture.Fit(Rows(300, 60, seed), options).Report!;

            string told = Assert.Single(report.Warnings, warning => warning.Contains(InAPlane, StringComparison.Ordinal));
            Assert.Contains("linear combination of", told);
            Assert.Equal(0, report.SpuriousComponentCount);
        }
    }

    [Fact]
    public void Fit_FewRowsInAPlane_AreMarked()
    {
        for (int seed = 0; seed < 5; seed++)
        {
            // Beside a third feature that is narrow else, the prior on the others looks like a spread in it.
            double[,] rows = Rows(300, 12, seed, widthOfThird: 0.2, offset: 4);

            FitReport report = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 2, Start = FromLabels(300, 12) }).Report!;

            Assert.Equal(1, report.SpuriousComponentCount);
            Assert.Contains(report.Warnings, warning => warning.Contains("12 rows that lie in a plane", StringComparison.Ordinal) && warning.Contains("Ask for fewer components", StringComparison.Ordinal));
        }
    }

    // Of many features a search takes long.
    [Fact]
    public void FindAll_Cancelled_Throws()
    {
        double[,] rows = Rows(300, 60, seed: 1);
        var options = new GaussianMixtureOptions { ComponentCount = 2, Start = FromLabels(300, 60), FeatureNames = ["a", "b", "sum"] };
        GaussianMixtureModel model = GaussianMixture.Fit(rows, options);

        Assert.Throws<OperationCanceledException>(() => ComponentPlane.FindAll(
            GaussianMixture.Copy(rows, rowWeights: null), model.Components, [300, 60], [], new CancellationToken(canceled: true)));
    }

    // It was an exception without words: fewer rows than features are no limit.
    [Theory]
    [InlineData(2, 3, 20_000)]
    [InlineData(5, 200, 800)]
    [InlineData(2, 5_001, 20_000)]
    public void MostRowsOf_ManyFeatures_AreSomeForEachAndNoMoreThanOfFew(int componentCount, int dimension, int expected) =>
        Assert.Equal(expected, ComponentPlane.MostRowsOf(componentCount, dimension));

    // Whole numbers have many planes in common, and the fewer rows the more of them.
    [Fact]
    public void Fit_Questionnaires_NoComponentLiesInAPlaneUnmarked()
    {
        int fits = 0, inPlane = 0, marked = 0;
        for (int set = 0; set < 4; set++)
        {
            double[,] rows = Answers(500, 6, set);
            for (int seed = 0; seed < GoalSize.Of(2, 5); seed++)
            {
                GaussianMixtureModel model = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 3, Seed = seed });
                fits++;
                inPlane += CountInPlane(model, rows);
                marked += model.Report!.Warnings.Count(warning => warning.Contains(InAPlane, StringComparison.Ordinal));
            }
        }

        output.WriteLine($"{fits} fits: {inPlane} components in a plane, {marked} marked");
        Assert.True(inPlane <= marked, $"{inPlane} components lie in a plane, of {marked} a warning tells.");
        Assert.InRange(inPlane, 0, 2);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(5, 1)]
    [InlineData(0, 7)]
    public void FindAll_PlaneAmongStraysHolesAndWeights_IsFound(int holes, int weight)
    {
        // As single precision has them, far from zero.
        double[,] rows = Rows(400, 100, seed: 3);
        double[] weights = new double[500];
        for (int i = 0; i < 500; i++)
        {
            for (int j = 0; j < 3; j++) rows[i, j] = (float)(rows[i, j] + 10);
            weights[i] = i % 2 == 0 ? weight : 1;
            if (i < 400 && i % 10 < holes) rows[i, i % 3] = double.NaN;
        }

        var options = new GaussianMixtureOptions { ComponentCount = 2, FeatureNames = ["a", "b", "sum"] };
        GaussianMixtureModel model = GaussianMixture.Fit(rows, options, weights);

        Assert.Contains(model.Report!.Warnings, warning => warning.Contains(InAPlane, StringComparison.Ordinal) && warning.Contains("in 100 of", StringComparison.Ordinal));
    }

    [Fact]
    public void Fit_PlaneBesideNoise_IsTold()
    {
        double[,] rows = Rows(300, 60, seed: 1);
        var options = new GaussianMixtureOptions { ComponentCount = 2, NoiseComponent = true };

        Assert.Contains(GaussianMixture.Fit(rows, options).Report!.Warnings, warning => warning.Contains(InAPlane, StringComparison.Ordinal));
    }

    // Narrow as they are, they are no planes.
    [Theory]
    [InlineData("iris", 3)]
    [InlineData("banknote", 3)]
    [InlineData("quakes", 4)]
    [InlineData("xclara", 3)]
    [InlineData("faithful", 2)]
    [InlineData("diabetes_reaven_miller", 3)]
    public void Fit_RealGroups_AreNoPlanes(string data, int componentCount) =>
        Assert.DoesNotContain(GaussianMixture.Fit(CsvTable.Load(data + ".csv").Features, new GaussianMixtureOptions { ComponentCount = componentCount }).Report!.Warnings, warning => warning.Contains(InAPlane, StringComparison.Ordinal));

    private static MixtureStart FromLabels(int about, int inPlane) => MixtureStart.FromLabels([.. Enumerable.Repeat(0, about), .. Enumerable.Repeat(1, inPlane)]);

    // Some about zero in three features, and then some of which the third is the sum of the others.
    private static double[,] Rows(int about, int inPlane, int seed, double widthOfThird = 3, double offset = 0)
    {
        var random = new Random(seed);
        double[,] rows = new double[about + inPlane, 3];
        for (int i = 0; i < about + inPlane; i++)
        {
            for (int j = 0; j < 3; j++) rows[i, j] = MixtureCase.Normal(random);
            rows[i, 2] = i < about ? widthOfThird * rows[i, 2] : rows[i, 0] + rows[i, 1];
            if (i < about) continue;
            rows[i, 0] += offset;
            rows[i, 1] -= offset;
        }

        return rows;
    }

    // From one to five, by what a person thinks of it all and of each question.
    private static double[,] Answers(int count, int questions, int set)
    {
        var random = new Random(set);
        double[] loadings = [.. Enumerable.Range(0, questions).Select(_ => 0.4 + (0.6 * random.NextDouble()))];
        double[,] rows = new double[count, questions];
        for (int i = 0; i < count; i++)
        {
            double person = MixtureCase.Normal(random);
            for (int j = 0; j < questions; j++) rows[i, j] = Math.Clamp(Math.Round((person * loadings[j]) + (0.7 * MixtureCase.Normal(random)) + 3), 1, 5);
        }

        return rows;
    }

    // By the rank of the rows of each component, beside their mean; not of those whose rows agree in a feature, of which other warnings tell.
    private static int CountInPlane(GaussianMixtureModel model, double[,] rows)
    {
        int[] labels = [.. Enumerable.Range(0, rows.GetLength(0)).Select(i => model.Predict([.. Enumerable.Range(0, model.Dimension).Select(j => rows[i, j])]))];
        int found = 0;
        for (int k = 0; k < model.ComponentCount; k++)
        {
            int[] own = [.. Enumerable.Range(0, labels.Length).Where(i => labels[i] == k)];
            if (own.Length <= model.Dimension + 1) continue;
            Matrix<double> values = Matrix<double>.Build.Dense(own.Length, model.Dimension, (i, j) => rows[own[i], j]);
            bool varies = values.EnumerateColumns().All(column => column.Minimum() < column.Maximum());
            Matrix<double> centred = Matrix<double>.Build.Dense(own.Length, model.Dimension, (i, j) => values[i, j] - values[0, j]);
            if (varies && centred.Rank() < model.Dimension) found++;
        }

        return found;
    }
}
