namespace Microsoft.ML.Mixture.Selection.Tests;

/// <summary>K + 1 components are drawn to the covariances of K.</summary>
[Trait("Kind", "Law")]
public class InheritedPriorsTests
{
    private const double Count = 2.5;

    public static TheoryData<string> Codes() => [.. CovarianceStructure.BuiltIn.Select(structure => structure.Name)];

    [Theory]
    [MemberData(nameof(Codes))]
    public void LogPrior_OfTheComponentsThemselves_IsZero_AndOfOthersNegative(string name)
    {
        (MixtureState parents, GaussianFamily family) = Fit(CovarianceStructure.BuiltIn.Single(structure => structure.Name == name));
        var priors = new InheritedPriors(parents, family, Count);
        Assert.True(MixtureParts.TryTake(priors.FamilyOf((GaussianComponents)parents.Components), parents, [0, 1], out MixtureState same));
        Assert.True(MixtureParts.TryTake(priors.FamilyOf(Split(parents)), parents, [0, 1, 1], out MixtureState heirs));
        var components = (GaussianComponents)heirs.Components;
        GaussianFamily ofHeirs = priors.FamilyOf(components);

        Assert.Equal(0, same.Components.LogPrior, 1e-9);
        Assert.Equal(0, components.LogPrior, 1e-9);
        foreach (double factor in new[] { 0.01, 0.5, 2, 100 })
        {
            double[] covariances = [.. components.Covariances.ToArray().Select(value => factor * value)];
            Assert.True(GaussianComponents.TryCreate(
                ofHeirs, components.Dimension, components.Shape, components.IsShared, components.Means, covariances, out GaussianComponents changed, out _));

            // nu D / 2 (log factor + 1 / factor - 1) in each of three.
            double expected = -0.5 * Count * 3 * components.Dimension * (Math.Log(factor) + (1 / factor) - 1);
            Assert.Equal(expected, changed.LogPrior, 1e-9 * Math.Max(1, -expected));
        }
    }

    [Fact]
    public void FamilyOf_Components_HasThePriorOfTheOneThatAMeanBelongsTo_AndIsTheSameAsLongAsThatIs()
    {
        (MixtureState parents, GaussianFamily family) = Fit(CovarianceStructure.Full);
        var components = (GaussianComponents)parents.Components;
        var priors = new InheritedPriors(parents, family, Count);
        Assert.True(MixtureParts.TryTake(family, parents, [1, 0, 1], out MixtureState state));
        Assert.True(MixtureParts.TryTake(family, parents, [1, 0, 0], out MixtureState other));

        GaussianFamily found = priors.FamilyOf((GaussianComponents)state.Components);

        Assert.Equal([1, 0, 1], Enumerable.Range(0, 3).Select(k => Enumerable.Range(0, 2).Single(parent => found.RegularizationOf(k).PriorVariances[0] == components.CovarianceOf(parent, 0, 0))));
        Assert.All(Enumerable.Range(0, 3), k => Assert.Equal(Count, found.RegularizationOf(k).PriorCount));
        Assert.Same(found, priors.FamilyOf((GaussianComponents)state.Components));
        Assert.NotSame(found, priors.FamilyOf((GaussianComponents)other.Components));
    }

    [Fact]
    public void CovariancePriorStrength_OnceItIsSet_IsThatOfBothSides()
    {
        RowSource rows = GaussianMixture.Copy(CsvTable.Faithful.Features, null);
        double StatisticOf(GaussianMixtureBootstrapOptions options)
        {
            using var ratio = new LikelihoodRatio(rows, options, seed: 0, drawnFrom: null, CancellationToken.None);
            return ratio.Statistic;
        }

        var unset = new GaussianMixtureBootstrapOptions();
        double strength = unset.CovariancePriorStrength;
        double own = StatisticOf(unset), set = StatisticOf(new GaussianMixtureBootstrapOptions { CovariancePriorStrength = strength });
        double strong = StatisticOf(new GaussianMixtureBootstrapOptions { CovariancePriorStrength = 0.1 });

        // mclust 6.0.0 has 319.065354.
        Assert.Equal(1e-6, strength);
        Closeness.Absolute(319.065354, set, 1e-2, "Maximum likelihood");
        Assert.InRange(own, 300, 318.9);
        Assert.True(strong < own, $"{strong}, {own}");
    }

    // Two groups far apart, one of them much wider.
    private static (MixtureState Mixture, GaussianFamily Family) Fit(CovarianceStructure structure)
    {
        double[,] values = BootstrapTests.Clusters(2, 200, 60, 3, dimension: 2);
        for (int i = 0; i < 200; i++)
        {
            if (values[i, 0] > 30) (values[i, 0], values[i, 1]) = (60 + (5 * (values[i, 0] - 60)), 60 + (4 * (values[i, 1] - 60)) + (3 * (values[i, 0] - 60)));
        }

        var options = new GaussianMixtureOptions { ComponentCount = 2, CovarianceStructure = structure };
        ScaledRows scaled = GaussianFit.Prepare(GaussianMixture.Copy(values, null), options, CancellationToken.None);
        using var fits = new HypothesisFits(scaled, options, CancellationToken.None);
        Assert.True(fits.TryImprove(fits.Start(MixtureStart.KMeansPlusPlus, 1)));
        return (fits.Mixture, GaussianFit.Family(scaled, options));
    }

    private static GaussianComponents Split(MixtureState mixture) =>
        MixtureParts.TryTake(GaussianFamily.OfModel(CovarianceStructure.Full, 2, CovarianceShape.Full, new double[] { 1, 0, 1 }), mixture, [0, 1, 1], out MixtureState state)
            ? (GaussianComponents)state.Components : throw new InvalidOperationException();
}
