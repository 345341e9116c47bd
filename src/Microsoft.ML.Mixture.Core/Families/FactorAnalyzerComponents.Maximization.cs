using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <content>The M-step.</content>
/// <remarks>
/// <para>
/// The mean is that of the component's rows, whatever its covariance is. About it, with S the covariance of these rows, A = S inverse(Sigma) Lambda and
/// T the mean of the expected squares of the factors, EM regresses features on factors: Lambda* = A inverse(T). Parameter expansion lets the factors have
/// the covariance T = C C' on the way, which is taken into the loadings at no cost and spares most of the iterations that EM needs:
/// <code>
///   Lambda = Lambda* C = A inverse(C)',   psi(j) = ( N (S(j,j) - |lambda(j)|^2) + nu V(j) ) / (N + nu)
/// </code>
/// so that the model has the variances of the rows after each step, but for the prior. nu and V are those of an inverse gamma prior on each specific variance.
/// </para>
/// <para>
/// Source: Liu, Rubin and Wu (1998), Parameter expansion to accelerate EM: the PX-EM algorithm, Biometrika 85(4), 755-770, doi:10.1093/biomet/85.4.755.
/// </para>
/// </remarks>
internal sealed partial class FactorAnalyzerComponents
{
    public override bool TryMaximize(
        ReadOnlySpan<double> effectiveCounts, ReadOnlySpan<double> statistics, MixtureComponents destination, out DegenerateComponent? failure)
    {
        var next = (FactorAnalyzerComponents)destination;
        CovarianceRegularization prior = _family.Regularization;
        for (int k = 0; k < ComponentCount; k++)
        {
            double count = effectiveCounts[k] > GaussianLimits.EmptyCount ? effectiveCounts[k] : 0;
            if (count == 0 && prior.PriorCount <= 0)
            {
                failure = DegenerateComponent.Empty(k);
                return false;
            }

            if (count > 0 && !TryRegress(k, count, statistics.Slice(k * ComponentStatisticsLength, ComponentStatisticsLength), next))
            {
                failure = new DegenerateComponent(
                    k, $"The factors of component {k} have become collinear beyond double precision. Ask for fewer factors, or strengthen the prior on the specific variances.");
                return false;
            }

            // Without rows everything but the variances stays what it is.
            Span<double> variances = next._variances.AsSpan(k * Dimension, Dimension);
            if (count == 0)
            {
                OfFeatures(_means, k).CopyTo(next._means.AsSpan(k * Dimension));
                OfLoadings(_loadings, k).CopyTo(next._loadings.AsSpan(k * Dimension * _rank));
                variances.Clear();
            }

            next._counts[k] = count + prior.PriorCount;
            for (int j = 0; j < Dimension; j++) variances[j] += (count * prior.RowVariances[j]) + (prior.PriorCount * prior.PriorVariances[j]);
        }

        next.AverageVariances();
        return next.TryPrepare(out failure);
    }

    // Means, loadings, and N (S(j,j) - |lambda(j)|^2) in the place of the variances.
    private bool TryRegress(int component, double count, ReadOnlySpan<double> sums, FactorAnalyzerComponents next)
    {
        int factors = FactorCount;
        ReadOnlySpan<double> squares = sums[Dimension..], products = squares[Dimension..], ofFactors = products[(Dimension * _rank)..], factorSquares = ofFactors[factors..];
        Span<double> factor = next._work;
        for (int a = 0, at = 0; a < factors; a++)
        {
            for (int b = 0; b <= a; b++, at++) factor[at] = (factorSquares[at] / count) - (ofFactors[a] / count * (ofFactors[b] / count));
        }

        if (!Cholesky.TryFactorInPlace(factor, factors, out _)) return false;
        for (int j = 0; j < Dimension; j++)
        {
            int at = (component * Dimension) + j;
            double shift = sums[j] / count, variance = (squares[j] / count) - (shift * shift), explained = 0;
            next._means[at] = _means[at] + shift;
            Span<double> loadings = next._loadings.AsSpan(at * _rank, factors);
            for (int a = 0, entry = 0; a < factors; a++)
            {
                double sum = (products[(j * _rank) + a] / count) - (shift * (ofFactors[a] / count));
                for (int b = 0; b < a; b++) sum -= factor[entry++] * loadings[b];
                loadings[a] = sum / factor[entry++];
                explained += loadings[a] * loadings[a];
            }

            // What is left of a variance after a difference may be rounding only.
            double left = variance - explained;
            next._variances[at] = left <= GaussianLimits.RelativePivot * (squares[j] / count) ? 0 : count * left;
        }

        return true;
    }

    // From sums over rows to variances, one for whatever shares them.
    private void AverageVariances()
    {
        double total = 0;
        foreach (double count in _counts) total += count;
        for (int k = 1; k < ComponentCount && _family.IsTied; k++)
        {
            for (int j = 0; j < Dimension; j++) _variances[j] += _variances[(k * Dimension) + j];
        }

        for (int k = 0; k < ComponentCount; k++)
        {
            Span<double> variances = _variances.AsSpan(k * Dimension, Dimension);
            if (_family.IsTied && k > 0)
            {
                OfFeatures(_variances, 0).CopyTo(variances);
                continue;
            }

            double sum = 0;
            foreach (ref double variance in variances)
            {
                variance /= _family.IsTied ? total : _counts[k];
                sum += variance;
            }

            if (_family.IsSpherical) variances.Fill(sum / Dimension);
        }
    }
}
