namespace Microsoft.ML.Mixture;

/// <summary>The best mixtures with K and with K + 1 components that several starts lead to, each beginning from the other's results as well.</summary>
internal sealed class LikelihoodRatio : IDisposable
{
    // For each start by k-means++ and at random. Finding them costs little beside a fit, and without a prior there are many maxima on few rows to find.
    private const int InsertedOfStart = 1;
    private const int InsertedOfStartByLikelihood = 2;

    private readonly HypothesisFits _null;
    private readonly HypothesisFits _alternative;

    /// <summary>Fits both.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="options">How to fit.</param>
    /// <param name="seed">The seed of the starts.</param>
    /// <param name="drawnFrom">
    /// The mixture of K components that the rows were drawn from: their own best one is next to it. Null for rows of which nothing is known; K components
    /// then have the starts of a default fit, too.
    /// </param>
    /// <param name="cancellationToken">Stops a fit.</param>
    public LikelihoodRatio(RowSource rows, GaussianMixtureBootstrapOptions options, int seed, GaussianMixtureModel? drawnFrom, CancellationToken cancellationToken)
    {
        int count = options.ComponentCount;
        GaussianMixtureOptions more = options.FitOptions(count + 1, seed);
        ScaledRows scaled = GaussianFit.Prepare(rows, more, cancellationToken).FindDependencies(cancellationToken);
        _null = new HypothesisFits(scaled, options.FitOptions(count, seed), cancellationToken);
        _alternative = new HypothesisFits(scaled, more, cancellationToken);

        // One component has one maximum.
        _null.TryImprove(
            count == 1 ? _null.Start(MixtureStart.KMeansPlusPlus, 1)
            : drawnFrom is not null ? _null.Start(MixtureStart.FromModel(drawnFrom), 1)
            : _null.Start(MixtureStart.Portfolio, 1).Concat(_null.Start(MixtureStart.KMeansPlusPlus, options.StartCount)));
        if (options.InheritsPriors) _alternative.Inherit(_null);
        int inserted = (options.InheritsPriors ? InsertedOfStart : InsertedOfStartByLikelihood) * options.StartCount;
        _alternative.TryImprove(_alternative.Start(MixtureStart.KMeansPlusPlus, options.StartCount).Concat(_alternative.Extend(_null, inserted)));
        if (count > 1 && _null.TryImprove(_null.Reduce(_alternative)))
        {
            MixtureState[] before = [];
            if (options.InheritsPriors)
            {
                // Under priors about the new ones it has to prove itself again.
                before = [_alternative.Mixture];
                _alternative.Inherit(_null);
            }

            _alternative.TryImprove(before.Concat(_alternative.Extend(_null, inserted)));
        }

        Difference = 2 * (_alternative.Best.LogLikelihood - _null.Best.LogLikelihood);
    }

    /// <summary>2 (log-likelihood with K + 1 components - log-likelihood with K), before it is held above zero.</summary>
    public double Difference { get; }

    /// <summary>The statistic: not negative, for a mixture of K components is one of K + 1 of which one has no weight.</summary>
    public double Statistic => Math.Max(0, Difference);

    /// <summary>The model with K components.</summary>
    public GaussianMixtureModel CreateNull() => _null.CreateModel();

    /// <summary>The model with K + 1 components.</summary>
    public GaussianMixtureModel CreateAlternative() => _alternative.CreateModel();

    /// <inheritdoc/>
    public void Dispose()
    {
        _null.Dispose();
        _alternative.Dispose();
    }
}
