using System.Numerics.Tensors;
using MathNet.Numerics.Random;

namespace Microsoft.ML.Mixture;

/// <summary>In which order models are worth being fitted to all rows, where there may be no time for all.</summary>
/// <remarks>
/// Many components fit a sample of some thousand rows far better than all rows, so that their own likelihoods would put them first. Others tell: rows that they have not seen.
/// </remarks>
/// <param name="grid">The models.</param>
/// <param name="contest">Compares them by the rows that they have been fitted to.</param>
/// <param name="explored">Those rows.</param>
internal sealed class SearchPromise(SearchGrid grid, SearchContest contest, SearchRows explored)
{
    private const int MostRows = 2048;

    // From those of the sample that models are fitted to.
    private const int OtherSeed = 1;

    /// <summary>Orders all models, the best sound ones first.</summary>
    /// <param name="phase">The phase in which they will be fitted to all rows.</param>
    /// <param name="seed">Draws the rows.</param>
    public SearchCell[] Order(SearchPhase phase, int seed)
    {
        double weight = phase.Rows.WeightTotal;
        double[] criteria = (explored.AreSample ? JudgedByOthers(phase, seed) : null) ?? [.. grid.Cells.Select(cell => cell.Current is { } fit ? JudgedByOwn(cell, fit, weight) : double.PositiveInfinity)];
        return [.. grid.Cells.Zip(criteria).OrderBy(one => one.First.Current is null).ThenBy(one => !one.First.IsSound).ThenBy(one => one.Second).Select(one => one.First)];
    }

    // A fit owes half a nat for each parameter to the rows that it is of, however many they are.
    private double JudgedByOwn(SearchCell cell, MixtureFit fit, double weight) =>
        contest.Criterion(cell, (fit.LogLikelihood - (0.5 * cell.FreeParameterCount)) * (weight / fit.RowWeightTotal));

    // Null where the time is over before all have been judged.
    private double[]? JudgedByOthers(SearchPhase phase, int seed)
    {
        TrainingRows all = phase.Scaled.Rows;
        var others = new SelectedRowSource(all.Source, SampledRuns.Draw(all, MostRows, new Xoshiro256StarStar(unchecked(seed + OtherSeed), threadSafe: false)));
        double[] criteria = new double[grid.Cells.Length];
        Array.Fill(criteria, double.PositiveInfinity);
        phase.Run(grid.Cells.Length, item =>
        {
            SearchCell cell = grid.Cells[item];
            if (cell.Current is not { } fit) return;
            using var step = new ExpectationStep(others, fit.Components, explored.WeightTotal, threadCount: 1);
            ExpectedStatistics expected = step.Run(SearchMoves.State(fit), phase.Token);
            criteria[item] = contest.Criterion(cell, expected.LogLikelihood / TensorPrimitives.Sum(expected.EffectiveCounts) * all.RowWeightTotal);
        });
        return phase.HasEnded ? null : criteria;
    }
}
