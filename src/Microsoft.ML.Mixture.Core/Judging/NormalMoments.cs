using MathNet.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>How unlikely skewness and kurtosis of normal rows are, for p features and n rows whose means and variances are estimated.</summary>
internal static class NormalMoments
{
    // The number of rows at which skewness still spreads half as far again as in the limit.
    private const double SlowRows = 80;

    // By how much scores of kurtosis are too far out, see there.
    private const double LowShrinkage = 4.4;
    private const double HighShrinkage = 0.002;
    private const double SlowKurtosisRows = 380;

    /// <summary>The standard normal score of a skewness, for n of at least 8.</summary>
    /// <remarks>Source: D'Agostino (1970), Transformation to normality of the null distribution of g1, Biometrika 57(3), 679-681, doi:10.1093/biomet/57.3.679.</remarks>
    public static double SkewnessScore(double skewness, double n)
    {
        double scaled = skewness * Math.Sqrt((n + 1) * (n + 3) / (6 * (n - 2)));
        double kurtosis = 3 * ((n * n) + (27 * n) - 70) * (n + 1) * (n + 3) / ((n - 2) * (n + 5) * (n + 7) * (n + 9));
        double squared = Math.Sqrt(2 * (kurtosis - 1)) - 1;
        return Math.Asinh(scaled / Math.Sqrt(2 / (squared - 1))) / Math.Sqrt(Math.Log(squared) / 2);
    }

    /// <summary>The standard normal score of a kurtosis, the mean of d^4 in units in which the mean of d^2 is p, for n above p + 1.</summary>
    /// <param name="kurtosis">The kurtosis.</param>
    /// <param name="p">The number of features; the mean of it where rows have holes.</param>
    /// <param name="n">The number of rows.</param>
    /// <param name="isWhole">Whether all covariances were estimated, and not only a scale.</param>
    /// <remarks>
    /// Mean and variance: Mardia (1970), Measures of multivariate skewness and kurtosis with applications, Biometrika 57(3), 519-530,
    /// doi:10.1093/biomet/57.3.519. The normal score: Anscombe and Glynn (1983), Distribution of the kurtosis statistic b2 for normal samples,
    /// Biometrika 70(1), 227-234, doi:10.1093/biomet/70.1.227, whose skewness of b2 for one feature is here times that of the Laguerre polynomial
    /// d^4 - 2 (p + 2) d^2 + p (p + 2) for p features over that for one.
    /// </remarks>
    public static double KurtosisScore(double kurtosis, double p, double n, bool isWhole)
    {
        double expected = p * (p + 2) * (isWhole ? (n - 1) / (n + 1) : 1 - (2 / (p * n)));
        double variance = 8 * p * (p + 2) / n;
        if (isWhole) variance *= n * (n - 3) * (n - p - 1) * (n - p + 1) / ((n + 1) * (n + 1) * (n + 3) * (n + 5));
        double ofOne = 6 * ((n * n) - (5 * n) + 2) / ((n + 7) * (n + 9)) * Math.Sqrt(6 * (n + 3) * (n + 5) / (n * (n - 2) * (n - 3)));
        double skewness = ofOne * SkewnessOfFourthOrder(p) / SkewnessOfFourthOrder(1);
        double a = 6 + (8 / skewness * ((2 / skewness) + Math.Sqrt(1 + (4 / (skewness * skewness)))));
        double denominator = 1 + ((kurtosis - expected) / Math.Sqrt(variance) * Math.Sqrt(2 / (a - 4)));
        if (!(denominator > 0)) return double.NegativeInfinity;
        return (1 - (2 / (9 * a)) - Math.Cbrt((1 - (2 / a)) / denominator)) / Math.Sqrt(2 / (9 * a));
    }

