using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>K factor analysers: Gaussians with Sigma(k) = Lambda(k) Lambda(k)' + Psi(k), of which no D x D matrix is ever made.</summary>
/// <remarks>
/// <para>
/// A row is x = mu + Lambda z + e with q factors z of covariance one and e of the diagonal covariance Psi. With M = 1 + Lambda' inverse(Psi) Lambda,
/// q x q, the factors of a row have the expectation z and the covariance inverse(M), and by Woodbury's identity and the determinant lemma
/// <code>
///   z = inverse(M) Lambda' inverse(Psi) (x - mu),   log det Sigma = log det Psi + log det M
///   (x - mu)' inverse(Sigma) (x - mu) = |z|^2 + (x - mu - Lambda z)' inverse(Psi) (x - mu - Lambda z)
/// </code>
/// The last line is a sum of squares, in which nothing cancels, where Woodbury's identity itself is a difference.
/// </para>
/// <para>
/// Sources: Ghahramani and Hinton (1996), The EM algorithm for mixtures of factor analyzers, CRG-TR-96-1, University of Toronto; McLachlan, Peel and
/// Bean (2003), Modelling high-dimensional data by mixtures of factor analyzers, Comput. Stat. Data Anal. 41(3-4), 379-388,
/// doi:10.1016/S0167-9473(02)00183-4.
/// </para>
/// </remarks>
internal sealed partial class FactorAnalyzerComponents : MixtureComponents
{
    private readonly FactorAnalyzerFamily _family;

    // Columns of a loading matrix as LowRank fills them up.
    private readonly int _rank;
    private readonly double[] _means;
    private readonly double[] _loadings;
    private readonly double[] _variances;
    private readonly double[] _logVariances;
    private readonly double[] _scales;

    // inverse(Psi) Lambda, and inverse(M), both filled up.
    private readonly double[] _weightedLoadings;
    private readonly double[] _posteriors;
    private readonly double[] _logConstants;
    private readonly double[] _zeros;
    private readonly double[] _counts;
    private readonly double[] _regression;
    private readonly double[] _work;
    private double _logPrior;
    private long _version;

    public FactorAnalyzerComponents(FactorAnalyzerFamily family, int componentCount, int dimension)
    {
        CheckSizes(componentCount, dimension, family.FactorCount);
        _family = family;
        Dimension = dimension;
        _rank = LowRank.PadRank(family.FactorCount);
        _means = new double[componentCount * dimension];
        _loadings = new double[_means.Length * _rank];
        _variances = new double[_means.Length];
        _logVariances = new double[_means.Length];
        _scales = new double[_means.Length];
        _weightedLoadings = new double[_loadings.Length];
        _posteriors = new double[componentCount * _rank * _rank];
        _logConstants = new double[componentCount];
        _zeros = new double[_rank];
        _counts = new double[componentCount];
        _regression = new double[RegressionLength(0, dimension)];
        _work = new double[RegressionWorkLength];
        _allFeatures = [.. Enumerable.Range(0, dimension)];
    }

    public override int ComponentCount => _logConstants.Length;

    public override int Dimension { get; }

    /// <summary>q.</summary>
    public int FactorCount => _family.FactorCount;

    public SpecificVarianceStructure Structure => _family.Structure;

    public ReadOnlySpan<double> Means => _means;

    /// <summary>Psi(k), shape K x D, whatever the structure.</summary>
    public ReadOnlySpan<double> SpecificVariances => _variances;

    public override double LogPrior => _logPrior;

    public override long FreeParameterCount => _family.FreeParameterCount(ComponentCount, Dimension);

    public override int StatisticsLength => ComponentCount * ComponentStatisticsLength;

    public override MixtureComponents CreateEmpty() => new FactorAnalyzerComponents(_family, ComponentCount, Dimension);

    public override IReadOnlyList<DegenerateComponent> FindSpurious(ReadOnlySpan<double> effectiveCounts, ReadOnlySpan<double> rowCounts) =>
        FindSpuriousAmong(effectiveCounts, new RowsOfComponents(rowCounts));

    internal override IReadOnlyList<DegenerateComponent> FindSpuriousAmong(ReadOnlySpan<double> effectiveCounts, RowsOfComponents rows) =>
        SpuriousFactorAnalyzers.Find(this, _family, effectiveCounts, rows);

    internal override double UnitLogDensityOf(int observedCount) => -observedCount * _family.UnitExponent * Math.Log(2);

    /// <summary>Whether arrays hold the loadings of so many components, and the statistics of an M-step.</summary>
    public static bool FitArrays(int componentCount, int dimension, int factorCount)
    {
        // In 64 bits, for in 32 lengths may wrap around to small ones.
        long rank = LowRank.PadRank(factorCount), ofFeatures = dimension * (2 + rank), ofFactors = rank * (rank + 1);
        return componentCount <= Array.MaxLength / (ofFeatures + ofFactors);
    }

