using Microsoft.ML.Trainers;

namespace Microsoft.ML.Mixture.Tests;

/// <summary>Criteria and standard errors of data views are those of their rows.</summary>
[Trait("Kind", "Pipeline")]
public class CriteriaTests
{
    private readonly MLContext _context = new(seed: 1);

    public static TheoryData<string> Families => ["gaussian", "noise", "bayesian", "factors", "anomaly", "filling", "loaded"];

    [Theory]
    [MemberData(nameof(Families))]
    public void CriteriaOf_AnyFamilyWeightsAndHoles_AreThoseOfTheCore(string family)
    {
        Point[] points = Points();
        IDataView data = _context.Data.LoadFromEnumerable(points);
        MixtureModelParameters model = Fit(family, data);
        MixtureModel mixture = model switch
        {
            GaussianMixtureModelParameters gaussian => gaussian.Mixture,
            FactorAnalyzerMixtureModelParameters factors => factors.Mixture,
            _ => throw new InvalidOperationException(),
        };

        MixtureCriteria weighted = model.CriteriaOf(data, exampleWeightColumnName: nameof(Point.Weight)), plain = model.CriteriaOf(data);

        Same(mixture.CriteriaOf(Rows(points, weighted: true), CancellationToken.None), weighted);
        Same(mixture.CriteriaOf(Rows(points, weighted: false), CancellationToken.None), plain);
        Assert.NotEqual(plain.LogLikelihood, weighted.LogLikelihood);
        Assert.Equal(120, plain.RowCount);
        Assert.Equal(90, weighted.RowCount);
    }

    [Fact]
    public void CriteriaOf_TheTrainingData_AreThoseOfTheReport()
    {
        IDataView data = TestData.EruptionFeatures(_context);
        GaussianMixtureModelParameters model = _context.Clustering.Trainers.GaussianMixture(numberOfComponents: 2).Fit(data).Model;

        MixtureCriteria criteria = model.CriteriaOf(data);

        Assert.Equal(model.BayesianInformationCriterion, criteria.BayesianInformationCriterion, 1e-8);
        Assert.Equal(model.AkaikeInformationCriterion, criteria.AkaikeInformationCriterion, 1e-8);
        Assert.Equal(model.LogLikelihood, criteria.LogLikelihood, 1e-8);

        // The same average as of scored data, whose log-densities are floats.
        Assert.Equal(_context.Clustering.EvaluateMixture(new GaussianMixtureTransformer(_context, model).Transform(data)).AverageLogLikelihood, criteria.AverageLogLikelihood, 1e-5);
    }

    [Theory]
    [InlineData("gaussian")]
    [InlineData("noise")]
    public void StandardErrorsOf_WeightsAndHoles_AreThoseOfTheCore(string family)
    {
        Point[] points = Points();
        for (int i = 3; family == "noise" && i < points.Length; i += 10) points[i] = new Point { Features = [60 * TestData.Noise(i), 60 * TestData.Noise(i + 500)], Weight = 1 };
        IDataView data = _context.Data.LoadFromEnumerable(points);
        var model = (GaussianMixtureModelParameters)Fit(family, data);

        MixtureStandardErrors weighted = model.StandardErrorsOf(data, exampleWeightColumnName: nameof(Point.Weight)), prior = model.StandardErrorsOf(data, covariancePriorStrength: 0.1);

        Same(model.Mixture.StandardErrorsOf(Rows(points, weighted: true), 1e-6, CancellationToken.None), weighted);
        Same(model.Mixture.StandardErrorsOf(Rows(points, weighted: false), 0.1, CancellationToken.None), prior);
        Assert.NotEqual(prior.Means[0, 0], weighted.Means[0, 0]);
    }

    [Fact]
    public void CriteriaOfAndStandardErrorsOf_BadInput_IsRefused()
    {
        IDataView data = TestData.EruptionFeatures(_context), four = TestData.IrisFeatures(_context);
        GaussianMixtureModelParameters model = _context.Clustering.Trainers.GaussianMixture(numberOfComponents: 1).Fit(data).Model;
        Func<IDataView, string, string?, CancellationToken, object>[] calls =
        [
            (rows, features, weights, token) => model.CriteriaOf(rows, features, weights, token),
            (rows, features, weights, token) => model.StandardErrorsOf(rows, features, weights, cancellationToken: token),
        ];
        foreach (Func<IDataView, string, string?, CancellationToken, object> call in calls)
        {
            Assert.Throws<ArgumentNullException>(() => call(null!, "Features", null, default));
            Assert.Throws<ArgumentException>(() => call(data, " ", null, default));
            Assert.Contains("'Nothing' is missing", Assert.Throws<ArgumentOutOfRangeException>(() => call(data, "Nothing", null, default)).Message, StringComparison.Ordinal);
            Assert.Contains("'Nothing' is missing", Assert.Throws<ArgumentOutOfRangeException>(() => call(data, "Features", "Nothing", default)).Message, StringComparison.Ordinal);
            Assert.Contains("a vector of 2 Single", Assert.Throws<ArgumentOutOfRangeException>(() => call(four, "Features", null, default)).Message, StringComparison.Ordinal);
            Point[] points = [new Point { Features = [1, 2] }, new Point { Features = [float.PositiveInfinity, 2] }];
            Assert.Contains("row 1", Assert.Throws<ArgumentException>(() => call(_context.Data.LoadFromEnumerable(points), "Features", null, default)).Message, StringComparison.Ordinal);
            points = [new Point { Features = [1, 2], Weight = -1 }, new Point { Features = [3, 2] }];
            Assert.Contains("weight", Assert.Throws<ArgumentException>(() => call(_context.Data.LoadFromEnumerable(points), "Features", "Weight", default)).Message, StringComparison.Ordinal);
            using var source = new CancellationTokenSource();
            source.Cancel();
            Assert.Equal(source.Token, Assert.ThrowsAny<OperationCanceledException>(() => call(data, "Features", null, source.Token)).CancellationToken);
        }
    }

