using System.Globalization;

namespace Microsoft.ML.Mixture;

/// <summary>
/// What speaks for a model, in view of some rows. All criteria have one sign, that of -2 log-likelihood: lower is better. mclust's BIC and ICL
/// are larger-is-better and equal to ours with the sign changed. They compare models of the same rows only.
/// </summary>
public sealed class MixtureCriteria
{
    private const int BlockSize = 128;

    /// <summary>The number of rows that count: of positive weight of which something is observed.</summary>
    public required int RowCount { get; init; }

    /// <summary>The sum of the row weights, which takes the place of the number of rows.</summary>
    public required double RowWeightTotal { get; init; }

    /// <summary>The number of free parameters, mixing weights included.</summary>
    public required long FreeParameterCount { get; init; }

    /// <summary>The sum over rows of weight times log p(x), in nats: a total. The one number here that is better when higher.</summary>
    public required double LogLikelihood { get; init; }

    /// <summary>The log-likelihood per unit of row weight: of rows that were not fitted, how well the mixture foresees them. Higher is better.</summary>
    public double AverageLogLikelihood => LogLikelihood / RowWeightTotal;

    /// <summary>
    /// -sum over rows and components of weight times r(i,k) log r(i,k), in nats: a total. Zero if every row belongs to one component beyond
    /// doubt, RowWeightTotal log(K) if nothing is known; lower is better.
    /// </summary>
    public required double ClassificationEntropy { get; init; }

    /// <summary>
    /// -sum over rows of weight times the logarithm of the largest responsibility, in nats: what ICL adds to BIC, halved. At most
    /// <see cref="ClassificationEntropy"/>.
    /// </summary>
    public required double ClassificationLoss { get; init; }

    /// <summary>-2 LogLikelihood + 2 FreeParameterCount; lower is better.</summary>
    public double AkaikeInformationCriterion => (-2 * LogLikelihood) + (2.0 * FreeParameterCount);

    /// <summary>-2 LogLikelihood + FreeParameterCount log(RowWeightTotal); lower is better. mclust reports its negative.</summary>
    public double BayesianInformationCriterion => (-2 * LogLikelihood) + (FreeParameterCount * Math.Log(RowWeightTotal));

    /// <summary>
    /// The integrated completed likelihood: BayesianInformationCriterion + 2 ClassificationLoss; lower is better. mclust reports its negative.
    /// It counts clusters, where BIC counts components: two components that share a cluster are one too many for it.
    /// </summary>
    /// <remarks>
    /// Source: Biernacki, Celeux and Govaert (2000), Assessing a mixture model for clustering with the integrated completed likelihood, IEEE
    /// Trans. Pattern Anal. Mach. Intell. 22(7), 719-725, doi:10.1109/34.865189: rows belong to their most likely component. The variant with
    /// expected memberships is BayesianInformationCriterion + 2 ClassificationEntropy.
    /// </remarks>
    public double IntegratedCompletedLikelihood => BayesianInformationCriterion + (2 * ClassificationLoss);

    /// <summary>The criteria in words, in the invariant culture. The text may change between versions.</summary>
    /// <returns>A line of likelihood and criteria.</returns>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Counted.Of(RowCount, "row")}, {Counted.Of(FreeParameterCount, "free parameter")}: log-likelihood {LogLikelihood:F4} ({AverageLogLikelihood:F4} per unit of weight), BIC {BayesianInformationCriterion:F2}, ICL {IntegratedCompletedLikelihood:F2}, AIC {AkaikeInformationCriterion:F2} (lower is better), classification entropy {ClassificationEntropy:F2}.");

    internal static MixtureCriteria Compute(MixtureModel model, RowSource source, CancellationToken cancellationToken)
    {
        if (source.Dimension != model.Dimension)
        {
            throw new ArgumentException($"The rows have {Counted.Of(source.Dimension, "feature")}, but the mixture has {model.Dimension}. Pass rows as they were fitted.");
        }

        return Compute(model, TrainingRows.Inspect(source, 1, usesHoles: true, feature => $"Feature {feature}", cancellationToken), cancellationToken);
    }

    /// <summary>The criteria in view of rows that have been looked at, in the units of the model.</summary>
    internal static MixtureCriteria Compute(MixtureModel model, TrainingRows rows, CancellationToken cancellationToken)
    {
        RowSource source = rows.Source;
        double[] totals = new double[3], parts = new double[3], values = new double[BlockSize * source.Dimension];
        var scorer = new BlockScorer(model, BlockSize);
        double[] responsibilities = new double[model.ShareCount];
        foreach (RowBlock block in new RowBlocks(rows.Source, cancellationToken, BlockSize))
        {
            block.CopyRows(values);
            scorer.Score<double>(values.AsSpan(0, block.RowCount * source.Dimension));
            Array.Clear(parts);
            for (int i = 0; i < block.RowCount; i++) Add(block.Weights[i], scorer, i, responsibilities, parts);
            for (int part = 0; part < parts.Length; part++) totals[part] += parts[part];
        }

        return new MixtureCriteria
        {
            RowCount = rows.Source.RowCount,
            RowWeightTotal = rows.RowWeightTotal,
            FreeParameterCount = model.FreeParameterCount,
            LogLikelihood = totals[0],
            ClassificationEntropy = totals[1],
            ClassificationLoss = totals[2],
        };
    }

    private static void Add(double weight, BlockScorer scorer, int row, double[] responsibilities, double[] sums)
    {
        scorer.CopyResponsibilities(row, responsibilities);
        double entropy = 0, largest = 0;
        foreach (double share in responsibilities)
        {
            if (share > 0) entropy -= share * Math.Log(share);
            largest = Math.Max(largest, share);
        }

        sums[0] += weight * scorer.LogDensity(row);
        sums[1] += weight * entropy;
        sums[2] -= weight * Math.Log(Math.Min(largest, 1));
    }
}
