namespace Microsoft.ML.Mixture;

/// <summary>The largest number of components that a search tries: what is asked for, or less where rows cannot hold as many.</summary>
/// <param name="Most">The number.</param>
/// <param name="Warning">Why it is less than what is asked for; null if it is not.</param>
internal readonly record struct SearchedCounts(int Most, string? Warning)
{
    // Whoever asks for no more gets all of them, doubtful ones too.
    private const int FewCounts = 9;

    // Comparing more takes longer than anybody waits, and gigabytes.
    private const int MostModels = 20_000;

    /// <summary>The number of rows that differ to look for: no more components are ever tried.</summary>
    public static int MostToLookFor(MixtureSearchOptions options) => (int)Math.Min(options.MaximumComponentCount, options.MinimumComponentCount + (long)MostModels);

    /// <summary>Finds the number.</summary>
    /// <param name="options">What is asked for.</param>
    /// <param name="rows">The rows, which can hold the least number that is asked for.</param>
    /// <param name="modelsOfCount">The number of models with so many components.</param>
    /// <param name="mayWin">Whether any model of so many components may be ranked before one of fewer; null if all may.</param>
    public static SearchedCounts Of(MixtureSearchOptions options, TrainingRows rows, int modelsOfCount, Func<int, bool>? mayWin = null)
    {
        int asked = options.MaximumComponentCount, least = options.MinimumComponentCount, differing = rows.MostComponents;
        int ofModels = (int)Math.Min(int.MaxValue, least + Math.Max(0, ((long)MostModels / modelsOfCount) - 1));
        int most = Math.Min(asked, Math.Min(differing, ofModels)), all = most;
        if (mayWin is not null && most > Math.Max(FewCounts, least)) most = MostThatMayWin(Math.Max(FewCounts, least), most, mayWin);
        if (most == asked) return new SearchedCounts(asked, Warning: null);
        string warning = $"{asked} components were asked for, but ";
        if (most < all)
        {
            warning += $"of more than {most} components all models have fewer than two values for each parameter and rank behind those of fewer components, so no more were tried. Pass more rows, or ask for at most {most}.";
        }
        else if (most == differing)
        {
            warning += $"there {Counted.Is(most)} only {Counted.Of(most, "row")} that {(most == 1 ? "differs and shows" : "differ and show")} every feature, so no more were tried. Pass more rows, or ask for at most {most}.";
        }
        else
        {
            warning += $"a search compares at most {MostModels} models, so no more than {most} were tried. Raise the minimum number of components, or try fewer structures.";
        }

        return new SearchedCounts(most, warning);
    }

    // Of more components all have more parameters.
    private static int MostThatMayWin(int low, int high, Func<int, bool> mayWin)
    {
        if (mayWin(high)) return high;
        while (low + 1 < high)
        {
            int middle = low + ((high - low) / 2);
            if (mayWin(middle)) low = middle;
            else high = middle;
        }

        return low;
    }
}
