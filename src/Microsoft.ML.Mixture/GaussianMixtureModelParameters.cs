using Microsoft.ML.Mixture;

namespace Microsoft.ML.Trainers;

/// <summary>The parameters of a Gaussian mixture, as the <see cref="GaussianMixtureTrainer"/> fits them. Immutable.</summary>
public sealed partial class GaussianMixtureModelParameters
{
    /// <summary>Wraps a mixture, for example one that was fitted without ML.NET.</summary>
    /// <param name="mixture">The mixture.</param>
    public GaussianMixtureModelParameters(GaussianMixtureModel mixture)
    {
        ArgumentNullException.ThrowIfNull(mixture);
        Mixture = mixture;
    }

    internal GaussianMixtureModelParameters(GaussianMixtureModel mixture, MixtureSearchResult search)
        : this(mixture) => Search = search;

    /// <summary>The mixture, to work with outside a pipeline.</summary>
    public GaussianMixtureModel Mixture { get; }

    /// <summary>K.</summary>
    public int NumberOfComponents => Mixture.ComponentCount;

    /// <summary>D, the number of features.</summary>
    public int NumberOfFeatures => Mixture.Dimension;

    /// <inheritdoc cref="GaussianMixtureModel.Weights"/>
    public IReadOnlyList<double> Weights => Mixture.Weights;

    /// <inheritdoc cref="GaussianMixtureModel.NoiseWeight"/>
    public double NoiseWeight => Mixture.NoiseWeight;

    /// <inheritdoc cref="GaussianMixtureModel.NoiseLogDensity"/>
    public double NoiseLogDensity => Mixture.NoiseLogDensity;

    /// <inheritdoc cref="GaussianMixtureModel.Means"/>
    public ReadOnlyMatrix Means => Mixture.Means;

    /// <inheritdoc cref="GaussianMixtureModel.Covariances"/>
    public IReadOnlyList<ReadOnlyMatrix> Covariances => Mixture.Covariances;

    /// <inheritdoc cref="GaussianMixtureModel.PrecisionsCholesky"/>
    public IReadOnlyList<ReadOnlyMatrix> PrecisionsCholesky => Mixture.PrecisionsCholesky;

    /// <inheritdoc cref="GaussianMixtureModel.CovarianceStructure"/>
    public CovarianceStructure CovarianceStructure => Mixture.CovarianceStructure;

    /// <inheritdoc cref="GaussianMixtureModel.Report"/>
    public FitReport? Report => Mixture.Report;

    /// <inheritdoc cref="GaussianMixtureModel.Posterior"/>
    public GaussianMixturePosterior? Posterior => Mixture.Posterior;

    /// <summary>
    /// The search that chose the number of components or the structure: every model tried, the ranking, the table and the warnings. Null if both
    /// were given, and for parameters that were loaded.
    /// </summary>
    public MixtureSearchResult? Search { get; }

    /// <summary>The log-likelihood of the training rows, in nats: a total. NaN if the mixture was made of given parameters.</summary>
    public double LogLikelihood => Report?.LogLikelihood ?? double.NaN;

    /// <summary>The log-likelihood of the training rows per unit of example weight, in nats. NaN if the mixture was made of given parameters.</summary>
    public double AverageLogLikelihood => Report?.AverageLogLikelihood ?? double.NaN;

    /// <inheritdoc cref="FitReport.AkaikeInformationCriterion"/>
    public double AkaikeInformationCriterion => Report?.AkaikeInformationCriterion ?? double.NaN;

    /// <inheritdoc cref="FitReport.BayesianInformationCriterion"/>
    public double BayesianInformationCriterion => Report?.BayesianInformationCriterion ?? double.NaN;

    /// <summary>Writes the mixture in the library's own format, without a pipeline.</summary>
    /// <param name="stream">The stream to write to.</param>
    public void Save(Stream stream) => Mixture.Save(stream);

    /// <summary>Reads a mixture that <see cref="Save"/> wrote; this is safe for files from strangers.</summary>
    /// <param name="stream">The stream to read from, to its end.</param>
    /// <returns>The parameters.</returns>
    /// <exception cref="FormatException">The data are damaged, of another kind, from a newer version, or describe no valid mixture.</exception>
    public static GaussianMixtureModelParameters Load(Stream stream) => new(GaussianMixtureModel.Load(stream));
}
