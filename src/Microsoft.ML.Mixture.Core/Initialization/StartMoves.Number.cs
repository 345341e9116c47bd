namespace Microsoft.ML.Mixture;

/// <content>Moves that take components in the order in which they can be spared.</content>
internal sealed partial class StartMoves
{
    // Components with fewer rows, by weight, are next to empty.
    private const double LeastCount = 0.5;
    private const double LeastShare = 0.01;

    // Above it the others have shares too small to take the logarithm of what is left to them.
    private const double LargestOfLogarithm = 0.9;

    // Of all pairs those that overlap most.
    private const int PairsOfComponent = 1;

    private List<int>? _losses;
    private List<(int First, int Second)>? _pairs;
    private int _leftOut;
    private int _merged;

    // Pairs of a component that goes and one that is split, by the sum of their ranks.
    private void Exchange(double[] shares, int turn)
    {
        if (_losses is null) Rank(_all);
        int[] misfits = [.. _all.OrderByDescending(k => _told.Misfit(k))];
        int rank = turn % (componentCount * (componentCount - 1));
        (int gone, int source) = Enumerable.Range(0, componentCount * componentCount).Select(pair => (First: pair / componentCount, Second: pair % componentCount))
            .OrderBy(pair => pair.First + pair.Second).Select(pair => (_losses![pair.First], misfits[pair.Second]))
            .Where(pair => pair.Item1 != pair.Item2).ElementAt(rank);
        _told.Remove(shares, gone);
        Split(shares, source, gone);
    }

    private void ChangeNumber(StartMove move, double[] shares, MixtureFit fit)
    {
        int[] used = [.. Enumerable.Range(0, componentCount).Where(k => fit.EffectiveCounts[k] >= LeastCount)];
        if (used.Length == 0) used = _all;
        if (_losses is null) Rank(used);
        if (move == StartMove.LeaveOut && _leftOut < _losses!.Count && used.Length > 1)
        {
            _told.Remove(shares, _losses[_leftOut++]);
            return;
        }

        if (move != StartMove.Split && _merged < Math.Min(_pairs!.Count, PairsOfComponent * used.Length))
        {
            (int first, int second) = _pairs[_merged++];
            Merge(shares, first, second);
            return;
        }

        if (move == StartMove.LeaveOut && used.Length > 1)
        {
            Reassign(shares, used);
            return;
        }

        int source = used[Draw(used.Length)], rival = used[Draw(used.Length)];
        if (_told.Misfit(rival) > _told.Misfit(source)) source = rival;
        int empty = Enumerable.Range(0, componentCount).Except(used).LastOrDefault(-1);
        if (empty < 0)
        {
            (empty, int into) = _pairs![Draw(_pairs.Count)];
            Merge(shares, into, empty);
            if (source == empty) source = into;
        }

        Split(shares, source, empty);
    }

    // By what the rows of each component, or of one of a pair, lose where they have to be explained by the others, or by the other.
    private void Rank(int[] used)
    {
        (_leftOut, _merged) = (0, 0);
        double[] losses = new double[componentCount], ofPairs = new double[componentCount * componentCount];
        for (int at = 0; at < _told.Responsibilities.Length; at += componentCount)
        {
            double weight = groups.Points.Weights[at / componentCount];
            for (int k = 0; k < componentCount; k++)
            {
                double share = _told.Responsibilities[at + k];
                if (share < LeastShare || weight == 0) continue;
                double others = _told.LogNoise.Length > 0 ? _told.LogNoise[at / componentCount] : double.NegativeInfinity, own = _told.LogJoint[at + k];
                for (int m = 0; m < componentCount; m++)
                {
                    if (m == k) continue;
                    others = Math.Max(others, _told.LogJoint[at + m]);
                    ofPairs[(k * componentCount) + m] += weight * share * (own - _told.LogJoint[at + m]);
                }

                losses[k] += weight * (share < LargestOfLogarithm ? -Math.Log(1 - share) : own - others);
            }
        }

        _losses = [.. used.OrderBy(k => losses[k])];
        _pairs =
        [
            .. used.SelectMany((first, i) => used.Skip(i + 1).Select(second => (First: first, Second: second)))
                .OrderBy(pair => Math.Min(ofPairs[(pair.First * componentCount) + pair.Second], ofPairs[(pair.Second * componentCount) + pair.First])),
        ];
    }
}
