using System.Globalization;
using MathNet.Numerics.Random;
using Microsoft.ML.Mixture.Numerics;
using Microsoft.ML.Mixture.Serialization;

namespace Microsoft.ML.Mixture;

/// <summary>
/// A mixture of factor analysers: p(x) = sum over k of Weights(k) N(x; Means(k), Lambda(k) Lambda(k)' + Psi(k)). Immutable and safe to share between
/// threads.
/// </summary>
public sealed class FactorAnalyzerMixtureModel : MixtureModel
{
    // What matrices of so many features take is more than a moment.
    private const int MostFeaturesOfMatrices = 512;

    private readonly Lazy<IReadOnlyList<ReadOnlyMatrix>> _loadings;
    private readonly Lazy<GaussianMixtureModel?> _gaussians;

    private FactorAnalyzerMixtureModel(double[] weights, FactorAnalyzerComponents components, FitReport? report)
        : base(weights, components, components.Means, report)
    {
        SpecificVariances = new ReadOnlyMatrix(weights.Length, components.Dimension, components.SpecificVariances.ToArray());
        _loadings = new(() =>
        {
            double[] all = components.CopyLoadings();
            int length = components.Dimension * components.FactorCount;
            return Array.AsReadOnly([.. Enumerable.Range(0, weights.Length).Select(k => new ReadOnlyMatrix(components.Dimension, components.FactorCount, all[(k * length)..((k + 1) * length)]))]);
        });
        _gaussians = new(TryMakeGaussians);
        if (report is not null) report.Factors = this;
    }

    /// <summary>q, the number of factors of each component.</summary>
    public int FactorCount => Components.FactorCount;

    /// <summary>How the specific variances were constrained.</summary>
    public SpecificVarianceStructure SpecificVarianceStructure => Components.Structure;

    /// <summary>
    /// Lambda(k), K matrices of shape D x q, in feature units. The likelihood does not tell rotations of factors apart; after a fit they are those with
    /// Lambda' inverse(Psi) Lambda diagonal, the factor that the features tell most of first, and the largest loading of each is positive.
    /// </summary>
    public IReadOnlyList<ReadOnlyMatrix> Loadings => _loadings.Value;

    /// <summary>The diagonals of Psi(k), shape K x D whatever the structure, in squared feature units: what features vary by beside the factors.</summary>
    public ReadOnlyMatrix SpecificVariances { get; }

    /// <summary>The same distribution, made when it is first asked for; null where its matrices are large or singular in double precision.</summary>
    internal GaussianMixtureModel? Gaussians => _gaussians.Value;

    internal FactorAnalyzerComponents Components => (FactorAnalyzerComponents)Densities;

    /// <summary>Makes a model of given parameters.</summary>
    /// <param name="weights">pi(k), shape K: not negative, with sum one.</param>
    /// <param name="means">mu(k), shape K x D, in feature units.</param>
    /// <param name="loadings">Lambda(k), K matrices of shape D x q, in feature units.</param>
    /// <param name="specificVariances">The diagonals of Psi(k), shape K x D, in squared feature units: positive.</param>
    /// <returns>The model, with <see cref="SpecificVarianceStructure.Diagonal"/> specific variances.</returns>
    /// <exception cref="ArgumentException">Sizes do not fit, or a value is not valid.</exception>
    public static FactorAnalyzerMixtureModel FromParameters(
        IReadOnlyList<double> weights, double[,] means, IReadOnlyList<double[,]> loadings, double[,] specificVariances)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(means);
        ArgumentNullException.ThrowIfNull(loadings);
        ArgumentNullException.ThrowIfNull(specificVariances);
        int count = means.GetLength(0), dimension = means.GetLength(1);
        double[] checkedWeights = GaussianParameters.CheckedWeights(weights, count), checkedMeans = GaussianParameters.CheckedMeans(means);
        int factors = loadings.Count > 0 && loadings[0] is not null ? loadings[0].GetLength(1) : 0;
        if (loadings.Count != count || factors < 1 || factors > dimension
            || loadings.Any(matrix => matrix is null || matrix.GetLength(0) != dimension || matrix.GetLength(1) != factors))
        {
            throw new ArgumentException(
                $"The loadings are {loadings.Count} matrices of the shapes {string.Join(", ", loadings.Select(matrix => $"{matrix?.GetLength(0)} x {matrix?.GetLength(1)}"))}, "
                + $"but there must be {count}, each with {Counted.Of(dimension, "row")} and the same number of columns, from 1 to {dimension}.", nameof(loadings));
        }

