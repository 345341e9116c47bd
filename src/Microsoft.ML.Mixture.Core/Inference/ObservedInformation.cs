using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>
/// The observed information of a mixture: minus the second derivatives of the log-likelihood of rows, with that of the prior, by the free
/// parameters of its structure.
/// </summary>
/// <remarks>
/// With r(k) the responsibilities given what is observed of a row and g(k) the derivatives of log pi(k) p(x | k), the second derivatives of its log-density are
/// <code>
///   sum over k of r(k) ( second derivatives of log pi(k) p(x | k) + g(k) g(k)' ) - g g',   g = sum over k of r(k) g(k),
/// </code>
/// which are exact. Noise of constant density is one more component, whose weight alone can move. Weights move along an orthonormal basis of what keeps their sum, each in units of its square root.
/// </remarks>
internal sealed class ObservedInformation
{
    private const int BlockSize = 128;

    private readonly GaussianMixtureModel _model;
    private readonly ComponentInformation[] _components;
    private readonly OuterProducts _scores;
    private readonly double[] _score;
    private readonly (int Parameter, int Place, double Value)[][] _steps;
    private readonly double[] _shares;

    public ObservedInformation(GaussianMixtureModel model)
    {
        _model = model;
        Coordinates = CovarianceCoordinates.Of(model);
        _shares = model.HasNoise ? [.. model.Weights, model.NoiseWeight] : [.. model.Weights];
        WeightBasis = BasisOf(_shares);
        FirstMean = _shares.Length - 1;
        FirstCovariance = FirstMean + (model.ComponentCount * model.Dimension);
        Length = FirstCovariance + Coordinates.Count;
        _components = [.. Enumerable.Range(0, model.ComponentCount).Select(k => new ComponentInformation(Coordinates, k))];
        _scores = new OuterProducts(Length);
        _score = new double[Length];
        Gradient = new double[Length];
        _steps = [.. Enumerable.Range(0, model.ComponentCount).Select(k => StepsOf(k).ToArray())];
    }

    /// <summary>The directions of the covariances.</summary>
    public CovarianceCoordinates Coordinates { get; }

    /// <summary>What each free parameter of the weights, that of noise last, adds to pi(k) / sqrt(pi(k)), shape K x (K - 1), or (K + 1) x K with noise.</summary>
    public double[][] WeightBasis { get; }

    /// <summary>The first of the parameters of the means: entry j of mean k, in its frame, is at FirstMean + k D + j.</summary>
    public int FirstMean { get; }

    /// <summary>The first of the parameters of the covariances.</summary>
    public int FirstCovariance { get; }

    /// <summary>The number of free parameters.</summary>
    public int Length { get; }

    /// <summary>The derivatives of log-likelihood and prior.</summary>
    public double[] Gradient { get; }

    /// <summary>N(k), shape K.</summary>
    public double[] EffectiveCounts => [.. _components.Select(component => component.EffectiveCount)];

    /// <summary>Adds all rows.</summary>
    public void Add(TrainingRows rows, CancellationToken cancellationToken)
    {
        int dimension = _model.Dimension, current = -1, first = 0;
        double[] values = new double[BlockSize * dimension], responsibilities = new double[_shares.Length];
        int[] all = [.. Enumerable.Range(0, dimension)];
        var scorer = new BlockScorer(_model, BlockSize);
        foreach (RowBlock block in new RowBlocks(rows.Source, cancellationToken, BlockSize))
        {
            block.CopyRows(values);
            scorer.Score<double>(values.AsSpan(0, block.RowCount * dimension));
            for (int i = 0; i < block.RowCount; i++)
            {
                int pattern = rows.Source.PatternOf(first + i);
                if (pattern != current)
                {
                    ReadOnlySpan<int> observed = rows.Source.Holes is { } holes ? holes.Observed(pattern) : all;
                    for (int k = 0; k < _components.Length; k++)
                    {
                        _components[k].EndPattern();
                        _components[k].BeginPattern(_model.Means.Row(k), observed);
                    }

                    current = pattern;
                }

                scorer.CopyResponsibilities(i, responsibilities);
                Add(values.AsSpan(i * dimension, dimension), block.Weights[i], responsibilities);
            }

            first += block.RowCount;
        }

        foreach (ComponentInformation component in _components) component.EndPattern();
    }

    /// <summary>Adds the log prior; see <see cref="CovarianceRegularization"/>.</summary>
    public void AddPrior(CovarianceRegularization regularization)
    {
        if (regularization.PriorCount <= 0) return;
        foreach (ComponentInformation component in _components) component.AddPrior(regularization.PriorCount, regularization.PriorVariances);
    }

