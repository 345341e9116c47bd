using CsCheck;
using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.Variational.Tests;

/// <summary>A prior that is not given follows the groups where it would be wider than they are.</summary>
public class PriorOfGroupsTests
{
    private const int Seeds = 20;

    public static TheoryData<CovarianceStructure, bool> Structures()
    {
        var cases = new TheoryData<CovarianceStructure, bool>();
        foreach (CovarianceStructure structure in CovarianceStructure.BuiltIn)
        {
            cases.Add(structure, false);
            cases.Add(structure, true);
        }

        return cases;
    }

    [Theory]
    [Trait("Kind", "Statistics")]
    [MemberData(nameof(Structures))]
    public void Fit_GroupsFarApart_AreAsWideAsTheirRows(CovarianceStructure structure, bool hasHoles)
    {
        double[,] rows = Groups(150, 2, distance: 60, seed: 1);
        for (int i = 0; i < 150 && hasHoles; i += 7) rows[i, i % 2] = double.NaN;

        GaussianMixtureModel model = BayesianGaussianMixture.Fit(rows, new BayesianGaussianMixtureOptions { ComponentCount = 5, CovarianceStructure = structure });

        Assert.Equal(3, model.ComponentCount);
        for (int k = 0; k < 3; k++)
        {
            for (int j = 0; j < 2; j++) Assert.InRange(Math.Sqrt(model.Covariances[k][j, j]), 0.8, 1.2);
        }

        Assert.DoesNotContain(model.Report!.Warnings, text => text.Contains("prior", StringComparison.Ordinal));
    }

    /// <summary>The average covariance, brought to the geometric mean of the volumes, and the mean square of the distances of means.</summary>
    [Fact]
    [Trait("Kind", "Oracle")]
    public void Prior_OfGroupsFarApart_IsWhatTheySay()
    {
        const int Dimension = 3;
        double[,] rows = Groups(600, Dimension, distance: 30, seed: 2);
        for (int i = 0; i < 600; i += 3) rows[i, 1] *= 4;

        GaussianMixtureModel model = BayesianGaussianMixture.Fit(rows);

        GaussianMixturePosterior posterior = model.Posterior!;
        double[,] average = new double[Dimension, Dimension];
        double squares = 0, volume = 0;
        foreach (int k in posterior.ComponentsInUse)
        {
            (double[,] inverse, double logDeterminant) = TextbookMixture.Invert(posterior.Covariances[k].ToArray());
            volume += logDeterminant / 3;
            for (int i = 0; i < Dimension; i++)
            {
                for (int j = 0; j < Dimension; j++)
                {
                    average[i, j] += posterior.EffectiveCounts[k] / 600 * posterior.Covariances[k][i, j];
                    squares += inverse[i, j] * (posterior.Means[k, i] - posterior.Prior.Mean[i]) * (posterior.Means[k, j] - posterior.Prior.Mean[j]);
                }
            }

            squares += Dimension / posterior.MeanPrecisions[k];
        }

        double scale = Dimension * Math.Exp((volume - TextbookMixture.Invert(average).LogDeterminant) / Dimension);
        Assert.Equal(3, model.ComponentCount);
        Closeness.ToScale(average.Cast<double>().Select(value => scale * value), posterior.Prior.Covariance.ToArray().Cast<double>(), 0.05, "Prior covariance");
        Closeness.Relative(3 * Dimension / squares, posterior.Prior.MeanPrecision, 0.05, "Mean precision");
    }

    [Fact]
    [Trait("Kind", "Law")]
    public void Bound_UnderThePriorOfGroups_IsNotBelowThatUnderThePriorOfRows() =>
        MixtureCase.Any.Sample(
            data =>
            {
                GaussianMixtureModel found = BayesianGaussianMixture.Fit(data.Rows, new BayesianGaussianMixtureOptions { ComponentCount = 4, ThreadCount = 1 });
                GaussianMixtureModel one = BayesianGaussianMixture.Fit(data.Rows, new BayesianGaussianMixtureOptions { ComponentCount = 1 });
                GaussianMixtureModel ofRows = BayesianGaussianMixture.Fit(
                    data.Rows,
                    new BayesianGaussianMixtureOptions { ComponentCount = 4, ThreadCount = 1, MeanPrecisionPrior = 1, CovariancePrior = one.Posterior!.Prior.Covariance.ToArray() });
                Assert.True(found.Report!.EvidenceLowerBound >= ofRows.Report!.EvidenceLowerBound - 1e-6 * (1 + Math.Abs(ofRows.Report.EvidenceLowerBound)), $"{found.Report.EvidenceLowerBound:R} is below {ofRows.Report.EvidenceLowerBound:R}.");
            },
            iter: 20);

