using Microsoft.ML.Trainers;

namespace Microsoft.ML.Mixture.Tests;

[Trait("Kind", "Pipeline")]
public class GaussianityTests
{
    private readonly MLContext _context = new(seed: 1);

    [Fact]
    public void CheckGaussianity_OfADataView_IsThatOfItsRowsAndNamesSlots()
    {
        IDataView data = TestData.EruptionFeatures(_context);
        GaussianMixtureModelParameters model = _context.Clustering.Trainers.GaussianMixture(numberOfComponents: 1).Fit(data).Model;
        float[][] features = TestData.Column<float[]>(data, "Features");

        GaussianityCheck check = model.CheckGaussianity(data);

        var rows = new ArrayRowSource<float>(features.SelectMany(row => row).ToArray(), 2);
        Assert.Equal(model.Mixture.CheckGaussianity(rows, ["Duration", "Waiting"], 0.05, CancellationToken.None).ToString(), check.ToString());

        // Two kinds of eruptions are no Gaussian.
        Assert.Contains(check.Findings, finding => finding.StartsWith("Feature 0 ('Duration') of component 0 has lighter tails than a Gaussian", StringComparison.Ordinal));
    }

    [Fact]
    public void CheckGaussianity_WithWeightColumn_LeavesOutRowsOfNoWeight()
    {
        Point[] points = TestData.Clusters(90);
        for (int i = 0; i < points.Length; i++) points[i].Weight = i % 2;
        GaussianMixtureModelParameters model = _context.Clustering.Trainers.GaussianMixture(numberOfComponents: 3).Fit(_context.Data.LoadFromEnumerable(points)).Model;

        Assert.Equal(45, model.CheckGaussianity(_context.Data.LoadFromEnumerable(points), exampleWeightColumnName: nameof(Point.Weight)).RowCount);
        Assert.Equal(90, model.CheckGaussianity(_context.Data.LoadFromEnumerable(points)).RowCount);
    }

    [Fact]
    public void CheckGaussianity_BadInput_IsRefused()
    {
        IDataView data = TestData.EruptionFeatures(_context);
        GaussianMixtureModelParameters model = _context.Clustering.Trainers.GaussianMixture(numberOfComponents: 1).Fit(data).Model;

        Assert.Throws<ArgumentOutOfRangeException>(() => model.CheckGaussianity(data, "Nothing"));
        Assert.Throws<ArgumentOutOfRangeException>(() => model.CheckGaussianity(TestData.IrisFeatures(_context)));
        Assert.Throws<ArgumentOutOfRangeException>(() => model.CheckGaussianity(data, falseAlarmRate: 1));
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => model.CheckGaussianity(data, cancellationToken: source.Token));
    }

    [Fact]
    public void CheckGaussianity_OfFactorAnalyzers_IsThatOfTheirCovariances()
    {
        IDataView data = TestData.IrisFeatures(_context);
        FactorAnalyzerMixtureModelParameters model = _context.Clustering.Trainers.FactorAnalyzerMixture(numberOfComponents: 1, numberOfFactors: 2).Fit(data).Model;
        var rows = new ArrayRowSource<float>(TestData.Column<float[]>(data, "Features").SelectMany(row => row).ToArray(), 4);

        GaussianityCheck check = model.CheckGaussianity(data);

        IReadOnlyList<string> names = ["SepalLength", "SepalWidth", "PetalLength", "PetalWidth"];
        Assert.Equal(model.Mixture.ToGaussianMixture().CheckGaussianity(rows, names, 0.05, CancellationToken.None).ToString(), check.ToString());

        // Three species are no Gaussian.
        Assert.NotEmpty(check.Findings);
        Assert.Throws<ArgumentOutOfRangeException>(() => model.CheckGaussianity(data, "Nothing"));
    }
}
