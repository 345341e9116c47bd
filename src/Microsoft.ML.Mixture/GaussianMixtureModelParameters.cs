using Microsoft.ML.Mixture;

namespace Microsoft.ML.Trainers;

/// <summary>The parameters of a Gaussian mixture, as the <see cref="GaussianMixtureTrainer"/> fits them. Immutable.</summary>
public sealed partial class GaussianMixtureModelParameters : MixtureModelParameters
{
    /// <summary>Wraps a mixture, for example one that was fitted without ML.NET.</summary>
    /// <param name="mixture">The mixture.</param>
    public GaussianMixtureModelParameters(GaussianMixtureModel mixture)
        : base(mixture)
    {
    }

    internal GaussianMixtureModelParameters(GaussianMixtureModel mixture, MixtureSearchResult search)
        : this(mixture) => Search = search;

    /// <summary>The mixture, to work with outside a pipeline.</summary>
    public GaussianMixtureModel Mixture => (GaussianMixtureModel)AnyMixture;

    /// <inheritdoc cref="GaussianMixtureModel.NoiseWeight"/>
    public double NoiseWeight => Mixture.NoiseWeight;

    /// <inheritdoc cref="GaussianMixtureModel.NoiseLogDensity"/>
    public double NoiseLogDensity => Mixture.NoiseLogDensity;

    /// <inheritdoc cref="GaussianMixtureModel.Covariances"/>
    public IReadOnlyList<ReadOnlyMatrix> Covariances => Mixture.Covariances;

    /// <inheritdoc cref="GaussianMixtureModel.PrecisionsCholesky"/>
    public IReadOnlyList<ReadOnlyMatrix> PrecisionsCholesky => Mixture.PrecisionsCholesky;

    /// <inheritdoc cref="GaussianMixtureModel.CovarianceStructure"/>
    public CovarianceStructure CovarianceStructure => Mixture.CovarianceStructure;

    /// <inheritdoc cref="GaussianMixtureModel.Posterior"/>
    public GaussianMixturePosterior? Posterior => Mixture.Posterior;

    /// <summary>
    /// The search that chose the number of components or the structure: every model tried, the ranking, the table and the warnings. Null if both
    /// were given, and after loading, by itself or in a pipeline: a search is not saved.
    /// </summary>
    public MixtureSearchResult? Search { get; }

    /// <summary>Writes the mixture in the library's own format, without a pipeline.</summary>
    /// <param name="stream">The stream to write to.</param>
    public void Save(Stream stream) => Mixture.Save(stream);

    /// <summary>Reads a mixture that <see cref="Save"/> wrote; this is safe for files from strangers.</summary>
    /// <param name="stream">The stream to read from, to its end.</param>
    /// <returns>The parameters.</returns>
    /// <exception cref="FormatException">The data are damaged, of another kind, from a newer version, or describe no valid mixture.</exception>
    public static GaussianMixtureModelParameters Load(Stream stream) => new(GaussianMixtureModel.Load(stream));
}
