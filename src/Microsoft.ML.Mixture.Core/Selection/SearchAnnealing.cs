namespace Microsoft.ML.Mixture;

/// <summary>Starts from nearly even responsibilities that still tell the components of a fit apart, which leads over ridges that EM does not cross.</summary>
/// <remarks>
/// Source: Ueda and Nakano (1998), Deterministic annealing EM algorithm, Neural Netw. 11(2), 271-282, doi:10.1016/S0893-6080(97)00133-0. There the temperature falls step by
/// step, here at once.
/// </remarks>
/// <param name="phase">The phase of the search.</param>
internal sealed class SearchAnnealing(SearchPhase phase)
{
    // Of 0.03 to 0.4 that which led most models of nine sampled searches to better maxima.
    private const double InverseTemperature = 0.06;

    /// <summary>The M-step of such responsibilities of the best fit of a model.</summary>
    /// <returns>Whether there is one.</returns>
    public bool TryStart(SearchCell cell, out MixtureState state)
    {
        int count = cell.Candidate.ComponentCount;
        state = default;
        if (count == 1 || cell.Current is not { } current) return false;
        double[] shares = new MixtureShares(phase.Rows.Source, count).Under(current.ToState(), default, phase.Token);
        Heat(shares, count);
        return phase.Fits.TryStart(cell, new SearchGrouping(phase.Rows.Source, shares, count, phase.Scaled.Moments, phase.Token), out state);
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
