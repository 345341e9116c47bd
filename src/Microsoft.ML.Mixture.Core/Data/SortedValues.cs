namespace Microsoft.ML.Mixture;

/// <summary>Values from the smallest to the largest.</summary>
internal static class SortedValues
{
    /// <summary>How many are no larger than a limit: the index of the first that is, if any.</summary>
    public static int CountUpTo(ReadOnlySpan<double> values, double limit)
    {
        int low = 0, high = values.Length;
        while (low < high)
        {
            int middle = low + ((high - low) / 2);
            if (values[middle] <= limit) low = middle + 1;
            else high = middle;
        }

        return low;
    }
}
