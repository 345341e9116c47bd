using System.Runtime.CompilerServices;
using MathNet.Numerics.Random;
using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>Guesses which rows are noise: those that lie far from their neighbours.</summary>
/// <remarks>
/// Of each row the distance to its twelfth neighbour among some of the rows is taken; two Gaussians are fitted to the logarithms, and rows that
/// belong to the farther one are noise. After Byers and Raftery (1998), Nearest-neighbor clutter removal for estimating features in spatial
/// point processes, J. Am. Stat. Assoc. 93(442), 577-584, doi:10.1080/01621459.1998.10473711, who fit gamma distributions to the D-th powers; in
/// many dimensions the powers tell less than the logarithms.
/// </remarks>
internal static class NoiseGuess
{
    private const int Neighbours = 12;
    private const int FewestRows = 4 * Neighbours;
    private const int FewestReferences = 256;
    private const int MostReferences = 2048;
    private const long MostOperations = 200_000_000;

    /// <summary>Marks points as noise.</summary>
    /// <param name="points">Row after row, standardised.</param>
    /// <param name="weights">One weight a point; points of weight zero count as absent.</param>
    /// <param name="dimension">D.</param>
    /// <param name="seed">The seed of the choice of rows to compare with.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <returns>One mark a point; null where nothing stands out.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool[]? Find(double[] points, double[] weights, int dimension, int seed, CancellationToken cancellationToken)
    {
        int[] used = [.. Enumerable.Range(0, weights.Length).Where(i => weights[i] > 0)];
        if (used.Length < FewestRows) return null;
        int most = (int)Math.Clamp(MostOperations / ((long)used.Length * dimension), FewestReferences, MostReferences);
        int[] references = used.Length <= most ? used
            : [.. RandomDraws.OneOfEachStretch(used.Length, most, new Xoshiro256StarStar(seed, threadSafe: false)).Select(at => used[at])];
        int lanes = Lanes.Pad(references.Length);
        var columns = new AlignedBuffer(lanes * dimension);
        for (int at = 0; at < references.Length; at++)
        {
            for (int j = 0; j < dimension; j++) columns.Span[(j * lanes) + at] = points[(references[at] * dimension) + j];
        }

        var distances = new AlignedBuffer(lanes);
        double[] nearest = new double[used.Length];
        Span<double> kept = stackalloc double[Neighbours + 1];
        for (int i = 0; i < used.Length; i++)
        {
            if (i % FewestReferences == 0) cancellationToken.ThrowIfCancellationRequested();
            SquaredNorm.Scaled(columns.Span, points.AsSpan(used[i] * dimension, dimension), 1, lanes, lanes, distances.Span);
            int self = Array.BinarySearch(references, used[i]);
            if (self >= 0) distances.Span[self] = double.PositiveInfinity;
            nearest[i] = Smallest(distances.Span[..references.Length], kept);
        }

        return Mark(nearest, used, weights, seed, cancellationToken);
    }

    // The twelfth smallest of some numbers.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Smallest(ReadOnlySpan<double> values, Span<double> kept)
    {
        kept.Fill(double.PositiveInfinity);
        foreach (double value in values)
        {
            if (!(value < kept[Neighbours - 1])) continue;
            int place = Neighbours - 1;
            for (; place > 0 && kept[place - 1] > value; place--) kept[place] = kept[place - 1];
            kept[place] = value;
        }

        return kept[Neighbours - 1];
    }

    private static bool[]? Mark(double[] nearest, int[] used, double[] weights, int seed, CancellationToken cancellationToken)
    {
        double least = nearest.Where(value => value > 0).DefaultIfEmpty(0).Min();
        double[,] logarithms = new double[used.Length, 1];
        for (int i = 0; i < used.Length; i++) logarithms[i, 0] = 0.5 * Math.Log(Math.Max(nearest[i], least));
        if (!(least > 0) || nearest.Max() <= least) return null;
        GaussianMixtureModel model;
        try
        {
            var options = new GaussianMixtureOptions { ComponentCount = 2, ThreadCount = 1, Seed = seed };
            model = GaussianMixture.Fit(logarithms, options, [.. used.Select(i => weights[i])], cancellationToken);
        }
        catch (MixtureFitException)
        {
            return null;
        }

        int far = model.Means[1, 0] > model.Means[0, 0] ? 1 : 0;
        bool[] marks = new bool[weights.Length];
        MixtureScorer scorer = model.CreateScorer();
        for (int i = 0; i < used.Length; i++)
        {
            // A wide component also has what is nearer than all others.
            scorer.Score([logarithms[i, 0]]);
            marks[used[i]] = scorer.Component == far && logarithms[i, 0] > model.Means[1 - far, 0];
        }

        return marks;
    }
}
