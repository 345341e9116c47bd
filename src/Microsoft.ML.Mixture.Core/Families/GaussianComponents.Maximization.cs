using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <content>The M-step.</content>
internal sealed partial class GaussianComponents
{
    // Below this number of multiplications other threads are not worth waking up.
    private const long FewestOperationsForThreads = 200_000;

    // Bounds on what the scatter of all rows may lose to rounding, as factors of the machine precision.
    private const double MostSquaredOffset = 1e3;
    private const double MostLossOfDigits = 1e5;

    // In cubes of D: axes or factors of every matrix a few times, and axes that are iterated until all have the same.
    private const double OperationsOfFactors = 15;
    private const double OperationsOfCommonAxes = 50;

    // As measured, with 350 to 1000 features: axes by a tridiagonal matrix, or two steps to a common shape.
    private const double OperationsOfHaste = 5;

    internal override double MaximizationOperations =>
        OperationsOf(_family.Structure.TiesOrientation && !_family.Structure.TiesShape ? OperationsOfCommonAxes : OperationsOfFactors);

    internal override double HastyMaximizationOperations => OperationsOf(OperationsOfHaste);

    public override bool TryMaximize(
        ReadOnlySpan<double> effectiveCounts, ReadOnlySpan<double> statistics, MixtureComponents destination, out DegenerateComponent? failure) =>
        TryMaximizeTogether(effectiveCounts, statistics, destination, team: null, CancellationToken.None, out failure);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal override bool TryMaximizeTogether(
        ReadOnlySpan<double> effectiveCounts, ReadOnlySpan<double> statistics, MixtureComponents destination, WorkerTeam? team, CancellationToken cancellationToken,
        out DegenerateComponent? failure)
    {
        var next = (GaussianComponents)destination;
        CovarianceShape shape = _family.Structure.Shape;
        CovarianceRegularization regularization = _family.Regularization;
        int length = shape.Length(Dimension);
        Span<double> scatters = next.Work(ComponentCount * length);
        for (int k = 0; k < ComponentCount; k++)
        {
            double count = effectiveCounts[k] > GaussianLimits.EmptyCount ? effectiveCounts[k] : 0;
            if (count == 0 && regularization.PriorCount <= 0 && _family.Prior is null)
            {
                failure = DegenerateComponent.Empty(k);
                return false;
            }

            ReadOnlySpan<double> sums = statistics.Slice(k * _componentStatisticsLength, Dimension);
            Span<double> scatter = scatters.Slice(k * length, length), mean = next._means.AsSpan(k * Dimension, Dimension);
            for (int j = 0; j < Dimension; j++) mean[j] = _pivots[(k * Dimension) + j] + (count > 0 ? sums[j] / count : 0);
            if (_usesTotal || count == 0) scatter.Clear();
            else Recentre(sums, statistics.Slice((k * _componentStatisticsLength) + Dimension, _componentStatisticsLength - Dimension), count, scatter);
            next._counts[k] = count;
        }

        if (_usesTotal) next.Within(this, statistics, scatters[..length]);
        for (int k = 0; k < ComponentCount; k++)
        {
            CovarianceRegularization own = _family.RegularizationOf(k);
            own.AddTo(shape, next._counts[k], scatters.Slice(k * length, length));
            next._counts[k] += own.PriorCount;
        }

        _family.Prior?.AddTo(shape, next._counts, next._means, scatters);
        if (next.Order is not null) next.Reorder(next.Order, scatters, length);
        if (next._ownCovariances.Length > 0) next.NoteOwnCovariances(scatters, length);
        next._means.CopyTo(next._pivots, 0);
        ReadOnlySpan<double> current = HasCovariances && next.Order is null ? _covariances : default;
        _family.Structure.Estimate(new CovarianceScatter(shape, Dimension, next._counts, scatters, current, _family.IsRough, _family.IsHasty, cancellationToken), next._covariances);
        if (regularization.Floor > 0) next.AddFloor(regularization.Floor);
        return next.TryFactor(team, cancellationToken, out failure);
    }

