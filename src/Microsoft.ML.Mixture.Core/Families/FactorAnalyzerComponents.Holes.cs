using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <content>Rows of which some features are missing.</content>
/// <remarks>
/// What is observed is a factor analyser too: rows of Lambda and Psi are left out. With M(o) = 1 + the sum over observed features of their part
/// <code>
///   z = inverse(M(o)) Lambda(o)' inverse(Psi(o)) (x(o) - mu(o)),   Cov[z] = inverse(M(o))
///   E[x(j)] = mu(j) + lambda(j)' z,   Cov[x(j), z] = lambda(j)' inverse(M(o)),   Var[x(j)] = lambda(j)' inverse(M(o)) lambda(j) + psi(j)
/// </code>
/// for missing features j. Blocks are filled in with the expectations, which leaves no residual, and go through the same kernels as rows without
/// holes; the sums get what the covariances add. inverse(M(o)) is computed once for a pattern of holes, a component and a step.
/// </remarks>
internal sealed partial class FactorAnalyzerComponents : IHoleRegressions
{
    private readonly int[] _allFeatures;

    /// <inheritdoc/>
    public long Version => _version;

    /// <inheritdoc/>
    public int MatrixCount => ComponentCount;

    /// <inheritdoc/>
    public int RegressionWorkLength => PackedTriangle.Length(FactorCount);

    /// <inheritdoc/>
    public int RegressionLength(int missingCount, int observedCount) => 1 + (FactorCount * FactorCount);

    /// <summary>Computes the constant of the log-density of what is observed, and inverse(M(o)), q x q.</summary>
    public void ComputeRegression(int matrix, ReadOnlySpan<int> missing, ReadOnlySpan<int> observed, Span<double> destination, Span<double> work)
    {
        int factors = FactorCount;
        Span<double> moment = work[..PackedTriangle.Length(factors)];
        moment.Clear();
        for (int a = 0; a < factors; a++) moment[PackedTriangle.Index(a, a)] = 1;
        double logDeterminant = 0;
        foreach (int j in observed)
        {
            int at = (matrix * Dimension) + j;
            logDeterminant += _logVariances[at];
            ReadOnlySpan<double> loadings = _loadings.AsSpan(at * _rank, factors), weighted = _weightedLoadings.AsSpan(at * _rank, factors);
            for (int a = 0, next = 0; a < factors; a++)
            {
                for (int b = 0; b <= a; b++) moment[next++] += weighted[a] * loadings[b];
            }
        }

        bool isDefinite = Cholesky.TryFactorInPlace(moment, factors, out _);
        destination[0] = isDefinite
            ? -0.5 * ((observed.Length * Math.Log(2 * Math.PI)) + logDeterminant + Cholesky.LogDeterminant(moment, factors)) : double.NaN;
        if (!isDefinite) return;

        // inverse(L L') = T' T with T = inverse(L).
        Cholesky.InvertInPlace(moment, factors);
        for (int a = 0; a < factors; a++)
        {
            for (int b = 0; b <= a; b++)
            {
                double sum = 0;
                for (int m = a; m < factors; m++) sum += moment[PackedTriangle.Index(m, a)] * moment[PackedTriangle.Index(m, b)];
                destination[1 + (a * factors) + b] = destination[1 + (b * factors) + a] = sum;
            }
        }
    }

    /// <summary>E[z] of one row given what is observed of it.</summary>
    /// <param name="component">k.</param>
    /// <param name="row">x times a factor, shape D; NaN for a missing feature.</param>
    /// <param name="factor">The factor, which the mean is multiplied by as well, and the result is.</param>
    /// <param name="factors">On return the expectation, shape q.</param>
    /// <returns>The Mahalanobis distance of the row, times the factor, without squaring anything that could overflow.</returns>
    public double ExpectFactors(int component, ReadOnlySpan<double> row, double factor, Span<double> factors)
    {
        double[] regression = new double[RegressionLength(0, Dimension)], projection = new double[FactorCount];
        var observed = new List<int>();
        for (int j = 0; j < row.Length; j++)
        {
            if (!double.IsNaN(row[j])) observed.Add(j);
        }

        ComputeRegression(component, [], observed.ToArray(), regression, new double[RegressionWorkLength]);
        foreach (int j in observed)
        {
            int at = (component * Dimension) + j;
            double difference = row[j] - (factor * _means[at]);
            for (int m = 0; m < FactorCount; m++) projection[m] += _weightedLoadings[(at * _rank) + m] * difference;
        }

        double distance = 0;
        for (int m = 0; m < FactorCount; m++)
        {
            factors[m] = Lanes.Dot(regression.AsSpan(1 + (m * FactorCount), FactorCount), projection);
            distance = double.Hypot(distance, factors[m]);
        }

        foreach (int j in observed)
        {
            int at = (component * Dimension) + j;
            distance = double.Hypot(distance, _scales[at] * (row[j] - (factor * _means[at]) - Lanes.Dot(_loadings.AsSpan(at * _rank, FactorCount), factors)));
        }

        return distance;
    }

