using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <content>The M-step.</content>
internal sealed partial class GaussianComponents
{
    // Below this number of multiplications other threads are not worth waking up.
    private const long FewestOperationsForThreads = 200_000;

    public override bool TryMaximize(
        ReadOnlySpan<double> effectiveCounts, ReadOnlySpan<double> statistics, MixtureComponents destination, out DegenerateComponent? failure) =>
        TryMaximizeTogether(effectiveCounts, statistics, destination, team: null, out failure);

    internal override bool TryMaximizeTogether(
        ReadOnlySpan<double> effectiveCounts, ReadOnlySpan<double> statistics, MixtureComponents destination, WorkerTeam? team, out DegenerateComponent? failure)
    {
        var next = (GaussianComponents)destination;
        CovarianceShape shape = _family.Structure.Shape;
        CovarianceRegularization regularization = _family.Regularization;
        int length = shape.Length(Dimension);
        for (int k = 0; k < ComponentCount; k++)
        {
            ReadOnlySpan<double> sums = statistics.Slice(k * ComponentStatisticsLength, Dimension);
            Span<double> scatter = next.Work(ComponentCount * length).Slice(k * length, length);
            ReadOnlySpan<double> summed = statistics.Slice((k * ComponentStatisticsLength) + Dimension, ComponentStatisticsLength - Dimension);
            if (shape == CovarianceShape.Full) ScatterTriangle.Pack(summed, Dimension, scatter);
            else summed.CopyTo(scatter);
            double count = effectiveCounts[k];
            if (count <= GaussianLimits.EmptyCount)
            {
                if (regularization.PriorCount <= 0)
                {
                    failure = new DegenerateComponent(
                        k, $"Component {k} is empty: no row belongs to it. Ask for fewer components, use another seed or start, or leave the covariance prior on.");
                    return false;
                }

                count = 0;
                scatter.Clear();
            }

            for (int j = 0; j < shape.DiagonalLength(Dimension); j++) next._diagonal[j] = scatter[shape.Index(j, j)];
            for (int j = 0; j < Dimension; j++)
            {
                double shift = count > 0 ? sums[j] / count : 0;
                next._means[(k * Dimension) + j] = _pivots[(k * Dimension) + j] + shift;
                for (int i = j; i < Dimension && count > 0; i++)
                {
                    int at = shape.Index(i, j);
                    if (at >= 0) scatter[at] -= shift * sums[i];
                }
            }

            for (int j = 0; j < shape.DiagonalLength(Dimension); j++)
            {
                // What is left of a sum after a difference may be rounding only.
                int at = shape.Index(j, j);
                if (scatter[at] <= GaussianLimits.RelativePivot * next._diagonal[j]) scatter[at] = 0;
            }

            for (int j = 0; j < Dimension; j++)
            {
                scatter[shape.Index(j, j)] += (count * regularization.RowVariances[j]) + (regularization.PriorCount * regularization.PriorVariances[j]);
            }

            next._counts[k] = count + regularization.PriorCount;
        }

        next._means.CopyTo(next._pivots, 0);
        _family.Structure.Estimate(new CovarianceScatter(shape, Dimension, next._counts, next.Work(ComponentCount * length)), next._covariances);
        if (regularization.Floor > 0) next.AddFloor(regularization.Floor);
        return next.TryFactor(team, out failure);
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
    private bool TryFactor(WorkerTeam? team, out DegenerateComponent? failure)
    {
        int matrices = _badPivots.Length;
        if (team is not null && (long)matrices * Dimension * Dimension * Dimension >= FewestOperationsForThreads && Shape == CovarianceShape.Full)
        {
            team.Run(matrices, _factorOne ??= (matrix, _) => Factorize(matrix));
        }
        else
        {
            for (int matrix = 0; matrix < matrices; matrix++) Factorize(matrix);
        }

        _logPrior = 0;
        for (int k = 0; k < ComponentCount; k++)
        {
            int matrix = IsShared ? 0 : k;
            if (_badPivots[matrix] >= 0)
            {
                failure = new DegenerateComponent(k, GaussianFactor.Explain(k, _family.FeatureName(_badPivots[matrix])));
                return false;
            }

            _logConstants[k] = -0.5 * ((Dimension * Math.Log(2 * Math.PI)) + _logDeterminants[matrix]);
            _logPrior -= 0.5 * _family.Regularization.PriorCount * (_logDeterminants[matrix] + _tracesOfPrior[matrix]);
        }

        if (IsWhitened) WhitenMeans(_inverseFactors);
        failure = null;
        return true;
    }

    private void Factorize(int matrix)
    {
        int length = Shape.Length(Dimension);
        _badPivots[matrix] = GaussianFactor.Factor(
            Shape, Dimension, _family.UnitExponent, Covariance(matrix), _family.Regularization.PriorVariances, _choleskyFactors.AsSpan(matrix * length, length),
            _inverseFactors.AsSpan(matrix * length, length), Slice(_factors, matrix, FactorLength), out _logDeterminants[matrix], out _tracesOfPrior[matrix]);
    }
}
