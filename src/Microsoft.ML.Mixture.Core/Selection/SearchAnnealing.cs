namespace Microsoft.ML.Mixture;

/// <summary>Nearly even responsibilities that still tell the components of a fit apart: to start from them leads over ridges that EM does not cross.</summary>
/// <remarks>
/// Source: Ueda and Nakano (1998), Deterministic annealing EM algorithm, Neural Netw. 11(2), 271-282, doi:10.1016/S0893-6080(97)00133-0. There the temperature falls step by
/// step, here at once.
/// </remarks>
/// <param name="phase">The phase of the search.</param>
internal sealed class SearchAnnealing(SearchPhase phase)
{
    // Of 0.03 to 0.2 that which led most models of nine sampled searches to better maxima.
    private const double InverseTemperature = 0.06;

    /// <summary>Those of a fit of two components or more.</summary>
    public SearchGrouping Group(MixtureFit fit)
    {
        int count = fit.Weights.Count;
        double[] shares = new MixtureShares(phase.Rows.Source, count).Under(fit.ToState(), default, default, phase.Token);
        Heat(shares, count);
        return new SearchGrouping(phase.Rows.Source, shares, count, phase.Scaled.Moments, phase.Token);
    }

    private static void Heat(double[] shares, int count)
    {
        for (int at = 0; at < shares.Length; at += count)
        {
            Span<double> row = shares.AsSpan(at, count);
            double total = 0;
            foreach (ref double share in row) total += share = Math.Pow(share, InverseTemperature);
            foreach (ref double share in row) share /= total;
        }
    }
}
