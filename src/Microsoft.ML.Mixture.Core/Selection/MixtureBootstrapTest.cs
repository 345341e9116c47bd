using System.Globalization;

namespace Microsoft.ML.Mixture;

/// <summary>The test of K against K + 1 components by the parametric bootstrap of the likelihood ratio.</summary>
public sealed class MixtureBootstrapTest
{
    internal MixtureBootstrapTest(GaussianMixtureModel nullModel, GaussianMixtureModel alternative, double statistic, double[] statistics, int plannedReplicateCount)
    {
        (Null, Alternative, Statistic, PlannedReplicateCount) = (nullModel, alternative, statistic, plannedReplicateCount);
        ReplicateStatistics = Array.AsReadOnly(statistics);
        FailedReplicateCount = statistics.Count(double.IsPositiveInfinity);
        ExceedanceCount = statistics.Count(replicate => replicate >= statistic);
        PValue = EndedEarly ? (double)ExceedanceCount / statistics.Length : (1.0 + ExceedanceCount) / (statistics.Length + 1);
    }

    /// <summary>K, the number of components under the null hypothesis.</summary>
    public int ComponentCount => Null.ComponentCount;

    /// <summary>The mixture of K components, from which data sets were drawn.</summary>
    public GaussianMixtureModel Null { get; }

    /// <summary>The mixture of K + 1 components; its covariances are drawn to those of <see cref="Null"/>, see <see cref="GaussianMixtureBootstrapOptions.CovariancePriorStrength"/>.</summary>
    public GaussianMixtureModel Alternative { get; }

    /// <summary>-2 log(lambda): twice what the log-likelihood of the rows gains by one component more. Not negative.</summary>
    public double Statistic { get; }

    /// <summary>
    /// The statistics of the data sets drawn from <see cref="Null"/>, in the order of their draws: <see cref="PlannedReplicateCount"/> of them, or fewer if the
    /// test <see cref="EndedEarly"/>; infinite for one that could not be fitted.
    /// </summary>
    public IReadOnlyList<double> ReplicateStatistics { get; }

    /// <summary>B, the number of data sets that were asked for.</summary>
    public int PlannedReplicateCount { get; }

    /// <summary>Whether the test ended before all data sets were drawn; see <see cref="GaussianMixtureBootstrapOptions.ExceedanceCount"/>.</summary>
    public bool EndedEarly => ReplicateStatistics.Count < PlannedReplicateCount;

    /// <summary>The number of <see cref="ReplicateStatistics"/> that are at least <see cref="Statistic"/>.</summary>
    public int ExceedanceCount { get; }

    /// <summary>The number of data sets that could not be fitted. They count as if their statistic were larger, which is the cautious side.</summary>
    public int FailedReplicateCount { get; }

    /// <summary>
    /// Small if K components are too few: (1 + <see cref="ExceedanceCount"/>) / (B + 1), or <see cref="ExceedanceCount"/> over the number of
    /// <see cref="ReplicateStatistics"/> if the test <see cref="EndedEarly"/>.
    /// </summary>
    public double PValue { get; }

    /// <summary>The test in words, in the invariant culture. The text may change between versions.</summary>
    /// <returns>A sentence or two.</returns>
    public override string ToString()
    {
        double[] sorted = [.. ReplicateStatistics.Order()];
        double median = sorted[sorted.Length / 2], high = sorted[Math.Min(sorted.Length - 1, (int)(0.95 * sorted.Length))];
        string of = EndedEarly ? $"the first {sorted.Length} of {Counted.Of(PlannedReplicateCount, "data set")}" : Counted.Of(sorted.Length, "data set");
        string early = EndedEarly ? $" It ended there, as {ExceedanceCount} of them had at least as much." : string.Empty;
        string failed = FailedReplicateCount > 0 ? $" {Counted.Of(FailedReplicateCount, "data set")} could not be fitted and {(FailedReplicateCount == 1 ? "counts" : "count")} as larger." : string.Empty;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{ComponentCount} against {Counted.Of(ComponentCount + 1, "component")} ({Null.CovarianceStructure}): -2 log(lambda) = {Statistic:F2}, p = {PValue:G3}. Under {ComponentCount} it was {median:F2} in the middle and {high:F2} at 95 % of {of}.{early}{failed}");
    }
}
