using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>The prior that the components of a fit suggest, where one that follows all rows is much wider than they are.</summary>
/// <remarks>
/// <para>
/// The covariance of all rows has the distances between groups in it. As a prior on components it is far too wide where groups stand apart, and so is one row's
/// worth of the mean of all rows: of fifty rows that are tight beside these distances next to nothing would be left. What maximises the evidence lower bound
/// over V and beta0 is
/// <code>
///   V = nu0 times the harmonic mean of the C(k),   beta0 = D / the mean over k of ( (m(k) - m0)' inverse(C(k)) (m(k) - m0) + D / beta(k) )
/// </code>
/// and in turns with C(k), m(k) and beta(k), which follow from the counts, means and scatter matrices of the rows of components, it gives the prior for these
/// groups. Components whose rows are too few for a covariance, or coincide in a direction, say nothing of how wide components are.
/// </para>
/// <para>Source: empirical Bayes, or the maximum likelihood of type II; Bishop (2006), Pattern Recognition and Machine Learning, section 3.5.</para>
/// </remarks>
internal sealed class PriorOfGroups
{
    // What a prior may add to the variances of a component, in all directions together, beside what one as wide as the component would add.
    private const double LargestShare = 0.1;

    // What rows that coincide in some direction have of a variance there, which is all the prior's.
    private const double CoincidingShare = 1e-8;

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
    private readonly int _dimension;
    private readonly int[] _inUse;
    private readonly double _averageCount;
    private readonly Member[] _members;
    private readonly List<Group> _groups = [];
    private readonly List<int> _coinciding = [];

