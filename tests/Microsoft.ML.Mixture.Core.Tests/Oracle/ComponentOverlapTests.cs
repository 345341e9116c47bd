using CsCheck;
using MathNet.Numerics.LinearAlgebra;
using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.Oracle.Tests;

/// <summary>Overlaps and eigenvalues of components, against integrals and another library's linear algebra.</summary>
[Trait("Kind", "Reference")]
public class ComponentOverlapTests
{
    [Theory]
    [InlineData(0.5, 0, 1, 0, 1)]
    [InlineData(0.5, 0, 1, 2, 1)]
    [InlineData(0.2, -1, 0.25, 1.5, 4)]
    [InlineData(0.9, 3, 1e-3, 3, 2)]
    public void Overlap_InOneDimension_EqualsTheIntegral(double weight, double mean, double variance, double otherMean, double otherVariance)
    {
        GaussianMixtureModel model = GaussianMixtureModel.FromParameters([weight, 1 - weight], new[,] { { mean }, { otherMean } }, [new[,] { { variance } }, new[,] { { otherVariance } }]);

        ComponentOverlap overlap = model.Overlap(0, 1);

        double coefficient = 0, error = 0, step = 1e-4;
        for (double x = -30; x < 30; x += step)
        {
            double first = Density(x, mean, variance), second = Density(x, otherMean, otherVariance);
            coefficient += step * Math.Sqrt(first * second);
            error += step * Math.Min(weight * first, (1 - weight) * second);
        }

        Assert.Equal(coefficient, overlap.BhattacharyyaCoefficient, 1e-9);
        Assert.InRange(overlap.MisclassificationBound, error - 1e-9, 0.5);
        Assert.Equal(Math.Sqrt(weight * (1 - weight)) * coefficient, overlap.MisclassificationBound, 1e-9);
    }

    [Fact]
    public void Report_OfFactorAnalyzers_HasTheNumbersOfTheirCovariances()
    {
        var data = new FactorAnalyzerCase(6, 2, 3, 200, SpecificVarianceStructure.Diagonal, 4);
        FactorAnalyzerMixtureModel model = FactorAnalyzerMixture.Fit(data.Rows, data.Options);
        using var file = new MemoryStream();
        model.Save(file);
        file.Position = 0;

        foreach (FactorAnalyzerMixtureModel one in (FactorAnalyzerMixtureModel[])[model, FactorAnalyzerMixtureModel.Load(file)])
        {
            FitReport report = one.Report!;
            double[][] eigenvalues = [.. Enumerable.Range(0, 3).Select(
                k => Matrix<double>.Build.DenseOfArray(one.Covariance(k).ToArray()).Evd(Symmetricity.Symmetric).EigenValues.Select(value => value.Real).ToArray())];
            MixtureAssert.Close(eigenvalues.Select(values => values.Min()), report.SmallestEigenvalues, 1e-9, "eigenvalue");
            MixtureAssert.Close(eigenvalues.Select(values => values.Max() / values.Min()), report.ConditionNumbers, 1e-9, "condition number");
            ComponentOverlap pair = report.MostOverlappingPair!;
            Assert.Equal(one.ToGaussianMixture().Overlap(pair.First, pair.Second), pair);
            string text = report.ToString();
            Assert.Contains("\nSmallest eigenvalue of each covariance: 0: ", text, StringComparison.Ordinal);
            Assert.Contains("\nCondition number of each covariance: 0: ", text, StringComparison.Ordinal);
            Assert.Contains(" overlap most: ", text, StringComparison.Ordinal);
        }
    }

    // Of so many features the matrices would take longer than a moment.
    [Theory]
    [InlineData(512, 2)]
    [InlineData(513, 0)]
    public void Report_OfFactorAnalyzersOfManyFeatures_HasNone(int dimension, int expected)
    {
        var data = new FactorAnalyzerCase(dimension, 1, 2, 20, SpecificVarianceStructure.Spherical, 4);
        FactorAnalyzerMixtureOptions options = data.Options;
        options.MaximumIterations = 1;
        FitReport report = FactorAnalyzerMixture.Fit(data.Rows, options).Report!;

        Assert.DoesNotContain("eigenvalue", report.ToString(), StringComparison.Ordinal);
        Assert.Equal(expected > 0, report.MostOverlappingPair is not null);
        if (expected == 0) Assert.Empty(report.SmallestEigenvalues);
        if (expected == 0) Assert.Empty(report.ConditionNumbers);
    }

    // Of many components that are alike every pair takes the cube of the features.
    [Fact]
    public void Warnings_CancelledFit_CompareNoMorePairs()
    {
        GaussianMixtureModel model = GaussianMixtureModel.FromParameters([0.5, 0.5], new double[2, 2], [new double[,] { { 1, 0 }, { 0, 1 } }]);

        Assert.Contains("overlap nearly entirely", Warnings(cancelled: false).First(), StringComparison.Ordinal);
        Assert.ThrowsAny<OperationCanceledException>(() => Warnings(cancelled: true).First());

        IEnumerable<string> Warnings(bool cancelled) => ComponentWarnings.Collect(
            model.Components, [0.5, 0.5], [], new GaussianMixtureOptions(), namesFlatOnes: true, new CancellationToken(cancelled));
    }

