using Microsoft.ML.Mixture;

namespace Microsoft.ML.Trainers;

/// <summary>The parameters of a mixture of factor analysers, as the <see cref="FactorAnalyzerMixtureTrainer"/> fits them. Immutable.</summary>
public sealed partial class FactorAnalyzerMixtureModelParameters : MixtureModelParameters
{
    /// <summary>Wraps a mixture, for example one that was fitted without ML.NET.</summary>
    /// <param name="mixture">The mixture.</param>
    public FactorAnalyzerMixtureModelParameters(FactorAnalyzerMixtureModel mixture)
        : base(mixture)
    {
    }

    internal FactorAnalyzerMixtureModelParameters(FactorAnalyzerMixtureModel mixture, FactorAnalyzerSearchResult search)
        : this(mixture) => Search = search;

    /// <summary>The mixture, to work with outside a pipeline.</summary>
    public FactorAnalyzerMixtureModel Mixture => (FactorAnalyzerMixtureModel)AnyMixture;

    /// <summary>q.</summary>
    public int NumberOfFactors => Mixture.FactorCount;

    /// <inheritdoc cref="FactorAnalyzerMixtureModel.Loadings"/>
    public IReadOnlyList<ReadOnlyMatrix> Loadings => Mixture.Loadings;

    /// <inheritdoc cref="FactorAnalyzerMixtureModel.SpecificVariances"/>
    public ReadOnlyMatrix SpecificVariances => Mixture.SpecificVariances;

    /// <inheritdoc cref="FactorAnalyzerMixtureModel.SpecificVarianceStructure"/>
    public SpecificVarianceStructure SpecificVarianceStructure => Mixture.SpecificVarianceStructure;

    /// <summary>
    /// The search that chose the number of components or of factors: every model tried, the ranking, the table and the warnings. Null if both
    /// were given, and after loading, by itself or in a pipeline: a search is not saved.
    /// </summary>
    public FactorAnalyzerSearchResult? Search { get; }

    /// <summary>Writes the mixture in the library's own format, without a pipeline.</summary>
    /// <param name="stream">The stream to write to.</param>
    public void Save(Stream stream) => Mixture.Save(stream);

    /// <summary>Reads a mixture that <see cref="Save"/> wrote; this is safe for files from strangers.</summary>
    /// <param name="stream">The stream to read from, to its end.</param>
    /// <returns>The parameters.</returns>
    /// <exception cref="FormatException">The data are damaged, of another kind, from a newer version, or describe no valid mixture.</exception>
    public static FactorAnalyzerMixtureModelParameters Load(Stream stream) => new(FactorAnalyzerMixtureModel.Load(stream));
}
