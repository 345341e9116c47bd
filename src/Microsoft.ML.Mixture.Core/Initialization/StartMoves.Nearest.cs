using System.Numerics.Tensors;

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
        double[] coordinates = DrawCoordinates(points);
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

    private int DrawRow(double[] weights, double total)
    {
        double target = _random.NextDouble() * total, sum = 0;
        int drawn = 0;
        for (int i = 0; i < weights.Length && sum <= target; i++)
        {
            if (weights[i] > 0) (drawn, sum) = (i, sum + weights[i]);
        }

        return drawn;
    }

    private static double[] Distances(double[] points, int dimension, int centre)
    {
        double[] distances = new double[points.Length / dimension];
        for (int i = 0; i < distances.Length; i++)
        {
            distances[i] = TensorPrimitives.Distance<double>(points.AsSpan(i * dimension, dimension), points.AsSpan(centre * dimension, dimension));
        }

        return distances;
    }

    // How far the nearest rows reach that together have some weight.
    private static double Reach(double[] distances, double[] weights, double weight)
    {
        int[] order = [.. Enumerable.Range(0, distances.Length).Where(i => weights[i] > 0)];
        Array.Sort(Array.ConvertAll(order, i => distances[i]), order);
        double sum = 0;
        foreach (int i in order)
        {
            sum += weights[i];
            if (sum >= weight) return distances[i];
        }

        return double.PositiveInfinity;
    }
}