    [Fact]
    public void Report_OfAnyFit_HasTheNumbersOfItsComponents() => Gen.Select(MixtureCase.Any, MixtureCase.Structure).Sample(
        (data, structure) =>
        {
            GaussianMixtureModel model = data.Fit(structure, 3, prior: 1e-6);
            FitReport report = model.Report!;
            Matrix<double>[] covariances = [.. model.Covariances.Select(covariance => Matrix<double>.Build.DenseOfArray(covariance.ToArray()))];
            double[][] eigenvalues = [.. covariances.Select(covariance => covariance.Evd(Symmetricity.Symmetric).EigenValues.Select(value => value.Real).ToArray())];
            MixtureAssert.Close(eigenvalues.Select(values => values.Min()), report.SmallestEigenvalues, 1e-10, "eigenvalue");
            MixtureAssert.Close(eigenvalues.Select(values => values.Max() / values.Min()), report.ConditionNumbers, 1e-10, "condition number");

            double largest = -1;
            for (int i = 0; i < model.ComponentCount; i++)
            {
                for (int j = 0; j < model.ComponentCount; j++)
                {
                    double expected = Naive(model, covariances, i, j);
                    ComponentOverlap overlap = model.Overlap(i, j);
                    MixtureAssert.Close([expected], [overlap.BhattacharyyaCoefficient], 1e-10, $"overlap of {i} and {j} with");
                    if (i != j) largest = Math.Max(largest, expected);
                }
            }

            if (model.ComponentCount == 1)
            {
                Assert.Null(report.MostOverlappingPair);
                return;
            }

            MixtureAssert.Close([largest], [report.MostOverlappingPair!.BhattacharyyaCoefficient], 1e-10, "largest overlap");
            Assert.True(report.MostOverlappingPair.First < report.MostOverlappingPair.Second);
            Assert.Equal(model.Overlap(report.MostOverlappingPair.First, report.MostOverlappingPair.Second), report.MostOverlappingPair);
        },
        iter: MixtureCase.Cases);

    [Fact]
    public void Overlap_InOtherUnits_IsTheSame()
    {
        double[,] means = { { 1, 2 }, { 1.5, 2.5 } }, first = { { 1, 0.5 }, { 0.5, 2 } }, second = { { 2, -0.3 }, { -0.3, 1 } };
        ComponentOverlap expected = GaussianMixtureModel.FromParameters([0.3, 0.7], means, [first, second]).Overlap(0, 1);
        foreach (double scale in (double[])[1e-140, 1e-8, 1e140])
        {
            double[,] scaled = Times(means, scale);
            ComponentOverlap overlap = GaussianMixtureModel.FromParameters([0.3, 0.7], scaled, [Times(first, scale * scale), Times(second, scale * scale)]).Overlap(0, 1);
            Assert.Equal(expected.BhattacharyyaCoefficient, overlap.BhattacharyyaCoefficient, 1e-11);
        }
    }

    [Fact]
    public void Overlap_NotAComponent_IsRefused()
    {
        GaussianMixtureModel model = GaussianMixtureModel.FromParameters([0.5, 0.5], new double[,] { { 0 }, { 1 } }, [new double[,] { { 1 } }]);
        Assert.Throws<ArgumentOutOfRangeException>(() => model.Overlap(-1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => model.Overlap(0, 2));
        Assert.Equal(1, model.Overlap(1, 1).BhattacharyyaCoefficient);
    }

    private static double Naive(GaussianMixtureModel model, Matrix<double>[] covariances, int i, int j)
    {
        Matrix<double> between = (covariances[i] + covariances[j]) / 2;
        Vector<double> difference = Vector<double>.Build.DenseOfArray(model.Means.Row(i).ToArray()) - Vector<double>.Build.DenseOfArray(model.Means.Row(j).ToArray());
        double distance = difference * between.Inverse() * difference;
        return Math.Exp(-distance / 8) * Math.Sqrt(Math.Sqrt(covariances[i].Determinant() * covariances[j].Determinant()) / between.Determinant());
    }

    private static double Density(double x, double mean, double variance) => Math.Exp(-(x - mean) * (x - mean) / (2 * variance)) / Math.Sqrt(2 * Math.PI * variance);

    private static double[,] Times(double[,] values, double factor)
    {
        double[,] result = (double[,])values.Clone();
        for (int i = 0; i < result.GetLength(0); i++)
        {
            for (int j = 0; j < result.GetLength(1); j++) result[i, j] *= factor;
        }

        return result;
    }
}
