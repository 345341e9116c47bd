using System.Globalization;

namespace Microsoft.ML.Mixture;

/// <summary>A model that a search has tried.</summary>
public sealed class MixtureCandidate
{
    internal MixtureCandidate(int componentCount, CovarianceStructure structure)
    {
        ComponentCount = componentCount;
        CovarianceStructure = structure;
    }

    /// <summary>K.</summary>
    public int ComponentCount { get; }

    /// <summary>How the covariances are constrained.</summary>
    public CovarianceStructure CovarianceStructure { get; }

    /// <summary>The model; null if there is none, and then <see cref="Failure"/> says why.</summary>
    public GaussianMixtureModel? Model { get; internal set; }

    /// <summary>What speaks for the model; null if there is none.</summary>
    public MixtureCriteria? Criteria { get; internal set; }

    /// <summary>How it foresees rows left out; null unless the search goes by that.</summary>
    public MixtureCrossValidation? CrossValidation { get; internal set; }

    /// <summary>Why there is no model; null if there is one.</summary>
    public string? Failure { get; internal set; }

    /// <summary>
    /// Whether components of the model owe their likelihood to a handful of rows, or to rows that coincide in a feature. Its criteria then mean
    /// little; it is ranked behind all models of which this is not so. Its report's warnings say which components and why.
    /// </summary>
    public bool IsDoubtful { get; internal set; }

    /// <summary>
    /// The earlier model that this one is the same as, because structures do not differ with one component or one feature; null if there is none.
    /// </summary>
    public MixtureCandidate? SameAs { get; internal set; }

    /// <summary>The value of a criterion.</summary>
    /// <param name="criterion">Which criterion.</param>
    /// <returns>The value: lower is better. NaN if there is no model or the search did not cross-validate.</returns>
    public double Value(MixtureCriterion criterion) => criterion switch
    {
        MixtureCriterion.Bayesian => Criteria?.BayesianInformationCriterion,
        MixtureCriterion.IntegratedCompletedLikelihood => Criteria?.IntegratedCompletedLikelihood,
        MixtureCriterion.Akaike => Criteria?.AkaikeInformationCriterion,
        _ => CrossValidation?.Deviance,
    }
    ?? double.NaN;

    /// <summary>The structure, mclust's name for it and K, in words.</summary>
    /// <returns>Such as <c>full (VVV), 3 components</c>.</returns>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{StructureName}, {ComponentCount} {(ComponentCount == 1 ? "component" : "components")}");

    internal string StructureName => CovarianceStructure.Code is { } code ? $"{CovarianceStructure.Name} ({code})" : CovarianceStructure.Name;
}
