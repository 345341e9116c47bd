using System.Globalization;

namespace Microsoft.ML.Mixture;

/// <summary>The test of K against K + 1 components by the parametric bootstrap of the likelihood ratio.</summary>
public sealed class MixtureBootstrapTest
{
    internal MixtureBootstrapTest(LikelihoodRatio observed, double[] statistics)
    {
        (Null, Alternative, Statistic) = (observed.Null, observed.Alternative, observed.Statistic);
        ReplicateStatistics = Array.AsReadOnly(statistics);
        FailedReplicateCount = statistics.Count(double.IsPositiveInfinity);
        PValue = (1.0 + statistics.Count(statistic => statistic >= Statistic)) / (statistics.Length + 1);
    }

    /// <summary>K, the number of components under the null hypothesis.</summary>
    public int ComponentCount => Null.ComponentCount;

    /// <summary>The mixture of K components, from which data sets were drawn.</summary>
    public GaussianMixtureModel Null { get; }

    /// <summary>The mixture of K + 1 components.</summary>
    public GaussianMixtureModel Alternative { get; }

    /// <summary>-2 log(lambda): twice what the log-likelihood of the rows gains by one component more. Not negative.</summary>
    public double Statistic { get; }

    /// <summary>The statistics of the data sets drawn from <see cref="Null"/>, shape B, in the order of their draws; infinite for one that could not be fitted.</summary>
    public IReadOnlyList<double> ReplicateStatistics { get; }

    /// <summary>The number of data sets that could not be fitted. They count as if their statistic were larger, which is the cautious side.</summary>
    public int FailedReplicateCount { get; }

    /// <summary>(1 + the number of <see cref="ReplicateStatistics"/> that are at least <see cref="Statistic"/>) / (B + 1): small if K components are too few.</summary>
    public double PValue { get; }

    /// <summary>The test in words, in the invariant culture. The text may change between versions.</summary>
    /// <returns>A sentence or two.</returns>
    public override string ToString()
    {
        double[] sorted = [.. ReplicateStatistics.Order()];
        double median = sorted[sorted.Length / 2], high = sorted[Math.Min(sorted.Length - 1, (int)(0.95 * sorted.Length))];
        string failed = FailedReplicateCount > 0 ? $" {FailedReplicateCount} data sets could not be fitted and count as larger." : string.Empty;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{ComponentCount} against {Counted.Of(ComponentCount + 1, "component")} ({Null.CovarianceStructure}): -2 log(lambda) = {Statistic:F2}, p = {PValue:G3}. Under {ComponentCount} it was {median:F2} in the middle and {high:F2} at 95 % of {ReplicateStatistics.Count} data sets.{failed}");
    }
}
