using System.Globalization;
using System.Numerics.Tensors;

namespace Microsoft.ML.Mixture;

/// <summary>
/// What speaks for a model, in view of some rows. All criteria have one sign, that of -2 log-likelihood: lower is better. mclust's BIC and ICL
/// are larger-is-better and equal to ours with the sign changed. They compare models of the same rows only.
/// </summary>
public sealed class MixtureCriteria
{
    // A search computes those of more than a hundred models, and larger blocks were a fifth of what it allocates where rows are few.
    private const int BlockSize = 32;
    private const double SmallestNormal = 2.2250738585072014e-308;

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
        model.CheckFeatures(source);
        return Compute(model, TrainingRows.InspectToScore(source, cancellationToken), cancellationToken);
    }

    /// <summary>The criteria in view of rows that have been looked at, in the units of the model.</summary>
    internal static MixtureCriteria Compute(MixtureModel model, TrainingRows rows, CancellationToken cancellationToken)
    {
        RowSource source = rows.Source;
        int shareCount = model.ShareCount;
        double[] values = new double[BlockSize * source.Dimension], shares = new double[BlockSize * shareCount], logarithms = new double[shares.Length];
        var scorer = new BlockScorer(model, BlockSize);
        double logLikelihood = 0, entropy = 0, loss = 0;
        foreach (RowBlock block in new RowBlocks(rows.Source, cancellationToken, BlockSize))
        {
            block.CopyRows(values);
            scorer.Score<double>(values.AsSpan(0, block.RowCount * source.Dimension));
            Span<double> responsibilities = shares.AsSpan(0, block.RowCount * shareCount), logs = logarithms.AsSpan(0, responsibilities.Length);
            for (int i = 0; i < block.RowCount; i++) scorer.CopyResponsibilities(i, responsibilities.Slice(i * shareCount, shareCount));

            // A share of zero is no loss, and a largest one that rounding has put above one neither.
            TensorPrimitives.Clamp(responsibilities, SmallestNormal, 1, logs);
            TensorPrimitives.Log<double>(logs, logs);
            double blockLogLikelihood = 0, blockEntropy = 0, blockLoss = 0;
            for (int i = 0; i < block.RowCount; i++)
            {
                Range row = (i * shareCount)..((i + 1) * shareCount);
                blockLogLikelihood += block.Weights[i] * scorer.LogDensity(i);
                blockEntropy -= block.Weights[i] * TensorPrimitives.Dot<double>(responsibilities[row], logs[row]);
                blockLoss -= block.Weights[i] * TensorPrimitives.Max<double>(logs[row]);
            }

            logLikelihood += blockLogLikelihood;
            entropy += blockEntropy;
            loss += blockLoss;
        }

        return new MixtureCriteria
        {
            RowCount = rows.Source.RowCount,
            RowWeightTotal = rows.RowWeightTotal,
            FreeParameterCount = model.FreeParameterCount,
            LogLikelihood = logLikelihood,
            ClassificationEntropy = entropy,
            ClassificationLoss = loss,
        };
    }
}
