using System.Runtime.CompilerServices;
using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <content>Steps from one set of parameters to another.</content>
/// <remarks>
/// Parameters are the logarithms of the weights, the means, and the Cholesky factors of the covariances with the logarithms of their diagonals: any numbers give a
/// valid mixture. Lengths are taken in standard deviations and by the weight of a component, so that they do not depend on the units of the features.
/// </remarks>
internal sealed partial class GaussianComponents
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal override ParameterSteps? Compare(MixtureState before, MixtureState middle, MixtureState after)
    {
        if (before.Components is not GaussianComponents first || middle.Components is not GaussianComponents second || !CanExtrapolate(first, second)) return null;
        double squaredFirst = 0, squaredChange = 0;
        for (int k = 0; k < ComponentCount; k++)
        {
            double weight = after.Weights[k], ofFirst = 0, ofChange = 0;
            if (!Extrapolations.TryAddWeights(before, middle, after, k, ref ofFirst, ref ofChange)) return null;
            ReadOnlySpan<double> factor0 = first.Factor(k), factor1 = second.Factor(k), factor2 = Factor(k);
            for (int i = 0; i < Dimension; i++)
            {
                int diagonal = Shape.Index(i, i), at = (k * Dimension) + i;
                double unit = Shape == CovarianceShape.Full ? Math.Sqrt(Covariance(k)[diagonal]) : factor2[diagonal];
                Extrapolations.Add(first._means[at], second._means[at], _means[at], unit, ref ofFirst, ref ofChange);
                if (i >= Shape.DiagonalLength(Dimension)) continue;
                Extrapolations.Add(Math.Log(factor0[diagonal]), Math.Log(factor1[diagonal]), Math.Log(factor2[diagonal]), 1, ref ofFirst, ref ofChange);
                for (int j = 0; j < i && Shape == CovarianceShape.Full; j++)
                {
                    int place = diagonal - i + j;
                    Extrapolations.Add(factor0[place], factor1[place], factor2[place], unit, ref ofFirst, ref ofChange);
                }
            }

            squaredFirst += weight * ofFirst;
            squaredChange += weight * ofChange;
        }

        return new ParameterSteps(squaredFirst, squaredChange);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal override bool TryExtrapolate(
        MixtureState before, MixtureState middle, MixtureState after, double step, MixtureState destination, CancellationToken cancellationToken)
    {
        var first = (GaussianComponents)before.Components;
        var second = (GaussianComponents)middle.Components;
        var result = (GaussianComponents)destination.Components;
        // Where there is noise, its weight comes after those of the components.
        Extrapolations.Weights(
            before.Weights.AsSpan(0, ComponentCount), middle.Weights.AsSpan(0, ComponentCount), after.Weights.AsSpan(0, ComponentCount), step,
            destination.Weights.AsSpan(0, ComponentCount));
        for (int at = 0; at < _means.Length; at++) result._means[at] = Extrapolations.Beyond(first._means[at], second._means[at], _means[at], step);
        result._means.CopyTo(result._pivots, 0);
        _ownCovariances.CopyTo(result._ownCovariances, 0);
        int length = Shape.Length(Dimension);
        for (int matrix = 0; matrix < _badPivots.Length; matrix++)
        {
            Span<double> factor = result.Work(length), covariance = result._covariances.AsSpan(matrix * length, length);
            ReadOnlySpan<double> factor0 = first.Factor(matrix), factor1 = second.Factor(matrix), factor2 = Factor(matrix);
            for (int at = 0; at < length; at++) factor[at] = Extrapolations.Beyond(factor0[at], factor1[at], factor2[at], step);
            for (int i = 0; i < Shape.DiagonalLength(Dimension); i++)
            {
                int at = Shape.Index(i, i);
                factor[at] = Math.Exp(Extrapolations.Beyond(Math.Log(factor0[at]), Math.Log(factor1[at]), Math.Log(factor2[at]), step));
            }

            cancellationToken.ThrowIfCancellationRequested();
            Square(factor, covariance);
        }

        if (!_family.Structure.IsClosedInFactors) Project(destination.Weights.AsSpan(0, ComponentCount), result, cancellationToken);
        return result.TryFactor(team: null, cancellationToken, out _);
    }

    // The covariances of the structure that are nearest, in Kullback-Leibler divergence: those that rows spread like this would make most likely.
    private void Project(ReadOnlySpan<double> weights, GaussianComponents result, CancellationToken cancellationToken)
    {
        Span<double> scatters = result.Work(result._covariances.Length);
        int length = Shape.Length(Dimension);
        for (int at = 0; at < scatters.Length; at++) scatters[at] = weights[at / length] * result._covariances[at];
        _family.Structure.Estimate(new CovarianceScatter(Shape, Dimension, weights, scatters, _covariances, _family.IsRough, cancellationToken: cancellationToken), result._covariances);
    }

    // Only structures that these parameters cannot leave or that are returned to, and mixtures of one form. What a floor makes of covariances is not in a structure that would have to be
    // returned to, so that extrapolations would leave the very point where EM comes to rest.
    private bool CanExtrapolate(GaussianComponents first, GaussianComponents second) =>
        CovarianceStructure.BuiltIn.Contains(_family.Structure) && (_family.Structure.IsClosedInFactors || !ObjectiveMayFall) && first.Shape == Shape && second.Shape == Shape && first.IsShared == IsShared && second.IsShared == IsShared;

    // L L', entry by entry as stored.
    private void Square(ReadOnlySpan<double> factor, Span<double> covariance)
    {
        if (Shape != CovarianceShape.Full)
        {
            for (int at = 0; at < covariance.Length; at++) covariance[at] = factor[at] * factor[at];
            return;
        }

        for (int i = 0; i < Dimension; i++)
        {
            ReadOnlySpan<double> row = factor.Slice(PackedTriangle.Index(i, 0), i + 1);
            for (int j = 0; j <= i; j++)
            {
                covariance[PackedTriangle.Index(i, j)] = Lanes.Dot(row[..(j + 1)], factor.Slice(PackedTriangle.Index(j, 0), j + 1));
            }
        }
    }
}
