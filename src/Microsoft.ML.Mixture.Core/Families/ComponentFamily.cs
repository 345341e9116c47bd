namespace Microsoft.ML.Mixture;

/// <summary>A family of component densities, such as Gaussians of one covariance structure: what EM needs before it has parameters.</summary>
public abstract class ComponentFamily
{
    /// <summary>The name of the family, for messages.</summary>
    public abstract string Name { get; }

    /// <summary>
    /// Makes components that can accumulate statistics but have no densities yet. The start of a fit gives them responsibilities and
    /// maximises.
    /// </summary>
    /// <param name="componentCount">K.</param>
    /// <param name="dimension">D.</param>
    /// <param name="centres">
    /// Points near which the rows of each component lie, shape K x D, row-major, in feature units. A family whose statistics are taken
    /// about a point should take them about these; others may ignore them.
    /// </param>
    /// <returns>The components.</returns>
    public abstract MixtureComponents CreateAbout(int componentCount, int dimension, ReadOnlySpan<double> centres);

    /// <summary>
    /// Whether components that explain nothing lose their rows, so that the best mixture may use fewer than were asked for. A sample of the rows loses more of them.
    /// </summary>
    internal virtual bool LosesComponents => false;

    /// <summary>Whether components take rows with holes for what is observed of them.</summary>
    internal virtual bool HandlesHoles => false;

    /// <summary>The same components, whose first M-step takes the shortest way to valid parameters: for a fit whose time is over.</summary>
    internal virtual ComponentFamily Hasty => this;

    /// <summary>The same components, whose M-steps leave something to later ones where that is quicker: for runs of which the best goes on with <see cref="Adopt"/>.</summary>
    internal virtual ComponentFamily Rough => this;

    /// <summary>The same components on another way: a run of theirs from the same groups may end where a better maximum of this family is near; null for none.</summary>
    internal virtual ComponentFamily? OtherWay => null;

    /// <summary>
    /// How many times what its steps tell a run of these components may still gain, where it is judged beside a better one: where many directions are slow, the first steps tell of the others.
    /// </summary>
    internal virtual double CautionBesideRival => 1;

    /// <summary>The mixture that <see cref="Rough"/> or <see cref="OtherWay"/> has led to as one of this family; null if it is none.</summary>
    internal virtual MixtureState? Adopt(MixtureState reached) => null;

    /// <summary>How many directions a component has in which rows may lie far apart without being of several groups; zero for none.</summary>
    internal virtual int FactorCount => 0;

    /// <summary>The number of M-steps that a start takes with groups held fixed: one where it finds the most likely parameters of the groups.</summary>
    internal virtual int StepsOfGivenGroups => 1;

    /// <summary>The number of free parameters of so many components.</summary>
    internal virtual long FreeParameterCount(int componentCount, int dimension) => CreateAbout(componentCount, dimension, new double[componentCount * dimension]).FreeParameterCount;

    /// <summary>Families with fewer parameters, whose maxima lie near those of this one; the most useful first.</summary>
    internal virtual IReadOnlyList<ComponentFamily> SimplerFamilies(int componentCount, int dimension) => [];

    /// <summary>The same as the other overload, where rows have holes: with the variances, shape K x D, that missing values have about the centres.</summary>
    internal virtual MixtureComponents CreateAbout(int componentCount, int dimension, ReadOnlySpan<double> centres, ReadOnlySpan<double> variances) =>
        CreateAbout(componentCount, dimension, centres);
}
