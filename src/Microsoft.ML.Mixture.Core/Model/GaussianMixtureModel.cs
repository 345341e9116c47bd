using Microsoft.ML.Mixture.Numerics;
using Microsoft.ML.Mixture.Serialization;

namespace Microsoft.ML.Mixture;

/// <summary>A Gaussian mixture: p(x) = sum over k of Weights(k) N(x; Means(k), Covariances(k)). Immutable and safe to share between threads.</summary>
public sealed partial class GaussianMixtureModel : MixtureModel
{
    private readonly Lazy<IReadOnlyList<ReadOnlyMatrix>> _covariances;
    private readonly Lazy<IReadOnlyList<ReadOnlyMatrix>> _precisionsCholesky;

    internal GaussianMixtureModel(double[] weights, GaussianComponents components, CovarianceStructure structure, FitReport? report, MixtureNoise? noise = null)
        : base(
            weights, noise is null ? components : new NoiseComponents(components, noise.Distribution.Scale(-components.UnitExponent)), components.Means, report, noise?.Weight)
    {
        CovarianceStructure = structure;
        Components = components;
        Noise = noise;
        _covariances = new(() => Expand(CopyCovariance));
        _precisionsCholesky = new(() => Expand(CopyPrecisionCholesky));
        _mostOverlappingPair = new(() => ComponentCount == 1 ? null : new GaussianOverlap(Components, Weights).FindLargest(0) ?? Overlap(0, 1));
        _eigenvalues = new(ComputeEigenvalues);
        _conditionNumbersOfCorrelations = new(ComputeConditionNumbersOfCorrelations);
        if (report is not null) report.Model = this;
    }

    private delegate void MatrixCopy(int component, double[] destination);

    /// <summary>Sigma(k), K matrices of shape D x D whatever the structure, in squared feature units.</summary>
    public IReadOnlyList<ReadOnlyMatrix> Covariances => _covariances.Value;

    /// <summary>U(k), K upper triangular matrices of shape D x D with inverse(Sigma(k)) = U(k) U(k)'; the orientation of scikit-learn.</summary>
    public IReadOnlyList<ReadOnlyMatrix> PrecisionsCholesky => _precisionsCholesky.Value;

    /// <summary>How the covariances were constrained.</summary>
    public CovarianceStructure CovarianceStructure { get; }

    /// <summary>
    /// The variational posterior that the parameters are expectations of; null if the model was not fitted by
    /// <see cref="BayesianGaussianMixture"/>.
    /// </summary>
    public GaussianMixturePosterior? Posterior { get; internal init; }

    internal GaussianComponents Components { get; }

