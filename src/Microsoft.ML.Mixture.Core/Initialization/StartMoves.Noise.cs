namespace Microsoft.ML.Mixture;

/// <content>Moves between components and the noise.</content>
internal sealed partial class StartMoves
{
    // Of so many places in the noise the densest one.
    private const int PlacesInNoise = 4;

    // A component leaves its rows to the noise alone, where others might take them, in so many of these moves.
    private const double ShareLeftToNoise = 0.3;

    // Of the weight of the noise a component gets no more, and of rows no fewer than it has features and two.
    private const double LargestPart = 0.5;
    private const int RowsBesideFeatures = 2;

    private void TakeFromNoise(double[] shares, MixtureFit fit)
    {
        StartPoints points = groups.PointsInTurn();
        double[] ofNoise = new double[points.RowCount];
        double total = 0, heaviest = 0;
        for (int i = 0; i < ofNoise.Length; i++)
        {
            total += ofNoise[i] = points.Weights[i] * InitialNoise.Left(shares.AsSpan(i * componentCount, componentCount));
            heaviest = Math.Max(heaviest, points.Weights[i]);
        }

        double least = (points.Dimension + RowsBesideFeatures) * heaviest, most = LargestPart * total;
        if (!(most > least))
        {
            Relocate(shares, fit);
            return;
        }

        // What rests on a handful of rows goes first, then rather what is missed little.
        if (_losses is null) Rank(_all);
        double rank = _random.NextDouble();
        int gone = fit.Spurious.Count > 0 ? fit.Spurious[Draw(fit.Spurious.Count)].Component : _losses![(int)(componentCount * rank * rank)];
        if (_random.NextDouble() < ShareLeftToNoise) Clear(shares, gone);
        else _told.Remove(shares, gone);

        double weight = least * Math.Pow(most / least, _random.NextDouble());
        double[] coordinates = DrawCoordinates(points);
        (double[] distances, double radius) = ([], double.PositiveInfinity);
        for (int place = 0; place < PlacesInNoise; place++)
        {
            double[] own = Distances(coordinates, points.Dimension, DrawRow(ofNoise, total));
            double reach = Reach(own, ofNoise, weight);
            if (place == 0 || reach < radius) (distances, radius) = (own, reach);
        }

        for (int i = 0; i < ofNoise.Length; i++)
        {
            if (ofNoise[i] > 0 && distances[i] <= radius) shares[(i * componentCount) + gone] += InitialNoise.Left(shares.AsSpan(i * componentCount, componentCount));
        }
    }

    private void Clear(double[] shares, int component)
    {
        for (int at = component; at < shares.Length; at += componentCount) shares[at] = 0;
    }
}
