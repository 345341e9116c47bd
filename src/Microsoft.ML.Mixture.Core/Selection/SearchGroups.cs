using MathNet.Numerics.Random;

namespace Microsoft.ML.Mixture;

/// <summary>Groupings of rows, from which all models with the same number of components start.</summary>
internal sealed class SearchGroups
{
    private readonly double[] _points;
    private readonly double[] _weights;
    private readonly int _dimension;
    private readonly int _seed;

    /// <summary>Takes rows.</summary>
    /// <param name="rows">The rows, all of them in use.</param>
    /// <param name="seed">The seed of every draw.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    public SearchGroups(TrainingRows rows, int seed, CancellationToken cancellationToken)
    {
        int exponent = rows.Magnitude == 0 ? 0 : Math.Clamp(-Math.ILogB(rows.Magnitude), -1000, 1000);
        TrainingRows scaled = exponent == 0 ? rows : rows.Scale(exponent);
        StartPoints points = StartPoints.Standardise(scaled.Source, FeatureMoments.Compute(scaled, cancellationToken), cancellationToken);
        (_points, _weights) = (points.Standardised, points.Weights);
        _dimension = rows.Source.Dimension;
        _seed = seed;
    }

    /// <summary>The group of each row. The first grouping and every second one after it is by k-means, the others around rows at random.</summary>
    public int[] Labels(int groupCount, int index, CancellationToken cancellationToken)
    {
        var random = new Xoshiro256StarStar(unchecked(_seed + (index * 0x3C6EF372) + groupCount), threadSafe: false);
        var groups = new KMeansGroups(_points, _weights, _dimension, groupCount, cancellationToken);
        if (index % 2 == 0)
        {
            groups.Seed(random);
            groups.Swap(random);
            groups.Refine();
        }
        else
        {
            groups.SeedAtRandom(random);
        }

        return groups.Labels;
    }
}
