namespace Microsoft.ML.Mixture;

/// <content>Steps from one set of parameters to another; see <see cref="Acceleration"/>.</content>
/// <remarks>
/// Parameters are the logarithms of the weights, the means, the loadings, and the logarithms of the specific standard deviations: any numbers give a valid mixture,
/// and steps within each structure stay in it. Lengths are taken in standard deviations of the features and by the weight of a component.
/// </remarks>
internal sealed partial class FactorAnalyzerComponents
{
    internal override ParameterSteps? Compare(MixtureState before, MixtureState middle, MixtureState after)
    {
        if (before.Components is not FactorAnalyzerComponents first || middle.Components is not FactorAnalyzerComponents second) return null;
        double squaredFirst = 0, squaredChange = 0;
        for (int k = 0; k < ComponentCount; k++)
        {
            double ofFirst = 0, ofChange = 0;
            if (!Extrapolations.TryAddWeights(before, middle, after, k, ref ofFirst, ref ofChange)) return null;
            for (int j = 0; j < Dimension; j++)
            {
                int at = (k * Dimension) + j;
                ReadOnlySpan<double> loadings = Loadings(k, j);
                double variance = _variances[at];
                foreach (double loading in loadings) variance += loading * loading;
                double unit = Math.Sqrt(variance);
                Extrapolations.Add(first._means[at], second._means[at], _means[at], unit, ref ofFirst, ref ofChange);
                Extrapolations.Add(first._logVariances[at], second._logVariances[at], _logVariances[at], 2, ref ofFirst, ref ofChange);
                for (int m = 0; m < loadings.Length; m++) Extrapolations.Add(first.Loadings(k, j)[m], second.Loadings(k, j)[m], loadings[m], unit, ref ofFirst, ref ofChange);
            }

            squaredFirst += after.Weights[k] * ofFirst;
            squaredChange += after.Weights[k] * ofChange;
        }

        return new ParameterSteps(squaredFirst, squaredChange);
    }

    internal override bool TryExtrapolate(
        MixtureState before, MixtureState middle, MixtureState after, double step, MixtureState destination, CancellationToken cancellationToken)
    {
        var first = (FactorAnalyzerComponents)before.Components;
        var second = (FactorAnalyzerComponents)middle.Components;
        var result = (FactorAnalyzerComponents)destination.Components;
        Extrapolations.Weights(before.Weights, middle.Weights, after.Weights, step, destination.Weights);
        for (int at = 0; at < _means.Length; at++)
        {
            result._means[at] = Extrapolations.Beyond(first._means[at], second._means[at], _means[at], step);
            result._variances[at] = Math.Exp(Extrapolations.Beyond(Math.Log(first._variances[at]), Math.Log(second._variances[at]), Math.Log(_variances[at]), step));
        }

        for (int at = 0; at < _loadings.Length; at++) result._loadings[at] = Extrapolations.Beyond(first._loadings[at], second._loadings[at], _loadings[at], step);
        return result.TryPrepare(out _);
    }
}
