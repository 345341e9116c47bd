using MathNet.Numerics.Random;

namespace Microsoft.ML.Mixture;

/// <summary>The rows of a cross-validation, dealt out at random.</summary>
internal sealed class RowFolds
{
    private readonly RowSource _source;
    private readonly int[][] _folds;
    private readonly int[][] _groups;

    private RowFolds(RowSource source, int[][] folds, int[][] groups, int groupCount) => (_source, _folds, _groups, GroupCount) = (source, folds, groups, groupCount);

    /// <summary>
    /// Deals out rows in use after shuffling, so that a row of weight zero changes nothing; each fold is in the order of the data. Rows that are copies of each other are of one fold, or
    /// models would have seen what they are to foresee.
    /// </summary>
    /// <param name="source">All rows.</param>
    /// <param name="training">Those in use.</param>
    /// <param name="foldCount">The number of folds.</param>
    /// <param name="seed">The seed of the shuffling.</param>
    /// <param name="cancellationToken">Stops the search for copies.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are too few rows in use for so many folds, or fewer than two folds.</exception>
    public static RowFolds Deal(RowSource source, TrainingRows training, int foldCount, int seed, CancellationToken cancellationToken)
    {
        int count = training.Source.RowCount;
        if (foldCount < 2 || foldCount > count)
        {
            throw new ArgumentOutOfRangeException(nameof(foldCount), $"The number of folds is {foldCount}, but must be from 2 to the number of rows in use, {count}.");
        }

        CopiedRows? copies = training.Source.Copies ?? CopiedRows.Find(training.Source, cancellationToken);
        if (foldCount > copies?.Count)
        {
            throw new ArgumentOutOfRangeException(
                nameof(foldCount), $"The number of folds is {foldCount}, but only {copies.Count} of the {count} rows in use differ, and copies stay in one fold. Ask for at most {copies.Count} folds.");
        }

        int[] order = new int[count];
        for (int i = 0; i < count; i++) order[i] = i;
        var random = new Xoshiro256StarStar(seed, threadSafe: false);
        for (int i = count - 1; i > 0; i--)
        {
            int other = random.Next(i + 1);
            (order[i], order[other]) = (order[other], order[i]);
        }

        int[] foldOf = Deal(order, copies, foldCount);
        int[] used = training.Selected is { } selected ? [.. selected] : [.. Enumerable.Range(0, count)];
        int[][] places = [.. Enumerable.Range(0, foldCount).Select(fold => Enumerable.Range(0, count).Where(i => foldOf[i] == fold).ToArray())];
        int[][] folds = [.. places.Select(fold => fold.Select(i => used[i]).ToArray())], groups = [.. places.Select(fold => fold.Select(i => copies?.Groups[i] ?? i).ToArray())];
        for (int fold = 0; fold < foldCount; fold++) Array.Sort(folds[fold], groups[fold]);
        return new RowFolds(source, folds, groups, copies?.Count ?? count);
    }

    /// <summary>The number of folds.</summary>
    public int Count => _folds.Length;

    /// <summary>How many rows there are, copies of a row counted as one.</summary>
    public int GroupCount { get; }

    /// <summary>The rows of a fold as they are given.</summary>
    public RowSource RowsOf(int fold) => new SelectedRowSource(_source, _folds[fold]);

    /// <summary>Of each row of a fold the number of those that are copies of it, among <see cref="GroupCount"/>.</summary>
    public ReadOnlySpan<int> GroupsOf(int fold) => _groups[fold];

    /// <summary>The rows of all folds but one, to fit to.</summary>
    public RowSource Others(int fold)
    {
        int[] others = [.. _folds.Where((_, other) => other != fold).SelectMany(rows => rows)];
        Array.Sort(others);
        return new SelectedRowSource(_source, others);
    }

    /// <summary>The rows of a fold, to score.</summary>
    public TrainingRows HeldOut(int fold, CancellationToken cancellationToken) => TrainingRows.InspectToScore(RowsOf(fold), cancellationToken);

    // Each group to the fold with the fewest rows so far: some rows may be there far more often than others. Rows of which none are copies go to one fold after the other that way.
    private static int[] Deal(int[] order, CopiedRows? copies, int foldCount)
    {
        int[] groups = copies?.Groups ?? [.. Enumerable.Range(0, order.Length)];
        int[] sizes = new int[copies?.Count ?? order.Length], foldOfGroup = new int[sizes.Length], dealt = new int[foldCount];
        foreach (int group in groups) sizes[group]++;
        Array.Fill(foldOfGroup, -1);
        foreach (int row in order)
        {
            int group = groups[row];
            if (foldOfGroup[group] >= 0) continue;
            int fold = Array.IndexOf(dealt, dealt.Min());
            foldOfGroup[group] = fold;
            dealt[fold] += sizes[group];
        }

        return [.. groups.Select(group => foldOfGroup[group])];
    }
}
