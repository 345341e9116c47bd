using System.Globalization;
using System.Text;

namespace Microsoft.ML.Mixture;

/// <summary>The result of a search as text.</summary>
internal static class MixtureSearchTable
{
    private const int LongestRanking = 5;
    private const int MostFailures = 5;

    public static string Name(MixtureCriterion criterion) => criterion switch
    {
        MixtureCriterion.Bayesian => "BIC",
        MixtureCriterion.IntegratedCompletedLikelihood => "ICL",
        MixtureCriterion.Akaike => "AIC",
        _ => "cross-validated deviance",
    };

    public static string Write<T>(MixtureRanking<T> result, bool withWarnings)
        where T : SearchedMixture
    {
        var text = new StringBuilder();
        Append(text, $"{Name(result.Criterion)} by {result.StructureHeading} and number of components; lower is better");
        AppendGrid(text, result);
        Append(text, $"");
        AppendRanking(text, result);
        T[] failed = [.. result.Candidates.Where(candidate => candidate.Failure is not null)];
        if (failed.Length > 0) Append(text, $"");
        IGrouping<(int ComponentCount, string Failure), T>[] reasons = [.. failed.GroupBy(candidate => (candidate.ComponentCount, candidate.Failure!))];
        foreach (IGrouping<(int ComponentCount, string Failure), T> reason in reasons.Take(MostFailures))
        {
            T[] alike = [.. reason];
            string which = alike.Length == 1 ? $"{alike[0]}" : $"{alike[0]} and {Counted.Of(alike.Length - 1, "other")} of as many components";
            Append(text, $"No model: {which}. {reason.Key.Failure}");
        }

        int others = failed.Length - reasons.Take(MostFailures).Sum(reason => reason.Count());
        if (others > 0) Append(text, $"No model: {others} more; see Candidates.");
        string[] warnings = withWarnings ? [.. result.WarningsOfTable] : [];
        if (warnings.Length > 0) Append(text, $"");
        foreach (string warning in warnings) Append(text, $"Warning: {warning}");
        return text.ToString().TrimEnd('\n');
    }

    private static void AppendGrid<T>(StringBuilder text, MixtureRanking<T> result)
        where T : SearchedMixture
    {
        T[][] structures = [.. result.Candidates.GroupBy(candidate => candidate.StructureName).Select(group => group.ToArray())];
        string[][] cells = [.. structures.Select(row => row.Select(candidate => Cell(candidate, result)).ToArray())];
        int name = structures.Max(row => row[0].StructureName.Length), width = 2 + Math.Max(4, cells.Max(row => row.Max(cell => cell.Length)));
        Append(text, $"{"".PadRight(name)}{string.Concat(structures[0].Select(candidate => $"{candidate.ComponentCount} ".PadLeft(width)))}");
        for (int row = 0; row < cells.Length; row++)
        {
            Append(text, $"{structures[row][0].StructureName.PadRight(name)}{string.Concat(cells[row].Select(cell => cell.PadLeft(width)))}");
        }

        bool hasDoubts = cells.Any(row => row.Any(cell => cell.EndsWith('?')));
        bool haveEnded = cells.Any(row => row.Any(cell => cell.EndsWith('~')));
        Append(text, $"  * the winner{(hasDoubts ? "   ? components rest on a handful of rows, or parameters on too few values: ranked behind all others" : string.Empty)}");
        if (haveEnded) Append(text, $"  ~ not fitted to the end, as it could no longer win, or time or steps ran out: it may be better at its best");
    }

    // One more place, so that numbers stand below each other with and without a mark.
    private static string Cell<T>(T candidate, MixtureRanking<T> result)
        where T : SearchedMixture
    {
        double value = candidate.Value(result.Criterion);
        if (double.IsNaN(value)) return "- ";
        string mark = candidate == result.Best ? "*" : candidate.IsDoubtful ? "?" : candidate.EndedEarly ? "~" : " ";
        return value.ToString("F1", CultureInfo.InvariantCulture) + mark;
    }

    private static void AppendRanking<T>(StringBuilder text, MixtureRanking<T> result)
        where T : SearchedMixture
    {
        T[] first = [.. result.Ranking.Take(LongestRanking)];
        int width = Math.Max(8, first.Max(candidate => candidate.StructureName.Length));
        string name = result.Criterion == MixtureCriterion.CrossValidation ? "deviance" : Name(result.Criterion);
        Append(text, $"{"the best",-8}{"".PadRight(width - 6)}  K  parameters  log-likelihood    entropy  {name,12}  difference");
        for (int rank = 0; rank < first.Length; rank++)
        {
            T candidate = first[rank];
            MixtureCriteria criteria = candidate.Criteria!;
            double value = candidate.Value(result.Criterion);
            Append(
                text,
                $"{rank + 1} {candidate.StructureName.PadRight(width)} {candidate.ComponentCount,3}  {criteria.FreeParameterCount,10}  {criteria.LogLikelihood,14:F2}  {criteria.ClassificationEntropy,9:F2}  {value,12:F2}  {value - result.Best.Value(result.Criterion),10:F2}");
        }
    }

    private static void Append(StringBuilder text, FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture).TrimEnd()).Append('\n');
}
