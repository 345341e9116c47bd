namespace Microsoft.ML.Mixture;

/// <summary>Where EM starts.</summary>
public abstract class MixtureStart
{
    private protected MixtureStart()
    {
    }

    /// <summary>
    /// The best of a race of several kinds of starts. This is the default.
    /// </summary>
    /// <remarks>
    /// <para>
    /// The first start is <see cref="KMeansPlusPlus"/> and runs until it has converged. Then come k-means++ on features without correlation
    /// (whitened), responsibilities at random, groups around rows at random, slices across directions at random, model-based
    /// agglomeration of some rows, fits of structures with fewer parameters, and moves of the best mixture so far:
    /// two components become one and another becomes two, or one is taken away and another split. Together they may take 1.7 times the passes over the
    /// rows that the first start took, or, without a new best one, 500 passes or those of twenty first starts, as far as these read no more than ten million rows and take about a tenth of a second, and four
    /// times that where the best one is sound and on all rows; with new best ones up to 2.2 times in all, and three times the 1.7 where runs are so long that these are more. On a sample they may read four million rows, and take up to twelve times as many passes as all rows are more. A run that is not expected to get above the best one ends at once, one from responsibilities at random after thirty steps. The race ends before where ten starts that have nothing in common
    /// (twelve for two components, and twice as many where they take some milliseconds at most) have come to the best one, unless that has two components in one place; otherwise all responsibilities of the best are changed a little at the end, twice, and then once more by less, to see
    /// whether it is a maximum. A run that breaks off, or has components that rest on a handful of rows, gives way to any that does not. With
    /// no more rows than features 160 passes are as many as 500 else.
    /// A race whose winner leads to components without spread, though it has none yet, is run once more from another seed.
    /// <see cref="MixtureOptions.RestartCount"/> is the number of such races, each from another seed.
    /// </para>
    /// <para>
    /// Where rows are many the race is on a sample of them, whose five best mixtures go on with all rows, as do moves of the best of these, for some two plain
    /// fits; where they are more than some 65,000, the two best go on with samples that grow, and then with all rows beside <see cref="KMeansPlusPlus"/>.
    /// A fit by <see cref="BayesianGaussianMixture"/> has a race of its own: k-means++ of K groups and of fewer, responsibilities at random, and moves that leave a
    /// component out, merge two or split one, so that the evidence lower bound decides how many components are in use. It is on all rows up to some 65,000, and beyond that on a sample, whose winner goes on with all rows beside <see cref="KMeansPlusPlus"/> until one is beaten.
    /// With <see cref="GaussianMixtureOptions.NoiseComponent"/> the noise is in the race, and a race of up to 2,048 rows ends where twenty starts agree; beyond some 65,000 rows, and where rows are fewer than two for each parameter, there is none.
    /// With a <see cref="MixtureOptions.Tolerance"/> of zero, no iterations, one component, or without <see cref="MixtureOptions.Accelerate"/> there is no race but
    /// <see cref="KMeansPlusPlus"/> alone. Depends on the seed.
    /// </para>
    /// <para>
    /// Sources: Biernacki, Celeux and Govaert (2003), Choosing starting values for the EM algorithm for getting the highest likelihood in
    /// multivariate Gaussian mixture models, Comput. Stat. Data Anal. 41(3-4), 561-575, doi:10.1016/S0167-9473(02)00163-9; Ueda, Nakano,
    /// Ghahramani and Hinton (2000), SMEM algorithm for mixture models, Neural Comput. 12(9), 2109-2128, doi:10.1162/089976600300015088.
    /// </para>
    /// </remarks>
    public static MixtureStart Portfolio { get; } = new PortfolioStart();