    /// <summary>Throws where they do not.</summary>
    /// <exception cref="ArgumentException">There are too many.</exception>
    public static void CheckSizes(int componentCount, int dimension, int factorCount)
    {
        if (FitArrays(componentCount, dimension, factorCount)) return;
        throw new ArgumentException(
            $"The loadings of {Counted.Of(componentCount, "component")} with {Counted.Of(factorCount, "factor")} in {Counted.Of(dimension, "feature")} take more numbers than an array holds. "
            + "Ask for fewer components or factors, or pass fewer features.");
    }

    /// <summary>Makes components of given parameters, which are copied.</summary>
    /// <param name="family">The family.</param>
    /// <param name="dimension">D.</param>
    /// <param name="means">mu(k), shape K x D.</param>
    /// <param name="loadings">Lambda(k), shape K x D x q.</param>
    /// <param name="variances">Psi(k), shape K x D.</param>
    /// <param name="components">The components.</param>
    /// <param name="failure">Which component is not valid, and why.</param>
    public static bool TryCreate(
        FactorAnalyzerFamily family, int dimension, ReadOnlySpan<double> means, ReadOnlySpan<double> loadings, ReadOnlySpan<double> variances,
        out FactorAnalyzerComponents components, out DegenerateComponent? failure)
    {
        components = new FactorAnalyzerComponents(family, means.Length / dimension, dimension);
        means.CopyTo(components._means);
        variances.CopyTo(components._variances);
        int factors = family.FactorCount;
        for (int row = 0; row < means.Length; row++) loadings.Slice(row * factors, factors).CopyTo(components._loadings.AsSpan(row * components._rank));
        return components.TryPrepare(out failure);
    }

    /// <summary>The loadings of one feature of a component, shape q.</summary>
    public ReadOnlySpan<double> Loadings(int component, int feature) => _loadings.AsSpan(((component * Dimension) + feature) * _rank, FactorCount);

    /// <summary>c(k), without the weight of the component: -(D log(2 pi) + log det Sigma(k)) / 2.</summary>
    public double LogConstant(int component) => _logConstants[component];

    /// <summary>The variance of a feature in a component, that by the factors included.</summary>
    public double VarianceOf(int component, int feature)
    {
        ReadOnlySpan<double> loadings = Loadings(component, feature);
        return _variances[(component * Dimension) + feature] + Lanes.Dot(loadings, loadings);
    }

    /// <summary>Lambda(k) without the filling, shape K x D x q.</summary>
    public double[] CopyLoadings()
    {
        double[] loadings = new double[_means.Length * FactorCount];
        for (int row = 0; row < _means.Length; row++) _loadings.AsSpan(row * _rank, FactorCount).CopyTo(loadings.AsSpan(row * FactorCount));
        return loadings;
    }

    private ReadOnlySpan<double> OfFeatures(double[] values, int component) => values.AsSpan(component * Dimension, Dimension);

    private ReadOnlySpan<double> OfLoadings(double[] values, int component) => values.AsSpan(component * Dimension * _rank, Dimension * _rank);

    private ReadOnlySpan<double> Posterior(int component) => _posteriors.AsSpan(component * _rank * _rank, _rank * _rank);

    // Turns parameters into what the densities need.
    private bool TryPrepare(out DegenerateComponent? failure)
    {
        _version++;
        _logPrior = 0;
        for (int k = 0; k < ComponentCount; k++)
        {
            double ofPrior = 0;
            for (int j = 0; j < Dimension; j++)
            {
                int at = (k * Dimension) + j;
                double variance = _variances[at], scale = 1 / Math.Sqrt(variance);
                if (!(variance > 0) || !double.IsFinite(variance) || !double.IsFinite(scale * scale))
                {
                    failure = new DegenerateComponent(
                        k, $"Component {k} has no variance of its own left in {_family.FeatureName(j)}, beside the factors. "
                            + "Ask for fewer components or factors, drop constant or copied features, or strengthen the prior on the specific variances.");
                    return false;
                }

                _scales[at] = scale;
                _logVariances[at] = Math.Log(double.ScaleB(variance, -2 * _family.UnitExponent));
                ofPrior += _logVariances[at] + (_family.Regularization.PriorVariances[j] / variance);
                for (int m = 0; m < FactorCount; m++) _weightedLoadings[(at * _rank) + m] = _loadings[(at * _rank) + m] / variance;
            }

            ComputeRegression(k, [], _allFeatures, _regression, _work);
            _logConstants[k] = _regression[0];
            for (int m = 0; m < FactorCount; m++) _regression.AsSpan(1 + (m * FactorCount), FactorCount).CopyTo(_posteriors.AsSpan(((k * _rank) + m) * _rank));
            _logPrior -= 0.5 * _family.Regularization.PriorCount * ofPrior;
            if (double.IsFinite(_logConstants[k])) continue;
            failure = new DegenerateComponent(
                k, $"The loadings of component {k} are beyond double precision beside its specific variances. Strengthen the prior on the specific variances.");
            return false;
        }

        failure = null;
        return true;
    }
}
