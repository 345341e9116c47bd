namespace Microsoft.ML.Mixture.Extensibility.Tests;

/// <summary>One variance for all components and features; mclust's EII: sigma^2 = sum of trace(S(k)) / (D sum of N(k)).</summary>
public sealed class SharedVarianceCovariance : CovarianceStructure
{
    public override string Name => "shared variance";

    public override CovarianceShape Shape => CovarianceShape.Spherical;

    public override bool IsShared => true;

    public override long FreeParameterCount(int componentCount, int dimension) => 1;

    public override void Estimate(CovarianceScatter scatter, Span<double> covariances)
    {
        double trace = 0, count = 0;
        for (int k = 0; k < scatter.ComponentCount; k++)
        {
            trace += scatter.Of(k)[0];
            count += scatter.Counts[k];
        }

        covariances[0] = trace / (scatter.Dimension * count);
    }
}
