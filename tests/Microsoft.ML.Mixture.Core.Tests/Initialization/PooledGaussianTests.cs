using MathNet.Numerics.LinearAlgebra;
using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.Initialization.Tests;

/// <summary>What a component owes to a covariance that its rows do not hold open.</summary>
public class PooledGaussianTests
{
    [Theory]
    [Trait("Kind", "Oracle")]
    [InlineData("VVV")]
    [InlineData("VVI")]
    [InlineData("VII")]
    public void Owed_OfAComponent_IsItsWeightTimesTheDivergenceFromTwoRowsMore(string code)
    {
        GaussianMixtureModel model = new MixtureCase(3, 4, 90, 5).Fit(CovarianceStructure.FromCode(code), 5);
        double[] counts = [20, 30, 40];
        GaussianComponents components = model.Components;

        double? owed = PooledGaussian.Owed(components, counts, 0);

        Matrix<double> Of(int k) => Matrix<double>.Build.Dense(4, 4, (i, j) => components.CovarianceOf(k, i, j));
        Matrix<double> mixed = ((20 * Of(0)) + (2 * ((30 * Of(1)) + (40 * Of(2))) / 70)) / 22;
        double expected = 20 * 0.5 * (Math.Log(mixed.Determinant() / Of(0).Determinant()) + (mixed.Inverse() * Of(0)).Trace() - 4);
        Closeness.Relative(expected, owed!.Value, 1e-9, "Owed");
    }
}
