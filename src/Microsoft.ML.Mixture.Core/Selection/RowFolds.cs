using MathNet.Numerics.Random;

namespace Microsoft.ML.Mixture;

/// <summary>The rows of a cross-validation, dealt out at random.</summary>
internal sealed class RowFolds
{
    private readonly RowSource _source;
    private readonly int[][] _folds;

    private RowFolds(RowSource source, int[][] folds) => (_source, _folds) = (source, folds);

    /// <summary>Deals out rows in use after shuffling, so that a row of weight zero changes nothing; each fold is in the order of the data.</summary>
    /// <param name="source">All rows.</param>
    /// <param name="training">Those in use.</param>
    /// <param name="foldCount">The number of folds.</param>
    /// <param name="seed">The seed of the shuffling.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are too few rows in use for so many folds, or fewer than two folds.</exception>
    public static RowFolds Deal(RowSource source, TrainingRows training, int foldCount, int seed)
    {
        int count = training.Source.RowCount;
        if (foldCount < 2 || foldCount > count)
        {
            throw new ArgumentOutOfRangeException(nameof(foldCount), $"The number of folds is {foldCount}, but must be from 2 to the number of rows in use, {count}.");
        }

        int[] order = new int[count];
        for (int i = 0; i < count; i++) order[i] = training.Selected is { } selected ? selected[i] : i;
        var random = new Xoshiro256StarStar(seed, threadSafe: false);
        for (int i = count - 1; i > 0; i--)
        {
            int other = random.Next(i + 1);
            (order[i], order[other]) = (order[other], order[i]);
        }

        int[][] folds = [.. Enumerable.Range(0, foldCount).Select(fold => order.Where((_, at) => at % foldCount == fold).ToArray())];
        foreach (int[] fold in folds) Array.Sort(fold);
        return new RowFolds(source, folds);
    }

    /// <summary>The number of folds.</summary>
    public int Count => _folds.Length;

    /// <summary>The rows of all folds but one, to fit to.</summary>
    public RowSource Others(int fold)
    {
        int[] others = [.. _folds.Where((_, other) => other != fold).SelectMany(rows => rows)];
        Array.Sort(others);
        return new SelectedRowSource(_source, others);
    }

    /// <summary>The rows of a fold, to score.</summary>
    public TrainingRows HeldOut(int fold, CancellationToken cancellationToken) => TrainingRows.InspectToScore(new SelectedRowSource(_source, _folds[fold]), cancellationToken);
}
