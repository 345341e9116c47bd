using MathNet.Numerics.Random;

namespace Microsoft.ML.Mixture;

/// <summary>Responsibilities beside those of a mixture, by moves of components that are drawn at random.</summary>
/// <remarks>
/// Source: Ueda, Nakano, Ghahramani and Hinton (2000), SMEM algorithm for mixture models, Neural Comput. 12(9), 2109-2128,
/// doi:10.1162/089976600300015088. There all components are ranked first; here a race tells which moves are good.
/// </remarks>
internal sealed partial class StartMoves(StartGroups groups, int componentCount, Xoshiro256StarStar random)
{
    private const double ShakenShare = 0.2;
    private const double JostledPower = 0.4;
    private const double LeastReassigned = 0.02;
    private const double MostReassigned = 0.22;

    // Groups within others are split off more seldom than groups beside them.
    private const double ShareOfShells = 0.3;

    // Of many rows no more than the last one, which takes as much memory as their shares.
    private const int MostKnown = 6;
    private const long MostSharesKnown = 1_000_000;

    private readonly int[] _all = [.. Enumerable.Range(0, componentCount)];
    private readonly Dictionary<double[], KMeansGroups> _halves = [];
    private readonly List<(MixtureFit Fit, ComponentRelocation Told)> _known = [];
    private ComponentRelocation _told = null!;
    private int _gathered;

    /// <summary>Responsibilities after a move, r(i,k) at [i * K + k].</summary>
    /// <param name="move">What to do.</param>
    /// <param name="fit">The mixture.</param>
    /// <param name="passes">The number of passes over the rows so far: raised if one was needed.</param>
    public double[] Move(StartMove move, MixtureFit fit, ref int passes)
    {
        Ask(fit, ref passes);
        if (move == StartMove.Regroup) return groups.Regroup(_told.Responsibilities, random);
        double[] shares = [.. _told.Responsibilities];
        if (move is StartMove.Shake or StartMove.Jostle or StartMove.Reassign)
        {
            if (move == StartMove.Shake) Shake(shares);
            else if (move == StartMove.Jostle) Jostle(shares);
            else Reassign(shares, _all);
            return shares;
        }

        if (move is StartMove.Relocate or StartMove.RelocateRunnerUp)
        {
            Relocate(shares, fit);
            return shares;
        }

        if (move == StartMove.Exchange)
        {
            Exchange(shares);
            return shares;
        }

        if (move == StartMove.FromNoise)
        {
            TakeFromNoise(shares, fit);
            return shares;
        }

        if (move == StartMove.GatherMasses)
        {
            int gone = _gathered++ % componentCount;
            _told.Remove(shares, gone);
            groups.GiveMassesTo(gone, shares);
            return shares;
        }

        if (move is StartMove.LeaveOut or StartMove.Merge or StartMove.Split)
        {
            ChangeNumber(move, shares, fit);
            return shares;
        }

        int first = Draw(componentCount), second = (first + 1 + Draw(componentCount - 1)) % componentCount;
        Merge(shares, first, second);
        int split = first;
        if (move == StartMove.MergeAndSplit && componentCount > 2)
        {
            split = Draw(componentCount - 2);
            if (split >= Math.Min(first, second)) split++;
            if (split >= Math.Max(first, second)) split++;
        }

        Split(shares, split, second);
        return shares;
    }

    // What a mixture says of the rows: a pass over them, if it has not been asked before. The best and the runners-up are asked again and again.
    private void Ask(MixtureFit fit, ref int passes)
    {
        if (_known.Count > 0 && ReferenceEquals(_known[^1].Fit, fit)) return;
        (_losses, _pairs) = (null, null);
        int at = _known.FindIndex(known => ReferenceEquals(known.Fit, fit));
        if (at >= 0)
        {
            _told = _known[at].Told;
            _known.RemoveAt(at);
        }
        else
        {
            double[] logJoint = StartShares.Create(groups.Points.RowCount, componentCount), logNoise = fit.Components is NoiseComponents ? new double[groups.Points.RowCount] : [];
            double[] shares = groups.Responsibilities(fit.ToState(), logJoint, logNoise);
            _told = new ComponentRelocation(groups.Points.Weights, shares, logJoint, logNoise, componentCount, groups.Points.Dimension);
            passes++;
            if (_known.Count > 0 && (_known.Count == MostKnown || (long)(_known.Count + 1) * shares.Length > MostSharesKnown)) _known.RemoveAt(0);
        }

        _known.Add((fit, _told));
    }

    // What rests on a handful of rows goes first. Of two the one is split whose rows fit it less.
    private void Relocate(double[] shares, MixtureFit fit)
    {
        int gone = fit.Spurious.Count > 0 ? fit.Spurious[Draw(fit.Spurious.Count)].Component : Draw(componentCount);
        int source = (gone + 1 + Draw(componentCount - 1)) % componentCount, rival = (gone + 1 + Draw(componentCount - 1)) % componentCount;
        if (_told.Misfit(rival) > _told.Misfit(source)) source = rival;
        _told.Remove(shares, gone);
        if (random.NextDouble() < ShareOfShells) _told.SplitShell(shares, source, gone, random.NextDouble());
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
            for (int k = 0; k < componentCount; k++) total += noise[k] = -Math.Log(1 - random.NextDouble());
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
            foreach (ref double share in row) total += share *= Math.Pow(-Math.Log(1 - random.NextDouble()), JostledPower);
            if (!(total > 0)) continue;
            foreach (ref double share in row) share = share / total * (1 - ofNoise);
        }
    }

    private void Reassign(double[] shares, int[] among)
    {
        double share = LeastReassigned + ((MostReassigned - LeastReassigned) * random.NextDouble());
        for (int at = 0; at < shares.Length; at += componentCount)
        {
            if (random.NextDouble() >= share) continue;
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
        double[] points = random.NextDouble() < 0.5 && inTurn.HaveCorrelations ? inTurn.Whitened : inTurn.Standardised;
        if (!_halves.TryGetValue(points, out KMeansGroups? halves)) _halves[points] = halves = new KMeansGroups(points, inTurn.Weights, inTurn.Dimension, 2, groups.CancellationToken);
        halves.SetWeights(weights);
        if (random.NextDouble() < 0.5)
        {
            halves.Seed(random);
            halves.Refine();
        }
        else
        {
            halves.SeedAtRandom(random);
        }

        for (int i = 0; i < weights.Length; i++)
        {
            if (halves.Labels[i] == 0) continue;
            shares[(i * componentCount) + other] = shares[(i * componentCount) + source];
            shares[(i * componentCount) + source] = 0;
        }
    }

    private int Draw(int count) => (int)(random.NextDouble() * count);
}