    /// <summary>Makes a model of given parameters.</summary>
    /// <param name="weights">pi(k), shape K: not negative, with sum one.</param>
    /// <param name="means">mu(k), shape K x D, in feature units.</param>
    /// <param name="covariances">Sigma(k): K symmetric positive definite matrices of shape D x D, or one that all components share.</param>
    /// <returns>The model, with the structure <see cref="CovarianceStructure.Full"/>, or <see cref="CovarianceStructure.Tied"/> if one matrix is shared.</returns>
    /// <exception cref="ArgumentException">Sizes do not fit, or a value is not valid.</exception>
    public static GaussianMixtureModel FromParameters(IReadOnlyList<double> weights, double[,] means, IReadOnlyList<double[,]> covariances)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(means);
        ArgumentNullException.ThrowIfNull(covariances);
        int count = means.GetLength(0), dimension = means.GetLength(1);
        double[] checkedWeights = GaussianParameters.CheckedWeights(weights, count);
        double[] checkedMeans = GaussianParameters.CheckedMeans(means);
        double[] lower = [.. GaussianParameters.CheckedCovariances(covariances, count, dimension, arePrecisions: false).SelectMany(matrix => matrix)];
        CovarianceStructure structure = covariances.Count == 1 && count > 1 ? CovarianceStructure.Tied : CovarianceStructure.Full;
        return TryCreate(checkedWeights, dimension, structure, checkedMeans, lower, null, out GaussianMixtureModel? model, out string problem)
            ? model!
            : throw new ArgumentException(problem);
    }

    /// <summary>Makes room to fill in missing values of rows, one row at a time; one for each thread.</summary>
    /// <returns>The filler.</returns>
    public MissingValueFiller CreateFiller() => new(this);

    /// <summary>Writes the model in the library's own format, which <see cref="Load"/> reads; it is safe to load from strangers.</summary>
    /// <param name="stream">The stream to write to, at its position.</param>
    /// <exception cref="NotSupportedException">The covariance structure is not one of <see cref="CovarianceStructure.BuiltIn"/>.</exception>
    public void Save(Stream stream) => GaussianMixtureFormat.Write(this, stream);

    /// <summary>Reads a model that <see cref="Save"/> wrote, to the end of the stream. Its predictions are equal bit for bit.</summary>
    /// <param name="stream">The stream to read from, at its position.</param>
    /// <returns>The model.</returns>
    /// <exception cref="FormatException">The data are damaged, of another kind, from a newer version, or describe no valid mixture.</exception>
    public static GaussianMixtureModel Load(Stream stream) => GaussianMixtureFormat.Read(stream);

    /// <summary>Makes a model of parameters as they are stored, one after the other, in the shape of the structure.</summary>
    internal static bool TryCreate(
        double[] weights, int dimension, CovarianceStructure structure, ReadOnlySpan<double> means, ReadOnlySpan<double> covariances, FitReport? report,
        out GaussianMixtureModel? model, out string problem, MixtureNoise? noise = null)
    {
        GaussianFamily family = GaussianFamily.OfModel(structure, dimension, structure.Shape, covariances);
        bool created = GaussianComponents.TryCreate(
            family, dimension, structure.Shape, structure.IsShared, means, covariances, out GaussianComponents components, out DegenerateComponent? failure);
        model = created ? new GaussianMixtureModel(weights, components, structure, report, noise) : null;
        problem = failure?.Reason ?? string.Empty;
        return created;
    }

    /// <summary>The mixture in words, in the invariant culture. The text may change between versions.</summary>
    /// <returns>A line of what it is, and a line for each of the first eight components: weight and mean, of the first six features.</returns>
    public override string ToString() => MixtureText.Write(this, "Gaussian mixture", $"{CovarianceStructure.Title} covariances", NoiseWeight);

    internal override int NearestComponent(ReadOnlySpan<double> row)
    {
        double[] values = row.ToArray();
        int[] observed = [.. Enumerable.Range(0, values.Length).Where(j => !double.IsNaN(values[j]))];
        return observed.Length == values.Length
            ? DistantRow.Nearest(this, values)
            : DistantRow.Nearest(Marginal(observed), [.. observed.Select(j => values[j])]);
    }

    private ReadOnlyMatrix[] Expand(MatrixCopy copy)
    {
        var matrices = new ReadOnlyMatrix[ComponentCount];
        for (int k = 0; k < matrices.Length; k++)
        {
            if (k > 0 && Components.IsShared)
            {
                matrices[k] = matrices[0];
                continue;
            }

            double[] values = SquareMatrix.Create(Dimension);
            copy(k, values);
            matrices[k] = new ReadOnlyMatrix(Dimension, Dimension, values);
        }

        return matrices;
    }

    private void CopyCovariance(int component, double[] destination)
    {
        ReadOnlySpan<double> stored = Components.Covariance(component);
        for (int i = 0; i < Dimension; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                int at = Components.Shape.Index(i, j);
                double value = at < 0 ? 0 : stored[at];
                destination[(i * Dimension) + j] = value;
                destination[(j * Dimension) + i] = value;
            }
        }
    }

    private void CopyPrecisionCholesky(int component, double[] destination)
    {
        double[] lower = new double[PackedTriangle.Length(Dimension)];
        Components.CopyInverseFactor(component, lower);
        for (int i = 0; i < Dimension; i++)
        {
            for (int j = 0; j <= i; j++) destination[(j * Dimension) + i] = lower[PackedTriangle.Index(i, j)];
        }
    }
}
