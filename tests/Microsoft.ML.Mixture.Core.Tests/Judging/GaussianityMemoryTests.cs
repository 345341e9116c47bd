using Microsoft.ML.Mixture.Engine.Tests;

namespace Microsoft.ML.Mixture.Judging.Tests;

/// <summary>What a check holds on to.</summary>
[Collection("Timed")]
public class GaussianityMemoryTests
{
    /// <summary>The mixture of what each row shows was kept to the end: of 100,000 rows in 50 features it would have been tens of gigabytes.</summary>
    [Fact]
    [Trait("Kind", "Cost")]
    public void CheckGaussianity_EveryRowLacksOtherFeatures_KeepsMixturesOfAFewAlone()
    {
        const int Count = 2000, Dimension = 40;
        var problem = new EngineProblem(RowKind.Clustered, Count, Dimension, 2, 6);
        GaussianMixtureModel model = GaussianMixture.Fit(problem.Rows, new GaussianMixtureOptions { ComponentCount = 2, MaximumIterations = 2, Start = MixtureStart.KMeansPlusPlus });
        var random = new Random(2);
        foreach (ref double value in problem.Values.AsSpan())
        {
            if (random.NextDouble() < 0.2) value = double.NaN;
        }

        long before = GC.GetTotalMemory(forceFullCollection: true), after = 0;
        var source = new WatchedRowSource(problem.Source, () => after = GC.GetTotalMemory(forceFullCollection: true));

        model.CheckGaussianity(source, featureNames: null, GaussianityCheck.DefaultFalseAlarmRate, CancellationToken.None);

        // Before the last block of rows is read. All mixtures are 110 MB.
        Assert.InRange(after - before, 0, 15_000_000);
    }

    /// <summary>Whole matrices were made of variances, and the model kept them.</summary>
    [Fact]
    [Trait("Kind", "Cost")]
    public void CheckGaussianity_WithoutCorrelations_MakesNoWholeMatrices()
    {
        const int Count = 40, Dimension = 2000;
        var random = new Random(1);
        double[,] rows = new double[Count, Dimension];
        for (int at = 0; at < rows.Length; at++) rows[at / Dimension, at % Dimension] = random.NextDouble();
        foreach (CovarianceStructure structure in (CovarianceStructure[])[CovarianceStructure.Diagonal, CovarianceStructure.Spherical])
        {
            GaussianMixtureModel model = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 1, CovarianceStructure = structure });
            long before = GC.GetAllocatedBytesForCurrentThread();

            model.CheckGaussianity(rows);

            // A matrix is 32 MB.
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16_000_000);
        }
    }
}