    /// <summary>
    /// The race of <see cref="Portfolio"/> within a limit: it takes no more than so many times what its first start takes, which is <see cref="KMeansPlusPlus"/>. For many fits of which each
    /// is to be cheap; what a short race finds less often, a guide tells in numbers.
    /// </summary>
    /// <param name="plainFits">The most the race and the run from its winner take, in passes over all rows of a plain fit, at least 1: what a start costs before EM counts as the passes it is worth.
    /// A pass over a sample counts as the share of the rows it reads. Of more than some 65,000 rows there is a race from 3 on, which then takes what it does without a limit; where <see cref="Portfolio"/> has no race, there is none either.</param>
    /// <returns>The start. It depends on the seed.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The number is less than 1 or NaN.</exception>
    public static MixtureStart PortfolioWithin(double plainFits)
    {
        if (plainFits >= 1) return new PortfolioStart(plainFits);
        throw new ArgumentOutOfRangeException(nameof(plainFits), plainFits, $"A race takes at least as long as its first start, which is a plain one; {nameof(plainFits)} must be at least 1.");
    }

    /// <summary>
    /// Greedy k-means++ on standardised features, a few rounds of k-means, and the mixture that the resulting groups make most likely.
    /// Large data are sampled: six starts run a few steps on a small sample, and the best of them on larger and larger ones, unless the fit
    /// is not accelerated or is to take a given number of steps. Every second restart takes the groups around rows at random instead, for k-means alone leads most restarts
    /// to the same place. Depends on the seed.
    /// </summary>
    /// <remarks>Source: Arthur and Vassilvitskii (2007), k-means++: the advantages of careful seeding, SODA 2007, 1027-1035.</remarks>
    public static MixtureStart KMeansPlusPlus { get; } = new KMeansPlusPlusStart();

    /// <summary>Whether the start draws at random, so that restarts differ.</summary>
    internal abstract bool IsRandom { get; }

    /// <summary>Whether it says of rows which go together, and nothing of parameters.</summary>
    internal virtual bool IsOfGroups => false;

    /// <summary>Starts with the mixture that given groups make most likely.</summary>
    /// <param name="labels">
    /// The component of every row, from 0 to K - 1, in the order of the rows. Rows that are not used count too. With
    /// <see cref="GaussianMixtureOptions.NoiseComponent"/>, K stands for noise.
    /// </param>
    /// <returns>The start.</returns>
    /// <remarks>
    /// Structures with common axes and shapes of each component's own (<see cref="CovarianceStructure.TiedVolumeAndOrientation"/>, <see cref="CovarianceStructure.TiedOrientation"/>) go two ways from
    /// here, in up to 128 features and if the first comes to rest, because the axes of the first step decide which maximum EM comes to; the better
    /// fit is kept, and its report tells of its last run. It takes about twice the time. A start from parameters goes one way.
    /// </remarks>
    public static MixtureStart FromLabels(IReadOnlyList<int> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        return new ResponsibilitiesStart([.. labels]);
    }

    /// <summary>Starts with the mixture that given responsibilities make most likely.</summary>
    /// <param name="responsibilities">
    /// r(i,k), shape N x K: each row not negative with sum one. With <see cref="GaussianMixtureOptions.NoiseComponent"/> of shape N x (K + 1), the
    /// noise last.
    /// </param>
    /// <returns>The start.</returns>
    /// <remarks>With common axes, fits go two ways from here; see <see cref="FromLabels"/>.</remarks>
    public static MixtureStart FromResponsibilities(double[,] responsibilities)
    {
        ArgumentNullException.ThrowIfNull(responsibilities);
        return new ResponsibilitiesStart((double[,])responsibilities.Clone());
    }

    /// <summary>Starts with given parameters of a Gaussian mixture.</summary>
    /// <param name="weights">pi(k), shape K: not negative, with sum one.</param>
    /// <param name="means">mu(k), shape K x D, in feature units.</param>
    /// <param name="covariances">Sigma(k): K symmetric positive definite matrices of shape D x D, or one that all components share.
    /// They need not have the structure that is fitted: the first step brings them into it.</param>
    /// <returns>The start. Whether K and D are those of the fit is checked when it begins.</returns>
    /// <exception cref="ArgumentException">The parameters are not such, sizes differ, or a matrix is not symmetric and positive definite.</exception>
    public static MixtureStart FromParameters(IReadOnlyList<double> weights, double[,] means, IReadOnlyList<double[,]> covariances) =>
        new GaussianParametersStart(weights, means, covariances, arePrecisions: false);

