using MathNet.Numerics;
using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>The conjugate prior on the mean and the precision matrix of every component, in the units of one fit.</summary>
/// <remarks>
/// <code>
///   Lambda(k) ~ Wishart(inverse(V), nu0),   mu(k) | Lambda(k) ~ N(m0, inverse(beta0 Lambda(k)))
/// </code>
/// Source: Bishop (2006), Pattern Recognition and Machine Learning, section 10.2; Attias (2000), A variational Bayesian framework for
/// graphical models, NIPS 12, 209-215.
/// </remarks>
internal sealed class NormalWishartPrior
{
    private const double FaintShare = 1e-10;

    private readonly double[] _factor;

    /// <summary>Makes the prior; <paramref name="scatter"/> must be positive definite.</summary>
    /// <param name="meanPrecision">beta0, the number of rows that m0 is worth.</param>
    /// <param name="mean">m0, shape D.</param>
    /// <param name="degreesOfFreedom">nu0, above D - 1.</param>
    /// <param name="scatter">V, a lower triangle.</param>
    /// <param name="rowVariance">Added to the variances of the rows of each component, in every feature.</param>
    public NormalWishartPrior(double meanPrecision, double[] mean, double degreesOfFreedom, double[] scatter, double rowVariance)
    {
        MeanPrecision = meanPrecision;
        Mean = mean;
        DegreesOfFreedom = degreesOfFreedom;
        Scatter = scatter;
        RowVariance = rowVariance;
        _factor = [.. scatter];
        Cholesky.TryFactorInPlace(_factor, mean.Length, out _);
        LogNormalizer = LogWishartNormalizer(mean.Length, degreesOfFreedom, -Cholesky.LogDeterminant(_factor, mean.Length));
    }

    public double MeanPrecision { get; }

    public double[] Mean { get; }

    public double DegreesOfFreedom { get; }

    public double[] Scatter { get; }

    public double RowVariance { get; }

    /// <summary>log B(inverse(V), nu0), see <see cref="LogWishartNormalizer"/>.</summary>
    public double LogNormalizer { get; }

    /// <summary>One that adds so little that what is estimated is that of the rows, though it is positive definite.</summary>
    public NormalWishartPrior Faint() => new(MeanPrecision * FaintShare, Mean, DegreesOfFreedom, [.. Scatter.Select(value => value * FaintShare)], RowVariance);

    /// <summary>
    /// log B(W, nu), the logarithm of what normalises a Wishart density, without the power of pi, which is the same for all.
    /// </summary>
    public static double LogWishartNormalizer(int dimension, double degreesOfFreedom, double logDeterminantOfScale)
    {
        double sum = -0.5 * degreesOfFreedom * (logDeterminantOfScale + (dimension * Math.Log(2)));
        for (int i = 0; i < dimension; i++) sum -= SpecialFunctions.GammaLn(0.5 * (degreesOfFreedom - i));
        return sum;
    }

    /// <summary>E[log det Lambda] - log det(nu W) under Wishart(W, nu): negative, and near zero for large nu.</summary>
    public static double LogDeterminantShift(int dimension, double degreesOfFreedom)
    {
        double sum = dimension * Math.Log(2 / degreesOfFreedom);
        for (int i = 0; i < dimension; i++) sum += SpecialFunctions.DiGamma(0.5 * (degreesOfFreedom - i));
        return sum;
    }

    /// <summary>
    /// Turns counts, means and scatter matrices of the rows into those of the posterior: nu(k), m(k), and inverse(W(k)) as far as it is stored.
    /// </summary>
    public void AddTo(CovarianceShape shape, Span<double> counts, Span<double> means, Span<double> scatters)
    {
        int dimension = Mean.Length, length = shape.Length(dimension);
        Span<double> offset = stackalloc double[Math.Min(dimension, 512)];
        if (offset.Length < dimension) offset = new double[dimension];
        for (int k = 0; k < counts.Length; k++)
        {
            double share = counts[k] / (MeanPrecision + counts[k]);
            Span<double> mean = means.Slice(k * dimension, dimension), scatter = scatters.Slice(k * length, length);
            for (int j = 0; j < dimension; j++)
            {
                offset[j] = counts[k] > 0 ? mean[j] - Mean[j] : 0;
                mean[j] = counts[k] > 0 ? mean[j] - ((1 - share) * offset[j]) : Mean[j];
            }

            double pull = MeanPrecision * share;
            for (int i = 0; i < dimension; i++)
            {
                scatter[shape.Index(i, i)] += counts[k] * RowVariance;
                for (int j = shape == CovarianceShape.Full ? 0 : i; j <= i; j++)
                {
                    scatter[shape.Index(i, j)] += Scatter[PackedTriangle.Index(i, j)] + (pull * offset[i] * offset[j]);
                }
            }

            counts[k] += DegreesOfFreedom;
        }
    }

    /// <summary>trace(V inverse(C)) of a covariance C = L L', from inverse(L) as it is stored.</summary>
    public double Trace(CovarianceShape shape, ReadOnlySpan<double> inverseFactor, Span<double> work)
    {
        int dimension = Mean.Length;
        double trace = 0;
        for (int i = 0; i < dimension; i++)
        {
            if (shape != CovarianceShape.Full)
            {
                double scale = inverseFactor[shape.Index(i, i)];
                trace += Scatter[PackedTriangle.Index(i, i)] * scale * scale;
                continue;
            }

            // Row i of inverse(L) times the factor of V.
            Span<double> product = work[..(i + 1)];
            product.Clear();
            for (int m = 0; m <= i; m++)
            {
                Lanes.AddScaled(_factor.AsSpan(PackedTriangle.Index(m, 0), m + 1), inverseFactor[PackedTriangle.Index(i, m)], product);
            }

            trace += Lanes.Dot(product, product);
        }

        return trace;
    }
}
