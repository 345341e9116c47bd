using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>How far the parameters of a mixture may be from those of what its rows were drawn from: standard errors, in the units of the parameters.</summary>
/// <remarks>
/// They are those of maximum likelihood with many rows, from the observed information; see
/// <see cref="GaussianMixtureModel.StandardErrorsOf(double[,], double[], double, CancellationToken)"/>. About two of three estimates lie within one of
/// them, and 95 of 100 within 1.96. That holds if the rows are independent draws of such a mixture, and rows enough fall to each component; what
/// components are called is not part of it. Intervals of 1.96 standard errors are too short where components that overlap rest on some dozens of rows: of some 37 rows in two features (150 rows,
/// three components with covariances of their own and variances of 1 to 2.3, the centres 3.5 from the middle) they hold 84 to 88 of 100 true values, and 75 to 81 where a fifth of the values is missing. With the centres 5
/// away it is 90 to 96 of 100, and with 400 rows, under all structures, 91 to 98.
/// </remarks>
public sealed class MixtureStandardErrors
{
    private readonly GaussianMixtureModel _model;
    private readonly int _dimension;
    private readonly int _matrixCount;
    private readonly bool _isDiagonal;
    private readonly int _firstCovariance;

    internal MixtureStandardErrors(GaussianMixtureModel model, bool isDiagonal, double[] deviations, double[] covariance, double distance, IReadOnlyList<string> warnings)
    {
        int count = model.ComponentCount;
        _model = model;
        _dimension = model.Dimension;
        _matrixCount = model.CovarianceStructure.IsShared ? 1 : count;
        _isDiagonal = isDiagonal;
        _firstCovariance = count + (count * _dimension);
        EstimateCovariance = new ReadOnlyMatrix(deviations.Length, deviations.Length, covariance);
        DistanceFromMaximum = distance;
        Warnings = warnings;
        Weights = Array.AsReadOnly(deviations[..count]);
        Means = new ReadOnlyMatrix(count, _dimension, deviations[count.._firstCovariance]);
        Covariances = [.. Enumerable.Range(0, count).Select(k => new ReadOnlyMatrix(_dimension, _dimension, CovarianceDeviations(k, deviations)))];
    }

    /// <summary>The names of the features, for the text; null to number them.</summary>
    internal IReadOnlyList<string>? FeatureNames { get; set; }

    /// <summary>Of the mixing weights, shape K; zero if there is one component.</summary>
    public IReadOnlyList<double> Weights { get; }

    /// <summary>Of the weight of the noise; zero without noise. The density of the noise is taken as given.</summary>
    public double NoiseWeight { get; internal init; }

    /// <summary>Of the means, shape K x D, in feature units.</summary>
    public ReadOnlyMatrix Means { get; }

    /// <summary>Of the entries of the covariances, K matrices of shape D x D, in squared feature units; zero where the structure has a zero.</summary>
    public IReadOnlyList<ReadOnlyMatrix> Covariances { get; }

    /// <summary>
    /// The covariance of the estimates, shape M x M: <see cref="Weights"/>, then the means row by row, then the covariances one after the other, of
    /// each the lower triangle row by row, or the diagonal where the structure knows no correlation, and one of them if the structure shares it.
    /// The square roots of its diagonal are the standard errors. Its rank is the number of free parameters. An entry beyond double precision, as of covariances of features
    /// with values of 1E+80, is infinite, and so small a one zero.
    /// </summary>
    public ReadOnlyMatrix EstimateCovariance { get; }

    /// <summary>
    /// How far the model is from a maximum of the likelihood, or of likelihood and prior, in standard errors: the length of the step that Newton's method
    /// would take. Below 0.1 nothing is to be feared; else fit with a smaller <see cref="MixtureOptions.Tolerance"/>.
    /// </summary>
    public double DistanceFromMaximum { get; }

    /// <summary>What to beware of, in full sentences.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>The place of a mixing weight in <see cref="EstimateCovariance"/>.</summary>
    /// <param name="component">k, counted from zero.</param>
    /// <returns>The row and column.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such component.</exception>
    public int IndexOfWeight(int component)
    {
        Check(component, Weights.Count, nameof(component));
        return component;
    }

    /// <summary>The place of an entry of a mean in <see cref="EstimateCovariance"/>.</summary>
    /// <param name="component">k, counted from zero.</param>
    /// <param name="feature">j, counted from zero.</param>
    /// <returns>The row and column.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such component or feature.</exception>
    public int IndexOfMean(int component, int feature)
    {
        Check(component, Weights.Count, nameof(component));
        Check(feature, _dimension, nameof(feature));
        return Weights.Count + (component * _dimension) + feature;
    }

    /// <summary>The place of an entry of a covariance in <see cref="EstimateCovariance"/>.</summary>
    /// <param name="component">k, counted from zero.</param>
    /// <param name="row">i, counted from zero.</param>
    /// <param name="column">j, counted from zero.</param>
    /// <returns>The row and column; -1 if the structure has a zero there.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such component or feature.</exception>
    public int IndexOfCovariance(int component, int row, int column)
    {
        Check(component, Weights.Count, nameof(component));
        Check(row, _dimension, nameof(row));
        Check(column, _dimension, nameof(column));
        int first = _firstCovariance + ((_matrixCount == 1 ? 0 : component) * (_isDiagonal ? _dimension : PackedTriangle.Length(_dimension)));
        return !_isDiagonal ? first + PackedTriangle.Index(Math.Max(row, column), Math.Min(row, column)) : row == column ? first + row : -1;
    }

    /// <summary>
    /// The estimates of the model with their standard errors, by component, in the invariant culture: weights, means and variances, of the first components and
    /// features where there are many. The text may change between versions.
    /// </summary>
    /// <returns>Several lines, for people.</returns>
    public override string ToString() => StandardErrorText.Write(_model, this);

    private double[] CovarianceDeviations(int component, double[] deviations)
    {
        double[] result = new double[_dimension * _dimension];
        for (int i = 0; i < _dimension; i++)
        {
            for (int j = 0; j < _dimension; j++)
            {
                int at = IndexOfCovariance(component, i, j);
                result[(i * _dimension) + j] = at < 0 ? 0 : deviations[at];
            }
        }

        return result;
    }

    private static void Check(int value, int count, string name)
    {
        if (value < 0 || value >= count) throw new ArgumentOutOfRangeException(name, value, $"The {name} is {value}, and there are {count}, counted from zero.");
    }
}
