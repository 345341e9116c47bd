namespace Microsoft.ML.Mixture;

/// <summary>The pairs of rows and columns of a table, each in at most one pair, with the largest sum of cells.</summary>
/// <remarks>Source: Kuhn (1955), The Hungarian method for the assignment problem, Nav. Res. Logist. Q. 2(1-2), 83-97, doi:10.1002/nav.3800020109.</remarks>
internal static class BestMatching
{
    /// <summary>The sum of the cells of the best pairs.</summary>
    public static double Total(ContingencyTable table)
    {
        bool isTall = table.RowTotals.Length > table.ColumnTotals.Length;
        int few = Math.Min(table.RowTotals.Length, table.ColumnTotals.Length), many = Math.Max(table.RowTotals.Length, table.ColumnTotals.Length);
        int[] partners = new int[many];
        Array.Fill(partners, -1);
        double[] fewPrices = new double[few], manyPrices = new double[many];
        for (int next = 0; next < few; next++) Augment(next, partners, fewPrices, manyPrices, Cost);
        double total = 0;
        for (int j = 0; j < many; j++)
        {
            if (partners[j] >= 0) total -= Cost(partners[j], j);
        }

        return total;

        double Cost(int one, int other) => isTall ? -table[other, one] : -table[one, other];
    }

    // Finds the cheapest way to one more pair: a shortest path through pairs that change partners.
    private static void Augment(int start, int[] partners, double[] fewPrices, double[] manyPrices, Func<int, int, double> cost)
    {
        int many = partners.Length;
        double[] distances = new double[many];
        int[] previous = new int[many];
        bool[] reached = new bool[many];
        Array.Fill(distances, double.PositiveInfinity);
        Array.Fill(previous, -1);
        int from = start, at = -1;
        do
        {
            int nearest = -1;
            double least = at < 0 ? 0 : distances[at];
            for (int j = 0; j < many; j++)
            {
                if (reached[j]) continue;
                double length = least + (cost(from, j) - fewPrices[from] - manyPrices[j]);
                if (length < distances[j]) (distances[j], previous[j]) = (length, at);
                if (nearest < 0 || distances[j] < distances[nearest]) nearest = j;
            }

            at = nearest;
            reached[at] = true;
            from = partners[at];
        }
        while (from >= 0);

        double end = distances[at];
        fewPrices[start] += end;
        for (int j = 0; j < many; j++)
        {
            if (!reached[j] || j == at) continue;
            manyPrices[j] += distances[j] - end;
            fewPrices[partners[j]] += end - distances[j];
        }

        for (; at >= 0; at = previous[at]) partners[at] = previous[at] >= 0 ? partners[previous[at]] : start;
    }
}