    private void NoteOwnCovariances(ReadOnlySpan<double> scatters, int length)
    {
        for (int k = 0; k < ComponentCount; k++)
        {
            Span<double> own = _ownCovariances.AsSpan(k * length, length);
            TensorPrimitives.Divide(scatters.Slice(k * length, length), _counts[k], own);
            for (int j = 0; j < Dimension; j++) own[Shape.Index(j, j)] += _family.Regularization.Floor;
        }
    }

    private double OperationsOf(double decomposition) => _family.Structure.Shape != CovarianceShape.Full ? 0
        : (double)ComponentCount * Dimension * Dimension * Dimension * (_family.Structure.IsEstimatedAtOnce ? 1 : decomposition);

    private void Reorder(int[] order, Span<double> scatters, int length)
    {
        double[] counts = [.. _counts], means = [.. _means], before = scatters.ToArray();
        for (int k = 0; k < order.Length; k++)
        {
            _counts[k] = counts[order[k]];
            means.AsSpan(order[k] * Dimension, Dimension).CopyTo(_means.AsSpan(k * Dimension));
            before.AsSpan(order[k] * length, length).CopyTo(scatters[(k * length)..]);
        }
    }

    // Components of a start have none before their first M-step, or have some that the structure does not store so.
    private bool HasCovariances => Shape == _family.Structure.Shape && _covariances[0] > 0;

    // From sums about the pivot to the scatter about the mean: S - s s' / N.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Recentre(ReadOnlySpan<double> sums, ReadOnlySpan<double> summed, double count, Span<double> scatter)
    {
        CovarianceShape shape = _family.Structure.Shape;
        if (shape == CovarianceShape.Full)
        {
            ScatterTriangle.Pack(summed, Dimension, scatter);
            for (int i = 0; i < Dimension; i++)
            {
                Span<double> row = scatter.Slice(PackedTriangle.Index(i, 0), i + 1);
                double before = row[i];
                Lanes.AddScaled(sums[..(i + 1)], -sums[i] / count, row);
                row[i] = Remainder(row[i], before);
            }

            return;
        }

        summed.CopyTo(scatter);
        for (int j = 0; j < Dimension; j++) scatter[shape.Index(j, j)] -= sums[j] / count * sums[j];
        for (int j = 0; j < scatter.Length; j++) scatter[j] = Remainder(scatter[j], summed[j]);
    }

    // The scatter of all rows about the origin, without what the means of the components make of it. Differences come first: the means
    // themselves have been rounded, and far from zero that is more than the covariance bears.
    private void Within(GaussianComponents before, ReadOnlySpan<double> statistics, Span<double> scatter)
    {
        ReadOnlySpan<double> total = statistics[^ConstantStatisticsLength..];
        ScatterTriangle.Pack(total, Dimension, scatter);
        Span<double> offset = _diagonal;
        for (int k = 0; k < ComponentCount; k++)
        {
            if (_counts[k] == 0) continue;
            ReadOnlySpan<double> pivot = before._pivots.AsSpan(k * Dimension, Dimension), sums = statistics.Slice(k * _componentStatisticsLength, Dimension);
            for (int j = 0; j < Dimension; j++) offset[j] = pivot[j] - _family.Origin[j] + (sums[j] / _counts[k]);
            for (int i = 0; i < Dimension; i++) Lanes.AddScaled(offset[..(i + 1)], -_counts[k] * offset[i], scatter.Slice(PackedTriangle.Index(i, 0), i + 1));
        }

        for (int j = 0; j < Dimension; j++)
        {
            int at = PackedTriangle.Index(j, j);
            scatter[at] = Remainder(scatter[at], total[ScatterTriangle.RowOffset(j) + j]);
        }
    }

    // What is left of a sum after a difference may be rounding only.
    private static double Remainder(double left, double before) => left <= GaussianLimits.RelativePivot * before ? 0 : left;

