using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>The prior that the components of a fit suggest, where one that follows all rows is much wider than they are.</summary>
/// <remarks>
/// <para>
/// The covariance of all rows has the distances between groups in it. As a prior on components it is far too wide where groups stand apart, and so is one row's
/// worth of the mean of all rows: of fifty rows that are tight beside these distances next to nothing would be left. What the components themselves say is
/// <code>
///   V = nu0 times the average of the C(k), brought to the geometric mean of their volumes,
///   beta0 = D / the mean over k of ( (m(k) - m0)' inverse(C(k)) (m(k) - m0) + D / beta(k) )
/// </code>
/// in turns with C(k), m(k) and beta(k), which follow from the counts, means and scatter matrices of the rows of components. That beta0 has the highest evidence lower bound; the V that has it, nu0 times the harmonic mean, follows the tightest
/// component, and finds too many where tails are heavy. Components whose rows are too few for a covariance, or coincide in a direction, say nothing of how wide components are. Nor do features that are constant, whose prior is kept,
/// or that follow from others, whose prior becomes narrower as that of the others does on average; D is the number of those that are left.
/// </para>
/// <para>Source: empirical Bayes; Bishop (2006), Pattern Recognition and Machine Learning, section 3.5.</para>
/// </remarks>
internal sealed partial class PriorOfGroups
{
    // What a prior may add to the variance of a component in some direction, beside what one as wide as the component would add.
    private const double LargestShare = 0.1;

    // What rows that coincide in some direction have of a variance there, which is all the prior's: rounding.
    private const double CoincidingShare = 1e-12;

    // Of the distance between values that rows share: with a smaller standard deviation a component is on one of them, but for what it has of its neighbours' rows.
    private const double ShareOfSpacing = 0.2;

    // The mean of all rows is not worth more than this, where means hardly differ.
    private const double LargestMeanPrecision = BayesianGaussianMixtureOptions.LargestFoundMeanPrecision;

    private const double Settled = 0.01;
    private const int MostSteps = 50;

    // Of all components in one turn, and in all. With more the prior stays that of all rows.
    private const double MostOperationsOfTurn = 1e10;
    private const double MostOperations = 2e10;

    // Variational Bayes keeps components for a few rows that are far from all others.
    private const int FewestRows = 4;

    private readonly NormalWishartPrior _prior;
    private readonly NormalWishartPrior _ofCovariances;
    private readonly GaussianComponents _gaussians;
    private readonly bool _isFull;
    private readonly bool _isShared;
    private readonly int[] _features;
    private readonly int _dimension;
    private readonly int[] _following;
    private readonly int[] _inUse;
    private readonly double[] _spacings;
    private readonly double _averageCount;
    private readonly Member[] _members;
    private readonly List<Group> _groups = [];
    private readonly List<int> _coinciding = [];

