namespace Microsoft.ML.Mixture;

/// <summary>How a start groups rows.</summary>
internal enum StartKind
{
    /// <summary>k-means++ and k-means on standardised features.</summary>
    KMeans,

    /// <summary>The same on features without correlation, which finds groups that are long in the same direction.</summary>
    WhitenedKMeans,

    /// <summary>The nearest of K rows at random, on standardised features.</summary>
    RandomRows,

    /// <summary>The same on features without correlation.</summary>
    WhitenedRandomRows,

    /// <summary>Slices across a direction at random.</summary>
    RandomDirection,

    /// <summary>Responsibilities at random.</summary>
    RandomResponsibilities,

    /// <summary>Model-based agglomeration of some of the rows.</summary>
    Hierarchical,

    /// <summary>A fit with fewer parameters, which has fewer maxima.</summary>
    SimplerFamily,

    /// <summary>k-means++ and k-means with fewer groups than components, the others of which stay empty.</summary>
    FewerGroups,

    /// <summary>k-means++ and k-means on standardised features without their leading axes, as many as a component has factors, along which all groups may be long.</summary>
    WithoutFactors,

    /// <summary>The rows at values that many share, and k-means for the others.</summary>
    PointMasses,
}
