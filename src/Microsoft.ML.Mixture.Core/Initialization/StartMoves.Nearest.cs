namespace Microsoft.ML.Mixture;

/// <content>Moves that make a component of the rows nearest to one.</content>
internal sealed partial class StartMoves
{
    // Of what the component of that row has, or of what a component has on average if that is less.
    private const double LeastNearest = 0.15;
    private const double MostNearest = 0.85;

    // Those of one component, or of all: a group that lies across others.
    private void TakeNearest(double[] shares, int gone)
    {
        StartPoints points = groups.PointsInTurn();
        double[] among = [.. points.Weights];
        double total = 0, heaviest = 0, ofSource = 0;
        foreach (double weight in among) (total, heaviest) = (total + weight, Math.Max(heaviest, weight));
        int centre = DrawRow(among, total), source = 0;
        for (int k = 1; k < componentCount; k++)
        {
            if (shares[(centre * componentCount) + k] > shares[(centre * componentCount) + source]) source = k;
        }

        bool isOfAll = _random.NextDouble() < 0.5;
        for (int i = 0; i < among.Length; i++)
        {
            double own = among[i] * shares[(i * componentCount) + source];
            ofSource += own;
            if (!isOfAll) among[i] = own;
        }

        double share = LeastNearest + ((MostNearest - LeastNearest) * _random.NextDouble());
        double wanted = Math.Max((points.Dimension + RowsBesideFeatures) * heaviest, share * Math.Min(ofSource, total / componentCount));
        double[] coordinates = _random.NextDouble() < 0.5 && points.HaveCorrelations ? points.Whitened : points.Standardised;
        double[] distances = Distances(coordinates, points.Dimension, centre);
        double radius = Reach(distances, among, wanted);
        for (int i = 0; i < among.Length; i++)
        {
            if (!(among[i] > 0) || distances[i] > radius) continue;
            Span<double> row = shares.AsSpan(i * componentCount, componentCount);
            if (isOfAll)
            {
                double all = 0;
                foreach (double own in row) all += own;
                row.Clear();
                row[gone] = all;
            }
            else
            {
                (row[gone], row[source]) = (row[source], 0);
            }
        }
    }
}
