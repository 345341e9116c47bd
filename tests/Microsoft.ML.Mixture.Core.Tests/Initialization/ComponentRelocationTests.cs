namespace Microsoft.ML.Mixture.Initialization.Tests;

/// <summary>Components that go, and components that are split.</summary>
public class ComponentRelocationTests
{
    // Rows of three components: ln(pi(k) f(k)) row after row. The last row is nowhere likely but in the first.
    private static readonly double[] _logJoint = [-1, -2, -5, -4, -1, -2, -6, -3, -1, 0, double.NegativeInfinity, double.NegativeInfinity];
    private static readonly double[] _weights = [1, 2, 1, 1];

    [Fact]
    [Trait("Kind", "Law")]
    public void Remove_AComponent_GivesItsRowsToTheOthersByTheirDensities()
    {
        double[] shares = Responsibilities();

        new ComponentRelocation(_weights, Responsibilities(), _logJoint, [], 3, 2).Remove(shares, 0);

        for (int i = 0; i < 4; i++) Assert.Equal(0, shares[3 * i]);
        Assert.Equal(1 / (1 + Math.Exp(-3)), shares[1], 1e-14);
        Assert.Equal(1 / (1 + Math.Exp(-1)), shares[4], 1e-14);
        Assert.Equal([0.5, 0.5], shares[10..12]);
        for (int i = 0; i < 4; i++) Assert.Equal(1, shares[3 * i] + shares[(3 * i) + 1] + shares[(3 * i) + 2], 1e-14);
    }

    [Fact]
    [Trait("Kind", "Law")]
    public void Remove_AComponentBesideNoise_GivesTheNoiseItsPart()
    {
        double[] shares = Responsibilities();

        new ComponentRelocation(_weights, Responsibilities(), _logJoint, [-2, -1, 0, -9], 3, 2).Remove(shares, 0);

        // The last row is likely nowhere else.
        double[] left = [.. Enumerable.Range(0, 4).Select(i => 1 - shares[(3 * i)..((3 * i) + 3)].Sum())];
        Assert.Equal(1 / (2 + Math.Exp(-3)), left[0], 1e-14);
        Assert.Equal(1 / (2 + Math.Exp(-1)), left[1], 1e-14);
        Assert.Equal(1 / (1 + Math.Exp(-3) + Math.Exp(-1)), left[2], 1e-14);
        Assert.Equal(1, left[3], 1e-14);
    }

    [Fact]
    [Trait("Kind", "Law")]
    public void SplitShell_OfAComponent_MovesTheRowsWhereItIsLeastDense()
    {
        double[] shares = [1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0];

        new ComponentRelocation(_weights, Responsibilities(), _logJoint, [], 3, 2).SplitShell(shares, 0, 2, 0.3);

        // By density the rows are 2, 1, 0, 3, with weights of 1, 2, 1, 1: the cut is at 1.8 of 5.
        Assert.Equal([1, 0, 0, 0, 0, 1, 0, 0, 1, 1, 0, 0], shares);
    }

    [Fact]
    [Trait("Kind", "Law")]
    public void Misfit_OfTwoGroupsInOne_IsAboveThatOfOneGroup()
    {
        // Log-densities of rows of one feature: at quantiles of a Gaussian, and all as far from the mean as two groups beside it.
        const int Count = 400;
        double[] logJoint = new double[2 * Count], shares = new double[2 * Count], weights = new double[Count];
        for (int i = 0; i < Count; i++)
        {
            double quantile = MathNet.Numerics.Distributions.Normal.InvCDF(0, 1, (i + 0.5) / Count);
            (logJoint[2 * i], logJoint[(2 * i) + 1], weights[i]) = (-0.5 * quantile * quantile, -0.5, 1);
            shares[2 * i] = shares[(2 * i) + 1] = 0.5;
        }

        var relocation = new ComponentRelocation(weights, shares, logJoint, [], 2, 1);

        Assert.InRange(relocation.Misfit(0), 0, 2);
        Assert.Equal(Math.Sqrt(Count / 2.0), relocation.Misfit(1), 1e-9);
    }

    private static double[] Responsibilities()
    {
        double[] shares = new double[_logJoint.Length];
        for (int at = 0; at < shares.Length; at += 3)
        {
            double total = 0;
            for (int k = 0; k < 3; k++) total += Math.Exp(_logJoint[at + k]);
            for (int k = 0; k < 3; k++) shares[at + k] = Math.Exp(_logJoint[at + k]) / total;
        }

        return shares;
    }
}