    [Fact]
    public void StandardErrorsOf_WhereThereAreNone_SaysWhy()
    {
        IDataView data = TestData.EruptionFeatures(_context);
        GaussianMixtureModelParameters model = _context.Clustering.Trainers.GaussianMixture(numberOfComponents: 1).Fit(data).Model;

        Assert.Contains("prior strength is -1", Assert.Throws<ArgumentOutOfRangeException>(() => model.StandardErrorsOf(data, covariancePriorStrength: -1)).Message, StringComparison.Ordinal);
        Point[] constant = [.. Enumerable.Range(0, 30).Select(i => new Point { Features = [i % 7, 1] })];
        Assert.Contains("Feature 1 is 1 in all rows", Assert.Throws<ArgumentException>(() => model.StandardErrorsOf(_context.Data.LoadFromEnumerable(constant))).Message, StringComparison.Ordinal);
        GaussianMixtureModelParameters bayesian = _context.Clustering.Trainers.BayesianGaussianMixture(numberOfComponents: 2).Fit(data).Model;
        Assert.Contains("variational", Assert.Throws<NotSupportedException>(() => bayesian.StandardErrorsOf(data)).Message, StringComparison.OrdinalIgnoreCase);

        // Far from any maximum of these rows.
        Point[] others = [.. Enumerable.Range(0, 60).Select(i => new Point { Features = [(20 * TestData.Noise(i)) + 3, 200 * TestData.Noise(i + 99)] })];
        MixtureStandardErrors? errors = null;
        Exception? refused = Record.Exception(() => errors = model.StandardErrorsOf(_context.Data.LoadFromEnumerable(others)));
        Assert.True(refused is InvalidOperationException || errors is { Warnings.Count: > 0 }, "Nobody said that the mixture is not at a maximum.");
    }

    // Three clusters with holes, and every fourth row of no weight.
    private static Point[] Points()
    {
        Point[] points = TestData.Clusters(120);
        for (int i = 0; i < points.Length; i++)
        {
            points[i].Weight = i % 4;
            if (i % 9 == 5) points[i].Features[i % 2] = float.NaN;
        }

        return points;
    }

    private static ArrayRowSource<float> Rows(Point[] points, bool weighted) =>
        new(points.SelectMany(point => point.Features).ToArray(), 2, weighted ? points.Select(point => point.Weight).ToArray() : default(ReadOnlyMemory<float>));

    private MixtureModelParameters Fit(string family, IDataView data)
    {
        ClusteringCatalog.ClusteringTrainers trainers = _context.Clustering.Trainers;
        switch (family)
        {
            case "gaussian": return trainers.GaussianMixture(numberOfComponents: 3).Fit(data).Model;
            case "noise": return trainers.GaussianMixture(new GaussianMixtureTrainer.Options { NumberOfComponents = 3, NoiseComponent = true }).Fit(data).Model;
            case "bayesian": return trainers.BayesianGaussianMixture(numberOfComponents: 4).Fit(data).Model;
            case "factors": return trainers.FactorAnalyzerMixture(numberOfComponents: 3, numberOfFactors: 1).Fit(data).Model;
            case "anomaly": return _context.AnomalyDetection.Trainers.GaussianMixture(numberOfComponents: 3, falseAlarmRate: 0.05).Fit(data).Model;
            case "filling": return _context.Transforms.ReplaceMissingValuesByMixture("Features", numberOfComponents: 3).Fit(data).Model;
            default:
                using (var file = new MemoryStream())
                {
                    trainers.GaussianMixture(numberOfComponents: 3).Fit(data).Model.Save(file);
                    file.Position = 0;
                    return GaussianMixtureModelParameters.Load(file);
                }
        }
    }

    private static void Same(MixtureCriteria expected, MixtureCriteria actual)
    {
        Assert.Equal(expected.ToString(), actual.ToString());
        Assert.Equal(
            (expected.LogLikelihood, expected.ClassificationEntropy, expected.ClassificationLoss, expected.RowWeightTotal, expected.FreeParameterCount),
            (actual.LogLikelihood, actual.ClassificationEntropy, actual.ClassificationLoss, actual.RowWeightTotal, actual.FreeParameterCount));
    }

    private static void Same(MixtureStandardErrors expected, MixtureStandardErrors actual)
    {
        Assert.Equal(expected.ToString(), actual.ToString());
        Assert.Equal(expected.Weights, actual.Weights);
        Assert.Equal(expected.Means.ToArray().Cast<double>(), actual.Means.ToArray().Cast<double>());
        Assert.Equal(expected.Covariances.SelectMany(matrix => matrix.ToArray().Cast<double>()), actual.Covariances.SelectMany(matrix => matrix.ToArray().Cast<double>()));
        Assert.Equal(expected.Warnings, actual.Warnings);
    }
}
