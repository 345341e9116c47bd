
namespace Microsoft.ML.Mixture;

/// <content>Mixtures of some of the features: what is known of them alone, and given the others.</content>
public sealed partial class GaussianMixtureModel
{
    /// <summary>The mixture of some of the features, whatever the others are.</summary>
    /// <param name="features">The features, counted from zero, in the order in which the result has them; each at most once.</param>
    /// <returns>A mixture with as many components and the same weights.</returns>
    /// <exception cref="ArgumentException">There is no feature, one is not a feature of this mixture, or one comes twice.</exception>
    /// <exception cref="InvalidOperationException">In this order of the features a covariance is singular in double precision.</exception>
    public GaussianMixtureModel Marginal(params ReadOnlySpan<int> features)
    {
        if (features.IsEmpty) throw new ArgumentException("There are no features to keep. Name at least one.", nameof(features));
        for (int a = 0; a < features.Length; a++)
        {
            if (features[a] < 0 || features[a] >= Dimension || features[..a].Contains(features[a]))
            {
                throw new ArgumentException(
                    $"Feature {features[a]} at place {a} is not one of the {Dimension} features of the mixture, or comes twice. Name each at most once, from 0 to {Dimension - 1}.", nameof(features));
            }
        }

        return TryMarginal(features, out GaussianMixtureModel? model, out string problem) ? model! : throw Singular(problem);
    }

    /// <summary>The same of features that are known to be valid, where a singular covariance is to be expected.</summary>
    internal bool TryMarginal(ReadOnlySpan<int> features, out GaussianMixtureModel? model, out string problem)
    {
        int dimension = features.Length;
        double[] means = new double[ComponentCount * dimension];
        for (int k = 0; k < ComponentCount; k++)
        {
            for (int a = 0; a < dimension; a++) means[(k * dimension) + a] = Means[k, features[a]];
        }

        CovarianceStructure structure = StructureOfParts;
        double[] covariances = new double[(structure.IsShared ? 1 : ComponentCount) * structure.Shape.Length(dimension)];
        for (int matrix = 0, next = 0; next < covariances.Length; matrix++, next += structure.Shape.Length(dimension))
        {
            ReadOnlySpan<double> source = Components.Covariance(matrix);
            for (int a = 0; a < dimension; a++)
            {
                for (int b = structure.Shape == CovarianceShape.Full ? 0 : a; b <= a; b++)
                {
                    int to = structure.Shape.Index(a, b), from = Components.Shape.Index(Math.Max(features[a], features[b]), Math.Min(features[a], features[b]));
                    if (to >= 0 && from >= 0) covariances[next + to] = source[from];
                }
            }
        }

        MixtureNoise? noise = Noise is null ? null : new MixtureNoise(Noise.Distribution.Of(features), Noise.Weight);
        return TryCreate([.. Weights], dimension, structure, means, covariances, null, out model, out problem, noise);
    }

    /// <summary>The mixture of the features that a row lacks, given those that it has: Gaussian mixture regression.</summary>
    /// <param name="row">x, shape D, in feature units; NaN for the features that the result is about, in their order.</param>
    /// <returns>
    /// A mixture with as many components, whose weights are the responsibilities given what is observed. <see cref="OverallMean"/> and
    /// <see cref="OverallCovariance"/> of it are the regression and its error.
    /// </returns>
    /// <exception cref="ArgumentException">The row does not have D features, lacks none, or has an infinite one.</exception>
    /// <exception cref="InvalidOperationException">Given what is observed, what is not follows from each other, so that a covariance is singular in double precision.</exception>
    /// <remarks>
    /// Component k has the mean mu_h + Sigma_ho inverse(Sigma_oo) (x_o - mu_o) and the covariance Sigma_hh - Sigma_ho inverse(Sigma_oo) Sigma_oh,
    /// with o what is observed and h what is not. Cost: O(K D^3). Source: Ghahramani and Jordan (1994), NIPS 6, 120-127.
    /// </remarks>
    public GaussianMixtureModel Conditional(params ReadOnlySpan<double> row)
    {
        MixtureScorer scorer = CreateScorer();
        scorer.Score(row);
        var patterns = new HolePatterns(Dimension);
        int pattern = patterns.Find(row);
        if (pattern == HolePatterns.Complete || scorer.Component < 0)
        {
            throw new ArgumentException(
                scorer.Component < 0 ? "A feature of the row is infinite. Pass finite values, and NaN for what is not known." : "The row lacks no feature. Pass NaN for those that are to be predicted.", nameof(row));
        }

        ReadOnlySpan<int> missing = patterns.Missing(pattern), observed = patterns.Observed(pattern);
        CovarianceStructure structure = StructureOfParts;
        int length = structure.Shape.Length(missing.Length);
        double[] weights = new double[ShareCount], means = new double[ComponentCount * missing.Length];
        double[] covariances = new double[(structure.IsShared ? 1 : ComponentCount) * length], work = new double[Components.RegressionWorkLength];
        double[] regression = new double[Components.RegressionLength(missing.Length, observed.Length)];
        scorer.CopyResponsibilities(weights);
        for (int k = 0; k < ComponentCount; k++)
        {
            bool isFull = structure.Shape == CovarianceShape.Full;
            if (k == 0 || !Components.IsShared) Components.ComputeRegression(k, missing, observed, regression, work);
            ReadOnlySpan<double> mean = Means.Row(k);
            for (int a = 0; a < missing.Length; a++)
            {
                double sum = mean[missing[a]];
                for (int b = 0; b < observed.Length && isFull; b++) sum += regression[1 + (a * observed.Length) + b] * (row[observed[b]] - mean[observed[b]]);
                means[(k * missing.Length) + a] = sum;
            }

            Span<double> destination = covariances.AsSpan(structure.IsShared ? 0 : k * length, length);
            if (isFull) regression.AsSpan(1 + (missing.Length * observed.Length)).CopyTo(destination);
            for (int a = 0; a < length && !isFull; a++) destination[a] = Components.Covariance(k)[Components.Shape.Index(missing[a], missing[a])];
        }

        MixtureNoise? noise = Noise is null ? null : new MixtureNoise(Noise.Distribution.Of(missing), weights[^1]);
        return Make(weights[..ComponentCount], missing.Length, structure, means, covariances, noise);
    }

    // Orientations and shapes that are tied are so for all features only.
    private CovarianceStructure StructureOfParts => Components.Shape switch
    {
        CovarianceShape.Full => Components.IsShared ? CovarianceStructure.Tied : CovarianceStructure.Full,
        CovarianceShape.Diagonal => CovarianceStructure.Diagonal,
        _ => CovarianceStructure.Spherical,
    };

    private static GaussianMixtureModel Make(double[] weights, int dimension, CovarianceStructure structure, double[] means, double[] covariances, MixtureNoise? noise) =>
        TryCreate(weights, dimension, structure, means, covariances, null, out GaussianMixtureModel? model, out string problem, noise)
            ? model!
            : throw Singular(problem);

    private static InvalidOperationException Singular(string problem) => new($"What is left of the mixture is singular in double precision. {problem}");
}
