namespace Microsoft.ML.Mixture;

/// <summary>Which Gaussian mixtures to try, and by what to choose.</summary>
/// <remarks>
/// Models that are out of reach of the best are not started again, and stop when what is left is about a millionth of their log-likelihood or 0.0005 nats, whichever is more: see <see cref="SearchedMixture.EndedEarly"/>.
/// </remarks>
public sealed class GaussianMixtureSearchOptions : MixtureSearchOptions
{
    /// <summary>The structures to try, each with every K.</summary>
    /// <value>The default is <see cref="CovarianceStructure.BuiltIn"/>: all that come with the library.</value>
    public IReadOnlyList<CovarianceStructure> CovarianceStructures { get; set; } = CovarianceStructure.BuiltIn;

    /// <summary>The most of <see cref="StartCount"/>: groupings of all K are held in memory together.</summary>
    internal const int MostStartCount = 1000;

    /// <summary>
    /// The number of groupings of the rows to start from; from 1 to 1000. The first is that of a tree of groups, model-based and agglomerative, from
    /// which every model starts. The others, by k-means and around rows at random, are tried by models that may still win. Not used with a
    /// <see cref="NoiseComponent"/>, where models that may win have the starts of a fit, and the others two.
    /// </summary>
    /// <value>The default is 4.</value>
    public int StartCount { get; set; } = 4;

    /// <summary>See <see cref="GaussianMixtureOptions.CovariancePriorStrength"/>.</summary>
    /// <value>The default is 1e-6.</value>
    public double CovariancePriorStrength { get; set; } = GaussianMixtureOptions.DefaultCovariancePriorStrength;

    /// <summary>
    /// Whether every model has a component more of constant density, for rows that belong to none of its K Gaussians: see
    /// <see cref="GaussianMixtureOptions.NoiseComponent"/>. Criteria of models with noise and without compare. Each model is
    /// then fitted to all rows by itself, those near the best in up to twelve rounds of two k-means++ starts, the others from two, which takes some times as long. A fit by itself races, and may come to more.
    /// </summary>
    /// <value>The default is false.</value>
    public bool NoiseComponent { get; set; }

    /// <summary>See <see cref="GaussianMixtureOptions.NoiseLogDensity"/>; the same for all models.</summary>
    /// <value>The default is null.</value>
    public double? NoiseLogDensity { get; set; }

    /// <summary>Is told after every step, on the threads that fit, by one at a time.</summary>
    public IProgress<MixtureSearchProgress>? Progress { get; set; }

    /// <summary>Whether models that cannot win are spared work; false only to compare.</summary>
    internal bool StopsLosersEarly { get; set; } = true;

    /// <summary>Whether it is the search of all folds but one, whose warnings nobody reads.</summary>
    internal bool IsOfFold { get; set; }

    /// <inheritdoc/>
    public override void Validate()
    {
        ArgumentNullException.ThrowIfNull(CovarianceStructures);
        if (CovarianceStructures.Count == 0 || CovarianceStructures.Contains(null!) || CovarianceStructures.Distinct().Count() < CovarianceStructures.Count)
        {
            throw new ArgumentException(
                $"The option {nameof(CovarianceStructures)} must hold at least one structure, each once. Pass some of {string.Join(", ", CovarianceStructure.BuiltIn)}.");
        }

        base.Validate();
        MixtureOptions.Check(StartCount is >= 1 and <= MostStartCount, nameof(StartCount), StartCount, $"from 1 to {MostStartCount}");
        FitOptions(MinimumComponentCount, CovarianceStructures[0]).Validate();
    }

    internal GaussianMixtureSearchOptions Clone()
    {
        var clone = (GaussianMixtureSearchOptions)MemberwiseClone();
        if (CovarianceStructures is not null) clone.CovarianceStructures = [.. CovarianceStructures];
        return clone;
    }

    /// <summary>How to fit one model, on one thread.</summary>
    internal GaussianMixtureOptions FitOptions(int componentCount, CovarianceStructure structure) => Share(new GaussianMixtureOptions
    {
        ComponentCount = componentCount,
        CovarianceStructure = structure,
        CovariancePriorStrength = CovariancePriorStrength,
        NoiseComponent = NoiseComponent,
        NoiseLogDensity = NoiseLogDensity,
        IsRough = NoiseComponent,
    });
}
