using MathNet.Numerics.Random;
using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <content>The mixture as one distribution: its moments, and draws from it.</content>
public sealed partial class GaussianMixtureModel
{
    /// <summary>The mean of the whole mixture, the sum over k of pi(k) mu(k), noise about the middle of its box included, shape D, in feature units.</summary>
    public IReadOnlyList<double> OverallMean => Array.AsReadOnly(MeanOfAll());

    /// <summary>
    /// The covariance of the whole mixture, within components and between them: the sum over k of pi(k) (Sigma(k) + (mu(k) - mu) (mu(k) - mu)'),
    /// noise included, shape D x D.
    /// </summary>
    public ReadOnlyMatrix OverallCovariance
    {
        get
        {
            double[] mean = MeanOfAll(), values = SquareMatrix.Create(Dimension);
            for (int k = 0; k < ComponentCount; k++)
            {
                ReadOnlySpan<double> own = Means.Row(k);
                ReadOnlyMatrix within = Covariances[k];
                for (int i = 0; i < Dimension; i++)
                {
                    for (int j = 0; j < Dimension; j++) values[(i * Dimension) + j] += Weights[k] * (within[i, j] + ((own[i] - mean[i]) * (own[j] - mean[j])));
                }
            }

            for (int i = 0; i < Dimension && Noise is { } noise; i++)
            {
                values[(i * Dimension) + i] += noise.Weight * noise.Distribution.Variance(i);
                double difference = noise.Distribution.Centre[i] - mean[i];
                for (int j = 0; j < Dimension; j++) values[(i * Dimension) + j] += noise.Weight * difference * (noise.Distribution.Centre[j] - mean[j]);
            }

            return new ReadOnlyMatrix(Dimension, Dimension, values);
        }
    }

    /// <summary>Draws rows from the mixture, independently of each other; noise is spread evenly over its box.</summary>
    /// <param name="rowCount">N, at least 0.</param>
    /// <param name="seed">The seed: the same gives the same rows.</param>
    /// <returns>N x D values, in feature units.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="rowCount"/> is negative.</exception>
    public double[,] Sample(int rowCount, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rowCount);
        var random = new Xoshiro256StarStar(seed, threadSafe: false);
        double[,] rows = new double[rowCount, Dimension];
        double[] row = new double[Dimension];
        for (int i = 0; i < rowCount; i++)
        {
            Draw(random, row);
            for (int j = 0; j < row.Length; j++) rows[i, j] = row[j];
        }

        return rows;
    }

    internal void Draw(Xoshiro256StarStar random, Span<double> row)
    {
        int component = RandomDraws.Component(random, Weights, NoiseWeight);
        if (component == ComponentCount)
        {
            for (int j = 0; j < row.Length; j++) row[j] = Noise!.Distribution.Draw(random, j);
            return;
        }

        // Backwards, so that each entry needs only normal numbers that are still there.
        for (int j = 0; j < row.Length; j++) row[j] = RandomDraws.Normal(random);
        ReadOnlySpan<double> factor = Components.Factor(component), mean = Means.Row(component);
        for (int i = row.Length - 1; i >= 0; i--)
        {
            row[i] = Components.Shape == CovarianceShape.Full
                ? Lanes.Dot(factor.Slice(PackedTriangle.Index(i, 0), i + 1), row[..(i + 1)])
                : factor[Components.Shape.Index(i, i)] * row[i];
            row[i] += mean[i];
        }
    }

    private double[] MeanOfAll()
    {
        double[] mean = new double[Dimension];
        for (int k = 0; k < ComponentCount; k++)
        {
            for (int j = 0; j < mean.Length; j++) mean[j] += Weights[k] * Means[k, j];
        }

        for (int j = 0; j < mean.Length && Noise is not null; j++) mean[j] += Noise.Weight * Noise.Distribution.Centre[j];

        return mean;
    }
}
