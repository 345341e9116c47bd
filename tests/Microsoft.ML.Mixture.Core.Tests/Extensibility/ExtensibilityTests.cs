using CsCheck;
using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.Extensibility.Tests;

public class ExtensibilityTests
{
    [Fact]
    [Trait("Kind", "Reference")]
    public void MixtureFitter_FamilyItDoesNotKnow_FollowsTheTextbookTrajectory() =>
        Gen.Select(Gen.Int[1, 4], Gen.Int[2, 8], Gen.Int[50, 300], Gen.Int[0, int.MaxValue]).Sample(
            (components, dimension, rowCount, seed) =>
            {
                const double PseudoCount = 0.25;
                var random = new Random(seed);
                double[][] rows = [.. Enumerable.Range(0, rowCount).Select(i => Enumerable.Range(0, dimension)
                    .Select(j => random.NextDouble() < 0.15 + (0.7 * ((i + j) % (components + 1)) / components) ? 1.0 : 0).ToArray())];
                double[,] shares = new double[rowCount, components];
                for (int i = 0; i < rowCount; i++)
                {
                    double[] draws = [.. Enumerable.Range(0, components).Select(_ => random.NextDouble() + 0.05)];
                    for (int k = 0; k < components; k++) shares[i, k] = draws[k] / draws.Sum();
                }

                // All rows distinct is not required, but as many as there are components are.
                if (rows.Select(row => string.Concat(row)).Distinct().Count() < components) return;
                MixtureFit fit = MixtureFitter.Fit(
                    new BernoulliFamily(PseudoCount), new ArrayRowSource<double>(rows.SelectMany(row => row).ToArray(), dimension),
                    new MixtureOptions { ComponentCount = components, Start = MixtureStart.FromResponsibilities(shares), MaximumIterations = 15, Tolerance = 0 });

                double[] weights = [], theta = [];
                var history = new List<double>();
                for (int t = 0; t <= fit.IterationCount; t++)
                {
                    (weights, theta) = Maximize(rows, shares, PseudoCount);
                    history.Add(Expect(rows, weights, theta, shares));
                }

                MixtureAssert.Close(history, fit.LogLikelihoodHistory, 1e-10, "log-likelihood");
                MixtureAssert.Close(weights, fit.Weights, 1e-10, "weight");
                MixtureAssert.Close(theta, ((BernoulliComponents)fit.Components).Probabilities, 1e-10, "probability");
            },
            iter: 200);

    /// <summary>A race without a single failure, for all components were valid, had none to tell of.</summary>
    [Theory]
    [InlineData(double.NegativeInfinity)]
    [InlineData(double.NaN)]
    public void MixtureFitter_RowsThatNoMixtureMakesPossible_SaysSo(double logDensity)
    {
        var rows = new ArrayRowSource<double>(Enumerable.Range(0, 60).Select(i => (double)i).ToArray(), 1);

        MixtureFitException error = Assert.Throws<MixtureFitException>(() => MixtureFitter.Fit(new ConstantFamily(logDensity), rows, new MixtureOptions { ComponentCount = 3 }));

        Assert.Equal("Start 0 gave no valid mixture. The log-likelihood is not a finite number at any start. Pass a start that lies near the data.", error.Message);
    }

    [Fact]
    [Trait("Kind", "Law")]
    public void GaussianMixture_StructureItDoesNotKnow_KeepsItsClosedIdentities() =>
        MixtureCase.Any.Sample(
            data =>
            {
                var structure = new SharedVarianceCovariance();
                GaussianMixtureModel before = data.Fit(structure, 3), after = data.Fit(structure, 4);
                (double[,] responsibilities, double logLikelihood) = TextbookMixture.Expect(before, data.Rows);
                MixtureAssert.Close([logLikelihood], [before.Report!.LogLikelihood], 1e-12, "log-likelihood");
                double within = 0;
                for (int i = 0; i < data.RowCount; i++)
                {
                    for (int k = 0; k < data.ComponentCount; k++)
                    {
                        for (int j = 0; j < data.Dimension; j++) within += responsibilities[i, k] * Math.Pow(data.Rows[i, j] - after.Means[k, j], 2);
                    }
                }

                double variance = within / (data.RowCount * data.Dimension);
                for (int k = 0; k < data.ComponentCount; k++)
                {
                    for (int a = 0; a < data.Dimension; a++)
                    {
                        for (int b = 0; b < data.Dimension; b++) MixtureAssert.Close([a == b ? variance : 0], [after.Covariances[k][a, b]], 1e-12, "covariance");
                    }
                }

                Assert.Equal(data.ComponentCount - 1 + (data.ComponentCount * data.Dimension) + 1, after.Report!.FreeParameterCount);
                Assert.All(after.Report.ObjectiveHistory.Zip(after.Report.ObjectiveHistory.Skip(1)), pair => Assert.True(pair.Second >= pair.First - (1e-12 * (1 + Math.Abs(pair.First)))));
            },
            iter: 200);

