using MathNet.Numerics.Random;

namespace Microsoft.ML.Mixture;

/// <summary>Log-densities of rows drawn from a mixture, of some of the features.</summary>
internal static class SimulatedReference
{
    /// <summary>About how many rows are drawn for a refit.</summary>
    public const int RowsOfRefit = RowsOfScale + 500;

    // They tell the quantiles of a refit beside those of the mixture: the same random numbers make both, so that chance hardly shifts one against the other.
    private const int RowsOfScale = 500;
    private const int SeedOfJudged = 0x51ED270B;
    private const int BlockSize = 256;

    internal delegate void RowReader(int row, Span<double> destination);

    /// <summary>
    /// Those of rows of the mixture itself; with refits, of rows as the truth would look under the mixture.
    /// </summary>
    /// <remarks>
    /// Rows of the mixture stand to a refit as rows of the truth stand to the mixture: each is scored under a refit, and its log-density there becomes
    /// the one at the same quantile of the mixture's own rows; beyond the last of them, in the same distance to it. Pooled over the refits, their quantiles are
    /// calibrated. After Lawless and Fredette (2005), Frequentist prediction intervals and predictive distributions, Biometrika 92(3), 529-542,
    /// doi:10.1093/biomet/92.3.529, with the plug-in p-value in the place of the pivot.
    /// </remarks>
    /// <param name="model">The mixture.</param>
    /// <param name="refits">Mixtures that might have been fitted in its place.</param>
    /// <param name="sampleCount">How many log-densities; with refits, at least so many.</param>
    /// <param name="seed">The seed of the draws.</param>
    /// <param name="observed">The features, in ascending order.</param>
    /// <param name="cancellationToken">Stops the draws.</param>
    public static double[] Draw(GaussianMixtureModel model, GaussianMixtureModel[] refits, int sampleCount, int seed, int[] observed, CancellationToken cancellationToken)
    {
        if (refits.Length == 0 || observed.Length == 0) return DrawFrom(model, model, sampleCount, new Xoshiro256StarStar(seed, threadSafe: false), observed, cancellationToken);
        double[] own = Scale(model, seed, observed, cancellationToken);
        int each = ((sampleCount - 1) / refits.Length) + 1;
        double[] pooled = new double[each * refits.Length];
        var random = new Xoshiro256StarStar(unchecked(seed + SeedOfJudged), threadSafe: false);
        for (int refit = 0, next = 0; refit < refits.Length; refit++)
        {
            double[] theirs = Scale(refits[refit], seed, observed, cancellationToken);
            foreach (double density in DrawFrom(model, refits[refit], each, random, observed, cancellationToken)) pooled[next++] = Match(density, theirs, own);
        }

        return pooled;
    }

    /// <summary>Scores the rows that show all of the features, by the mixture of these.</summary>
    /// <param name="model">The mixture.</param>
    /// <param name="count">The number of rows.</param>
    /// <param name="read">Writes row i.</param>
    /// <param name="observed">The features, in ascending order.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    public static double[] LogDensities(GaussianMixtureModel model, int count, RowReader read, int[] observed, CancellationToken cancellationToken)
    {
        if (observed.Length == 0) return new double[count];
        GaussianMixtureModel marginal = observed.Length == model.Dimension ? model : model.Marginal(observed);
        var scorer = new BlockScorer(marginal, BlockSize);
        var densities = new List<double>(count);
        double[] block = new double[BlockSize * observed.Length], row = new double[model.Dimension];
        int kept = 0;
        for (int i = 0; i < count; i++)
        {
            if (i % BlockSize == 0) cancellationToken.ThrowIfCancellationRequested();
            read(i, row);
            Span<double> shown = block.AsSpan(kept * observed.Length, observed.Length);
            bool isObserved = true;
            for (int a = 0; a < shown.Length; a++)
            {
                shown[a] = row[observed[a]];
                isObserved &= !double.IsNaN(shown[a]);
            }

            if (isObserved) kept++;
            if (kept < BlockSize && i < count - 1) continue;
            scorer.Score<double>(block.AsSpan(0, kept * observed.Length));
            for (int scored = 0; scored < kept; scored++) densities.Add(scorer.LogDensity(scored));
            kept = 0;
        }

        return [.. densities];
    }

    private static double[] DrawFrom(
        GaussianMixtureModel source, GaussianMixtureModel judge, int count, Xoshiro256StarStar random, int[] observed, CancellationToken cancellationToken) =>
        LogDensities(judge, count, (_, row) => source.Draw(random, row), observed, cancellationToken);

    private static double[] Scale(GaussianMixtureModel model, int seed, int[] observed, CancellationToken cancellationToken)
    {
        double[] densities = DrawFrom(model, model, RowsOfScale, new Xoshiro256StarStar(seed, threadSafe: false), observed, cancellationToken);
        Array.Sort(densities);
        return densities;
    }

    private static double Match(double density, double[] theirs, double[] own)
    {
        int above = Array.BinarySearch(theirs, density);
        if (above >= 0) return own[above];
        above = ~above;
        if (above == 0) return own[0] + (density - theirs[0]);
        if (above == theirs.Length) return own[^1] + (density - theirs[^1]);
        double part = (density - theirs[above - 1]) / (theirs[above] - theirs[above - 1]);
        return own[above - 1] + (part * (own[above] - own[above - 1]));
    }
}
