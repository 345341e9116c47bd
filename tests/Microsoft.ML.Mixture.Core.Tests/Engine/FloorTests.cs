using Xunit.Abstractions;

namespace Microsoft.ML.Mixture.Engine.Tests;

/// <summary>A floor that is added to variances after each M-step, with which the objective may fall.</summary>
public class FloorTests(ITestOutputHelper output)
{
    // What a floor makes of covariances is in few structures: extrapolations that are brought back into the others had led away from the point where EM rests, three steps there and back for ever.
    [Theory]
    [Trait("Kind", "Reference")]
    [InlineData("wine.csv", 4, 0.01)]
    [InlineData("iris.csv", 3, 0.03)]
    public void Fit_FloorOfAnyStructure_EndsWhereItDoesWithoutAcceleration(string file, int componentCount, double floor)
    {
        double[,] rows = CsvTable.Standardise(CsvTable.Load(file).Features);
        int differing = 0;
        foreach (CovarianceStructure structure in CovarianceStructure.BuiltIn)
        {
            GaussianMixtureModel Fit(bool accelerates) => GaussianMixture.Fit(rows, new GaussianMixtureOptions
            {
                ComponentCount = componentCount,
                CovarianceStructure = structure,
                CovarianceFloor = floor,
                Accelerate = accelerates,
                Start = MixtureStart.KMeansPlusPlus,
            });
            FitReport plain = Fit(false).Report!, accelerated = Fit(true).Report!;
            output.WriteLine($"{structure.Code}: {plain.IterationCount} steps to {plain.ObjectiveHistory[^1]:F4}, accelerated {accelerated.IterationCount} to {accelerated.ObjectiveHistory[^1]:F4}");
            Assert.Equal((StopReason.Converged, StopReason.Converged), (plain.StopReason, accelerated.StopReason));
            if (Math.Abs(plain.ObjectiveHistory[^1] - accelerated.ObjectiveHistory[^1]) > 0.1) differing++;
        }

        // Accelerated steps may go to another maximum.
        Assert.InRange(differing, 0, 1);
    }
}
