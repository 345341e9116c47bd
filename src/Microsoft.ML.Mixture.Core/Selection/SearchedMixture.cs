namespace Microsoft.ML.Mixture;

/// <summary>A mixture of any family that a search has tried.</summary>
public abstract class SearchedMixture
{
    private protected SearchedMixture(int componentCount) => ComponentCount = componentCount;

    /// <summary>K.</summary>
    public int ComponentCount { get; }

    /// <summary>What speaks for the model; null if there is none. Of one that <see cref="EndedEarly"/> each of them may be above what the model can have.</summary>
    public MixtureCriteria? Criteria { get; internal set; }

    /// <summary>How it foresees rows left out; null unless the search goes by that.</summary>
    public MixtureCrossValidation? CrossValidation { get; internal set; }

    /// <summary>Why there is no model; null if there is one.</summary>
    public string? Failure { get; internal set; }

    /// <summary>
    /// Whether components of the model owe their likelihood to a handful of rows, or to rows that coincide in a feature, or, in a search of Gaussians, whether there are
    /// fewer than two values (rows times features, less what is missing and the rows of the noise) for each of its parameters, or what is missing leaves too little of a feature to tell them. Its criteria
    /// then mean little; it is ranked behind all models of which this is not so. Its report's warnings say which components and why.
    /// </summary>
    public bool IsDoubtful { get; internal set; }

    /// <summary>
    /// Whether the search did not fit the model to the end: it could no longer win, or time or steps ran out. It may be far from the maximum of its likelihood then, and all its criteria
    /// above what they would be there. False if there is no model.
    /// </summary>
    /// <remarks>
    /// A search fits to the end what may win by the criterion that it goes by, and by BIC where that is ICL or cross-validation, in each fold, too; with noise, what does not may have
    /// had two starts. To compare other models, or by another criterion, search by that, or fit each by itself. A fit by itself has a race of starts, which of the models of a search only the winner has, and
    /// may come to more than a model that was fitted to the end. Factor analysers are all fitted to the end as long as time and steps allow.
    /// </remarks>
    public bool EndedEarly { get; internal set; }

    /// <summary>What the model is apart from K, in a few words that tell it from the others of the same K.</summary>
    internal abstract string StructureName { get; }

    /// <summary>What the report of the model warns of; empty if there is none.</summary>
    internal IReadOnlyList<string> ModelWarnings => Found?.Report?.Warnings ?? [];

    /// <summary>Adds to what the report of the model warns of what a search has to say of it.</summary>
    internal void Tell(IEnumerable<string> warnings)
    {
        if (Found?.Report is { } report) report.Warnings = [.. report.Warnings, .. warnings];
    }

    /// <summary>Whether there is a model.</summary>
    internal bool HasModel => Found is not null;

    /// <summary>Whether it is ranked; a model that cannot differ from an earlier one is not.</summary>
    internal bool IsItsOwn => Twin is null;

    /// <summary>The model, of any family; null if there is none.</summary>
    private protected MixtureModel? Found { get; set; }

    /// <summary>The earlier one that this one cannot differ from; null if there is none.</summary>
    private protected SearchedMixture? Twin { get; private set; }

    /// <summary>Lets each know the earlier one that it cannot differ from.</summary>
    /// <param name="all">All of a search, by K: twins have the same.</param>
    /// <param name="dimension">D.</param>
    /// <returns>The same.</returns>
    internal static TCandidate[] FindTwins<TCandidate>(TCandidate[] all, int dimension)
        where TCandidate : SearchedMixture
    {
        for (int at = 0, first = 0; at < all.Length; at++)
        {
            if (all[first].ComponentCount != all[at].ComponentCount) first = at;
            all[at].Twin = Array.Find(all[first..at], earlier => earlier.IsItsOwn && earlier.IsSameAs(all[at], dimension));
        }

        return all;
    }

    /// <summary>Ends the search for a model: one that is the same as another has what that has, and one that was not found a reason.</summary>
    /// <param name="reason">Why there is no model, if nothing else is known.</param>
    internal void Close(string reason)
    {
        if (Twin is { } same)
        {
            (Found, Criteria, CrossValidation, Failure, IsDoubtful, EndedEarly) = (same.Found, same.Criteria, same.CrossValidation, same.Failure, same.IsDoubtful, same.EndedEarly);
        }

        if (HasModel) return;
        (Criteria, CrossValidation, EndedEarly) = (null, null, false);
        Failure ??= reason;
    }

    /// <summary>Whether a later one cannot differ from this one.</summary>
    private protected abstract bool IsSameAs(SearchedMixture later, int dimension);

    /// <summary>What is thrown where somebody asks for a model that there is not.</summary>
    internal ArgumentException CreateFailure(string argument) => new($"There is no model with {this}. {Failure} Take a candidate of the ranking.", argument);

    /// <summary>The value of a criterion.</summary>
    /// <param name="criterion">Which criterion.</param>
    /// <returns>The value: lower is better. NaN if there is no model or the search did not cross-validate.</returns>
    /// <remarks>
    /// Only models that may win by the criterion that was searched by are fitted to the end: the least of another criterion among them is not the least that there is. Of a model that
    /// <see cref="EndedEarly"/> no criterion need be near its best.
    /// </remarks>
    public double Value(MixtureCriterion criterion) => criterion switch
    {
        MixtureCriterion.Bayesian => Criteria?.BayesianInformationCriterion,
        MixtureCriterion.IntegratedCompletedLikelihood => Criteria?.IntegratedCompletedLikelihood,
        MixtureCriterion.Akaike => Criteria?.AkaikeInformationCriterion,
        _ => CrossValidation?.Deviance,
    }
    ?? double.NaN;

    /// <summary>The structure and K, in words.</summary>
    /// <returns>Such as <c>full (VVV), 3 components</c>.</returns>
    public override string ToString() => $"{StructureName}, {Counted.Of(ComponentCount, "component")}";
}
