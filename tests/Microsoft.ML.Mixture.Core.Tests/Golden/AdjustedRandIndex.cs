namespace Microsoft.ML.Mixture;

/// <summary>How far two groupings agree beyond chance: 1 if they are the same, about 0 if they have nothing to do with each other.</summary>
/// <remarks>Source: Hubert and Arabie (1985), Comparing partitions, J. Classif. 2, 193-218, doi:10.1007/BF01908075.</remarks>
internal static class AdjustedRandIndex
{
    public static double Of(int[] first, int[] second)
    {
        double together = first.Zip(second).GroupBy(pair => pair).Sum(group => Pairs(group.Count()));
        double ofFirst = first.GroupBy(label => label).Sum(group => Pairs(group.Count())), ofSecond = second.GroupBy(label => label).Sum(group => Pairs(group.Count()));
        double expected = ofFirst * ofSecond / Pairs(first.Length);
        return (together - expected) / (((ofFirst + ofSecond) / 2) - expected);
    }

    private static double Pairs(int count) => count * (count - 1) / 2.0;
}
