using System.Globalization;
using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>What a user should know about the data and the fit.</summary>
internal static class GaussianWarnings
{
    // What is left of a feature's variance beside the others, below which it is taken for a combination of them.
    private const double RelativePivot = 1e-12;
    private const int MostOfAKind = 5;

    public static IReadOnlyList<string> Collect(
        FittedRows prepared, MixtureFit fit, GaussianMixtureOptions options, CancellationToken cancellationToken)
    {
        (TrainingRows rows, FeatureMoments moments) = (prepared.Rows, prepared.Moments);
        var warnings = new List<string>();
        if (rows.Missing is not null) warnings.AddRange(MissingValueWarnings.Collect(rows, rows.Missing, options));

        for (int j = 0; j < moments.Variances.Length; j++)
        {
            if (moments.Variances[j] > 0) continue;
            warnings.Add($"{options.FeatureName(j)} is constant: it says nothing about the components, and its variance in the model is a convention. Drop it.");
        }

        int count = rows.Source.RowCount, dimension = rows.Source.Dimension;
        bool isFull = options.CovarianceStructure.Shape == CovarianceShape.Full;
        if (isFull && dimension >= count)
        {
            warnings.Add(
                $"There are {dimension} features but only {count} rows, so the covariances rest on the prior or floor in most directions. Use the diagonal or spherical structure, or fewer features.");
        }
        else
        {
            // Only rows without holes could show it. Where features follow from each other, every component is flat, and one sentence says why.
            IReadOnlyList<string> combinations = isFull && rows.Source.Holes is null
                ? prepared.Combinations(() => Combinations(rows, moments, options, cancellationToken)) : [];
            warnings.AddRange(combinations);
            if (combinations.Count == 0) warnings.AddRange(fit.Spurious.Take(MostOfAKind).Select(component => component.Reason));
            if (combinations.Count == 0 && fit.Spurious.Count > MostOfAKind) warnings.Add($"The same holds for {fit.Spurious.Count - MostOfAKind} more components.");
        }

        warnings.AddRange(fit.FailedStarts);
        if (fit.StopReason == StopReason.MaximumIterations && options.MaximumIterations > 0 && options.Tolerance > 0)
        {
            double gain = (fit.ObjectiveHistory[^1] - fit.ObjectiveHistory[^2]) / rows.RowWeightTotal;
            warnings.Add(
                $"The fit stopped after {fit.IterationCount} iterations before it converged: the last one gained {gain.ToString("G3", CultureInfo.InvariantCulture)} nats a row. "
                + "Raise the maximum number of iterations or the tolerance.");
        }

        return warnings;
    }

    // A Cholesky factorisation of the correlations of all rows: a pivot near zero is a feature that follows from those before it.
    private static IEnumerable<string> Combinations(TrainingRows rows, FeatureMoments moments, GaussianMixtureOptions options, CancellationToken cancellationToken)
    {
        double[] correlations = Correlations(rows, moments, cancellationToken);
        int dimension = moments.Means.Length;
        var independent = new List<int>();
        double[] factor = new double[correlations.Length];
        for (int j = 0; j < dimension; j++)
        {
            if (moments.Variances[j] == 0) continue;
            double pivot = 1;
            for (int a = 0; a < independent.Count; a++)
            {
                int other = independent[a];
                double sum = correlations[PackedTriangle.Index(j, other)];
                for (int b = 0; b < a; b++) sum -= factor[PackedTriangle.Index(j, independent[b])] * factor[PackedTriangle.Index(other, independent[b])];
                sum /= factor[PackedTriangle.Index(other, other)];
                factor[PackedTriangle.Index(j, other)] = sum;
                pivot -= sum * sum;
            }

            if (pivot > RelativePivot)
            {
                factor[PackedTriangle.Index(j, j)] = Math.Sqrt(pivot);
                independent.Add(j);
                continue;
            }

            int copied = independent.FindIndex(other => Math.Abs(correlations[PackedTriangle.Index(j, other)]) > 1 - RelativePivot);
            string source = copied >= 0
                ? $"a copy of {options.FeatureNameWithin(independent[copied])}, up to scale and offset"
                : "a linear combination of features before it";
            yield return $"{options.FeatureName(j)} is {source}, so the covariances are singular but for the prior or floor. Drop it.";
        }
    }

    private static double[] Correlations(TrainingRows rows, FeatureMoments moments, CancellationToken cancellationToken)
    {
        int dimension = moments.Means.Length;
        double[] scatter = new double[ScatterTriangle.Length(dimension)], sums = new double[dimension];
        const int BlockSize = 128;
        int padded = Lanes.Pad(dimension) * BlockSize;
        double[] centred = new double[padded], weighted = new double[padded];
        foreach (RowBlock block in new RowBlocks(rows.Source, cancellationToken, BlockSize))
        {
            Centring.WeighAndAddSums(block.Values, moments.Means, block.Weights, block.Stride, block.LaneCount, centred, weighted, sums);
            WeightedScatter.AddFull(centred, weighted, dimension, block.Stride, block.LaneCount, scatter);
        }

        double[] covariances = new double[PackedTriangle.Length(dimension)];
        ScatterTriangle.Pack(scatter, dimension, covariances);

        for (int i = 0; i < dimension; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                double scale = Math.Sqrt(moments.Variances[i]) * Math.Sqrt(moments.Variances[j]) * rows.RowWeightTotal;
                int at = PackedTriangle.Index(i, j);
                covariances[at] = scale > 0 ? covariances[at] / scale : 0;
            }
        }

        return covariances;
    }
}
