namespace Microsoft.ML.Mixture;

/// <summary>A Gaussian mixture that a search has tried.</summary>
public sealed class MixtureCandidate : SearchedMixture
{
    internal MixtureCandidate(int componentCount, CovarianceStructure structure)
        : base(componentCount) => CovarianceStructure = structure;

    /// <summary>How the covariances are constrained.</summary>
    public CovarianceStructure CovarianceStructure { get; }

    /// <summary>The model; null if there is none, and then <see cref="SearchedMixture.Failure"/> says why.</summary>
    public GaussianMixtureModel? Model { get; internal set; }

    /// <summary>
    /// The earlier model that this one is the same as, because structures do not differ with one component or one feature; null if there is none.
    /// </summary>
    public MixtureCandidate? SameAs { get; internal set; }

    internal override IReadOnlyList<string> ModelWarnings => Model?.Report?.Warnings ?? [];

    internal override string StructureName => CovarianceStructure.Title;

    internal override bool IsItsOwn => SameAs is null;
}