    [Fact]
    [Trait("Kind", "Statistics")]
    public void Density_OfFreshRows_IsHardlyLowerThanThatOfMaximumLikelihood()
    {
        double behind = 0;
        for (int seed = 0; seed < Seeds; seed++)
        {
            double[,] rows = Groups(150, 2, distance: 20, seed), fresh = Groups(2000, 2, distance: 20, seed + 1000);
            GaussianMixtureModel bayesian = BayesianGaussianMixture.Fit(rows), em = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 3 });
            Assert.Equal(3, bayesian.ComponentCount);
            behind += (em.CriteriaOf(fresh).LogLikelihood - bayesian.CriteriaOf(fresh).LogLikelihood) / 2000 / Seeds;
        }

        // It was 0.8 nats a row under the prior of all rows.
        Assert.InRange(behind, -0.05, 0.01);
    }

    [Fact]
    [Trait("Kind", "Statistics")]
    public void CheckGaussianity_OfGaussianGroups_FindsNothingInNineteenOfTwenty()
    {
        int found = 0;
        for (int seed = 0; seed < 2 * Seeds; seed++)
        {
            double[,] rows = Groups(150, 4, distance: 8, seed);
            if (BayesianGaussianMixture.Fit(rows).CheckGaussianity(rows).Findings.Count > 0) found++;
        }

        Assert.InRange(found, 0, 4);
    }

    [Theory]
    [Trait("Kind", "Law")]
    [InlineData(0.25, null)]
    [InlineData(null, 9.0)]
    [InlineData(0.25, 9.0)]
    public void Prior_ThatIsGiven_IsKept(double? meanPrecision, double? variance)
    {
        double[,] rows = Groups(150, 2, distance: 60, seed: 1);
        var options = new BayesianGaussianMixtureOptions { MeanPrecisionPrior = meanPrecision, CovariancePrior = variance is { } of ? new[,] { { of, 1 }, { 1, of } } : null };

        GaussianMixturePrior prior = BayesianGaussianMixture.Fit(rows, options).Posterior!.Prior;

        if (meanPrecision is { } given) Assert.Equal(given, prior.MeanPrecision);
        else Assert.InRange(prior.MeanPrecision, 1e-4, 0.1);
        if (variance is { } own) Assert.Equal([own, 1, 1, own], prior.Covariance.ToArray().Cast<double>());
        else Assert.InRange(prior.Covariance[0, 0], 0.5, 50);
    }

    [Fact]
    [Trait("Kind", "BadInput")]
    public void Warnings_PriorFarWiderThanTheGroups_SayHowWideAndWhatToDo()
    {
        var options = new BayesianGaussianMixtureOptions { MeanPrecisionPrior = 1, CovariancePrior = new double[,] { { 900, 0 }, { 0, 900 } }, FeatureNames = ["here", "there"] };

        string warning = Assert.Single(BayesianGaussianMixture.Fit(Groups(150, 2, distance: 60, seed: 1), options).Report!.Warnings);

        Assert.Matches("^The prior makes up (9[0-9]|100) % of the variance of component [0-2] in feature [01] \\('(here|there)'\\), so wide is it beside the group: ", warning);
        Assert.EndsWith("Leave CovariancePrior and MeanPrecisionPrior null, so that they follow the groups, or pass smaller ones.", warning, StringComparison.Ordinal);
    }

    /// <summary>Answers from 1 to 5 stand on lines of a grid, which have a high bound and are no groups.</summary>
    [Fact]
    [Trait("Kind", "BadInput")]
    public void Warnings_ComponentsOnLinesOfAGrid_AreNamed()
    {
        var random = new Random(1);
        double[,] rows = new double[500, 6];
        for (int i = 0; i < 500; i++)
        {
            for (int j = 0; j < 6; j++) rows[i, j] = Math.Clamp(Math.Round((i % 2 == 0 ? 2.3 : 3.8) + (0.8 * MixtureCase.Normal(random))), 1, 5);
        }

        GaussianMixtureModel model = BayesianGaussianMixture.Fit(rows);

        string warning = Assert.Single(model.Report!.Warnings, text => text.StartsWith("The rows of component ", StringComparison.Ordinal));
        Assert.Matches("^The rows of component 0 do not vary in feature [0-5], nor do those of [1-9] more components? somewhere, so that the width there is the prior's alone. ", warning);
        Assert.Contains($"use {nameof(GaussianMixture)} with as many components as there may be groups", warning, StringComparison.Ordinal);
    }

    /// <summary>Such rows say nothing of how wide components are: the prior stays that of all rows.</summary>
    [Fact]
    [Trait("Kind", "BadInput")]
    public void Prior_AllComponentsOnOnePointEach_IsThatOfTheRows()
    {
        double[,] rows = new double[120, 2];
        for (int i = 0; i < 120; i++) (rows[i, 0], rows[i, 1]) = (i % 3, i % 3 == 1 ? 4 : 0);

        GaussianMixtureModel model = BayesianGaussianMixture.Fit(rows);

        Assert.Equal(1, model.Posterior!.Prior.MeanPrecision);
        Closeness.Relative(2.0 / 3, model.Posterior.Prior.Covariance[0, 0], 1e-12, "Prior variance");
        Assert.Contains(model.Report!.Warnings, text => text.Contains("do not vary in feature 0", StringComparison.Ordinal));
    }

    /// <summary>Counts are on values of which some have one component each but for what it has of its neighbours' rows: the prior is not drawn to these.</summary>
    [Theory]
    [Trait("Kind", "BadInput")]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(2, 1e-6)]
    public void Prior_RowsOfFewCounts_DoesNotCollapse(int seed, double floor)
    {
        var random = new Random(seed);
        double[,] rows = new double[100, 1];
        for (int i = 0; i < 100; i++) rows[i, 0] = random.NextDouble() is var share && share < 0.6 ? 0 : share < 0.9 ? 1 : 2;

        GaussianMixtureModel model = BayesianGaussianMixture.Fit(rows, new BayesianGaussianMixtureOptions { CovarianceFloor = floor });

        Assert.True(model.Posterior!.Prior.Covariance[0, 0] > 0.05, $"{model.Posterior.Prior.Covariance[0, 0]:R}");
    }

    /// <summary>A few heavy rows are no group whose width says anything.</summary>
    [Fact]
    [Trait("Kind", "BadInput")]
    public void Fit_HeavyRows_IsNotDrawnToAHandfulOfThem()
    {
        double[,] rows = Groups(300, 2, distance: 20, seed: 3);
        Assert.Equal(3, BayesianGaussianMixture.Fit(rows, options: null, [.. Enumerable.Repeat(10.0, 300)]).ComponentCount);
    }

    [Theory]
    [Trait("Kind", "Law")]
    [InlineData("VVV", 0, 0)]
    [InlineData("EEE", 0, 0)]
    [InlineData("EEE", 0.5, 40)]
    [InlineData("EEI", 0.5, 40)]
    [InlineData("VII", 0.5, 10)]
    public void Prior_ComponentsLeftOutAndManyAllowed_IsTheSame(string code, double threshold, int allowed)
    {
        double[,] rows = Groups(150, 2, distance: 60, seed: 1);
        var options = new BayesianGaussianMixtureOptions { CovarianceStructure = CovarianceStructure.FromCode(code), PruningThreshold = threshold, ComponentCount = Math.Max(3, allowed) };

        Assert.InRange(BayesianGaussianMixture.Fit(rows, options).Posterior!.Prior.Covariance[0, 0], 1, 4);
    }

    /// <summary>With a constant, a copy or a sum beside them groups were 5 to 10 times as wide as their rows, or two of them one, and nothing said so.</summary>
    [Theory]
    [Trait("Kind", "Statistics")]
    [MemberData(nameof(BuiltInStructures))]
    public void Fit_FeatureThatIsConstantOrFollowsFromOthers_HasGroupsAsWideAsTheirRows(CovarianceStructure structure)
    {
        double[,] two = Groups(150, 2, distance: 60, seed: 1), rows = new double[150, 3];
        Func<int, double>[] thirds = [_ => 7, i => two[i, 0], i => two[i, 0] - (2 * two[i, 1]) + 5];

        // Without correlations what a copy says counts twice, and groups along a sum are none.
        foreach (Func<int, double> third in structure.Shape == CovarianceShape.Full ? thirds : thirds[..1])
        {
            for (int i = 0; i < 150; i++) (rows[i, 0], rows[i, 1], rows[i, 2]) = (two[i, 0], two[i, 1], third(i));

            GaussianMixtureModel model = BayesianGaussianMixture.Fit(rows, new BayesianGaussianMixtureOptions { CovarianceStructure = structure });

            Assert.Equal(3, model.ComponentCount);
            for (int k = 0; k < 3; k++)
            {
                for (int j = 0; j < 2; j++) Assert.InRange(Math.Sqrt(model.Covariances[k][j, j]), 0.75, 1.25);
            }
        }
    }

    /// <summary>The groups of the others say how wide they are; what is given is kept as it is.</summary>
    [Theory]
    [Trait("Kind", "Law")]
    [InlineData(false)]
    [InlineData(true)]
    public void Prior_ConstantFeature_IsThatOfTheOthersAndItsOwn(bool isGiven)
    {
        double[,] two = Groups(150, 2, distance: 60, seed: 1), rows = new double[150, 3];
        for (int i = 0; i < 150; i++) (rows[i, 0], rows[i, 1], rows[i, 2]) = (two[i, 0], 7, two[i, 1]);
        double[,]? given = isGiven ? new double[,] { { 9, 1, 2 }, { 1, 8, 3 }, { 2, 3, 7 } } : null;

        GaussianMixturePrior prior = BayesianGaussianMixture.Fit(rows, new BayesianGaussianMixtureOptions { CovariancePrior = given }).Posterior!.Prior;

        Assert.InRange(prior.MeanPrecision, 1e-4, 0.1);
        if (given is not null)
        {
            Assert.Equal(given.Cast<double>(), prior.Covariance.ToArray().Cast<double>());
            return;
        }

        double ofConstant = BayesianGaussianMixture.Fit(rows, new BayesianGaussianMixtureOptions { ComponentCount = 1 }).Posterior!.Prior.Covariance[1, 1];
        Assert.Equal((ofConstant, 0, 0), (prior.Covariance[1, 1], prior.Covariance[1, 0], prior.Covariance[2, 1]));
        Assert.InRange(prior.Covariance[0, 0], 1.5, 6);
        Assert.InRange(prior.Covariance[2, 2], 1.5, 6);
    }

    public static TheoryData<CovarianceStructure> BuiltInStructures() => [.. CovarianceStructure.BuiltIn];

    /// <summary>What is one for all components says nothing of how wide they are, and is told of by itself.</summary>
    [Fact]
    [Trait("Kind", "BadInput")]
    public void Warnings_ConstantFeature_DoNotNameComponents()
    {
        double[,] two = Groups(150, 2, distance: 30, seed: 1), rows = new double[150, 3];
        for (int i = 0; i < 150; i++) (rows[i, 0], rows[i, 1], rows[i, 2]) = (two[i, 0], two[i, 1], 7);

        Assert.DoesNotContain(BayesianGaussianMixture.Fit(rows).Report!.Warnings, text => text.Contains("do not vary", StringComparison.Ordinal));
    }

    [Theory]
    [Trait("Kind", "Law")]
    [InlineData(-300)]
    [InlineData(40)]
    public void Fit_InOtherUnits_HasTheSamePosteriorInThese(int exponent)
    {
        double[,] rows = Groups(150, 2, distance: 60, seed: 1), scaled = new double[150, 2];
        for (int i = 0; i < 150; i++) (scaled[i, 0], scaled[i, 1]) = (double.ScaleB(rows[i, 0], exponent), double.ScaleB(rows[i, 1], exponent));

        GaussianMixturePosterior expected = BayesianGaussianMixture.Fit(rows).Posterior!, actual = BayesianGaussianMixture.Fit(scaled).Posterior!;

        Assert.Equal(expected.Prior.MeanPrecision, actual.Prior.MeanPrecision);
        Assert.Equal(expected.Prior.Covariance.ToArray().Cast<double>().Select(value => double.ScaleB(value, 2 * exponent)), actual.Prior.Covariance.ToArray().Cast<double>());
        Assert.Equal(expected.EffectiveCounts, actual.EffectiveCounts);
    }

    [Fact]
    [Trait("Kind", "Statistics")]
    public void Warnings_OneGaussianOfManyRows_AreNone()
    {
        for (int seed = 0; seed < 3; seed++)
        {
            GaussianMixtureModel model = BayesianGaussianMixture.Fit(Groups(2000, 2, distance: 0, seed), new BayesianGaussianMixtureOptions { Seed = seed });
            Assert.Equal(1, model.ComponentCount);
            Assert.Empty(model.Report!.Warnings);
        }
    }

    // Three round groups at corners, with a standard deviation of one in every feature.
    private static double[,] Groups(int count, int dimension, double distance, int seed)
    {
        var random = new Random(seed);
        double[,] rows = new double[count, dimension];
        for (int i = 0; i < count; i++)
        {
            for (int j = 0; j < dimension; j++) rows[i, j] = (i % 3 == j + 1 ? distance : 0) + MixtureCase.Normal(random);
        }

        return rows;
    }
}
