namespace Microsoft.ML.Mixture;

/// <summary>What is believed of the mixing weights before there are rows.</summary>
public enum MixtureWeightPrior
{
    /// <summary>
    /// A symmetric Dirichlet distribution over K weights: all components are alike. Components are dropped where the concentration is below
    /// one.
    /// </summary>
    Dirichlet = 0,

    /// <summary>
    /// A Dirichlet process, truncated after K components: a stick of length one is broken again and again, and a few components take most of
    /// it. K hardly matters where it is large enough. Large components come first, which is the best order, unless an explicit start gives them one.
    /// </summary>
    DirichletProcess = 1,
}
