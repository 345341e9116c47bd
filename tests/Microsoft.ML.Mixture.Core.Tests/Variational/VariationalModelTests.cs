using Microsoft.ML.Mixture.Laws.Tests;
using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture.Variational.Tests;

/// <summary>What comes out is an ordinary mixture with a posterior, and stays so in a file.</summary>
[Trait("Kind", "Model")]
public class VariationalModelTests
{
    public static TheoryData<string, MixtureWeightPrior> Cases()
    {
        var cases = new TheoryData<string, MixtureWeightPrior>();
        foreach (CovarianceStructure structure in CovarianceStructure.BuiltIn)
        {
            foreach (MixtureWeightPrior weights in Enum.GetValues<MixtureWeightPrior>()) cases.Add(structure.Name, weights);
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Save_AndLoad_GiveTheSamePredictionsAndPosterior(string structure, MixtureWeightPrior weights)
    {
        var data = new MixtureCase(componentCount: 3, dimension: 3, rowsOfComponent: 40, seed: 5);
        BayesianGaussianMixtureOptions options = VariationalLaws.Options(data, CovarianceStructure.BuiltIn.Single(known => known.Name == structure), weights);
        (options.ComponentCount, options.Start) = (5, null);
        GaussianMixtureModel model = BayesianGaussianMixture.Fit(data.Rows, options);
        using var stream = new MemoryStream();
        model.Save(stream);
        stream.Position = 0;

        GaussianMixtureModel loaded = GaussianMixtureModel.Load(stream);

        for (int i = 0; i < data.RowCount; i++)
        {
            double[] row = [data.Rows[i, 0], data.Rows[i, 1], i % 4 == 0 ? double.NaN : data.Rows[i, 2]];
            Assert.Equal(model.LogDensity(row), loaded.LogDensity(row));
            Assert.Equal(model.Responsibilities(row), loaded.Responsibilities(row));
        }

        GaussianMixturePosterior before = model.Posterior!, after = loaded.Posterior!;
        Assert.Equal(Numbers(before), Numbers(after));
        Assert.Equal(before.ComponentsInUse, after.ComponentsInUse);
        Assert.Equal(before.Prior.WeightPrior, after.Prior.WeightPrior);
        Assert.Equal(model.Report!.EvidenceLowerBoundHistory, loaded.Report!.EvidenceLowerBoundHistory);
        Assert.Equal(model.Report.IterationCount, loaded.Report.IterationCount);
    }

    [Fact]
    public void Posterior_ItsNumbers_FollowFromTheCounts()
    {
        var data = new MixtureCase(componentCount: 2, dimension: 2, rowsOfComponent: 60, seed: 8);
        BayesianGaussianMixtureOptions options = VariationalLaws.Options(data, CovarianceStructure.Full, MixtureWeightPrior.DirichletProcess);
        (options.WeightConcentrationPrior, options.MeanPrecisionPrior, options.DegreesOfFreedomPrior) = (0.7, 2.5, 6);

        GaussianMixturePosterior posterior = BayesianGaussianMixture.Fit(data.Rows, options).Posterior!;

        Assert.Equal(120, posterior.EffectiveCounts.Sum(), 1e-9);
        Assert.Equal(posterior.EffectiveCounts.Select(count => 1 + count), posterior.WeightConcentrations);
        Assert.Equal([0.7 + posterior.EffectiveCounts[1], 0.7], posterior.RemainderConcentrations);
        Assert.Equal(posterior.EffectiveCounts.Select(count => 2.5 + count), posterior.MeanPrecisions);
        Assert.Equal(posterior.EffectiveCounts.Select(count => 6 + count), posterior.DegreesOfFreedom);
        Assert.Equal(2, posterior.Dimension);
        for (int k = 0; k < 2; k++)
        {
            double[,] expected = Textbook.Times(Textbook.Inverse(posterior.Covariances[k].ToArray()), 1 / posterior.DegreesOfFreedom[k]);
            Closeness.ToScale(expected.Cast<double>(), posterior.ScaleMatrices[k].ToArray().Cast<double>(), 1e-12, "Scale matrix");
        }
    }

    [Fact]
    public void Report_OfAFit_HasTheLogLikelihoodOfTheModelAndTheBounds()
    {
        var data = new MixtureCase(componentCount: 3, dimension: 2, rowsOfComponent: 50, seed: 9);

        GaussianMixtureModel model = BayesianGaussianMixture.Fit(data.Rows, new BayesianGaussianMixtureOptions { ComponentCount = 6 });

        double sum = Enumerable.Range(0, data.RowCount).Sum(i => model.LogDensity(data.Rows[i, 0], data.Rows[i, 1]));
        Closeness.Relative(sum, model.Report!.LogLikelihood, 1e-12, "Log-likelihood");
        Assert.Equal([model.Report.LogLikelihood], model.Report.LogLikelihoodHistory);
        Assert.Equal(model.Report.EvidenceLowerBoundHistory[^1], model.Report.EvidenceLowerBound);
        Assert.True(model.Report.EvidenceLowerBound < model.Report.LogLikelihood);
        Assert.Equal(model.Report.EvidenceLowerBoundHistory.Count - 1, model.Report.IterationCount);
        Assert.Equal((model.ComponentCount * 6) - 1, model.Report.FreeParameterCount);
        Assert.Contains("Evidence lower bound", model.Report.ToString(), StringComparison.Ordinal);
        Assert.Null(GaussianMixture.Fit(data.Rows, 2).Posterior);
        Assert.True(double.IsNaN(GaussianMixture.Fit(data.Rows, 2).Report!.EvidenceLowerBound));
    }

    [Fact]
    public void Accelerate_LeadsToTheSameBoundInFewerIterations()
    {
        var data = new MixtureCase(componentCount: 4, dimension: 2, rowsOfComponent: 100, seed: 21);
        FitReport[] reports = [.. new[] { false, true }.Select(accelerates => BayesianGaussianMixture.Fit(data.Rows, new BayesianGaussianMixtureOptions
        {
            ComponentCount = 4,
            Start = MixtureStart.FromLabels(data.Labels),
            Accelerate = accelerates,
            Tolerance = 1e-9,
            MaximumIterations = 20_000,
        }).Report!)];

        Closeness.Relative(reports[0].EvidenceLowerBound, reports[1].EvidenceLowerBound, 1e-7, "Bound");
        Assert.True(2 * reports[1].IterationCount < reports[0].IterationCount, $"{reports[0].IterationCount} iterations without acceleration, {reports[1].IterationCount} with it.");
    }

    [Theory]
    [InlineData("full")]
    [InlineData("tied")]
    [InlineData("spherical")]
    public void Start_FromAModel_IsThePosteriorOfItsResponsibilities(string structure)
    {
        var data = new MixtureCase(componentCount: 3, dimension: 2, rowsOfComponent: 50, seed: 31);
        GaussianMixtureModel model = GaussianMixture.Fit(data.Rows, new GaussianMixtureOptions { ComponentCount = 3, MaximumIterations = 4 });
        double[,] responsibilities = new double[data.RowCount, 3];
        for (int i = 0; i < data.RowCount; i++)
        {
            double[] shares = model.Responsibilities(data.Rows[i, 0], data.Rows[i, 1]);
            for (int k = 0; k < 3; k++) responsibilities[i, k] = shares[k];
        }

        BayesianGaussianMixtureOptions options = VariationalLaws.Options(data, CovarianceStructure.BuiltIn.Single(known => known.Name == structure), MixtureWeightPrior.Dirichlet);
        options.Start = MixtureStart.FromResponsibilities(responsibilities);
        IReadOnlyList<double> expected = BayesianGaussianMixture.Fit(data.Rows, options).Report!.EvidenceLowerBoundHistory;
        options.Start = MixtureStart.FromModel(model);
        IReadOnlyList<double> actual = BayesianGaussianMixture.Fit(data.Rows, options).Report!.EvidenceLowerBoundHistory;

        Closeness.ToScale(expected, actual, 1e-11, "Bounds");
    }

    private static double[] Numbers(GaussianMixturePosterior posterior) =>
    [
        posterior.Prior.WeightConcentration, posterior.Prior.MeanPrecision, posterior.Prior.DegreesOfFreedom, .. posterior.Prior.Mean, .. posterior.Prior.Covariance.ToArray().Cast<double>(),
        .. posterior.EffectiveCounts, .. posterior.WeightConcentrations, .. posterior.RemainderConcentrations, .. posterior.ExpectedWeights, .. posterior.MeanPrecisions,
        .. posterior.DegreesOfFreedom, .. posterior.Means.ToArray().Cast<double>(), .. posterior.Covariances.SelectMany(matrix => matrix.ToArray().Cast<double>()),
        .. posterior.ScaleMatrices.SelectMany(matrix => matrix.ToArray().Cast<double>()),
    ];

    /// <summary>Races counted their M-steps, and what each set of missing features takes, as nothing.</summary>
    [Fact]
    public void Operations_OfAnMStepAndOfAPattern_AreThoseOfTheGaussians()
    {
        const int Dimension = 7;
        var prior = new NormalWishartPrior(1, new double[Dimension], Dimension, new double[PackedTriangle.Length(Dimension)], 0);
        var gaussians = new GaussianFamily(CovarianceStructure.TiedOrientation, CovarianceRegularization.None(Dimension), prior: prior);
        var family = new VariationalFamily(gaussians, WeightPosterior.Create(MixtureWeightPrior.DirichletProcess, 0.5));
        MixtureComponents own = family.CreateAbout(3, Dimension, new double[3 * Dimension]), plain = gaussians.CreateAbout(3, Dimension, new double[3 * Dimension]);

        Assert.True(plain.MaximizationOperations > 0 && plain.OperationsOfPattern(1) > 0);
        Assert.Equal((plain.MaximizationOperations, plain.HastyMaximizationOperations, plain.OperationsOfPattern(1)), (own.MaximizationOperations, own.HastyMaximizationOperations, own.OperationsOfPattern(1)));
    }
}
