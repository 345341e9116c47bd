namespace Microsoft.ML.Mixture;

/// <summary>Rows so far away that squared distances overflow.</summary>
internal static class DistantRow
{
    // 2^-512: where distances overflow when squared, they are still far above one after it, and their terms do not overflow.
    public const double Shrink = 7.4583407312002067e-155;

    /// <summary>The component of positive weight with the smallest Mahalanobis distance, of several the first.</summary>
    public static int Nearest(GaussianMixtureModel model, double[] row) =>
        Nearest(model.Weights, k => Distance(model.Components, k, row));

    /// <summary>The component of positive weight with the smallest distance, of several the first.</summary>
    public static int Nearest(IReadOnlyList<double> weights, Func<int, double> distanceOf)
    {
        int nearest = -1;
        double least = double.PositiveInfinity;
        for (int k = 0; k < weights.Count; k++)
        {
            if (weights[k] <= 0) continue;
            double distance = distanceOf(k);
            if (nearest < 0 || distance < least) (nearest, least) = (k, distance);
        }

        return nearest;
    }

    // Lengths are taken without squaring, and without a matrix where only a diagonal is stored.
    private static double Distance(GaussianComponents components, int component, double[] row)
    {
        CovarianceShape shape = components.Shape;
        int stored = shape.Length(row.Length);
        ReadOnlySpan<double> inverse = components.InverseFactors.Slice(components.IsShared ? 0 : component * stored, stored);
        ReadOnlySpan<double> mean = components.Means.Slice(component * row.Length, row.Length);
        double length = 0;
        for (int c = 0; c < row.Length; c++)
        {
            double sum = 0;
            for (int j = shape == CovarianceShape.Full ? 0 : c; j <= c; j++) sum += inverse[shape.Index(c, j)] * ((Shrink * row[j]) - (Shrink * mean[j]));
            length = double.Hypot(length, sum);
        }

        return length;
    }
}
