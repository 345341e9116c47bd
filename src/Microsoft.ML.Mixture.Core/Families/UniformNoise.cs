using MathNet.Numerics.Random;

namespace Microsoft.ML.Mixture;

/// <summary>Noise: rows spread evenly over a box with sides along the axes. Its density counts as the same outside of the box too.</summary>
/// <remarks>
/// Of a row with missing features the density is that of the sides observed, which is the marginal one. Sources: Banfield and Raftery (1993),
/// Model-based Gaussian and non-Gaussian clustering, Biometrics 49(3), 803-821, doi:10.2307/2532201; Fraley and Raftery (1998), How many clusters?
/// Which clustering method? Answers via model-based cluster analysis, Comput. J. 41(8), 578-588, doi:10.1093/comjnl/41.8.578.
/// </remarks>
internal sealed class UniformNoise
{
    private readonly double[] _logSides;

    /// <summary>Makes noise over a box.</summary>
    /// <param name="centre">The middle of the box, shape D.</param>
    /// <param name="sides">The lengths of the sides, shape D: positive.</param>
    /// <param name="isGiven">Whether the density was given and not taken from the data, so that it is no free parameter.</param>
    public UniformNoise(double[] centre, double[] sides, bool isGiven)
    {
        Centre = centre;
        Sides = sides;
        IsGiven = isGiven;
        _logSides = [.. sides.Select(side => Math.Log(side))];
        foreach (double side in _logSides) LogDensity -= side;
    }

    public double[] Centre { get; }

    public double[] Sides { get; }

    public bool IsGiven { get; }

    /// <summary>The logarithm of one over the volume.</summary>
    public double LogDensity { get; }

    /// <summary>The log-density of a row of which some features are observed.</summary>
    public double LogDensityOf(ReadOnlySpan<int> observed)
    {
        double logDensity = 0;
        foreach (int j in observed) logDensity -= _logSides[j];
        return logDensity;
    }

    /// <summary>The variance of a feature.</summary>
    public double Variance(int feature) => Sides[feature] * Sides[feature] / 12;

    /// <summary>Draws a value of a feature.</summary>
    public double Draw(Xoshiro256StarStar random, int feature) => Centre[feature] + ((random.NextDouble() - 0.5) * Sides[feature]);

    /// <summary>The same of rows that are 2^exponent times as large.</summary>
    public UniformNoise Scale(int exponent) => new(
        [.. Centre.Select(value => double.ScaleB(value, exponent))], [.. Sides.Select(value => double.ScaleB(value, exponent))], IsGiven);

    /// <summary>The noise of some of the features alone.</summary>
    public UniformNoise Of(ReadOnlySpan<int> features)
    {
        double[] centre = new double[features.Length], sides = new double[features.Length];
        for (int a = 0; a < features.Length; a++) (centre[a], sides[a]) = (Centre[features[a]], Sides[features[a]]);
        return new UniformNoise(centre, sides, IsGiven);
    }
}
