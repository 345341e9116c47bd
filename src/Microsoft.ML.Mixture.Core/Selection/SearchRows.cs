using MathNet.Numerics.Random;

namespace Microsoft.ML.Mixture;

/// <summary>The rows that a phase of a search fits to.</summary>
/// <param name="Source">The rows.</param>
/// <param name="WeightTotal">The sum of their weights.</param>
/// <param name="AreSample">Whether they are not all rows.</param>
internal sealed record SearchRows(RowSource Source, double WeightTotal, bool AreSample)
{
    private const int MostExploredRows = 2048;

    /// <summary>All rows.</summary>
    public static SearchRows All(ScaledRows scaled) => new(scaled.Rows.Source, scaled.Rows.RowWeightTotal, AreSample: false);

    /// <summary>Some rows of many, and only whole ones if there are enough; else all.</summary>
    public SearchRows Explored(ScaledRows scaled, GaussianMixtureSearchOptions options, CancellationToken cancellationToken)
    {
        int[]? whole = Source.Holes is null ? null : [.. Enumerable.Range(0, Source.RowCount).Where(i => Source.PatternOf(i) == HolePatterns.Complete)];
        if (whole is not null && whole.Length < 2 * options.MaximumComponentCount * (Source.Dimension + 1)) whole = null;
        int[]? sample = whole;
        var random = new Xoshiro256StarStar(options.Seed, threadSafe: false);
        if (whole is null && Source.RowCount > MostExploredRows) sample = SampledRuns.Draw(scaled.Rows, MostExploredRows, random);
        else if (whole is not null && whole.Length > MostExploredRows) sample = [.. RandomDraws.OneOfEachStretch(whole.Length, MostExploredRows, random).Select(at => whole[at])];

        if (sample is null) return this;
        var rows = new SelectedRowSource(Source, sample);
        double total = 0;
        foreach (RowBlock block in new RowBlocks(rows, cancellationToken))
        {
            foreach (double weight in block.Weights[..block.RowCount]) total += weight;
        }

        return new SearchRows(rows, total, AreSample: true);
    }
}
