namespace Microsoft.ML.Mixture;

/// <summary>A model of a search while it is at work.</summary>
internal sealed class SearchCell(int componentCount, CovarianceStructure structure)
{
    public MixtureCandidate Candidate { get; } = new(componentCount, structure);

    /// <summary>The best model so far.</summary>
    public GaussianMixtureModel? Current { get; set; }

    /// <summary>What other models may see of it during a phase.</summary>
    public GaussianMixtureModel? Published { get; set; }

    /// <summary>The models of others that it has started from.</summary>
    public HashSet<GaussianMixtureModel> Seen { get; } = [];

    /// <summary>Why the last fit failed.</summary>
    public string? LastFailure { get; set; }

    /// <summary>The objective of a fit: comparable between models of the same structure and K.</summary>
    public static double Objective(GaussianMixtureModel model) => model.Report!.ObjectiveHistory[^1];

    /// <summary>Keeps a model if it is better.</summary>
    public void Offer(GaussianMixtureModel? model)
    {
        if (model is null) return;
        int spurious = model.Report!.SpuriousComponentCount, kept = Current?.Report!.SpuriousComponentCount ?? int.MaxValue;
        if (spurious < kept || (spurious == kept && Objective(model) > Objective(Current!))) Current = model;
    }

    /// <summary>Whether this is an earlier model that a later one cannot differ from.</summary>
    public bool IsSameAs(SearchCell later, int dimension)
    {
        CovarianceStructure other = later.Candidate.CovarianceStructure;
        if (this == later || Candidate.SameAs is not null || Candidate.ComponentCount != later.Candidate.ComponentCount) return false;
        if (structure.Code is null || other.Code is null) return false;
        bool isAlike = dimension == 1 || (componentCount == 1 && structure.Shape == other.Shape);
        return isAlike && structure.FreeParameterCount(componentCount, dimension) == other.FreeParameterCount(componentCount, dimension);
    }
}
