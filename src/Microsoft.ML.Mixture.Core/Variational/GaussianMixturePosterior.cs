namespace Microsoft.ML.Mixture;

/// <summary>
/// The variational posterior of the parameters of a Gaussian mixture: of all K components that were asked for, those not in use among them; or of those that were
/// fitted on after <see cref="BayesianGaussianMixtureOptions.PruningThreshold"/> had left out others with rows. Immutable.
/// </summary>
/// <remarks>
/// <code>
///   q(Lambda(k)) = Wishart(W(k), nu(k)),   q(mu(k) | Lambda(k)) = N(m(k), inverse(beta(k) Lambda(k)))
/// </code>
/// and q(pi) = Dirichlet(alpha), or v(k) ~ Beta(a(k), b(k)) for the sticks of a Dirichlet process, with pi(k) = v(k) times the product over j
/// below k of 1 - v(j).
/// </remarks>
public sealed class GaussianMixturePosterior
{
    private readonly Lazy<IReadOnlyList<ReadOnlyMatrix>> _scaleMatrices;

    internal GaussianMixturePosterior(GaussianMixturePrior prior, double[] effectiveCounts, GaussianMixtureModel expected, int[] componentsInUse)
    {
        (double[] first, double[] second) = WeightPosterior.Create(prior.WeightPrior, prior.WeightConcentration).Parameters(effectiveCounts);
        double average = effectiveCounts.Average();
        Prior = prior;
        Expected = expected;
        EffectiveCounts = Array.AsReadOnly(effectiveCounts);
        WeightConcentrations = Array.AsReadOnly(first);
        RemainderConcentrations = Array.AsReadOnly(second);
        MeanPrecisions = [.. effectiveCounts.Select(count => prior.MeanPrecision + count)];
        DegreesOfFreedom = [.. effectiveCounts.Select(count => prior.DegreesOfFreedom + (expected.Components.IsShared ? average : count))];
        ComponentsInUse = Array.AsReadOnly(componentsInUse);
        _scaleMatrices = new(() => [.. Enumerable.Range(0, ComponentCount).Select(Scale)]);
    }

    /// <summary>The prior.</summary>
    public GaussianMixturePrior Prior { get; }

    /// <summary>K, the number of components of the posterior: as many as were asked for, but for those that were left out with rows, and where fewer rows differ.</summary>
    public int ComponentCount => EffectiveCounts.Count;

    /// <summary>D, the number of features.</summary>
    public int Dimension => Means.ColumnCount;

    /// <summary>
    /// The components in use, counted from zero, ascending: those with at least <see cref="BayesianGaussianMixtureOptions.PruningThreshold"/> rows,
    /// and the largest in any case. Component k of the model is component <c>ComponentsInUse[k]</c> here.
    /// </summary>
    public IReadOnlyList<int> ComponentsInUse { get; }

    /// <summary>N(k), the sum over rows of weight times responsibility, shape K.</summary>
    public IReadOnlyList<double> EffectiveCounts { get; }

    /// <summary>alpha(k), shape K; for a Dirichlet process a(k).</summary>
    public IReadOnlyList<double> WeightConcentrations { get; }

    /// <summary>b(k), shape K, of the sticks of a Dirichlet process; empty for a Dirichlet distribution.</summary>
    public IReadOnlyList<double> RemainderConcentrations { get; }

    /// <summary>E[pi(k)], shape K, over their sum. The model has them over the sum of those in use.</summary>
    public IReadOnlyList<double> ExpectedWeights => Expected.Weights;

    /// <summary>beta(k), shape K.</summary>
    public IReadOnlyList<double> MeanPrecisions { get; }

    /// <summary>nu(k), shape K; all the same where components share one covariance.</summary>
    public IReadOnlyList<double> DegreesOfFreedom { get; }

    /// <summary>m(k), shape K x D, in feature units.</summary>
    public ReadOnlyMatrix Means => Expected.Means;

    /// <summary>C(k) = inverse(nu(k) W(k)), the inverses of the expected precision matrices, K matrices of shape D x D, in squared feature units.</summary>
    public IReadOnlyList<ReadOnlyMatrix> Covariances => Expected.Covariances;

    /// <summary>W(k), K symmetric matrices of shape D x D, in inverse squared feature units.</summary>
    public IReadOnlyList<ReadOnlyMatrix> ScaleMatrices => _scaleMatrices.Value;

    /// <summary>The mixture of the expected parameters of all K components.</summary>
    internal GaussianMixtureModel Expected { get; }

    // inverse(C) = U U'.
    private ReadOnlyMatrix Scale(int component)
    {
        int dimension = Expected.Dimension;
        ReadOnlyMatrix factor = Expected.PrecisionsCholesky[component];
        double[] scale = new double[dimension * dimension];
        for (int i = 0; i < dimension; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                double sum = 0;
                for (int m = i; m < dimension; m++) sum += factor[i, m] * factor[j, m];
                scale[(i * dimension) + j] = scale[(j * dimension) + i] = sum / DegreesOfFreedom[component];
            }
        }

        return new ReadOnlyMatrix(dimension, dimension, scale);
    }
}
