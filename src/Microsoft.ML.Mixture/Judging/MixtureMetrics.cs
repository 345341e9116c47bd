using System.Globalization;
using Microsoft.ML.Mixture;

namespace Microsoft.ML.Trainers;

/// <summary>How good clusters are, in themselves and against a label. A metric that there are no columns or rows for is NaN.</summary>
public sealed class MixtureMetrics
{
    internal MixtureMetrics()
    {
    }

    /// <summary>The number of rows that count.</summary>
    public required int RowCount { get; init; }

    /// <summary>The number of rows left out: without a cluster, as after an infinite feature, or with nothing observed. Rows of weight zero are not counted.</summary>
    public required int LeftOutRowCount { get; init; }

    /// <summary>The number of rows with missing features, which have no distances and count for the likelihood and the label only.</summary>
    public required int IncompleteRowCount { get; init; }

    /// <summary>
    /// Of those that count, the number of rows that went to noise. They are in no cluster and have no share in <see cref="Silhouette"/> and <see cref="WithinClusterSumOfSquares"/>; against a label they are a group like others.
    /// 0 of mixtures without noise, and where the column of clusters does not tell which label is noise, as after a detour over a text file.
    /// </summary>
    public required int NoiseRowCount { get; init; }

    /// <summary>The number of rows that have a label.</summary>
    public required int LabeledRowCount { get; init; }

    /// <summary>The number of rows that <see cref="Silhouette"/> was computed of.</summary>
    public required int SilhouetteRowCount { get; init; }

    /// <summary>The sum of the weights of the rows that count.</summary>
    public required double RowWeightTotal { get; init; }

    /// <summary>The number of clusters that rows are in; noise is none.</summary>
    public required int ClusterCount { get; init; }

    /// <summary>The mean of log p(x) per unit of weight, in nats: of rows that were not trained on, how well the mixture foresees them. Higher is better.</summary>
    public required double AverageLogLikelihood { get; init; }

    /// <inheritdoc cref="Mixture.ClusterSeparation.Silhouette(double[,], IReadOnlyList{int}, double[], int?, int, CancellationToken)" path="/summary"/>
    public required double Silhouette { get; init; }

    /// <inheritdoc cref="Mixture.ClusterSeparation.WithinClusterSumOfSquares(double[,], IReadOnlyList{int}, double[], CancellationToken)" path="/summary"/>
    public required double WithinClusterSumOfSquares { get; init; }

    /// <inheritdoc cref="Mixture.ClusteringAgreement.AdjustedRandIndex" path="/summary"/>
    public required double AdjustedRandIndex { get; init; }

    /// <inheritdoc cref="Mixture.ClusteringAgreement.NormalizedMutualInformation" path="/summary"/>
    public required double NormalizedMutualInformation { get; init; }

    /// <inheritdoc cref="Mixture.ClusteringAgreement.MatchedAccuracy" path="/summary"/>
    public required double MatchedAccuracy { get; init; }

    /// <summary>The metrics as a text, in the invariant culture. The text may change between versions.</summary>
    /// <returns>A line for each metric that there is.</returns>
    public override string ToString()
    {
        var lines = new List<string> { Text($"{Counted.Of(RowCount, "row")} in {Counted.Of(ClusterCount, "cluster")}") };
        if (NoiseRowCount > 0) lines[0] += Text($", {NoiseRowCount} of them noise");
        if (LeftOutRowCount > 0) lines[0] += Text($"; {LeftOutRowCount} more left out, without a cluster or with nothing observed");
        Add(AverageLogLikelihood, $"Average log-likelihood          {AverageLogLikelihood,12:F4}");
        Add(Silhouette, $"Silhouette                      {Silhouette,12:F4}   of {Counted.Of(SilhouetteRowCount, "row")}");
        Add(WithinClusterSumOfSquares, $"Within-cluster sum of squares   {WithinClusterSumOfSquares,12:G6}");
        if (LabeledRowCount > 0) lines.Add(Text($"Against the label of {Counted.Of(LabeledRowCount, "row")}"));
        Add(AdjustedRandIndex, $"  Adjusted Rand index           {AdjustedRandIndex,12:F4}");
        Add(NormalizedMutualInformation, $"  Normalised mutual information {NormalizedMutualInformation,12:F4}");
        Add(MatchedAccuracy, $"  Accuracy of the best matching {MatchedAccuracy,12:F4}");
        return string.Join('\n', lines);

        void Add(double value, FormattableString line)
        {
            if (!double.IsNaN(value)) lines.Add(Text(line));
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
