using MathNet.Numerics.Random;

namespace Microsoft.ML.Mixture;

/// <summary>Factor analysers with a given number of factors.</summary>
/// <param name="factorCount">q.</param>
/// <param name="structure">How the specific variances are constrained.</param>
/// <param name="regularization">What keeps the specific variances positive. Its prior bears on them alone.</param>
/// <param name="variances">The variances of the features over all rows, shape D: where a fit begins.</param>
/// <param name="unitExponent">Log-densities are those of rows times 2^-unitExponent.</param>
/// <param name="featureName">What to call a feature in the middle of a sentence; null to number them.</param>
internal sealed class FactorAnalyzerFamily(
    int factorCount, SpecificVarianceStructure structure, CovarianceRegularization regularization, double[] variances, int unitExponent = 0,
    Func<int, string>? featureName = null)
    : ComponentFamily
{
    // Every fit begins with the same directions; what differs between restarts are the groups.
    private const int SeedOfDirections = 1;

    // Loadings are still far from their place when the groups are in theirs: runs to one maximum, of 200 steps, had been ended after 20 with a fifth of what was left in sight.
    private const double CautionOfLoadings = 30;

    // Subspace iterations until the factors stand well enough for the groups to move.
    private const int StepsOfStart = 15;

    public override string Name => $"factor analysers, {Counted.Of(factorCount, "factor")}, {structure} specific variances";

    internal override int FactorCount => factorCount;

    public SpecificVarianceStructure Structure => structure;

    public CovarianceRegularization Regularization => regularization;

    public int UnitExponent => unitExponent;

    public bool IsSpherical => structure.IsSpherical();

    public bool IsTied => structure.IsTied();

    internal override bool HandlesHoles => true;

    internal override int StepsOfGivenGroups => StepsOfStart;

    internal override double CautionBesideRival => CautionOfLoadings;

    public string FeatureName(int feature) => featureName?.Invoke(feature) ?? $"feature {feature}";

    public override MixtureComponents CreateAbout(int componentCount, int dimension, ReadOnlySpan<double> centres)
    {
        double[] repeated = new double[centres.Length];
        for (int at = 0; at < repeated.Length; at++) repeated[at] = variances[at % dimension];
        return CreateAbout(componentCount, dimension, centres, repeated);
    }

    // With arbitrary loadings, which a step of EM turns towards the principal axes of the groups as a step of subspace iteration would.
    internal override MixtureComponents CreateAbout(int componentCount, int dimension, ReadOnlySpan<double> centres, ReadOnlySpan<double> variances)
    {
        FactorAnalyzerComponents.CheckSizes(componentCount, dimension, factorCount);
        var random = new Xoshiro256StarStar(SeedOfDirections, threadSafe: false);
        double[] directions = new double[dimension * factorCount], positive = variances.ToArray(), loadings = new double[componentCount * directions.Length];
        for (int at = 0; at < directions.Length; at++) directions[at] = (2 * random.NextDouble()) - 1;
        for (int at = 0; at < positive.Length; at++)
        {
            double ofRows = regularization.RowVariances[at % dimension];
            if (!(positive[at] > 0)) positive[at] = ofRows > 0 ? ofRows : 1;
            for (int m = 0; m < factorCount; m++)
            {
                loadings[(at * factorCount) + m] = Math.Sqrt(positive[at]) * directions[(at % dimension * factorCount) + m];
            }
        }

        FactorAnalyzerComponents.TryCreate(this, dimension, centres, loadings, positive, out FactorAnalyzerComponents components, out _);
        return components;
    }

    /// <summary>The number of free parameters, without the mixing weights.</summary>
    internal override long FreeParameterCount(int componentCount, int dimension)
    {
        // Loadings that differ by a rotation say the same.
        long ofLoadings = ((long)dimension * factorCount) - ((long)factorCount * (factorCount - 1) / 2);
        long ofVariances = (IsSpherical ? 1 : dimension) * (IsTied ? 1L : componentCount);
        return (componentCount * (dimension + ofLoadings)) + ofVariances;
    }

    /// <summary>The family of a model that is only scored, in units that go with its largest variance.</summary>
    public static FactorAnalyzerFamily OfModel(int factorCount, SpecificVarianceStructure structure, int dimension, ReadOnlySpan<double> loadings, ReadOnlySpan<double> variances)
    {
        double largest = 0;
        foreach (double variance in variances) largest = Math.Max(largest, variance);
        foreach (double loading in loadings) largest = Math.Max(largest, loading * loading);
        int exponent = double.IsFinite(largest) && largest > 0 ? Math.ILogB(largest) >> 1 : 0;
        return new FactorAnalyzerFamily(factorCount, structure, CovarianceRegularization.None(dimension), new double[dimension], exponent);
    }
}
