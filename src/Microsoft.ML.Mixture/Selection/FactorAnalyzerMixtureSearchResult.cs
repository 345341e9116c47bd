using Microsoft.ML.Mixture;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Trainers;

/// <summary>What <see cref="FactorAnalyzerMixtureSearchCatalog.SearchFactorAnalyzerMixture"/> has found.</summary>
public sealed class FactorAnalyzerMixtureSearchResult
{
    private readonly IHostEnvironment _environment;
    private readonly string _featureColumnName;

    internal FactorAnalyzerMixtureSearchResult(IHostEnvironment environment, FactorAnalyzerSearchResult search, string featureColumnName)
    {
        _environment = environment;
        _featureColumnName = featureColumnName;
        Search = search;
        Transformer = TransformerOf(search.Best);
    }

    /// <summary>Every model tried, the ranking and the warnings.</summary>
    public FactorAnalyzerSearchResult Search { get; }

    /// <summary>The winner, which scores data, goes into pipelines and is saved like any other transformer.</summary>
    public FactorAnalyzerMixtureTransformer Transformer { get; }

    /// <summary>The parameters of the winner.</summary>
    public FactorAnalyzerMixtureModelParameters Model => Transformer.Model;

    /// <summary>Another of the models as a transformer.</summary>
    /// <param name="candidate">One of the candidates of <see cref="Search"/>.</param>
    /// <returns>The transformer.</returns>
    /// <exception cref="ArgumentException">The candidate is of another search, or has no model.</exception>
    public FactorAnalyzerMixtureTransformer TransformerOf(FactorAnalyzerCandidate candidate)
    {
        Search.CheckIsOwn(candidate, nameof(candidate));
        FactorAnalyzerMixtureModel model = candidate.Model ?? throw candidate.CreateFailure(nameof(candidate));
        return new FactorAnalyzerMixtureTransformer(_environment, new FactorAnalyzerMixtureModelParameters(model, Search), _featureColumnName);
    }

    /// <inheritdoc cref="MixtureRanking{TCandidate}.ToString"/>
    public override string ToString() => Search.ToString();
}