    /// <summary>Looks at the components in use under a prior.</summary>
    /// <param name="posterior">The components, whose covariances depend on the rows of each alone or are one for all.</param>
    /// <param name="inUse">Those in use.</param>
    /// <param name="prior">The prior of the fit.</param>
    /// <param name="ofCovariances">The prior that the covariances have in them.</param>
    /// <param name="cancellationToken">Stops it between components.</param>
    public PriorOfGroups(VariationalGaussians posterior, int[] inUse, NormalWishartPrior prior, NormalWishartPrior ofCovariances, CancellationToken cancellationToken)
    {
        (_prior, _ofCovariances, _gaussians, _dimension, _inUse) = (prior, ofCovariances, posterior.Gaussians, posterior.Dimension, inUse);
        (_isFull, _isShared) = (_gaussians.Shape == CovarianceShape.Full, _gaussians.IsShared);
        _averageCount = posterior.Counts.ToArray().Average();
        _members = [.. inUse.Select(k => MemberOf(posterior, k))];
        int[] components = _isShared ? [inUse[0]] : inUse;
        if (OperationsOf(components.Length) > MostOperationsOfTurn) return;
        foreach (int k in components)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Add(k);
        }
    }

    /// <summary>The components whose rows coincide in some direction, where their width is the prior's alone; the first of them for all that share one covariance.</summary>
    public IReadOnlyList<int> Coinciding => _coinciding;

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
                        if (widest is not { } known || share > known.Item3) widest = (group.Component, j, share);
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
        double[] all = SumOf(group, Stored(_prior.Scatter), _prior.MeanPrecision);
        for (int j = 0; j < _dimension; j++)
        {
            if (!(group.Scatter[Index(j, j)] > CoincidingShare * all[Index(j, j)])) return j;
        }

        return null;
    }

    /// <summary>Looks for a better prior.</summary>
    /// <param name="followsMeans">Whether beta0 may change.</param>
    /// <param name="followsCovariances">Whether V may change.</param>
    /// <param name="cancellationToken">Stops the search.</param>
    /// <returns>Another prior; null where that of the fit is hardly wider than its components.</returns>
    public NormalWishartPrior? Find(bool followsMeans, bool followsCovariances, CancellationToken cancellationToken)
    {
        if (Widest is null) return null;
        double[] scatter = Stored(_prior.Scatter);
        double meanPrecision = _prior.MeanPrecision;
        int most = (int)Math.Clamp(MostOperations / OperationsOf(_groups.Count), 1, MostSteps);
        for (int step = 0; step < most; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!TryStep(ref scatter, ref meanPrecision, followsMeans, followsCovariances, out bool isSettled)) return null;
            if (isSettled && step == 0) return null;
            if (isSettled) break;
        }

        return new NormalWishartPrior(meanPrecision, _prior.Mean, _prior.DegreesOfFreedom, Packed(scatter), _prior.RowVariance);
    }

    private double OperationsOf(int count) => count * Math.Pow(_isFull ? _dimension : 1, 3);

    // Of a component in use. The posterior mean is between that of its rows and m0.
    private Member MemberOf(VariationalGaussians posterior, int component)
    {
        double count = posterior.Counts[component], share = count / (_ofCovariances.MeanPrecision + count);
        ReadOnlySpan<double> mean = _gaussians.Means.Slice(component * _dimension, _dimension);
        double[] offset = new double[_dimension];
        for (int j = 0; j < _dimension; j++) offset[j] = (mean[j] - _prior.Mean[j]) / share;
        return new Member(count, offset);
    }

    // What is left of a covariance without the prior is that of the rows.
    private Group GroupOf(int component)
    {
        Group group = _isShared ? new Group(component, _averageCount, [], _members, 1.0 / _gaussians.ComponentCount)
            : new Group(component, _members[Array.IndexOf(_inUse, component)].Count, [], [_members[Array.IndexOf(_inUse, component)]], Share: 1);
        double[] scatter = [.. Stored(_gaussians.Covariance(component)).Select(value => value * (_prior.DegreesOfFreedom + group.Count))], prior = Stored(_ofCovariances.Scatter);
        for (int i = 0; i < scatter.Length; i++) scatter[i] -= prior[i];
        AddOffsets(scatter, group, _ofCovariances.MeanPrecision, -1);
        return group with { Scatter = scatter };
    }

    // Rows that coincide say nothing of how wide components are, nor do fewer than there are features.
    private void Add(int component)
    {
        Group group = GroupOf(component);
        if (!(group.Count > Math.Max(_dimension, FewestRows))) return;
        double[] rows = group.Scatter, all = SumOf(group, Stored(_prior.Scatter), _prior.MeanPrecision);
        double[] spread = [.. rows.Select((value, i) => value - (CoincidingShare * all[i]))];
        if (_isFull ? Cholesky.TryFactorInPlace(spread, _dimension, out _) : Array.TrueForAll(spread, value => value > 0)) _groups.Add(group);
        else _coinciding.Add(component);
    }

    /// <summary>One turn of what follows from what.</summary>
    private bool TryStep(ref double[] scatter, ref double meanPrecision, bool followsMeans, bool followsCovariances, out bool isSettled)
    {
        double distance = 0;
        int members = 0;
        double[] precision = new double[scatter.Length];
        isSettled = true;
        foreach (Group group in _groups)
        {
            if (!TryInvertCovariance(group, scatter, meanPrecision, out double[] inverse)) return false;
            foreach (Member member in group.Members)
            {
                distance += (member.ShareBeside(meanPrecision) * member.ShareBeside(meanPrecision) * Square(inverse, member.Offset)) + (_dimension / (meanPrecision + member.Count));
                members++;
            }

            for (int i = 0; i < inverse.Length; i++) precision[i] += inverse[i] / _groups.Count;
        }

        if (followsMeans)
        {
            double found = Math.Min(LargestMeanPrecision, members * _dimension / distance);
            isSettled = Math.Abs(found - meanPrecision) <= Settled * meanPrecision;
            meanPrecision = found;
        }

        if (!followsCovariances) return true;
        if (!TryInvert(precision)) return false;
        for (int i = 0; i < precision.Length; i++) precision[i] *= _prior.DegreesOfFreedom;
        for (int j = 0; j < _dimension; j++) isSettled &= Math.Abs(precision[Index(j, j)] - scatter[Index(j, j)]) <= Settled * scatter[Index(j, j)];
        scatter = precision;
        return true;
    }

    // Of a prior as wide as the component, its matrix is worth nu0 of the variance of one row in each direction, and its mean one.
    private double ExcessOf(Group group, double[] inverse, double[] scatter, double meanPrecision)
    {
        double added = Trace(inverse, scatter);
        foreach (Member member in group.Members) added += group.Share * meanPrecision * member.ShareBeside(meanPrecision) * Square(inverse, member.Offset);
        return (added - (_dimension * (_prior.DegreesOfFreedom + 1))) / (_prior.DegreesOfFreedom + group.Count);
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

    // A lower triangle, or the D variances of a structure without correlations.
    private int Index(int i, int j) => _isFull ? PackedTriangle.Index(i, j) : i;

    private double[] Stored(ReadOnlySpan<double> matrix)
    {
        if (_isFull) return matrix.ToArray();
        double[] variances = new double[_dimension];
        for (int j = 0; j < _dimension; j++) variances[j] = matrix.Length == PackedTriangle.Length(_dimension) ? matrix[PackedTriangle.Index(j, j)] : matrix[_gaussians.Shape.Index(j, j)];
        return variances;
    }

    private double[] Packed(double[] stored)
    {
        if (_isFull) return stored;
        double[] lower = new double[PackedTriangle.Length(_dimension)];
        for (int j = 0; j < _dimension; j++) lower[PackedTriangle.Index(j, j)] = stored[j];
        return lower;
    }

    // False for a matrix that is not positive definite.
    private bool TryInvert(double[] matrix)
    {
        if (!_isFull)
        {
            for (int j = 0; j < matrix.Length; j++) matrix[j] = 1 / matrix[j];
            return Array.TrueForAll(matrix, value => value > 0 && double.IsFinite(value));
        }

        if (!Cholesky.TryFactorInPlace(matrix, _dimension, out _)) return false;
        Cholesky.InvertInPlace(matrix, _dimension);
        double[] factor = [.. matrix];
        Array.Clear(matrix);
        for (int m = 0; m < _dimension; m++)
        {
            ReadOnlySpan<double> row = factor.AsSpan(PackedTriangle.Index(m, 0), m + 1);
            for (int i = 0; i <= m; i++) Lanes.AddScaled(row[..(i + 1)], row[i], matrix.AsSpan(PackedTriangle.Index(i, 0), i + 1));
        }

        return Array.TrueForAll(matrix, double.IsFinite);
    }

    private double Trace(double[] first, double[] second)
    {
        double sum = 0;
        for (int i = 0; i < _dimension; i++)
        {
            sum += first[Index(i, i)] * second[Index(i, i)];
            for (int j = 0; _isFull && j < i; j++) sum += 2 * first[PackedTriangle.Index(i, j)] * second[PackedTriangle.Index(i, j)];
        }

        return sum;
    }

    private double Square(double[] matrix, double[] vector)
    {
        double sum = 0;
        for (int i = 0; i < _dimension; i++)
        {
            sum += matrix[Index(i, i)] * vector[i] * vector[i];
            for (int j = 0; _isFull && j < i; j++) sum += 2 * matrix[PackedTriangle.Index(i, j)] * vector[i] * vector[j];
        }

        return sum;
    }

    // N(k), and the mean of its rows less m0.
    private sealed record Member(double Count, double[] Offset)
    {
        public double ShareBeside(double meanPrecision) => Count / (meanPrecision + Count);
    }

    // A component, or all of one covariance, and the scatter of its rows about their mean. Of a common covariance it is that of an average component, to which each gives its share.
    private sealed record Group(int Component, double Count, double[] Scatter, Member[] Members, double Share);
}