    [Fact]
    [Trait("Kind", "Persistence")]
    public void Save_StructureItDoesNotKnow_ThrowsAndNamesIt()
    {
        GaussianMixtureModel model = new MixtureCase(2, 2, 30, 1).Fit(new SharedVarianceCovariance(), 2);

        var exception = Assert.Throws<NotSupportedException>(() => model.Save(new MemoryStream()));

        Assert.Contains("'shared variance'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Kind", "Degenerate")]
    public void MixtureFitter_GaussianStartForAnotherFamily_ThrowsAndNamesIt()
    {
        MixtureStart start = MixtureStart.FromParameters([1.0], new double[,] { { 0 } }, [new double[,] { { 1 } }]);

        var exception = Assert.Throws<ArgumentException>(() => MixtureFitter.Fit(
            new BernoulliFamily(1), new ArrayRowSource<double>(new double[] { 0, 1 }, 1), new MixtureOptions { Start = start }));

        Assert.Contains("'Bernoulli'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Kind", "Degenerate")]
    public void MixtureFitter_FamilyThatGivesUp_ThrowsWithItsReason()
    {
        var exception = Assert.Throws<MixtureFitException>(() => MixtureFitter.Fit(
            new BernoulliFamily(0), new ArrayRowSource<double>(new double[] { 0, 1, 0, 0 }, 2), new MixtureOptions()));

        Assert.Contains("Use a pseudo-count", exception.Message, StringComparison.Ordinal);
    }

    private static (double[] Weights, double[] Theta) Maximize(double[][] rows, double[,] shares, double pseudoCount)
    {
        int components = shares.GetLength(1), dimension = rows[0].Length;
        double[] weights = new double[components], theta = new double[components * dimension];
        for (int k = 0; k < components; k++)
        {
            double count = Enumerable.Range(0, rows.Length).Sum(i => shares[i, k]);
            weights[k] = count / rows.Length;
            for (int j = 0; j < dimension; j++)
            {
                theta[(k * dimension) + j] = (Enumerable.Range(0, rows.Length).Sum(i => shares[i, k] * rows[i][j]) + pseudoCount) / (count + (2 * pseudoCount));
            }
        }

        return (weights, theta);
    }

    private static double Expect(double[][] rows, double[] weights, double[] theta, double[,] shares)
    {
        double logLikelihood = 0;
        for (int i = 0; i < rows.Length; i++)
        {
            double density = 0;
            for (int k = 0; k < weights.Length; k++)
            {
                double joint = weights[k];
                for (int j = 0; j < rows[i].Length; j++) joint *= rows[i][j] == 1 ? theta[(k * rows[i].Length) + j] : 1 - theta[(k * rows[i].Length) + j];
                shares[i, k] = joint;
                density += joint;
            }

            for (int k = 0; k < weights.Length; k++) shares[i, k] /= density;
            logLikelihood += Math.Log(density);
        }

        return logLikelihood;
    }

    /// <summary>Every row has the same density.</summary>
    private sealed class ConstantFamily(double logDensity) : ComponentFamily
    {
        public override string Name => "constant";

        public override MixtureComponents CreateAbout(int componentCount, int dimension, ReadOnlySpan<double> centres) => new ConstantComponents(componentCount, dimension, logDensity);
    }

    private sealed class ConstantComponents(int componentCount, int dimension, double logDensity) : MixtureComponents
    {
        public override int ComponentCount => componentCount;

        public override int Dimension => dimension;

        public override long FreeParameterCount => 0;

        public override int StatisticsLength => 0;

        public override void LogDensities(RowBlock rows, Span<double> logDensities, Span<double> scratch) => logDensities.Fill(logDensity);

        public override void Accumulate(RowBlock rows, ReadOnlySpan<double> responsibilities, Span<double> statistics, Span<double> scratch)
        {
        }

        public override MixtureComponents CreateEmpty() => new ConstantComponents(componentCount, dimension, logDensity);

        public override bool TryMaximize(
            ReadOnlySpan<double> effectiveCounts, ReadOnlySpan<double> statistics, MixtureComponents destination, out DegenerateComponent? failure)
        {
            failure = null;
            return true;
        }
    }
}
