namespace Microsoft.ML.Mixture;

/// <summary>
/// The prior of K + 1 components beside K: each of them is drawn to the covariance of that one of the K components which its mean most likely belongs to. A covariance twice as wide or
/// half as wide costs little, that of a handful of rows which happen to lie close together much.
/// </summary>
/// <remarks>
/// Source: Chen, Li and Fu (2012), Inference on the order of a normal mixture, J. Am. Stat. Assoc. 107(499), 1096-1105, doi:10.1080/01621459.2012.695668, for penalties about the
/// variances under the null hypothesis; Fraley and Raftery (2007), Bayesian regularization for normal mixture estimation and model-based clustering, J. Classif. 24(2), 155-181,
/// doi:10.1007/s00357-007-0004-5, for the prior.
/// </remarks>
internal sealed class InheritedPriors
{
    /// <summary>The weight of the prior as a share of an average component.</summary>
    public const double Strength = 0.01;

    private readonly MixtureScorer _parents;
    private readonly GaussianFamily _family;
    private readonly CovarianceRegularization[] _ofParents;
    private int[] _parentOf = [];
    private GaussianFamily? _heirs;

    /// <summary>Takes the covariances of K components.</summary>
    /// <param name="parents">The K components.</param>
    /// <param name="family">The family of the K + 1.</param>
    /// <param name="count">nu, the number of rows that the prior is worth in each component.</param>
    public InheritedPriors(MixtureState parents, GaussianFamily family, double count)
    {
        var components = (GaussianComponents)parents.Components;
        _parents = new GaussianMixtureModel(parents.Weights, components, family.Structure, report: null).CreateScorer();
        _family = family;
        _ofParents = [.. Enumerable.Range(0, components.ComponentCount).Select(k => family.Regularization.WithPriorOf(components, k, count))];
    }

    /// <summary>The family of a mixture of K + 1 components. It is the same object as for the mixture before if the priors are the same.</summary>
    public GaussianFamily FamilyOf(GaussianComponents components)
    {
        int dimension = components.Dimension;
        int[] parentOf = new int[components.ComponentCount];
        for (int k = 0; k < parentOf.Length && _ofParents.Length > 1; k++)
        {
            _parents.Score(components.Means.Slice(k * dimension, dimension));
            parentOf[k] = _parents.Component;
        }

        if (_heirs is null || !parentOf.AsSpan().SequenceEqual(_parentOf))
        {
            _parentOf = parentOf;
            _heirs = _family.WithPriors([.. parentOf.Select(parent => _ofParents[parent])]);
        }

        return _heirs;
    }
}