    /// <summary>Starts with given parameters of a Gaussian mixture with noise; see <see cref="GaussianMixtureOptions.NoiseComponent"/>.</summary>
    /// <param name="weights">pi(k), shape K: not negative, with sum one minus <paramref name="noiseWeight"/>.</param>
    /// <param name="noiseWeight">The weight of the noise, from 0 to below 1. It is of no effect in a fit without noise.</param>
    /// <param name="means">mu(k), shape K x D, in feature units.</param>
    /// <param name="covariances">Sigma(k): K symmetric positive definite matrices of shape D x D, or one that all components share.</param>
    /// <returns>The start. Whether K and D are those of the fit is checked when it begins.</returns>
    /// <exception cref="ArgumentException">The parameters are not such, sizes differ, or a matrix is not symmetric and positive definite.</exception>
    public static MixtureStart FromParameters(IReadOnlyList<double> weights, double noiseWeight, double[,] means, IReadOnlyList<double[,]> covariances)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(means);
        GaussianParameters.CheckNoiseWeight(noiseWeight);
        GaussianParameters.CheckWeightsBesideNoise(weights, noiseWeight, means.GetLength(0));
        return new GaussianParametersStart([.. weights.Select(weight => weight / (1 - noiseWeight))], means, covariances, arePrecisions: false)
        {
            NoiseWeight = noiseWeight,
        };
    }

    /// <summary>Starts with given parameters of a Gaussian mixture, with the inverses of the covariances.</summary>
    /// <param name="weights">pi(k), shape K: not negative, with sum one.</param>
    /// <param name="means">mu(k), shape K x D, in feature units.</param>
    /// <param name="precisions">inverse(Sigma(k)): K symmetric positive definite matrices of shape D x D, or one that all components share.</param>
    /// <returns>The start. Whether K and D are those of the fit is checked when it begins.</returns>
    /// <exception cref="ArgumentException">The parameters are not such, sizes differ, or a matrix is not symmetric and positive definite.</exception>
    public static MixtureStart FromPrecisions(IReadOnlyList<double> weights, double[,] means, IReadOnlyList<double[,]> precisions) =>
        new GaussianParametersStart(weights, means, precisions, arePrecisions: true);

    /// <summary>Starts with the parameters of a model, such as one that was fitted to earlier data.</summary>
    /// <param name="model">The model.</param>
    /// <returns>The start.</returns>
    public static MixtureStart FromModel(GaussianMixtureModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        IEnumerable<ReadOnlyMatrix> covariances = model.Components.IsShared ? model.Covariances.Take(1) : model.Covariances;
        double[][,] matrices = [.. covariances.Select(covariance => covariance.ToArray())];
        if (!model.HasNoise) return FromParameters(model.Weights, model.Means.ToArray(), matrices);

        // Noise may have left the Gaussians next to nothing.
        double sum = model.Weights.Sum();
        return new GaussianParametersStart([.. model.Weights.Select(weight => sum > 0 ? weight / sum : 1.0 / model.ComponentCount)], model.Means.ToArray(), matrices, arePrecisions: false)
        {
            NoiseWeight = Math.Min(model.NoiseWeight, Math.BitDecrement(1.0)),
        };
    }

    /// <summary>Starts with the parameters of a mixture of factor analysers, with as many factors as are fitted.</summary>
    /// <param name="model">The model.</param>
    /// <returns>The start.</returns>
    public static MixtureStart FromModel(FactorAnalyzerMixtureModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return new FactorParametersStart(model);
    }

    /// <summary>Makes a first mixture.</summary>
    internal abstract StartOutcome Create(StartAttempt attempt);
}
