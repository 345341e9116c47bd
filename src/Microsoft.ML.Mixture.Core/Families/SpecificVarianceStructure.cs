namespace Microsoft.ML.Mixture;

/// <summary>How the specific variances Psi(k) of factor analysers are constrained: what a feature varies by beside the factors.</summary>
/// <remarks>
/// The numbers are written to files: never change one. McNicholas and Murphy (2008), Parsimonious Gaussian mixture models, Stat. Comput. 18(3),
/// 285-296, doi:10.1007/s11222-008-9056-0, call these four UUU, UCU, UUC and UCC.
/// </remarks>
public enum SpecificVarianceStructure
{
    /// <summary>Each component has a variance of its own in each feature: K D parameters.</summary>
    Diagonal = 0,

    /// <summary>All components have the same variances: D parameters.</summary>
    TiedDiagonal = 1,

    /// <summary>Each component has one variance for all features, K parameters: mixtures of probabilistic principal components.</summary>
    Spherical = 2,

    /// <summary>There is one variance for all components and features: one parameter.</summary>
    TiedSpherical = 3,
}

/// <summary>What follows from a structure.</summary>
internal static class SpecificVarianceStructures
{
    /// <summary>Whether all features of a component have one variance.</summary>
    public static bool IsSpherical(this SpecificVarianceStructure structure) => structure is SpecificVarianceStructure.Spherical or SpecificVarianceStructure.TiedSpherical;

    /// <summary>Whether all components have the same variances.</summary>
    public static bool IsTied(this SpecificVarianceStructure structure) => structure is SpecificVarianceStructure.TiedDiagonal or SpecificVarianceStructure.TiedSpherical;
}