        if (specificVariances.GetLength(0) != count || specificVariances.GetLength(1) != dimension)
        {
            throw new ArgumentException(
                $"The specific variances have the shape {specificVariances.GetLength(0)} x {specificVariances.GetLength(1)}, but the means have {count} x {dimension}. Give both the same.",
                nameof(specificVariances));
        }

        double[] allLoadings = [.. loadings.SelectMany(matrix => matrix.Cast<double>())], variances = [.. specificVariances.Cast<double>()];
        CheckValues(allLoadings, double.IsFinite, "A loading", "finite", nameof(loadings));
        CheckValues(variances, value => value > 0 && double.IsFinite(value), "A specific variance", "positive and finite", nameof(specificVariances));
        return TryCreate(
            checkedWeights, dimension, factors, SpecificVarianceStructure.Diagonal, checkedMeans, allLoadings, variances, null, out FactorAnalyzerMixtureModel? model, out string problem)
            ? model!
            : throw new ArgumentException(problem);
    }

    /// <summary>The expectation of the factors of a row, if it comes from a component: E[z | x, k].</summary>
    /// <param name="component">k, counted from zero.</param>
    /// <param name="row">x, shape D, in feature units; NaN for a missing feature, which is left out.</param>
    /// <returns>The scores, shape q: the regression scores of factor analysis, in standard deviations of the factors.</returns>
    /// <exception cref="ArgumentException">There is no such component, the row does not have D features, or a feature is infinite.</exception>
    public double[] FactorScores(int component, params ReadOnlySpan<double> row)
    {
        CheckComponent(component);
        if (row.Length != Dimension) throw new ArgumentException($"The row has {Counted.Of(row.Length, "feature")}, but the mixture has {Dimension}.", nameof(row));
        foreach (double value in row)
        {
            if (double.IsInfinity(value)) throw new ArgumentException("A feature of the row is infinite. Pass finite values, and NaN for what is not known.", nameof(row));
        }

        double[] factors = new double[FactorCount];
        Components.ExpectFactors(component, row, 1, factors);
        return factors;
    }

    /// <summary>Sigma(k) = Lambda(k) Lambda(k)' + Psi(k), computed anew by each call.</summary>
    /// <param name="component">k, counted from zero.</param>
    /// <returns>The covariance, shape D x D, in squared feature units.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such component.</exception>
    public ReadOnlyMatrix Covariance(int component)
    {
        CheckComponent(component);
        double[] values = SquareMatrix.Create(Dimension);
        for (int i = 0; i < Dimension; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                double value = Lanes.Dot(Components.Loadings(component, i), Components.Loadings(component, j)) + (i == j ? SpecificVariances[component, i] : 0);
                values[(i * Dimension) + j] = values[(j * Dimension) + i] = value;
            }
        }

        return new ReadOnlyMatrix(Dimension, Dimension, values);
    }

    /// <summary>The same distribution as a Gaussian mixture with full covariances, which can be conditioned and fills in missing values. It holds K matrices of shape D x D.</summary>
    /// <returns>The mixture.</returns>
    /// <exception cref="ArgumentException">A covariance is singular in double precision.</exception>
    public GaussianMixtureModel ToGaussianMixture() =>
        GaussianMixtureModel.FromParameters(Weights, Means.ToArray(), [.. Enumerable.Range(0, ComponentCount).Select(k => Covariance(k).ToArray())]);

    /// <summary>Draws rows from the mixture, independently of each other.</summary>
    /// <param name="rowCount">N, at least 0.</param>
    /// <param name="seed">The seed: the same gives the same rows.</param>
    /// <returns>N x D values, in feature units.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="rowCount"/> is negative.</exception>
    public double[,] Sample(int rowCount, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rowCount);
        var random = new Xoshiro256StarStar(seed, threadSafe: false);
        double[,] rows = new double[rowCount, Dimension];
        double[] factors = new double[FactorCount];
        for (int i = 0; i < rowCount; i++)
        {
            int component = RandomDraws.Component(random, Weights);
            for (int m = 0; m < factors.Length; m++) factors[m] = RandomDraws.Normal(random);
            for (int j = 0; j < Dimension; j++)
            {
                double noise = Math.Sqrt(SpecificVariances[component, j]) * RandomDraws.Normal(random);
                rows[i, j] = Means[component, j] + Lanes.Dot(Components.Loadings(component, j), factors) + noise;
            }
        }

        return rows;
    }

    /// <summary>Writes the model in the library's own format, which <see cref="Load"/> reads; it is safe to load from strangers.</summary>
    /// <param name="stream">The stream to write to, at its position.</param>
    public void Save(Stream stream) => FactorAnalyzerMixtureFormat.Write(this, stream);

    /// <summary>Reads a model that <see cref="Save"/> wrote, to the end of the stream. Its predictions are equal bit for bit.</summary>
    /// <param name="stream">The stream to read from, at its position.</param>
    /// <returns>The model.</returns>
    /// <exception cref="FormatException">The data are damaged, of another kind, from a newer version, or describe no valid mixture.</exception>
    public static FactorAnalyzerMixtureModel Load(Stream stream) => FactorAnalyzerMixtureFormat.Read(stream);

    /// <summary>Makes a model of parameters as they are stored: means K x D, loadings K x D x q, specific variances K x D.</summary>
    internal static bool TryCreate(
        double[] weights, int dimension, int factorCount, SpecificVarianceStructure structure, ReadOnlySpan<double> means, ReadOnlySpan<double> loadings,
        ReadOnlySpan<double> variances, FitReport? report, out FactorAnalyzerMixtureModel? model, out string problem)
    {
        FactorAnalyzerFamily family = FactorAnalyzerFamily.OfModel(factorCount, structure, dimension, loadings, variances);
        bool created = FactorAnalyzerComponents.TryCreate(
            family, dimension, means, loadings, variances, out FactorAnalyzerComponents components, out DegenerateComponent? failure);
        model = created ? new FactorAnalyzerMixtureModel(weights, components, report) : null;
        problem = failure?.Reason ?? string.Empty;
        return created;
    }

    /// <summary>The mixture in words, in the invariant culture. The text may change between versions.</summary>
    /// <returns>A line of what it is, and a line for each of the first eight components: weight and mean, of the first six features.</returns>
    public override string ToString() => MixtureText.Write(
        this, "Mixture of factor analysers", $"{Counted.Of(FactorCount, "factor")}, {FactorAnalyzerCandidate.VariancesName(SpecificVarianceStructure)} specific variances");

    internal override int NearestComponent(ReadOnlySpan<double> row)
    {
        double[] shrunk = new double[row.Length], factors = new double[FactorCount];
        for (int j = 0; j < shrunk.Length; j++) shrunk[j] = DistantRow.Shrink * row[j];
        return DistantRow.Nearest(Weights, k => Components.ExpectFactors(k, shrunk, DistantRow.Shrink, factors));
    }

    private static void CheckValues(double[] values, Func<double, bool> isValid, string what, string allowed, string name)
    {
        foreach (double value in values)
        {
            if (!isValid(value)) throw new ArgumentException($"{what} is {value.ToString("G6", CultureInfo.InvariantCulture)}, but must be {allowed}.", name);
        }
    }

    private GaussianMixtureModel? TryMakeGaussians()
    {
        if (Dimension > MostFeaturesOfMatrices) return null;
        try
        {
            return ToGaussianMixture();
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private void CheckComponent(int component)
    {
        if (component >= 0 && component < ComponentCount) return;
        throw new ArgumentOutOfRangeException(nameof(component), $"There is no component {component}: the mixture has {ComponentCount}, counted from zero.");
    }
}
