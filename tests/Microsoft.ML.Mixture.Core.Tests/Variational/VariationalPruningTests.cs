using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.Variational.Tests;

/// <summary>Components that the rows do not ask for are dropped.</summary>
[Trait("Kind", "Statistics")]
public class VariationalPruningTests
{
    public static TheoryData<int, MixtureWeightPrior, string> Cases()
    {
        var cases = new TheoryData<int, MixtureWeightPrior, string>();
        for (int seed = 0; seed < 5; seed++)
        {
            foreach (MixtureWeightPrior weights in Enum.GetValues<MixtureWeightPrior>())
            {
                foreach (string structure in new[] { "full", "tied", "diagonal", "spherical" }) cases.Add(seed, weights, structure);
            }
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void ComponentCount_OfGroupsFarApart_IsTheirNumber(int seed, MixtureWeightPrior weights, string structure)
    {
        (double[,] rows, int[] labels) = Groups(seed, groupCount: 4, rowsOfGroup: 150);

        // Each component that is asked for counts in a covariance that all share, with its prior, and too many blur it.
        int most = structure == "tied" ? 8 : 15;
        GaussianMixtureModel model = BayesianGaussianMixture.Fit(rows, new BayesianGaussianMixtureOptions
        {
            ComponentCount = most,
            WeightPrior = weights,
            CovarianceStructure = CovarianceStructure.BuiltIn.Single(known => known.Name == structure),
            Seed = seed,
        });

        Assert.Equal(4, model.ComponentCount);
        Assert.Equal(most, model.Posterior!.ComponentCount);
        Assert.Equal(StopReason.Converged, model.Report!.StopReason);
        Assert.Equal(4, labels.Select((label, i) => (label, model.Predict(rows[i, 0], rows[i, 1], rows[i, 2]))).Distinct().Count());
        Assert.All(model.Report.EffectiveCounts, count => Assert.Equal(150, count, 1.0));
        Assert.Equal(1, model.Weights.Sum(), 1e-12);
        Assert.Equal(model.Posterior.ComponentsInUse.Select(k => model.Posterior.Means[k, 0]), Enumerable.Range(0, 4).Select(k => model.Means[k, 0]));
    }

    [Fact]
    public void Components_OfAProcessWithoutStart_StandInTheBestOrder()
    {
        (double[,] rows, _) = Groups(6, groupCount: 4, rowsOfGroup: 50);
        var options = new BayesianGaussianMixtureOptions { ComponentCount = 9, MaximumIterations = 200 };
        GaussianMixtureModel sorted = BayesianGaussianMixture.Fit(rows, options);

        // The same groups, the other way round and kept so.
        options.Start = MixtureStart.FromLabels([.. Enumerable.Range(0, 200).Select(i => 8 - sorted.Posterior!.ComponentsInUse[sorted.Predict(rows[i, 0], rows[i, 1], rows[i, 2])])]);
        GaussianMixtureModel kept = BayesianGaussianMixture.Fit(rows, options);

        Assert.Equal([0, 1, 2, 3], sorted.Posterior!.ComponentsInUse);
        Assert.Equal([5, 6, 7, 8], kept.Posterior!.ComponentsInUse);
        Assert.True(sorted.Report!.EvidenceLowerBound > kept.Report!.EvidenceLowerBound + 1, $"{sorted.Report.EvidenceLowerBound} and {kept.Report.EvidenceLowerBound}");
    }

    [Fact]
    public void Warnings_OfParameters_CountThoseOfTheComponentsInUse()
    {
        // Ten components have 99 parameters, two have 19.
        (double[,] rows, _) = Groups(6, groupCount: 2, rowsOfGroup: 30);

        GaussianMixtureModel model = BayesianGaussianMixture.Fit(rows, new BayesianGaussianMixtureOptions { ComponentCount = 10 });

        Assert.Equal((2, 19), (model.ComponentCount, model.Report!.FreeParameterCount));
        Assert.DoesNotContain(model.Report.Warnings, warning => warning.Contains("free parameters", StringComparison.Ordinal));
    }

    [Fact]
    public void PruningThreshold_Zero_KeepsAllComponents()
    {
        (double[,] rows, _) = Groups(1, groupCount: 2, rowsOfGroup: 100);

        GaussianMixtureModel model = BayesianGaussianMixture.Fit(rows, new BayesianGaussianMixtureOptions { ComponentCount = 7, PruningThreshold = 0 });

        Assert.Equal(7, model.ComponentCount);
        Assert.Equal(Enumerable.Range(0, 7), model.Posterior!.ComponentsInUse);
        Assert.Equal(model.Posterior.ExpectedWeights, model.Weights);
    }

    [Fact]
    public void PruningThreshold_AboveAllRows_KeepsTheLargestComponent()
    {
        (double[,] rows, _) = Groups(2, groupCount: 2, rowsOfGroup: 100);

        GaussianMixtureModel model = BayesianGaussianMixture.Fit(rows, new BayesianGaussianMixtureOptions { ComponentCount = 3, PruningThreshold = 1000 });

        int kept = Assert.Single(model.Posterior!.ComponentsInUse);
        Assert.Equal(model.Posterior.EffectiveCounts.Max(), model.Posterior.EffectiveCounts[kept]);
        Assert.Equal([1.0], model.Weights);
    }

    [Fact]
    public void EvidenceLowerBound_OfFewAndManyComponents_PrefersEnough()
    {
        (double[,] rows, _) = Groups(3, groupCount: 3, rowsOfGroup: 100);
        double[] bounds = [.. new[] { 1, 2, 3 }.Select(count => BayesianGaussianMixture.Fit(
            rows, new BayesianGaussianMixtureOptions { ComponentCount = count, WeightPrior = MixtureWeightPrior.Dirichlet, WeightConcentrationPrior = 1 }).Report!.EvidenceLowerBound)];

        Assert.True(bounds[0] < bounds[1] && bounds[1] < bounds[2], string.Join(", ", bounds));
    }

    [Fact]
    public void Warnings_AllComponentsInUse_SayThatMoreMayBeNeeded()
    {
        (double[,] rows, _) = Groups(4, groupCount: 4, rowsOfGroup: 60);

        string[] few = [.. BayesianGaussianMixture.Fit(rows, new BayesianGaussianMixtureOptions { ComponentCount = 3 }).Report!.Warnings];
        string[] enough = [.. BayesianGaussianMixture.Fit(rows, new BayesianGaussianMixtureOptions { ComponentCount = 8 }).Report!.Warnings];

        Assert.Contains(few, warning => warning.Contains("All 3 components are in use", StringComparison.Ordinal));
        Assert.DoesNotContain(enough, warning => warning.Contains("components are in use", StringComparison.Ordinal));
    }

    [Fact]
    public void Restarts_OfManyStarts_KeepTheBestBound()
    {
        (double[,] rows, _) = Groups(5, groupCount: 6, rowsOfGroup: 30, distance: 3);
        var options = new BayesianGaussianMixtureOptions { ComponentCount = 9, RestartCount = 6 };

        FitReport report = BayesianGaussianMixture.Fit(rows, options).Report!;

        Assert.Equal(6, report.StartObjectives.Count);
        Assert.Equal(report.StartObjectives.Max(), report.EvidenceLowerBound);
        Assert.True(report.StartObjectives.Distinct().Count() > 1, "All starts led to the same bits.");
    }

    private static (double[,] Rows, int[] Labels) Groups(int seed, int groupCount, int rowsOfGroup, double distance = 12)
    {
        var random = new Random(seed);
        double[,] rows = new double[groupCount * rowsOfGroup, 3];
        int[] labels = [.. Enumerable.Range(0, groupCount * rowsOfGroup).Select(i => i % groupCount)];
        for (int i = 0; i < labels.Length; i++)
        {
            for (int j = 0; j < 3; j++) rows[i, j] = (distance * ((labels[i] >> j) & 1)) + MixtureCase.Normal(random);
        }

        return (rows, labels);
    }
}