    private void LogDensitiesOfHoled(RowBlock rows, Span<double> logDensities, Span<double> scratch)
    {
        BlockHoles holes = rows.Holes!;
        Span<double> filled = Prepare(rows);
        for (int k = 0; k < ComponentCount; k++)
        {
            Span<double> destination = logDensities.Slice(k * rows.Stride, rows.LaneCount);
            ReadOnlySpan<double> factors = FactorsOfHoled(k, rows, [], [], [], [], scratch, filled);
            LogDensities(k, filled, factors, rows.Stride, destination);
            for (int run = 0; run < holes.Count; run++)
            {
                if (holes.Pattern(run) == HolePatterns.Complete) continue;
                double difference = Regression(k, holes, run)[0] - _logConstants[k];
                for (int i = holes.First(run); i < holes.End(run); i++) destination[i] += difference;
            }
        }
    }

    // What all components need of a block, and a copy of it to be filled in by each; none where it has no holes.
    private Span<double> Prepare(RowBlock rows)
    {
        if (rows.Holes is not { } holes) return [];
        GaussianRegressions regressions = GaussianRegressions.Of(holes);
        regressions.Prepare(this, holes);
        return regressions.CopyObserved(rows);
    }

    // The expectations of factors and of missing values; where shares are given, adds what their covariances do to the sums.
    private Span<double> FactorsOfHoled(
        int component, RowBlock rows, ReadOnlySpan<double> shares, Span<double> squares, Span<double> products, Span<double> ofFactors, Span<double> scratch, Span<double> filled)
    {
        BlockHoles holes = rows.Holes!;
        for (int run = 0; run < holes.Count; run++)
        {
            // At the mean they add nothing to the projection.
            foreach (int j in holes.Patterns.Missing(holes.Pattern(run)))
            {
                filled[((j * rows.Stride) + holes.First(run))..((j * rows.Stride) + holes.End(run))].Fill(_means[(component * Dimension) + j]);
            }
        }

        Span<double> factors = Factors(component, filled, rows.Stride, rows.LaneCount, scratch);
        for (int run = 0; run < holes.Count; run++)
        {
            bool isComplete = holes.Pattern(run) == HolePatterns.Complete;
            if (!isComplete)
            {
                ExpectFactors(component, holes, run, rows.Stride, scratch, factors);
                FillIn(component, holes, run, rows.Stride, factors, filled);
            }

            if (shares.IsEmpty) continue;
            double share = 0;
            foreach (double value in shares[holes.First(run)..holes.End(run)]) share += value;
            if (share > 0) AddConditional(component, holes, run, share, squares, products, ofFactors);
        }

        return factors;
    }

    private ReadOnlySpan<double> Regression(int component, BlockHoles holes, int run) =>
        GaussianRegressions.Of(holes).Find(holes.Pattern(run), component, RegressionLength(0, Dimension));

    private void ExpectFactors(int component, BlockHoles holes, int run, int stride, ReadOnlySpan<double> projections, Span<double> factors)
    {
        ReadOnlySpan<double> posterior = Regression(component, holes, run)[1..];
        for (int i = holes.First(run); i < holes.End(run); i++)
        {
            for (int a = 0; a < FactorCount; a++)
            {
                double sum = 0;
                for (int b = 0; b < FactorCount; b++) sum += posterior[(a * FactorCount) + b] * projections[(b * stride) + i];
                factors[(a * stride) + i] = sum;
            }
        }
    }

    private void FillIn(int component, BlockHoles holes, int run, int stride, ReadOnlySpan<double> factors, Span<double> filled)
    {
        foreach (int j in holes.Patterns.Missing(holes.Pattern(run)))
        {
            ReadOnlySpan<double> loadings = Loadings(component, j);
            double mean = _means[(component * Dimension) + j];
            for (int i = holes.First(run); i < holes.End(run); i++)
            {
                double sum = 0;
                for (int m = 0; m < loadings.Length; m++) sum += loadings[m] * factors[(m * stride) + i];
                filled[(j * stride) + i] = mean + sum;
            }
        }
    }

    // A constant feature has a variance by convention, which the M-step adds for all rows.
    private void AddConditional(int component, BlockHoles holes, int run, double share, Span<double> squares, Span<double> products, Span<double> ofFactors)
    {
        int factors = FactorCount;
        bool isComplete = holes.Pattern(run) == HolePatterns.Complete;
        ReadOnlySpan<double> posterior = isComplete ? Posterior(component) : Regression(component, holes, run)[1..];
        int width = isComplete ? _rank : factors;
        for (int a = 0, next = 0; a < factors; a++)
        {
            for (int b = 0; b <= a; b++) ofFactors[next++] += share * posterior[(a * width) + b];
        }

        foreach (int j in holes.Patterns.Missing(holes.Pattern(run)))
        {
            ReadOnlySpan<double> loadings = Loadings(component, j);
            double variance = 0;
            for (int a = 0; a < factors; a++)
            {
                double sum = 0;
                for (int b = 0; b < factors; b++) sum += posterior[(a * width) + b] * loadings[b];
                variance += loadings[a] * sum;
                products[(j * _rank) + a] += share * sum;
            }

            if (_family.Regularization.RowVariances[j] <= 0) variance += _variances[(component * Dimension) + j];
            squares[j] += share * variance;
        }
    }
}
