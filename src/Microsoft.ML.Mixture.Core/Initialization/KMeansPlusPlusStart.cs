using System.Runtime.CompilerServices;
using MathNet.Numerics.Random;

namespace Microsoft.ML.Mixture;

/// <summary>Starts with the M-step of the groups that k-means finds on a sample of the rows, and with EM on samples where rows are many.</summary>
internal sealed class KMeansPlusPlusStart : MixtureStart
{
    // Enough for centres to stand within a few percent of a standard deviation; EM does the rest on all rows.
    private const int FewestSampledRows = 16384;
    private const int SampledRowsOfComponent = 128;

    internal override bool IsRandom => true;

    internal override bool TryCreate(StartContext context, out MixtureState state, out DegenerateComponent? failure)
    {
        var random = new Xoshiro256StarStar(context.Seed, threadSafe: false);
        int size = Math.Max(FewestSampledRows, SampledRowsOfComponent * context.ComponentCount);
        if (context.MayImprove && SampledRuns.AreWorthwhile(context, size) && SampledRuns.TryRace(context, size, TryStart, random, out state))
        {
            failure = null;
            return true;
        }

        return TryStart(context, SampledRuns.Draw(context.Rows, size, random), random, out state, out failure);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool TryStart(
        StartContext context, int[] sample, Xoshiro256StarStar random, out MixtureState state, out DegenerateComponent? failure)
    {
        int dimension = context.Dimension, count = context.ComponentCount;
        RowSource rows = sample.Length == context.Rows.Source.RowCount ? context.Rows.Source : new SelectedRowSource(context.Rows.Source, sample);
        (double[] points, double[] weights) = Standardise(rows, context.Moments, context.CancellationToken);
        bool[]? noise = context.FindNoise(sample, points, weights);
        for (int i = 0; i < weights.Length && noise is not null; i++)
        {
            if (noise[i]) weights[i] = 0;
        }

        var groups = new KMeansGroups(points, weights, dimension, count, context.CancellationToken);
        if (context.Index % 2 == 0)
        {
            groups.Seed(random);
            groups.Swap(random);
            groups.Refine();
        }
        else
        {
            groups.SeedAtRandom(random);
        }

        double[] centres = new double[count * dimension];
        for (int at = 0; at < centres.Length; at++)
        {
            int j = at % dimension;
            centres[at] = context.Moments.Means[j] + (groups.Centres[at] * Math.Sqrt(context.Moments.Variances[j]));
        }

        double[] responsibilities = new double[rows.RowCount * count];
        for (int i = 0; i < rows.RowCount; i++) responsibilities[(i * count) + groups.Labels[i]] = noise is not null && noise[i] ? 0 : 1;
        return context.TryMaximize(rows, responsibilities, centres, out state, out failure);
    }

    // Row-major, mean zero and variance one in each feature; constant features and missing values are zero.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static (double[] Points, double[] Weights) Standardise(RowSource rows, FeatureMoments moments, CancellationToken cancellationToken)
    {
        int dimension = rows.Dimension;
        double[] points = new double[rows.RowCount * dimension], weights = new double[rows.RowCount];
        int first = 0;
        foreach (RowBlock block in new RowBlocks(rows, cancellationToken))
        {
            block.Weights[..block.RowCount].CopyTo(weights.AsSpan(first));
            for (int j = 0; j < dimension; j++)
            {
                ReadOnlySpan<double> feature = block.Feature(j);
                double deviation = Math.Sqrt(moments.Variances[j]);
                for (int i = 0; i < block.RowCount && deviation > 0; i++) points[((first + i) * dimension) + j] = (feature[i] - moments.Means[j]) / deviation;
                for (int i = 0; i < block.RowCount && block.Holes is not null; i++)
                {
                    if (double.IsNaN(feature[i])) points[((first + i) * dimension) + j] = 0;
                }
            }

            first += block.RowCount;
        }

        return (points, weights);
    }
}
