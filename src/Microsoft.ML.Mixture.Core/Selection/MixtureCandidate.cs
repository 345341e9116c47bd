namespace Microsoft.ML.Mixture;

/// <summary>A Gaussian mixture that a search has tried.</summary>
public sealed class MixtureCandidate : SearchedMixture
{
    internal MixtureCandidate(int componentCount, CovarianceStructure structure)
        : base(componentCount) => CovarianceStructure = structure;

    /// <summary>How the covariances are constrained.</summary>
    public CovarianceStructure CovarianceStructure { get; }

    /// <summary>The model; null if there is none, and then <see cref="SearchedMixture.Failure"/> says why.</summary>
    public GaussianMixtureModel? Model
    {
        get => (GaussianMixtureModel?)Found;
        internal set => Found = value;
    }

    /// <summary>
    /// The earlier model that this one is the same as, because structures do not differ with one component or one feature; null if there is none.
    /// </summary>
    public MixtureCandidate? SameAs => (MixtureCandidate?)Twin;

    internal override string StructureName => CovarianceStructure.Title;

    /// <summary>Every model that the options ask for, by K and then by structure.</summary>
    internal static MixtureCandidate[] CreateAll(GaussianMixtureSearchOptions options, int dimension) => FindTwins<MixtureCandidate>(
        [.. options.ComponentCounts.SelectMany(count => options.CovarianceStructures.Select(structure => new MixtureCandidate(count, structure)))], dimension);

    /// <summary>The number of free parameters of the Gaussians, their mixing weights included.</summary>
    internal long FreeParameterCount(int dimension) =>
        ((long)ComponentCount * dimension) + CovarianceStructure.FreeParameterCount(ComponentCount, dimension) + ComponentCount - 1;

    /// <summary>Whether there are fewer than two values for each parameter, those that are missing not counted: criteria are made for many.</summary>
    internal bool IsOverfitted(TrainingRows rows) => ShownRows.ValuesOfParameter * FreeParameterCount(rows.Source.Dimension) > rows.ObservedValueCount;

    /// <summary>
    /// Why rows cannot hold such a model; null if they may, or if nothing else is tried. As many rows as features lie in a plane, and tell no correlations. Where features follow from
    /// others, what covariances share in the direction in which no row varies is what the prior makes of it, and decides how many components there seem to be.
    /// </summary>
    /// <param name="data">The rows, whose dependencies are known.</param>
    /// <param name="options">How the model is fitted.</param>
    /// <param name="tried">The structures of all models.</param>
    internal string? WhyExcluded(SearchData data, GaussianMixtureOptions options, IReadOnlyList<CovarianceStructure> tried)
    {
        RowSource rows = data.Unscaled.Source;
        if (CovarianceStructure.Shape != CovarianceShape.Full) return null;
        if (rows.Dimension > 1 && rows.RowCount <= rows.Dimension && tried.Any(structure => structure.Shape != CovarianceShape.Full))
        {
            return $"{Counted.Of(rows.RowCount, "row")} cannot tell the correlations of {Counted.Of(rows.Dimension, "feature")}. Take structures without correlations, or factor analyzers.";
        }

        if (ComponentCount == 1 || !SharesInPart(CovarianceStructure) || tried.All(SharesInPart) || !DependencyWarnings.Any(data.Scaled, options)) return null;
        return "Features follow from others, so that what the covariances share where no row varies, and with it the number of components, would be the prior's choice. "
            + "Drop these features, or take full or tied covariances, which are fitted as without them.";
    }

    private static bool SharesInPart(CovarianceStructure structure) => structure is { Shape: CovarianceShape.Full, IsShared: false, IsClosedInFactors: false };

    private protected override bool IsSameAs(SearchedMixture later, int dimension)
    {
        CovarianceStructure own = CovarianceStructure, other = ((MixtureCandidate)later).CovarianceStructure;
        if (ComponentCount != later.ComponentCount || own.Code is null || other.Code is null) return false;
        bool isAlike = dimension == 1 || (ComponentCount == 1 && own.Shape == other.Shape);
        return isAlike && own.FreeParameterCount(ComponentCount, dimension) == other.FreeParameterCount(ComponentCount, dimension);
    }
}
