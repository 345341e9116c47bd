namespace Microsoft.ML.Mixture;

/// <summary>How far a clustering agrees with labels, whatever either calls its groups. All measures are symmetric but for their wording.</summary>
/// <remarks>
/// Cost: N dictionary look-ups and a table of labels by clusters. Row weights count as repetitions of a row; rows of weight zero as absent, whatever their label.
/// </remarks>
public static class ClusteringAgreement
{
    /// <summary>
    /// The adjusted Rand index: the share of pairs of rows on which both agree, brought to a scale on which 1 is the same grouping and 0 is what
    /// chance would give; it may be negative.
    /// </summary>
    /// <typeparam name="TLabel">The type of labels.</typeparam>
    /// <typeparam name="TCluster">The type of clusters.</typeparam>
    /// <param name="labels">One label a row, shape N.</param>
    /// <param name="clusters">One cluster a row, shape N.</param>
    /// <param name="rowWeights">One weight a row, or null for weights of one.</param>
    /// <returns>The index, at most 1; 1 if both put all rows into one group, or every row into one of its own.</returns>
    /// <exception cref="ArgumentException">There are not as many labels as clusters or weights, there are none, an entry is null, or a weight is not valid or they are too large.</exception>
    /// <remarks>
    /// <code>
    ///   ARI = ( sum of C(n(i,j), 2) - E ) / ( (A + B) / 2 - E ),   A = sum of C(n(i,.), 2),  B = sum of C(n(.,j), 2),  E = A B / C(n, 2)
    /// </code>
    /// with n(i,j) the number of rows of label i in cluster j. A weight that is no whole number is rounded up or down at random, so that it is right on average, and
    /// the sums and C(n, 2) are means over that: whole weights are rows repeated, and rows that all weigh one or less are pairs of different rows, each worth the product of their weights.
    /// Source: Hubert and Arabie (1985), Comparing partitions, J. Classif. 2(1), 193-218, doi:10.1007/BF01908075.
    /// </remarks>
    public static double AdjustedRandIndex<TLabel, TCluster>(IReadOnlyList<TLabel> labels, IReadOnlyList<TCluster> clusters, IReadOnlyList<double>? rowWeights = null)
        where TLabel : notnull
        where TCluster : notnull
    {
        ContingencyTable table = ContingencyTable.Count(labels, clusters, rowWeights);
        (double both, double rows, double columns, double all) = table.CountPairs();
        double expected = all > 0 ? columns / all * rows : 0, most = (rows + columns) / 2;
        return most == expected ? 1 : Math.Min(1, (both - expected) / (most - expected));
    }

    /// <summary>
    /// The normalised mutual information: what the clustering tells of the label, from 0 for nothing to 1 for all, divided by the mean of the
    /// entropies of both, as scikit-learn does.
    /// </summary>
    /// <typeparam name="TLabel">The type of labels.</typeparam>
    /// <typeparam name="TCluster">The type of clusters.</typeparam>
    /// <param name="labels">One label a row, shape N.</param>
    /// <param name="clusters">One cluster a row, shape N.</param>
    /// <param name="rowWeights">One weight a row, or null for weights of one.</param>
    /// <returns>The information, from 0 to 1; 1 if both put all rows into one group.</returns>
    /// <exception cref="ArgumentException">There are not as many labels as clusters or weights, there are none, an entry is null, or a weight is not valid.</exception>
    /// <remarks>
    /// Unlike the adjusted Rand index it grows with the number of clusters by chance alone. Source: Vinh, Epps and Bailey (2010), Information
    /// theoretic measures for clusterings comparison, J. Mach. Learn. Res. 11, 2837-2854.
    /// </remarks>
    public static double NormalizedMutualInformation<TLabel, TCluster>(
        IReadOnlyList<TLabel> labels, IReadOnlyList<TCluster> clusters, IReadOnlyList<double>? rowWeights = null)
        where TLabel : notnull
        where TCluster : notnull
    {
        ContingencyTable table = ContingencyTable.Count(labels, clusters, rowWeights);
        if (table.RowTotals.Length == 1 && table.ColumnTotals.Length == 1) return 1;
        double information = 0;
        for (int i = 0; i < table.RowTotals.Length; i++)
        {
            for (int j = 0; j < table.ColumnTotals.Length; j++)
            {
                double share = table[i, j] / table.Total;
                if (share > 0) information += share * (Math.Log(share) - Math.Log(table.RowTotals[i] / table.Total) - Math.Log(table.ColumnTotals[j] / table.Total));
            }
        }

        double mean = (Entropy(table.RowTotals, table.Total) + Entropy(table.ColumnTotals, table.Total)) / 2;
        return mean > 0 ? Math.Clamp(information / mean, 0, 1) : 1;
    }

    /// <summary>The share of rows whose cluster is the one given to their label, when each label is given at most one cluster, as well as that can be done.</summary>
    /// <typeparam name="TLabel">The type of labels.</typeparam>
    /// <typeparam name="TCluster">The type of clusters.</typeparam>
    /// <param name="labels">One label a row, shape N.</param>
    /// <param name="clusters">One cluster a row, shape N.</param>
    /// <param name="rowWeights">One weight a row, or null for weights of one.</param>
    /// <returns>The accuracy of the best matching, above 0 and at most 1.</returns>
    /// <exception cref="ArgumentException">There are not as many labels as clusters or weights, there are none, an entry is null, or a weight is not valid.</exception>
    /// <remarks>Cost: with L labels and C clusters min(L, C)^2 max(L, C) beside the table. With fewer clusters than labels some labels count as missed.</remarks>
    public static double MatchedAccuracy<TLabel, TCluster>(IReadOnlyList<TLabel> labels, IReadOnlyList<TCluster> clusters, IReadOnlyList<double>? rowWeights = null)
        where TLabel : notnull
        where TCluster : notnull
    {
        ContingencyTable table = ContingencyTable.Count(labels, clusters, rowWeights);

        // The same cells added in another order may come to more by rounding.
        return Math.Min(1, BestMatching.Total(table) / table.Total);
    }

    private static double Entropy(double[] totals, double total)
    {
        double sum = 0;
        foreach (double part in totals)
        {
            // The lightest may be next to nothing beside all.
            double share = part / total;
            if (share > 0) sum -= share * Math.Log(share);
        }

        return sum;
    }
}
