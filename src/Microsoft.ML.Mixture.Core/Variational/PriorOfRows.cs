using System.Globalization;
using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>Checks the prior that options give, and fills in from the rows what they leave open.</summary>
internal static class PriorOfRows
{
    /// <summary>What is left of a feature's variance beside the others, below which the covariance matrix of the rows is no prior, but the variances are.</summary>
    public const double LeastPivot = 1e-10;

    // Where rows reach to about one, squares of what is farther away are not finite.
    private const double Farthest = 1e150;

    /// <summary>The prior in the units of a fit.</summary>
    /// <exception cref="ArgumentException">A prior does not fit the number of features, or is not positive definite.</exception>
    public static NormalWishartPrior Create(ScaledRows scaled, BayesianGaussianMixtureOptions options, CancellationToken cancellationToken)
    {
        int dimension = scaled.Moments.Means.Length, exponent = scaled.Exponent;
        if (!CovarianceShape.Full.FitsArrays(componentCount: 1, dimension))
        {
            throw new ArgumentException($"The covariance prior over {dimension} features takes more numbers than an array holds. Pass fewer features, or fit by EM with a structure without correlations.");
        }

        double[] mean = scaled.Moments.Means;
        if (options.MeanPrior is { } given)
        {
            mean = [.. CheckedMean(given, dimension).Select(value => double.ScaleB(value, exponent))];
            CheckUnits(mean, value => Math.Abs(value) <= Farthest, nameof(options.MeanPrior), given, scaled);
        }

        double[] scatter = options.CovariancePrior is { } covariance
            ? [.. GaussianParameters.CheckedCovariance(covariance, dimension, "covariance prior", isPrecision: false).Select(value => double.ScaleB(value, 2 * exponent))]
            : Covariance(scaled, options.CovarianceStructure.Shape, cancellationToken);
        double[] variances = [.. Enumerable.Range(0, dimension).Select(j => scatter[PackedTriangle.Index(j, j)])];
        if (options.CovariancePrior is { } own) CheckUnits(variances, double.IsNormal, nameof(options.CovariancePrior), [.. Enumerable.Range(0, dimension).Select(j => own[j, j])], scaled);
        return new NormalWishartPrior(
            options.MeanPrecisionPrior ?? BayesianGaussianMixtureOptions.LargestFoundMeanPrecision, mean, CheckedDegreesOfFreedom(options, dimension), scatter, double.ScaleB(options.CovarianceFloor, 2 * exponent));
    }

    /// <summary>The same in the units of the data, to be read.</summary>
    public static GaussianMixturePrior Describe(VariationalFamily family, int exponent)
    {
        NormalWishartPrior prior = family.Prior;
        int dimension = prior.Mean.Length;
        double[] covariance = new double[dimension * dimension];
        for (int i = 0; i < dimension; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                covariance[(i * dimension) + j] = covariance[(j * dimension) + i] = double.ScaleB(prior.Scatter[PackedTriangle.Index(i, j)], -2 * exponent);
            }
        }

        return new GaussianMixturePrior(
            family.Weights.Kind, family.Weights.Concentration, prior.MeanPrecision, [.. prior.Mean.Select(value => double.ScaleB(value, -exponent))],
            prior.DegreesOfFreedom, new ReadOnlyMatrix(dimension, dimension, covariance));
    }

    private static double CheckedDegreesOfFreedom(BayesianGaussianMixtureOptions options, int dimension)
    {
        double degrees = options.DegreesOfFreedomPrior ?? dimension;
        MixtureOptions.Check(
            degrees > dimension - 1, nameof(options.DegreesOfFreedomPrior), degrees,
            $"above {dimension - 1} for rows of {Counted.Of(dimension, "feature")}. Leave it null for {dimension}, or pass a larger number for a stronger prior");
        return degrees;
    }

    private static double[] CheckedMean(IReadOnlyList<double> mean, int dimension)
    {
        if (mean.Count != dimension)
        {
            throw new ArgumentException(
                $"The option {nameof(BayesianGaussianMixtureOptions.MeanPrior)} has {mean.Count} entries, but the rows have {Counted.Of(dimension, "feature")}. Pass one entry a feature, or null for the mean of the rows.");
        }

        int wrong = mean.ToList().FindIndex(value => !double.IsFinite(value));
        return wrong < 0 ? [.. mean] : throw new ArgumentException(
            $"The option {nameof(BayesianGaussianMixtureOptions.MeanPrior)} has {mean[wrong].ToString(CultureInfo.InvariantCulture)} at {wrong}, but must be finite. Pass numbers, or null for the mean of the rows.");
    }

    // Else no component has a valid covariance, which would be all that is said.
    private static void CheckUnits(double[] values, Func<double, bool> isPossible, string option, IReadOnlyList<double> given, ScaledRows scaled)
    {
        int wrong = Array.FindIndex(values, value => !isPossible(value));
        if (wrong < 0) return;
        throw new ArgumentException(string.Create(
            CultureInfo.InvariantCulture,
            $"The option {option} has {given[wrong]:G3} in feature {wrong}, beyond double precision beside rows with values up to {double.ScaleB(scaled.Rows.Magnitude, -scaled.Exponent):G3}. Give it in the units of the rows, or null for that of the rows."));
    }

    private static double[] Covariance(ScaledRows scaled, CovarianceShape shape, CancellationToken cancellationToken)
    {
        FeatureMoments moments = scaled.Moments;
        int dimension = moments.Variances.Length;

        // A constant feature has no scale but its own size.
        double[] variances = [.. moments.Variances.Select((variance, j) => variance > 0 ? variance : GaussianFit.ConstantVariance(moments.Means[j]))];
        if (shape == CovarianceShape.Spherical) Array.Fill(variances, moments.Variances.Any(variance => variance > 0) ? moments.Variances.Average() : variances.Average());
        double[] lower = new double[PackedTriangle.Length(dimension)];
        for (int j = 0; j < dimension; j++) lower[PackedTriangle.Index(j, j)] = variances[j];
        if (shape != CovarianceShape.Full || dimension == 1 || scaled.HasHoles) return lower;
        double[] full = FeatureCorrelations.Compute(scaled.Rows, moments, cancellationToken);
        for (int j = 0; j < dimension; j++) full[PackedTriangle.Index(j, j)] = 1;
        double[] factor = [.. full];
        if (!Cholesky.TryFactorInPlace(factor, dimension, out _, cancellationToken)) return lower;
        for (int i = 0; i < dimension; i++)
        {
            double pivot = factor[PackedTriangle.Index(i, i)];
            if (pivot * pivot < LeastPivot) return lower;
            for (int j = 0; j <= i; j++) full[PackedTriangle.Index(i, j)] *= Math.Sqrt(variances[i]) * Math.Sqrt(variances[j]);
        }

        return full;
    }
}
