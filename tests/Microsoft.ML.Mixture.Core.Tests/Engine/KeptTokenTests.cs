using System.Runtime.CompilerServices;

namespace Microsoft.ML.Mixture.Engine.Tests;

/// <summary>What a thread keeps of a fit that is over.</summary>
public class KeptTokenTests
{
    // Memory that is used again had the token, and with it the source, for as long as the thread lived.
    [Theory]
    [Trait("Kind", "Cost")]
    [InlineData("VVE")]
    [InlineData("EVE")]
    [InlineData("VEE")]
    public void Estimate_WithAToken_KeepsNoHoldOfItsSource(string code)
    {
        WeakReference source = Estimate(CovarianceStructure.FromCode(code));

        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();

        Assert.False(source.IsAlive);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Estimate(CovarianceStructure structure)
    {
        using var source = new CancellationTokenSource();
        double[] scatter = [4, 1, 3, 5, -1, 6], covariances = new double[scatter.Length];
        structure.Estimate(new CovarianceScatter(CovarianceShape.Full, 2, new double[] { 2, 3 }, scatter, cancellationToken: source.Token), covariances);
        return new WeakReference(source);
    }
}