    /// <summary>The probability of a kurtosis at least so far from what is to be expected.</summary>
    /// <param name="score">Its score.</param>
    /// <param name="p">The number of features; the mean of it where rows have holes.</param>
    /// <param name="n">The number of rows.</param>
    /// <remarks>
    /// Far out the scores of normal samples spread farther than normal ones: at 200 rows of one feature a low kurtosis of 1 in 20,000 comes five times as often, a high one twice. The
    /// shrinkage, z less c z^3 for small z, is what samples of 40 to 2,000 rows of one to 15 features ask for.
    /// </remarks>
    public static double ProbabilityOfKurtosis(double score, double p, double n)
    {
        if (double.IsInfinity(score)) return 0;
        double c = LowShrinkage / (n + SlowKurtosisRows) * SkewnessOfFourthOrder(p) / SkewnessOfFourthOrder(1);
        if (score > 0) c = Math.Min(c, HighShrinkage);
        return TwoSided(score / Math.Sqrt(1 + (2 * c * score * score)));
    }

    /// <summary>The probability of a skewness over p features, the sum of squares of all third moments, that is at least so large.</summary>
    /// <remarks>
    /// A chi-square with the small-sample factor of Mardia (1974), Applications of some measures of multivariate skewness and kurtosis in testing
    /// normality and robustness studies, Sankhya B 36(2), 115-128. As that is too often large far out, one time in 200 instead of 1,000 at 60
    /// rows, the chi-square here is one of fewer degrees of freedom and the same mean, which in simulations holds down to one in 1,000.
    /// </remarks>
    public static double ProbabilityOfSkewness(double skewness, double p, double n)
    {
        double freedom = p * (p + 1) * (p + 2) / 6;
        double statistic = skewness / 6 * (p + 1) * (n + 1) * (n + 3) / (((n + 1) * (p + 1)) - 6), spread = 1 + (SlowRows / (n + SlowRows));
        return ProbabilityAbove(statistic / spread, freedom / spread);
    }

    /// <summary>The probability of a chi-square above a value.</summary>
    public static double ProbabilityAbove(double statistic, double freedom) => double.IsFinite(statistic) ? SpecialFunctions.GammaUpperRegularized(freedom / 2, statistic / 2) : 0;

    /// <summary>The probability of a normal score at least so far from zero.</summary>
    public static double TwoSided(double score) => SpecialFunctions.Erfc(Math.Abs(score) / Math.Sqrt(2));

    /// <summary>The probability of a variance, over that which was to be expected, at least so far from one.</summary>
    public static double ProbabilityOfVariance(double ratio, double n)
    {
        double above = ProbabilityAbove(n * ratio, n - 1);
        return Math.Min(1, 2 * Math.Min(above, 1 - above));
    }

    /// <summary>The standard normal score of a variance, over that which was to be expected.</summary>
    /// <remarks>Source: Wilson and Hilferty (1931), The distribution of chi-square, Proceedings of the National Academy of Sciences 17(12), 684-688, doi:10.1073/pnas.17.12.684.</remarks>
    public static double VarianceScore(double ratio, double n)
    {
        double variance = 2 / (9 * (n - 1));
        return (Math.Cbrt(n * ratio / (n - 1)) - 1 + variance) / Math.Sqrt(variance);
    }

    /// <summary>The probability that at least so many of n rows do what one does with a given probability. Counts need not be whole.</summary>
    public static double ProbabilityOfCount(double count, double n, double probability) =>
        count <= 0 ? 1 : count >= n ? Math.Pow(probability, n) : SpecialFunctions.BetaRegularized(count, n - count + 1, probability);

    /// <summary>The probability that a Poisson count of a given mean is at least so large.</summary>
    public static double ProbabilityOfPoisson(double count, double mean) => mean <= 0 ? 0 : SpecialFunctions.GammaLowerRegularized(count, mean);

    // Of q^2 - 2 (p + 2) q + p (p + 2) for a chi-square q of p degrees of freedom.
    private static double SkewnessOfFourthOrder(double p)
    {
        double[] cube = [1];
        double[] factor = [p * (p + 2), -2 * (p + 2), 1];
        for (int power = 0; power < 3; power++)
        {
            double[] product = new double[cube.Length + 2];
            for (int i = 0; i < cube.Length; i++)
            {
                for (int j = 0; j < factor.Length; j++) product[i + j] += cube[i] * factor[j];
            }

            cube = product;
        }

        double moment = 1, third = 0;
        for (int i = 0; i < cube.Length; i++)
        {
            third += cube[i] * moment;
            moment *= p + (2 * i);
        }

        return third / Math.Pow(8 * p * (p + 2), 1.5);
    }
}
