namespace Microsoft.ML.Mixture;

/// <summary>Groups of rows, ready for the M-step of any structure.</summary>
internal sealed class SearchGrouping
{
    /// <summary>Takes the group of every row.</summary>
    public SearchGrouping(RowSource rows, int[] labels, int groupCount, FeatureMoments moments, CancellationToken cancellationToken)
        : this(rows, Certain(labels, groupCount), groupCount, moments, cancellationToken)
    {
        int[] counts = new int[groupCount];
        foreach (int label in labels) counts[label]++;
        SmallestCount = counts.Min();
    }

    /// <summary>Takes responsibilities, r(i,k) at [i * K + k].</summary>
    public SearchGrouping(RowSource rows, double[] responsibilities, int groupCount, FeatureMoments moments, CancellationToken cancellationToken)
    {
        (Rows, Responsibilities) = (rows, responsibilities);
        Centres = ResponsibilitiesStart.Centres(rows, Responsibilities, groupCount, moments.Means, cancellationToken);
    }

    public RowSource Rows { get; }

    /// <summary>r(i,k) at [i * K + k].</summary>
    public double[] Responsibilities { get; }

    /// <summary>The number of rows of the smallest group; 0 where rows belong to several.</summary>
    public int SmallestCount { get; }

    /// <summary>The means of the groups, shape K x D.</summary>
    public double[] Centres { get; }

    private static double[] Certain(int[] labels, int groupCount)
    {
        double[] responsibilities = StartShares.Create(labels.Length, groupCount);
        for (int i = 0; i < labels.Length; i++) responsibilities[(i * groupCount) + labels[i]] = 1;
        return responsibilities;
    }
}
