using System.Runtime.Intrinsics;
using CsCheck;
using Xunit.Abstractions;

namespace Microsoft.ML.Mixture.Numerics.Tests;

public class ExponentialTests(ITestOutputHelper output)
{
    [Fact]
    [Trait("Kind", "Reference")]
    public void OfNonPositive_GridFromMinus708ToZero_IsWithinTwoUlps()
    {
        long worst = 0;
        double worstAt = 0;
        for (int i = 0; i <= 2_000_000; i += Lanes.Width)
        {
            Vector512<double> x = Vector512.Create(-708.0 * i / 2_000_000) - (Vector512.Create(0.0, 1, 2, 3, 4, 5, 6, 7) * (708.0 / 2_000_000));
            x = Vector512.Max(x, Vector512.Create(-708.0));
            Vector512<double> y = Exponential.OfNonPositive(x);
            for (int lane = 0; lane < Lanes.Width; lane++)
            {
                long ulps = NaiveLinearAlgebra.Ulps(Math.Exp(x[lane]), y[lane]);
                if (ulps > worst) (worst, worstAt) = (ulps, x[lane]);
            }
        }

        output.WriteLine($"worst {worst} ulps at {worstAt:R}");
        Assert.InRange(worst, 0, 2);
    }

    [Fact]
    [Trait("Kind", "Law")]
    public void OfNonPositive_AnyArgument_IsWithinTwoUlps() =>
        Gen.OneOf(Gen.Double[-708, 0], Gen.Double[-1, 0], Gen.Double[-300, -1].Select(e => -Math.Pow(10, e)), Gen.Int[-1021, 0].Select(n => n * 0.6931471805599453 is var x and >= -708 ? x : 0))
            .Array[Lanes.Width].Sample(
                values =>
                {
                    Vector512<double> y = Exponential.OfNonPositive(Vector512.Create(values));
                    for (int lane = 0; lane < Lanes.Width; lane++) Assert.InRange(NaiveLinearAlgebra.Ulps(Math.Exp(values[lane]), y[lane]), 0, 2);
                },
                iter: 20 * TestNumbers.Cases);

    [Fact]
    [Trait("Kind", "Degenerate")]
    public void OfNonPositive_Zero_IsExactlyOne() => Assert.Equal(Vector512<double>.One, Exponential.OfNonPositive(Vector512.Create(0.0, -0.0, 0, 0, 0, 0, 0, 0)));

    [Fact]
    [Trait("Kind", "Degenerate")]
    public void OfNonPositive_BelowMinus708_IsExactlyZero()
    {
        Vector512<double> x = Vector512.Create(
            Math.BitDecrement(-708), -709, -745.2, -1e4, -1e18, -1e300, -double.MaxValue, double.NegativeInfinity);

        Assert.Equal(Vector512<double>.Zero, Exponential.OfNonPositive(x));
        Assert.True(Exponential.OfNonPositive(Vector512.Create(-708.0))[0] > 0);
    }

    [Fact]
    [Trait("Kind", "Degenerate")]
    public void OfNonPositive_NaN_LeavesOtherLanesAlone()
    {
        Vector512<double> y = Exponential.OfNonPositive(Vector512.Create(double.NaN, -1, -2, double.NegativeInfinity, -3, -700, 0, -1e9));

        Assert.True(double.IsNaN(y[0]) || y[0] == 0);
        Assert.Equal(Exponential.OfNonPositive(Vector512.Create(-1.0))[0], y[1]);
        Assert.Equal([0, 1, 0], [y[3], y[6], y[7]]);
    }

    [Fact]
    [Trait("Kind", "Law")]
    public void OfNonPositive_LargerArgument_IsNotSmallerBeyondRounding() =>
        Gen.Select(Gen.Double[-700, 0], Gen.Double[0, 1e-3]).Sample(
            (x, gap) =>
            {
                Vector512<double> y = Exponential.OfNonPositive(Vector512.Create(x, x - gap, 0, 0, 0, 0, 0, 0));
                Assert.True(y[1] <= y[0] * (1 + (4 * NaiveLinearAlgebra.Epsilon)));
            },
            iter: 5 * TestNumbers.Cases);
}
