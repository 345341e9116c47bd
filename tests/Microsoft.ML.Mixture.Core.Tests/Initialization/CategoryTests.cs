namespace Microsoft.ML.Mixture.Initialization.Tests;

/// <summary>Flags and other features with few values beside measurements: groups within which a flag is constant are likely without bound, and are not what anyone looks for.</summary>
public class CategoryTests
{
    private const int RowCount = 1500;

    // Three groups in two measurements, and a flag that has nothing to do with them.
    private static (double[,] Rows, int[] Labels) Flagged(int data, double share)
    {
        var random = new Random(data);
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        double[,] rows = new double[RowCount, 3];
        int[] labels = [.. Enumerable.Range(0, RowCount).Select(i => i % 3)];
        for (int i = 0; i < RowCount; i++) (rows[i, 0], rows[i, 1], rows[i, 2]) = ((5 * labels[i]) + Normal(), (-3 * labels[i]) + Normal(), random.NextDouble() < share ? 1 : 0);
        return (rows, labels);
    }

    // Before categories were left out of starts, three of these four failed.
    [Theory]
    [Trait("Kind", "Law")]
    [InlineData("VVV", 0.3)]
    [InlineData("VVV", 0.1)]
    [InlineData("VVI", 0.3)]
    [InlineData("EEE", 0.3)]
    public void Fit_FlagBesideGroups_FindsTheGroups(string code, double share)
    {
        (double[,] rows, int[] labels) = Flagged(1, share);
        GaussianMixtureOptions Options(int seed, MixtureStart? start) => new() { ComponentCount = 3, CovarianceStructure = CovarianceStructure.FromCode(code), Seed = seed, Start = start };
        double known = GaussianMixture.Fit(rows, Options(0, MixtureStart.FromLabels(labels))).Report!.LogLikelihood;

        FitReport[] found = [.. Enumerable.Range(0, 10).Select(seed => GaussianMixture.Fit(rows, Options(seed, null)).Report!)];

        Assert.All(found, report => Assert.Equal(0, report.SpuriousComponentCount));
        Assert.All(found, report => Assert.InRange(report.LogLikelihood, known - 0.01, double.PositiveInfinity));
    }

    // Where all features are flags, they are what there is to group by.
    [Fact]
    public void Fit_NothingButFlags_GroupsByThem()
    {
        double[,] rows = new double[300, 3];
        var random = new Random(2);
        for (int i = 0; i < 300; i++)
        {
            for (int j = 0; j < 3; j++) rows[i, j] = random.NextDouble() < (i % 2 == 0 ? 0.9 : 0.1) ? 1 : 0;
        }

        GaussianMixtureModel model = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 2, CovarianceStructure = CovarianceStructure.TiedSpherical });

        int[] labels = [.. Enumerable.Range(0, 300).Select(i => i % 2)], clusters = [.. Enumerable.Range(0, 300).Select(i => model.Predict([rows[i, 0], rows[i, 1], rows[i, 2]]))];
        Assert.InRange(ClusteringAgreement.AdjustedRandIndex(labels, clusters), 0.7, 1);
        Assert.DoesNotContain(model.Report!.Warnings, warning => warning.Contains("takes only", StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Kind", "BadInput")]
    public void FitAndSearch_FeatureWithFewValues_WarnAndNameIt()
    {
        (double[,] rows, _) = Flagged(3, 0.5);
        string[] names = ["age", "income", "member"];
        const string Expected = "Feature 2 ('member') takes only 2 values. A component within which such a feature is constant is likely without bound";

        Assert.Contains(GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 3, FeatureNames = names }).Report!.Warnings, warning => warning.StartsWith(Expected, StringComparison.Ordinal));
        MixtureSearchResult result = GaussianMixture.Search(rows, new GaussianMixtureSearchOptions { MaximumComponentCount = 3, FeatureNames = names, CovarianceStructures = [CovarianceStructure.Full, CovarianceStructure.Spherical] });
        Assert.Single(result.Warnings, warning => warning.StartsWith(Expected, StringComparison.Ordinal));
        Assert.InRange(result.Find(3, CovarianceStructure.Full)!.Criteria!.BayesianInformationCriterion, double.NegativeInfinity, result.Find(2, CovarianceStructure.Full)!.Criteria!.BayesianInformationCriterion);
    }

    /// <summary>Where features share their variance it is not small for one that is constant, and the likelihood has a bound.</summary>
    [Fact]
    [Trait("Kind", "BadInput")]
    public void Fit_FeatureWithFewValues_IsNamedUnderAllStructuresButSphericalOnes()
    {
        (double[,] rows, _) = Flagged(3, 0.5);
        foreach (CovarianceStructure structure in CovarianceStructure.BuiltIn)
        {
            FitReport report = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 2, CovarianceStructure = structure, Start = MixtureStart.KMeansPlusPlus }).Report!;
            Assert.Equal(
                structure == CovarianceStructure.Spherical || structure == CovarianceStructure.TiedSpherical ? 0 : 1,
                report.Warnings.Count(warning => warning.StartsWith("Feature 2 takes only 2 values.", StringComparison.Ordinal)));
        }
    }

    /// <summary>Every second of these rows was looked at, and the flag was the same in all.</summary>
    [Fact]
    public void FindAll_FlagOfEveryOtherRow_IsFound()
    {
        double[] values = [.. Enumerable.Range(0, 32_768).Select(i => (double)(i % 2))];
        Assert.Equal(2, Assert.Single(Category.FindAll(new ArrayRowSource<double>(values, 1), CancellationToken.None)).ValueCount);
    }

    [Fact]
    public void FindAll_ManyKindsOfFeatures_NamesThoseWithFewValues()
    {
        double[] rows = new double[500 * 6];
        for (int i = 0; i < 500; i++)
        {
            double[] row = [7, i % 2, i % 4, i % 5, i, i % 3 == 0 ? double.NaN : i % 3];
            row.CopyTo(rows, i * 6);
        }

        Assert.Equal([new Category(1, 2), new Category(2, 4), new Category(5, 2)], Category.FindAll(new ArrayRowSource<double>(rows, 6), CancellationToken.None));
    }

    [Theory]
    [InlineData(4, 0)]
    [InlineData(7, 0)]
    [InlineData(8, 1)]
    public void FindAll_FourValuesInFewRows_AreACategoryIfRowsShareThem(int rowCount, int expected)
    {
        double[] rows = [.. Enumerable.Range(0, rowCount).Select(i => i % 4.0)];

        Assert.Equal(expected, Category.FindAll(new ArrayRowSource<double>(rows, 1), CancellationToken.None).Count);
    }
}