    /// <summary>Looks at the components in use under a prior.</summary>
    /// <param name="posterior">The components, whose covariances depend on the rows of each alone or are one for all.</param>
    /// <param name="inUse">Those in use.</param>
    /// <param name="rowCounts">How many rows each component rests on, whatever they weigh, shape K.</param>
    /// <param name="prior">The prior of the fit.</param>
    /// <param name="ofCovariances">The prior that the covariances have in them.</param>
    /// <param name="spacings">How far values that rows share are apart, shape D; zero for features whose rows share none.</param>
    /// <param name="features">Those that vary and do not follow from others, in order.</param>
    /// <param name="following">Those that follow from others.</param>
    /// <param name="cancellationToken">Stops it between components.</param>
    public PriorOfGroups(
        VariationalGaussians posterior, int[] inUse, IReadOnlyList<double> rowCounts, NormalWishartPrior prior, NormalWishartPrior ofCovariances, double[] spacings,
        int[] features, int[] following, CancellationToken cancellationToken)
    {
        (_prior, _ofCovariances, _gaussians, _inUse, _spacings) = (prior, ofCovariances, posterior.Gaussians, inUse, spacings);
        (_features, _dimension, _following) = (features, features.Length, following);
        (_isFull, _isShared) = (_gaussians.Shape == CovarianceShape.Full, _gaussians.IsShared);
        _averageCount = posterior.Counts.ToArray().Average();
        _members = [.. inUse.Select(k => MemberOf(posterior, k))];
        HandfulCount = inUse.Count(k => rowCounts[k] <= FewestRows);
        int[] components = _isShared ? [inUse[0]] : inUse;
        if (OperationsOf(components.Length) > MostOperationsOfTurn) return;
        foreach (int k in components)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Add(k, _isShared ? inUse.Sum(member => rowCounts[member]) - inUse.Length : rowCounts[k]);
        }
    }

    /// <summary>The components whose rows coincide in some direction, where their width is the prior's alone; the first of them for all that share one covariance.</summary>
    public IReadOnlyList<int> Coinciding => _coinciding;

    /// <summary>How many components in use rest on a handful of rows.</summary>
    public int HandfulCount { get; }

    /// <summary>Whether no more components than there rest on a handful of rows, or on rows that coincide.</summary>
    public bool IsAsSoundAs(PriorOfGroups other) => Coinciding.Count <= other.Coinciding.Count && HandfulCount <= other.HandfulCount;

    /// <summary>The component that the prior widens most, of those that it widens by much more than one as wide as they are would, and the feature; null for none.</summary>
    public (int Component, int Feature, double Share)? Widest
    {
        get
        {
            double[] scatter = Stored(_prior.Scatter);
            double meanPrecision = _prior.MeanPrecision;
            (int, int, double)? widest = null;
            foreach (Group group in _groups)
            {
                if (TryInvertCovariance(group, scatter, meanPrecision, out double[] inverse) && ExcessOf(group, inverse, scatter, meanPrecision) > LargestShare)
                {
                    double[] rows = group.Scatter, all = SumOf(group, scatter, meanPrecision);
                    for (int j = 0; j < _dimension; j++)
                    {
                        double share = 1 - (rows[Index(j, j)] / all[Index(j, j)]);
                        if (widest is not { } known || share > known.Item3) widest = (group.Component, _features[j], share);
                    }
                }
            }

            return widest;
        }
    }

    /// <summary>A feature in which the rows of one of <see cref="Coinciding"/> coincide; null where it is no single one.</summary>
    public int? FeatureOf(int component)
    {
        Group group = GroupOf(component);
        double[] spread = SpreadOf(group);
        for (int j = 0; j < _dimension; j++)
        {
            if (!(spread[Index(j, j)] > 0) || IsOnValues(group, j)) return _features[j];
        }

        return null;
    }

    /// <summary>Looks for a better prior.</summary>
    /// <param name="followsTightest">Whether V is to be about as tight as the tightest component, as the highest bound has it.</param>
    /// <param name="followsMeans">Whether beta0 may change.</param>
    /// <param name="followsCovariances">Whether V may change.</param>
    /// <param name="cancellationToken">Stops the search.</param>
    /// <returns>Another prior; null where components say nothing.</returns>
    public NormalWishartPrior? Find(bool followsTightest, bool followsMeans, bool followsCovariances, CancellationToken cancellationToken)
    {
        if (_groups.Count == 0) return null;
        double[] scatter = Stored(_prior.Scatter);
        double meanPrecision = _prior.MeanPrecision;
        int most = (int)Math.Clamp(MostOperations / OperationsOf(_groups.Count), 1, MostSteps);
        for (int step = 0; step < most; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!TryStep(ref scatter, ref meanPrecision, followsTightest, followsMeans, followsCovariances, out bool isSettled)) return null;
            if (isSettled) break;
        }

        return new NormalWishartPrior(meanPrecision, _prior.Mean, _prior.DegreesOfFreedom, followsCovariances ? Packed(scatter) : _prior.Scatter, _prior.RowVariance);
    }

    private double OperationsOf(int count) => count * Math.Pow(_isFull ? _dimension : 1, 3);

    // Of a component in use. The posterior mean is between that of its rows and m0.
    private Member MemberOf(VariationalGaussians posterior, int component)
    {
        double count = posterior.Counts[component], share = count / (_ofCovariances.MeanPrecision + count);
        ReadOnlySpan<double> mean = _gaussians.Means.Slice(component * _gaussians.Dimension, _gaussians.Dimension);
        double[] offset = new double[_dimension];
        for (int at = 0; at < _dimension; at++) offset[at] = (mean[_features[at]] - _prior.Mean[_features[at]]) / share;
        return new Member(count, offset);
    }

    // What is left of a covariance without the prior is that of the rows.
    private Group GroupOf(int component)
    {
        Member[] members = _isShared ? _members : [_members[Array.IndexOf(_inUse, component)]];
        var group = new Group(component, _isShared ? _averageCount : members[0].Count, [], members, _isShared ? 1.0 / _gaussians.ComponentCount : 1);
        double[] scatter = [.. Stored(_gaussians.Covariance(component)).Select(value => value * (_prior.DegreesOfFreedom + group.Count))], prior = Stored(_ofCovariances.Scatter);
        for (int i = 0; i < scatter.Length; i++) scatter[i] -= prior[i];
        AddOffsets(scatter, group, _ofCovariances.MeanPrecision, -1);
        return group with { Scatter = scatter };
    }

    // Rows that coincide say nothing of how wide components are, nor do fewer than there are features.
    private void Add(int component, double rows)
    {
        if (!(rows > Math.Max(_isFull ? _dimension : 1, FewestRows))) return;
        Group group = GroupOf(component);
        double[] spread = SpreadOf(group);
        bool isSound = _isFull ? Cholesky.TryFactorInPlace(spread, _dimension, out _) : Array.TrueForAll(spread, value => value > 0);
        for (int j = 0; j < _dimension && isSound; j++) isSound = !IsOnValues(group, j);
        if (isSound) _groups.Add(group);
        else _coinciding.Add(component);
    }

    // Without what is added to the variances of rows, and what is rounding beside the prior.
    private double[] SpreadOf(Group group)
    {
        double[] spread = [.. group.Scatter], all = SumOf(group, Stored(_prior.Scatter), _prior.MeanPrecision);
        for (int i = 0; i < spread.Length; i++) spread[i] -= CoincidingShare * all[i];
        for (int j = 0; j < _dimension; j++) spread[Index(j, j)] -= group.Count * _prior.RowVariance * (1 + CoincidingShare);
        return spread;
    }

    private bool IsOnValues(Group group, int j)
    {
        double least = ShareOfSpacing * _spacings[_features[j]];
        return (group.Scatter[Index(j, j)] / group.Count) - _prior.RowVariance < least * least;
    }

    /// <summary>One turn of what follows from what.</summary>
    private bool TryStep(ref double[] scatter, ref double meanPrecision, bool followsTightest, bool followsMeans, bool followsCovariances, out bool isSettled)
    {
        double distance = 0, total = 0, volume = 0;
        int members = 0;
        double[] average = new double[scatter.Length];
        isSettled = true;
        foreach (Group group in _groups)
        {
            double degrees = _prior.DegreesOfFreedom + group.Count;
            double[] covariance = [.. SumOf(group, scatter, meanPrecision).Select(value => value / degrees)], inverse = [.. covariance];
            if (!TryInvert(inverse)) return false;
            foreach (Member member in group.Members)
            {
                distance += (member.ShareBeside(meanPrecision) * member.ShareBeside(meanPrecision) * Square(inverse, member.Offset)) + (_dimension / (meanPrecision + member.Count));
                members++;
            }

            double share = followsTightest ? 1 : group.Count;
            for (int i = 0; i < average.Length; i++) average[i] += share * (followsTightest ? inverse[i] : covariance[i]);
            total += share;
            if (!followsTightest) volume += LogDeterminant(covariance) / _groups.Count;
        }

        for (int i = 0; i < average.Length; i++) average[i] /= total;
        if (followsMeans)
        {
            double found = Math.Min(LargestMeanPrecision, members * _dimension / distance);
            isSettled = Math.Abs(found - meanPrecision) <= Settled * meanPrecision;
            meanPrecision = found;
        }

        if (!followsCovariances) return true;
        if (followsTightest && !TryInvert(average)) return false;
        double scale = _prior.DegreesOfFreedom * (followsTightest ? 1 : Math.Exp((volume - LogDeterminant(average)) / _dimension));
        if (!double.IsFinite(scale)) return false;
        for (int i = 0; i < average.Length; i++) average[i] *= scale;
        for (int j = 0; j < _dimension; j++) isSettled &= Math.Abs(average[Index(j, j)] - scatter[Index(j, j)]) <= Settled * scatter[Index(j, j)];
        scatter = average;
        return true;
    }

    // A prior as wide as the component adds nu0 times the variance of one row in each direction, and by its mean D times that. Groups are far apart in a few directions only.
    private double ExcessOf(Group group, double[] inverse, double[] scatter, double meanPrecision)
    {
        double ofMeans = 0;
        foreach (Member member in group.Members) ofMeans += group.Share * meanPrecision * member.ShareBeside(meanPrecision) * Square(inverse, member.Offset);
        double excess = Math.Max(0, LargestOf(inverse, scatter) - _prior.DegreesOfFreedom) + Math.Max(0, ofMeans - _dimension);
        return excess / (_prior.DegreesOfFreedom + group.Count);
    }

    private bool TryInvertCovariance(Group group, double[] scatter, double meanPrecision, out double[] inverse)
    {
        inverse = SumOf(group, scatter, meanPrecision);
        for (int i = 0; i < inverse.Length; i++) inverse[i] /= _prior.DegreesOfFreedom + group.Count;
        return TryInvert(inverse);
    }

    // (nu0 + N) C under another prior.
    private double[] SumOf(Group group, double[] scatter, double meanPrecision)
    {
        double[] sum = [.. group.Scatter];
        for (int i = 0; i < sum.Length; i++) sum[i] += scatter[i];
        AddOffsets(sum, group, meanPrecision, 1);
        return sum;
    }

    private void AddOffsets(double[] matrix, Group group, double meanPrecision, int sign)
    {
        bool isSpherical = _gaussians.Shape == CovarianceShape.Spherical;
        foreach (Member member in group.Members)
        {
            double pull = sign * group.Share * meanPrecision * member.ShareBeside(meanPrecision);
            double[] offset = member.Offset;
            double average = isSpherical ? offset.Sum(value => value * value) / _dimension : 0;
            for (int i = 0; i < _dimension; i++)
            {
                if (!_isFull) matrix[i] += pull * (isSpherical ? average : offset[i] * offset[i]);
                for (int j = 0; _isFull && j <= i; j++) matrix[PackedTriangle.Index(i, j)] += pull * offset[i] * offset[j];
            }
        }
    }

    // N(k), and the mean of its rows less m0.
    private sealed record Member(double Count, double[] Offset)
    {
        public double ShareBeside(double meanPrecision) => Count / (meanPrecision + Count);
    }

    // A component, or all of one covariance, and the scatter of its rows about their mean. Of a common covariance it is that of an average component, to which each gives its share.
    private sealed record Group(int Component, double Count, double[] Scatter, Member[] Members, double Share);
}
