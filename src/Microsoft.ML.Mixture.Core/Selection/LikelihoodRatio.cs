namespace Microsoft.ML.Mixture;

/// <summary>The best mixtures with K and with K + 1 components that several starts lead to, each beginning from the other's results as well.</summary>
internal sealed class LikelihoodRatio
{
    private readonly RowSource _rows;
    private readonly GaussianMixtureBootstrapOptions _options;
    private readonly int _seed;
    private readonly CancellationToken _cancellationToken;

    private LikelihoodRatio(RowSource rows, GaussianMixtureBootstrapOptions options, int seed, CancellationToken cancellationToken)
    {
        (_rows, _options, _seed, _cancellationToken) = (rows, options, seed, cancellationToken);
        int count = options.ComponentCount;
        Null = Fit(count, null);
        Alternative = Fit(count + 1, null);
        TrySplits();
        if (count == 1) return;
        GaussianMixtureModel before = Null;
        foreach (MixtureStart start in NeighbourStarts.Drop(Alternative)) Null = Better(Null, TryFit(count, start));
        if (Null != before) TrySplits();
    }

    /// <summary>The mixture of K components.</summary>
    public GaussianMixtureModel Null { get; }

    /// <summary>The mixture of K + 1 components.</summary>
    public GaussianMixtureModel Alternative { get; private set; }

    /// <summary>2 (log-likelihood with K + 1 components - log-likelihood with K), before it is held above zero.</summary>
    public double Difference => 2 * (Alternative.Report!.LogLikelihood - Null.Report!.LogLikelihood);

    /// <summary>The statistic: not negative, for a mixture of K components is one of K + 1 of which one has no weight.</summary>
    public double Statistic => Math.Max(0, Difference);

    public static LikelihoodRatio Of(RowSource rows, GaussianMixtureBootstrapOptions options, int seed, CancellationToken cancellationToken) =>
        new(rows, options, seed, cancellationToken);

    private void TrySplits()
    {
        foreach (MixtureStart start in NeighbourStarts.Split(Null)) Alternative = Better(Alternative, TryFit(_options.ComponentCount + 1, start));
    }

    private GaussianMixtureModel? TryFit(int componentCount, MixtureStart start)
    {
        try
        {
            return Fit(componentCount, start);
        }
        catch (MixtureFitException)
        {
            return null;
        }
    }

    private GaussianMixtureModel Fit(int componentCount, MixtureStart? start)
    {
        GaussianMixtureOptions options = _options.Fit(componentCount, _seed);
        options.Start = start ?? MixtureStart.KMeansPlusPlus;

        // One component has one maximum.
        if (componentCount == 1) options.RestartCount = 1;
        return GaussianFit.Run(_rows, options, _cancellationToken);
    }

    // As between restarts: a component on a handful of rows only where there is nothing else.
    private static GaussianMixtureModel Better(GaussianMixtureModel one, GaussianMixtureModel? other)
    {
        if (other is null) return one;
        int spurious = one.Report!.SpuriousComponentCount, others = other.Report!.SpuriousComponentCount;
        bool isBetter = spurious != others ? others < spurious : other.Report.LogLikelihood > one.Report.LogLikelihood;
        return isBetter ? other : one;
    }
}
