namespace Microsoft.ML.Mixture;

/// <summary>Groups of rows, ready for the M-step of any structure.</summary>
internal sealed class SearchGrouping
{
    public SearchGrouping(RowSource rows, int[] labels, int groupCount, FeatureMoments moments, CancellationToken cancellationToken)
    {
        Rows = rows;
        Responsibilities = StartShares.Create(labels.Length, groupCount);
        int[] counts = new int[groupCount];
        for (int i = 0; i < labels.Length; i++)
        {
            Responsibilities[(i * groupCount) + labels[i]] = 1;
            counts[labels[i]]++;
        }

        SmallestCount = counts.Min();
        Centres = ResponsibilitiesStart.Centres(rows, Responsibilities, groupCount, moments.Means, cancellationToken);
    }

    public RowSource Rows { get; }

    /// <summary>r(i,k) at [i * K + k].</summary>
    public double[] Responsibilities { get; }

    /// <summary>The number of rows of the smallest group.</summary>
    public int SmallestCount { get; }

    /// <summary>The means of the groups, shape K x D.</summary>
    public double[] Centres { get; }
}
