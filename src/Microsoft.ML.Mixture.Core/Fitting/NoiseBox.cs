using System.Globalization;
using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>Finds the box over which noise is spread.</summary>
internal static class NoiseBox
{
    // Of more features exact axes take long, and ten digits of a volume are enough.
    private const int MostExactAxes = 64;

    // Of more, axes take minutes and gigabytes, also where no covariance does.
    private const int MostFeaturesOfAxes = 2048;

    /// <summary>
    /// The smaller of the box along the features and the box along the principal axes of standardised features, in the shape of the first; the first alone where the time is
    /// over before the second is found, which takes a pass over the rows and the cube of the features, or where these are more than 2,048.
    /// </summary>
    /// <param name="scaled">The rows, in the units of the fit. Those by which they are not measured have no share in the box: it would be empty but for them and the groups.</param>
    /// <param name="regularization">What keeps covariances positive definite.</param>
    /// <param name="options">How to fit.</param>
    /// <param name="budget">What may end the search.</param>
    public static UniformNoise Find(ScaledRows scaled, CovarianceRegularization regularization, GaussianMixtureOptions options, FitBudget budget)
    {
        (TrainingRows rows, FeatureMoments moments, int exponent) = (scaled.Measured, scaled.Moments, scaled.Exponent);
        int dimension = moments.Means.Length;
        double[] centre = new double[dimension], sides = new double[dimension];
        int[] varied = [.. Enumerable.Range(0, dimension).Where(j => moments.Variances[j] > 0)];
        for (int j = 0; j < dimension; j++)
        {
            centre[j] = (0.5 * rows.Minimum[j]) + (0.5 * rows.Maximum[j]);
            sides[j] = moments.Variances[j] > 0 ? rows.Maximum[j] - rows.Minimum[j] : SideOfVariance(ConstantVariance(regularization, moments, j));
        }

        double logVolume = -new UniformNoise(centre, sides, false).LogDensity, wanted = logVolume;
        if (options.NoiseLogDensity is { } given) wanted = -given + (dimension * exponent * Math.Log(2));
        else if (varied.Length is > 1 and <= MostFeaturesOfAxes && rows.Source.Holes is null) wanted = Math.Min(logVolume, budget.WithinTime(cancelled => PrincipalLogVolume(rows, moments, varied, sides, options, cancelled), double.PositiveInfinity));

        // The sides keep their proportions, so that what is left of the box without some features has a volume too.
        IEnumerable<int> stretched = varied.Length > 0 ? varied : Enumerable.Range(0, dimension);
        double factor = Math.Exp((wanted - logVolume) / Math.Max(1, stretched.Count()));
        foreach (int j in stretched) sides[j] *= factor;
        if (!Array.TrueForAll(sides, double.IsNormal) && options.NoiseLogDensity is { } beyond)
        {
            throw new ArgumentException(string.Create(
                CultureInfo.InvariantCulture,
                $"The option {nameof(options.NoiseLogDensity)} is {beyond:G6}, but no box of such a density has sides in double precision. Give minus the logarithm of the volume over which the noise is spread; that of these rows is {(dimension * exponent * Math.Log(2)) - logVolume:G3}."));
        }

        return new UniformNoise(centre, sides, options.NoiseLogDensity is not null);
    }

    // A side in which a row is as dense as in the middle of a Gaussian of that variance.
    private static double SideOfVariance(double variance) => Math.Sqrt(2 * Math.PI * variance);

    // A constant feature has the variance that the prior gives it in every Gaussian, so that it says nothing about noise either.
    private static double ConstantVariance(CovarianceRegularization regularization, FeatureMoments moments, int feature)
    {
        double prior = regularization.PriorVariances[feature] + regularization.Floor;
        return prior > 0 ? prior : Math.Max(moments.Variances.Average(), double.Epsilon);
    }

    private static double PrincipalLogVolume(
        TrainingRows rows, FeatureMoments moments, int[] varied, double[] sides, GaussianMixtureOptions options, CancellationToken cancellationToken)
    {
        int count = varied.Length;
        double[] all = FeatureCorrelations.Compute(rows, moments, cancellationToken), correlations = new double[PackedTriangle.Length(count)];
        for (int a = 0; a < count; a++)
        {
            for (int b = 0; b <= a; b++) correlations[PackedTriangle.Index(a, b)] = all[PackedTriangle.Index(varied[a], varied[b])];
        }

        double[] axes = new PrincipalAxes(correlations, 1, count, isRough: count > MostExactAxes, cancellationToken).Axes, low = new double[count], high = new double[count];
        Array.Fill(low, double.PositiveInfinity);
        Array.Fill(high, double.NegativeInfinity);
        foreach (RowBlock block in new RowBlocks(rows.Source, cancellationToken))
        {
            double[] projected = new double[block.RowCount], centred = new double[count * block.RowCount];
            for (int a = 0; a < count; a++)
            {
                int j = varied[a];
                ReadOnlySpan<double> feature = block.Feature(j);
                double deviation = Math.Sqrt(moments.Variances[j]);
                for (int i = 0; i < block.RowCount; i++) centred[(a * block.RowCount) + i] = (feature[i] - moments.Means[j]) / deviation;
            }

            for (int axis = 0; axis < count; axis++)
            {
                Array.Clear(projected);
                for (int a = 0; a < count; a++) Lanes.AddScaled(centred.AsSpan(a * block.RowCount, block.RowCount), axes[(axis * count) + a], projected);
                foreach (double value in projected)
                {
                    low[axis] = Math.Min(low[axis], value);
                    high[axis] = Math.Max(high[axis], value);
                }
            }
        }

        // Where features follow from each other, a side has no length but what the prior gives to the Gaussians.
        double least = Math.Max(options.CovariancePriorStrength, double.Epsilon), logVolume = 0;
        for (int a = 0; a < count; a++)
        {
            logVolume += Math.Log(Math.Max(high[a] - low[a], SideOfVariance(least))) + (0.5 * Math.Log(moments.Variances[varied[a]]));
        }

        for (int j = 0; j < sides.Length; j++)
        {
            if (moments.Variances[j] <= 0) logVolume += Math.Log(sides[j]);
        }

        return logVolume;
    }
}