    /// <summary>The observed information of all that was added; see <see cref="PackedTriangle"/>. Completes <see cref="Gradient"/>.</summary>
    public double[] Compute()
    {
        double[] information = _scores.Sum();
        for (int k = 0; k < _components.Length; k++) Subtract(k, information);
        double[][] gradients = [.. _components.Select(component => component.Gradient)];
        for (int a = 0; a < Coordinates.Count; a++)
        {
            for (int b = 0; b <= a; b++) information[PackedTriangle.Index(FirstCovariance + a, FirstCovariance + b)] -= Coordinates.Curvature(a, b, gradients);
            for (int k = 0; k < _components.Length; k++)
            {
                if (!Coordinates.Moves(a, k)) continue;
                foreach ((int i, int j, double value) in Coordinates.Entries(a, k)) Gradient[FirstCovariance + a] += (i == j ? 1 : 2) * value * gradients[k][(i * _model.Dimension) + j];
            }
        }

        return information;
    }

    /// <summary>What a parameter is, for a message.</summary>
    public string Describe(int parameter) =>
        parameter < FirstMean ? "the weights"
        : parameter < FirstCovariance ? $"the mean of component {(parameter - FirstMean) / _model.Dimension}"
        : Coordinates.Describe(parameter - FirstCovariance);

    private void Add(ReadOnlySpan<double> row, double weight, double[] responsibilities)
    {
        Array.Clear(_score);
        for (int k = 0; k < _components.Length; k++)
        {
            double share = responsibilities[k];
            if (share == 0) continue;
            _components[k].Add(row, weight * share);
            double[] own = _components[k].Score;
            foreach ((int parameter, int place, double value) in _steps[k]) _score[parameter] += share * value * own[place];
        }

        for (int k = 0; k < _shares.Length; k++)
        {
            for (int c = 0; c < FirstMean && responsibilities[k] > 0; c++) _score[c] += responsibilities[k] / Math.Sqrt(_shares[k]) * WeightBasis[k][c];
        }

        _scores.Add(_score, weight);
        for (int a = 0; a < FirstCovariance; a++) Gradient[a] += weight * _score[a];
    }

    // What a component has of the sum over k, in the parameters. The second derivatives by the weights alone cancel the products of the first.
    private void Subtract(int component, double[] information)
    {
        ComponentInformation own = _components[component];
        double[] curvature = own.Curvature(), first = own.First;
        (int Parameter, int Place, double Value)[] steps = _steps[component];
        for (int s = 0; s < steps.Length; s++)
        {
            (int parameter, int place, double value) = steps[s];
            for (int c = 0; c < FirstMean; c++)
            {
                information[PackedTriangle.Index(parameter, c)] -= WeightBasis[component][c] / Math.Sqrt(_model.Weights[component]) * value * first[place];
            }

            // Every pair of entries once, and twice what stands beside the diagonal of one and the same parameter.
            for (int t = 0; t <= s; t++)
            {
                (int other, int otherPlace, double otherValue) = steps[t];
                double term = value * otherValue * curvature[PackedTriangle.Index(Math.Max(place, otherPlace), Math.Min(place, otherPlace))];
                information[PackedTriangle.Index(Math.Max(parameter, other), Math.Min(parameter, other))] -= s != t && parameter == other ? 2 * term : term;
            }
        }
    }

    // The places of a component's own derivatives that each parameter moves.
    private IEnumerable<(int Parameter, int Place, double Value)> StepsOf(int component)
    {
        for (int j = 0; j < _model.Dimension; j++) yield return (FirstMean + (component * _model.Dimension) + j, j, 1);
        for (int a = 0; a < Coordinates.Count; a++)
        {
            if (!Coordinates.Moves(a, component)) continue;
            foreach ((int i, int j, double value) in Coordinates.Entries(a, component)) yield return (FirstCovariance + a, _components[component].Cell(i, j), value);
        }
    }

    // Householder's reflection that takes the last unit vector to the square roots of the weights; what it makes of the others is orthogonal to these.
    private static double[][] BasisOf(double[] weights)
    {
        int count = weights.Length;
        double[] normal = [.. weights.Select(Math.Sqrt)];
        double last = normal[^1];
        normal[^1] += 1;
        double[][] basis = new double[count][];
        for (int k = 0; k < count; k++)
        {
            basis[k] = new double[count - 1];
            for (int c = 0; c < count - 1; c++) basis[k][c] = (k == c ? 1 : 0) - (normal[k] * normal[c] / (1 + last));
        }

        return basis;
    }
}
