using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>What a user should know about the data and the fit.</summary>
internal static class GaussianWarnings
{
    // What is left of a feature's variance beside the others, below which it is taken for a combination of them.
    private const double RelativePivot = 1e-12;

    public static IReadOnlyList<string> Collect(
        ScaledRows scaled, MixtureFit fit, GaussianMixtureOptions options, GaussianComponents components, double[] weights, FitBudget budget)
    {
        (TrainingRows rows, FeatureMoments moments, _) = scaled;
        var warnings = new List<string>();
        if (rows.Missing is not null) warnings.AddRange(MissingValueWarnings.Collect(rows, rows.Missing, options, options.CovarianceStructure.Shape == CovarianceShape.Full));

        warnings.AddRange(FitWarnings.OfConstantFeatures(moments, options));
        warnings.AddRange(OutlierWarnings.Collect(rows, moments, options, budget.FinishingToken));
        int count = rows.Source.RowCount, dimension = rows.Source.Dimension;
        bool isFull = options.CovarianceStructure.Shape == CovarianceShape.Full;
        if (isFull && dimension >= count)
        {
            warnings.Add(
                $"There {Counted.Is(dimension)} {Counted.Of(dimension, "feature")} but only {Counted.Of(count, "row")}, so the covariances rest on the prior or floor in most directions. Use the diagonal or spherical structure, or fewer features.");
        }
        else
        {
            // Only rows without holes could show it. Where features follow from each other, every component is flat, and one sentence says why.
            IReadOnlyList<string> combinations = isFull && !scaled.HasHoles ? scaled.Combinations(() => CombinationsInTime(rows, moments, options, budget)) : [];
            warnings.AddRange(combinations);
            if (combinations.Count == 0) warnings.AddRange(FitWarnings.OfSpuriousComponents(fit));
            warnings.AddRange(ComponentWarnings.Collect(components, weights, fit.Spurious, options, namesFlatOnes: combinations.Count == 0));
        }

        string[] ofParameters = warnings.Count == 0 ? [.. FitWarnings.OfParameters(rows, fit)] : [];
        warnings.AddRange(ofParameters);
        if (fit.Spurious.Count == 0 && ofParameters.Length == 0) warnings.AddRange(FewRowsWarnings.Collect(rows, fit, options));
        warnings.AddRange(FitWarnings.OfRun(rows, fit, options));
        return warnings;
    }

    // It takes a pass over the rows, which a fit that has to end does without.
    private static string[] CombinationsInTime(TrainingRows rows, FeatureMoments moments, GaussianMixtureOptions options, FitBudget budget)
    {
        if (budget.Interruption is not null) return [];
        try
        {
            return [.. Combinations(rows, moments, options, budget.Token)];
        }
        catch (OperationCanceledException) when (budget.Interruption is not null)
        {
            return [];
        }
    }

    // A Cholesky factorisation of the correlations of all rows: a pivot near zero is a feature that follows from those before it.
    private static IEnumerable<string> Combinations(TrainingRows rows, FeatureMoments moments, GaussianMixtureOptions options, CancellationToken cancellationToken)
    {
        double[] correlations = FeatureCorrelations.Compute(rows, moments, cancellationToken);
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
}
