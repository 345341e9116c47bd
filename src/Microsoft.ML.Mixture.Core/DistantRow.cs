namespace Microsoft.ML.Mixture;

/// <summary>Rows so far away that squared distances overflow.</summary>
internal static class DistantRow
{
    /// <summary>The component of positive weight with the smallest Mahalanobis distance, of several the first.</summary>
    public static int Nearest(GaussianMixtureModel model, ReadOnlySpan<double> row)
    {
        int nearest = -1;
        double least = double.PositiveInfinity;
        for (int k = 0; k < model.ComponentCount; k++)
        {
            if (model.Weights[k] <= 0) continue;
            double distance = Distance(model.PrecisionsCholesky[k], row, model.Means.Row(k));
            if (nearest < 0 || distance < least) (nearest, least) = (k, distance);
        }

        return nearest;
    }

    // Differences are halved, and lengths are taken without squaring, so that nothing overflows before it must.
    private static double Distance(ReadOnlyMatrix upper, ReadOnlySpan<double> row, ReadOnlySpan<double> mean)
    {
        double length = 0;
        for (int c = 0; c < row.Length; c++)
        {
            double sum = 0;
            for (int j = 0; j <= c; j++) sum += upper[j, c] * ((0.5 * row[j]) - (0.5 * mean[j]));
            length = double.Hypot(length, sum);
        }

        return length;
    }
}
