using MathNet.Numerics.Random;

namespace Microsoft.ML.Mixture;

/// <summary>Responsibilities beside those of a mixture, by moves of components that are drawn at random.</summary>
/// <remarks>
/// Source: Ueda, Nakano, Ghahramani and Hinton (2000), SMEM algorithm for mixture models, Neural Comput. 12(9), 2109-2128,
/// doi:10.1162/089976600300015088. There all components are ranked first; here a race tells which moves are good.
/// </remarks>
internal sealed partial class StartMoves(StartGroups groups, int componentCount)
{
    private const double ShakenShare = 0.2;
    private const double JostledPower = 0.4;
    private const double LeastReassigned = 0.02;
    private const double MostReassigned = 0.22;

    // Groups within others are split off more seldom than groups beside them, and rows about one of them more often.
    private const double ShareOfShells = 0.15;
    private const double ShareOfNearest = 0.5;

    private readonly int[] _all = [.. Enumerable.Range(0, componentCount)];
    private readonly Dictionary<double[], KMeansGroups> _halves = [];
    private ComponentRelocation _told = null!;
    private Xoshiro256StarStar _random = null!;
    private int _gathered;

    /// <summary>Responsibilities after a move, r(i,k) at [i * K + k].</summary>
    /// <param name="move">What to do.</param>
    /// <param name="fit">The mixture.</param>
    /// <param name="told">What it says of the rows.</param>
    /// <param name="turn">How many such moves of the mixture there have been, where they come in order.</param>
    /// <param name="random">Draws the components, and how they move.</param>
    public double[] Move(StartMove move, MixtureFit fit, ComponentRelocation told, int turn, Xoshiro256StarStar random)
    {
        if (!ReferenceEquals(told, _told)) (_losses, _pairs) = (null, null);
        (_told, _random) = (told, random);
        if (move == StartMove.Regroup) return groups.Regroup(_told.Responsibilities, random);
        double[] shares = [.. _told.Responsibilities];
        switch (move)
        {
            case StartMove.Shake: Shake(shares); break;
            case StartMove.Jostle: Jostle(shares); break;
            case StartMove.Reassign: Reassign(shares, _all); break;
            case StartMove.Relocate or StartMove.RelocateRunnerUp: Relocate(shares, fit); break;
            case StartMove.Exchange: Exchange(shares, turn); break;
            case StartMove.FromNoise: TakeFromNoise(shares, fit); break;
            case StartMove.GatherMasses: GatherMasses(shares); break;
            case StartMove.LeaveOut or StartMove.Merge or StartMove.Split: ChangeNumber(move, shares, fit); break;
            case StartMove.MergeAndSplit or StartMove.SplitAnew: MergeAndSplit(shares, another: move == StartMove.MergeAndSplit); break;
            default: throw new ArgumentOutOfRangeException(nameof(move), move, "It is no move of components.");
        }

        return shares;
    }

    private void GatherMasses(double[] shares)
    {
        int gone = _gathered++ % componentCount;
        _told.Remove(shares, gone);
        groups.GiveMassesTo(gone, shares);
    }

    // Of two components one, and two of it or of another.
    private void MergeAndSplit(double[] shares, bool another)
    {
        int first = Draw(componentCount), second = (first + 1 + Draw(componentCount - 1)) % componentCount;
        Merge(shares, first, second);
        int split = first;
        if (another && componentCount > 2)
        {
            split = Draw(componentCount - 2);
            if (split >= Math.Min(first, second)) split++;
            if (split >= Math.Max(first, second)) split++;
        }

        Split(shares, split, second);
    }

    // What rests on a handful of rows goes first. Of two the one is split whose rows fit it less.
    private void Relocate(double[] shares, MixtureFit fit)
    {
        int gone = fit.Spurious.Count > 0 ? fit.Spurious[Draw(fit.Spurious.Count)].Component : Draw(componentCount);
        int source = (gone + 1 + Draw(componentCount - 1)) % componentCount, rival = (gone + 1 + Draw(componentCount - 1)) % componentCount;
        if (_told.Misfit(rival) > _told.Misfit(source)) source = rival;
        _told.Remove(shares, gone);
        double kind = _random.NextDouble();
        if (kind < ShareOfNearest) TakeNearest(shares, gone);
        else if (kind < ShareOfNearest + ShareOfShells) _told.SplitShell(shares, source, gone, _random.NextDouble());
        else Split(shares, source, gone);
    }

    private void Merge(double[] shares, int first, int second)
    {
        for (int at = 0; at < shares.Length; at += componentCount)
        {
            shares[at + first] += shares[at + second];
            shares[at + second] = 0;
        }
    }

    private void Shake(double[] shares)
    {
        double[] noise = new double[componentCount];
        for (int at = 0; at < shares.Length; at += componentCount)
        {
            double total = 0, ofNoise = _told.LogNoise.Length > 0 ? InitialNoise.Left(shares.AsSpan(at, componentCount)) : 0;
            for (int k = 0; k < componentCount; k++) total += noise[k] = -Math.Log(1 - _random.NextDouble());
            for (int k = 0; k < componentCount; k++) shares[at + k] += ShakenShare * (((1 - ofNoise) * noise[k] / total) - shares[at + k]);
        }
    }

    // Log-responsibilities change by about a half: a row that is sure of its component stays there.
    private void Jostle(double[] shares)
    {
        for (int at = 0; at < shares.Length; at += componentCount)
        {
            Span<double> row = shares.AsSpan(at, componentCount);
            double total = 0, ofNoise = _told.LogNoise.Length > 0 ? InitialNoise.Left(row) : 0;
            foreach (ref double share in row) total += share *= Math.Pow(-Math.Log(1 - _random.NextDouble()), JostledPower);
            if (!(total > 0)) continue;
            foreach (ref double share in row) share = share / total * (1 - ofNoise);
        }
    }

    private void Reassign(double[] shares, int[] among)
    {
        double share = LeastReassigned + ((MostReassigned - LeastReassigned) * _random.NextDouble());
        for (int at = 0; at < shares.Length; at += componentCount)
        {
            if (_random.NextDouble() >= share) continue;
            shares.AsSpan(at, componentCount).Clear();
            shares[at + among[Draw(among.Length)]] = 1;
        }
    }

    // By two-means or about two rows, in features with or without their correlation.
    private void Split(double[] shares, int source, int other)
    {
        StartPoints inTurn = groups.PointsInTurn();
        double[] weights = new double[inTurn.RowCount];
        for (int i = 0; i < weights.Length; i++) weights[i] = inTurn.Weights[i] * shares[(i * componentCount) + source];
        double[] points = DrawCoordinates(inTurn);
        if (!_halves.TryGetValue(points, out KMeansGroups? halves)) _halves[points] = halves = new KMeansGroups(points, inTurn.Weights, inTurn.Dimension, 2, groups.CancellationToken);
        halves.SetWeights(weights);
        if (_random.NextDouble() < 0.5)
        {
            halves.Seed(_random);
            halves.Refine();
        }
        else
        {
            halves.SeedAtRandom(_random);
        }

        for (int i = 0; i < weights.Length; i++)
        {
            if (halves.Labels[i] == 0) continue;
            shares[(i * componentCount) + other] = shares[(i * componentCount) + source];
            shares[(i * componentCount) + source] = 0;
        }
    }

    // With or without the correlation of the features.
    private double[] DrawCoordinates(StartPoints points) => _random.NextDouble() < 0.5 && points.HaveCorrelations ? points.Whitened : points.Standardised;

    private int Draw(int count) => (int)(_random.NextDouble() * count);
}