    // The difference of the scatter of all rows and that of the means is safe if the means lie not far from the origin, in standard deviations.
    private bool CanUseTotal()
    {
        if (_family.HasHoles || _family.HasNoise || !_family.Structure.NeedsSumOfScatterOnly || Shape != CovarianceShape.Full || !IsShared) return false;
        double farthest = 0, conditioning = 1;
        for (int j = 0; j < Dimension; j++)
        {
            int at = PackedTriangle.Index(j, j);
            conditioning = Math.Max(conditioning, _covariances[at] / (_choleskyFactors[at] * _choleskyFactors[at]));
            for (int k = 0; k < ComponentCount; k++)
            {
                double offset = _means[(k * Dimension) + j] - _family.Origin[j];
                farthest = Math.Max(farthest, offset * offset / _covariances[at]);
            }
        }

        return farthest <= MostSquaredOffset && farthest * conditioning <= MostLossOfDigits;
    }

    private void AddFloor(double floor)
    {
        int length = Shape.Length(Dimension);
        for (int first = 0; first < _covariances.Length; first += length)
        {
            for (int j = 0; j < Shape.DiagonalLength(Dimension); j++) _covariances[first + Shape.Index(j, j)] += floor;
        }
    }

    // U' (mu(k) - mu(0)) = T (mu(k) - mu(0)), with T = inverse(L) as the factorisation has left it.
    private void WhitenMeans(ReadOnlySpan<double> inverseFactor)
    {
        for (int k = 0; k < ComponentCount; k++)
        {
            for (int i = 0; i < Dimension; i++)
            {
                double sum = 0;
                for (int j = 0; j <= i; j++) sum += inverseFactor[PackedTriangle.Index(i, j)] * (_means[(k * Dimension) + j] - _means[j]);
                _whitenedMeans[(k * Dimension) + i] = sum;
            }
        }
    }

    // Turns covariances into what the densities need. Fails where a covariance is not positive definite beyond rounding.
    private bool TryFactor(WorkerTeam? team, CancellationToken cancellationToken, out DegenerateComponent? failure)
    {
        int matrices = _badPivots.Length;
        _cancellationToken = cancellationToken;
        if (team is not null && (long)matrices * Dimension * Dimension * Dimension >= FewestOperationsForThreads && Shape == CovarianceShape.Full)
        {
            team.Run(matrices, _factorOne ??= (matrix, _) => Factorize(matrix));
        }
        else
        {
            for (int matrix = 0; matrix < matrices; matrix++) Factorize(matrix);
        }

        _version++;
        _logPrior = 0;
        for (int k = 0; k < ComponentCount; k++)
        {
            int matrix = IsShared ? 0 : k;
            if (_badPivots[matrix] >= 0)
            {
                int feature = _badPivots[matrix];
                failure = new DegenerateComponent(k, GaussianFactor.Explain(k, _family.FeatureName(feature), isBesideOthers: feature > 0 && Shape == CovarianceShape.Full));
                return false;
            }

            _logConstants[k] = -0.5 * ((Dimension * Math.Log(2 * Math.PI)) + _logDeterminants[matrix]);
            CovarianceRegularization prior = _family.RegularizationOf(k);
            _logPrior -= 0.5 * prior.PriorCount * (_logDeterminants[matrix] + _tracesOfPrior[matrix] - prior.PriorOffset);
        }

        if (_isWhitened) WhitenMeans(_inverseFactors);
        if (_family.HasHoles && Shape == CovarianceShape.Full) PrepareForHoles();
        _usesTotal = CanUseTotal();
        failure = null;
        return true;
    }

    private void Factorize(int matrix)
    {
        _cancellationToken.ThrowIfCancellationRequested();
        int length = Shape.Length(Dimension);
        CovarianceRegularization regularization = _family.RegularizationOf(matrix);
        if (regularization.LeastVariances is { } least && Shape == CovarianceShape.Full) RaisedVariances.Raise(Slice(_covariances, matrix, length), least, _choleskyFactors.AsSpan(matrix * length, length));
        _badPivots[matrix] = GaussianFactor.Factor(
            Shape, Dimension, _family.UnitExponent, Covariance(matrix), regularization, _choleskyFactors.AsSpan(matrix * length, length),
            _inverseFactors.AsSpan(matrix * length, length), Slice(_factors, matrix, _factorLength), out _logDeterminants[matrix], out _tracesOfPrior[matrix], _cancellationToken);
    }
}
