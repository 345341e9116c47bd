using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.Initialization.Tests;

/// <summary>Axes that components have in common take most of the time of a step, and a race needs them only well enough to tell which start is best.</summary>
public class RoughRaceTests
{
    [Theory]
    [InlineData("VVV", false)]
    [InlineData("EEE", false)]
    [InlineData("VVI", false)]
    [InlineData("VEI", false)]
    [InlineData("VEE", true)]
    [InlineData("EVE", true)]
    [InlineData("VVE", true)]
    [InlineData("EEV", true)]
    [InlineData("VEV", true)]
    public void Rough_IsAnotherFamilyWhereStepsAreNotInClosedForm(string code, bool isAnother)
    {
        var family = new GaussianFamily(CovarianceStructure.FromCode(code), CovarianceRegularization.None(3));

        ComponentFamily rough = family.Rough;

        Assert.Equal(isAnother, ((GaussianFamily)rough).IsRough);
        Assert.Equal(isAnother, !ReferenceEquals(rough, family));
        Assert.Same(rough, rough.Rough);
    }

    /// <summary>Whatever the race runs on, all rows, a sample and then all rows, or growing samples.</summary>
    [Theory]
    [InlineData(300)]
    [InlineData(12_000)]
    [InlineData(70_000)]
    public void Fit_RacesWithRoughStepsAndEndsWithExactOnes(int rowCount)
    {
        var structure = new CountedStructure(CovarianceStructure.FromCode("EVE"));
        var options = new GaussianMixtureOptions { ComponentCount = 3, CovarianceStructure = structure };
        ScaledRows scaled = GaussianFit.Prepare(new ArrayRowSource<double>(Draw(rowCount), 3), options, CancellationToken.None);
        GaussianFamily family = GaussianFit.Family(scaled, options);

        MixtureFit fit = MixtureFitter.Fit(family, scaled.Rows.Source, options);

        Assert.Same(family, ((GaussianComponents)fit.Components).Family);
        Assert.InRange(structure.ExactCount, 1, structure.RoughCount / 2);
    }

    // Three groups that are stretched along the same axes, each along another one.
    private static double[] Draw(int rowCount)
    {
        const double Half = 0.5;
        var random = new Random(4);
        double[] values = new double[rowCount * 3];
        for (int i = 0; i < rowCount; i++)
        {
            int group = i % 3;
            double[] along = [.. Enumerable.Range(0, 3).Select(j => (MixtureCase.Normal(random) * (j == group ? 3 : 1)) + (2 * group))];
            (values[i * 3], values[(i * 3) + 1], values[(i * 3) + 2]) = (along[0] + (Half * along[1]), along[1] - (Half * along[0]), along[2] + along[0]);
        }

        return values;
    }

    private sealed class CountedStructure(CovarianceStructure structure) : CovarianceStructure
    {
        private int _rough;
        private int _exact;

        public override string Name => structure.Name;

        public override CovarianceShape Shape => structure.Shape;

        public override bool IsShared => structure.IsShared;

        public int RoughCount => _rough;

        public int ExactCount => _exact;

        internal override bool TiesOrientation => structure.TiesOrientation;

        internal override bool TiesVolume => structure.TiesVolume;

        internal override bool IsClosedInFactors => structure.IsClosedInFactors;

        public override long FreeParameterCount(int componentCount, int dimension) => structure.FreeParameterCount(componentCount, dimension);

        public override void Estimate(CovarianceScatter scatter, Span<double> covariances)
        {
            Interlocked.Increment(ref scatter.IsRough ? ref _rough : ref _exact);
            structure.Estimate(scatter, covariances);
        }
    }
}
