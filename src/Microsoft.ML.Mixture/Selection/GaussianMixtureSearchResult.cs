using Microsoft.ML.Mixture;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Trainers;

/// <summary>What <see cref="GaussianMixtureSearchCatalog.SearchGaussianMixture"/> has found.</summary>
public sealed class GaussianMixtureSearchResult
{
    private readonly IHostEnvironment _environment;
    private readonly string _featureColumnName;

    internal GaussianMixtureSearchResult(IHostEnvironment environment, MixtureSearchResult search, string featureColumnName)
    {
        _environment = environment;
        _featureColumnName = featureColumnName;
        Search = search;
        Transformer = TransformerOf(search.Best);
    }

    /// <summary>Every model tried, the ranking and the warnings.</summary>
    public MixtureSearchResult Search { get; }

    /// <summary>The winner, which scores data, goes into pipelines and is saved like any other transformer.</summary>
    public GaussianMixtureTransformer Transformer { get; }

    /// <summary>The parameters of the winner.</summary>
    public GaussianMixtureModelParameters Model => Transformer.Model;

    /// <summary>Another of the models as a transformer.</summary>
    /// <param name="candidate">One of the candidates of <see cref="Search"/>.</param>
    /// <returns>The transformer.</returns>
    /// <exception cref="ArgumentException">The candidate is of another search, or has no model.</exception>
    public GaussianMixtureTransformer TransformerOf(MixtureCandidate candidate)
    {
        Search.CheckIsOwn(candidate, nameof(candidate));
        GaussianMixtureModel model = candidate.Model ?? throw candidate.CreateFailure(nameof(candidate));
        return new GaussianMixtureTransformer(_environment, new GaussianMixtureModelParameters(model, Search), _featureColumnName);
    }

    /// <inheritdoc cref="MixtureRanking{TCandidate}.ToString"/>
    public override string ToString() => Search.ToString();
}
