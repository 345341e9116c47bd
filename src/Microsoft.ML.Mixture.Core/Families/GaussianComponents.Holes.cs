using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <content>Rows of which some features are missing.</content>
/// <remarks>
/// <para>
/// With o what a row shows and h what it lacks, and B = Sigma_ho inverse(Sigma_oo), C = Sigma_hh - B Sigma_oh, given component k
/// <code>
///   E[x_h] = mu_h + B (x_o - mu_o),   Cov[x_h] = C,   log p(x_o | k) = -1/2 (o log 2 pi + log det Sigma_oo + q)
/// </code>
/// where q is the squared distance of the row that is filled in with E[x_h], for that is the point at which it is least. So blocks are filled
/// in, component by component, and go through the same kernels as rows without holes; the scatter then gets the sum of r C, without which
/// covariances would come out too small. B and C are computed once for a pattern of holes, a component and a step.
/// </para>
/// <para>
/// Source: Ghahramani and Jordan (1994), Supervised learning from incomplete data via an EM approach, NIPS 6, 120-127; for one component Orchard and
/// Woodbury (1972), A missing information principle, Proc. 6th Berkeley Symp. 1, 697-715.
/// </para>
/// </remarks>
internal sealed partial class GaussianComponents : IHoleRegressions
{
    // In cubes of D: the factor of what is observed, and the regressions on it.
    private const double OperationsOfRegressions = 0.25;

    // The same from the inverse, in products of D and the squares of what is missing and one more. Short sums take longer.
    private const double OperationsOfInverse = 7;

    // Beyond so many features, what eight matrices need at once is more than the cache next to the processor holds.
    private const int MostFeaturesInLanes = 16;
    private const int FewestMatricesInLanes = 2;

    private double[] _precisions = [];

    // Eight matrices side by side, those beyond the last a copy of the first.
    private double[] _covarianceLanes = [];
    private long _version;

    internal override double OperationsOfPattern(double missing)
    {
        if (Shape != CovarianceShape.Full) return 0;
        double ofFactors = OperationsOfRegressions * Dimension * Dimension, ofInverses = OperationsOfInverse * (missing + 1) * (missing + 1);
        return (double)MatrixCount * Dimension * (UsesLanes ? ofFactors : Math.Min(ofFactors, ofInverses));
    }

    /// <summary>Changes with the parameters.</summary>
    public long Version => _version;

    /// <summary>The number of covariances: one, or one a component.</summary>
    public int MatrixCount => _badPivots.Length;

    /// <summary>The number of doubles that <see cref="ComputeRegression"/> writes.</summary>
    public int RegressionLength(int missingCount, int observedCount) =>
        Shape == CovarianceShape.Full ? 1 + (missingCount * observedCount) + PackedTriangle.Length(missingCount) : 1;

    /// <inheritdoc/>
    public int RegressionWorkLength =>
        Shape == CovarianceShape.Full ? (UsesLanes ? Lanes.Width * Dimension * (Dimension + 3) / 2 : 0) + PackedTriangle.Length(Dimension) : 0;

    /// <inheritdoc/>
    public bool AreComputedTogether => _covarianceLanes.Length > 0;

    private bool UsesLanes => _family.HasHoles && Dimension <= MostFeaturesInLanes && MatrixCount >= FewestMatricesInLanes;

    /// <summary>Computes the regression of missing features on observed ones, see <see cref="GaussianRegressions"/>.</summary>
    public void ComputeRegression(int matrix, ReadOnlySpan<int> missing, ReadOnlySpan<int> observed, Span<double> destination, Span<double> work)
    {
        double logDeterminant = 0;
        ReadOnlySpan<double> covariance = Covariance(matrix);
        if (Shape == CovarianceShape.Full)
        {
            int coefficients = missing.Length * observed.Length;
            if (_precisions.Length > 0 && missing.Length < observed.Length && LinearRegression.TryComputeFromPrecision(
                _precisions.AsSpan(matrix * covariance.Length, covariance.Length), missing, observed, _family.UnitExponent, destination.Slice(1, coefficients),
                destination[(1 + coefficients)..], work, out double left))
            {
                destination[0] = -0.5 * ((observed.Length * Math.Log(2 * Math.PI)) + (_logDeterminants[matrix] - left));
                return;
            }

            logDeterminant = LinearRegression.Compute(
                covariance, missing, observed, _family.UnitExponent, destination.Slice(1, coefficients), destination[(1 + coefficients)..], work);
        }
        else
        {
            foreach (int j in observed) logDeterminant += Math.Log(double.ScaleB(covariance[Shape.Index(j, j)], -2 * _family.UnitExponent));
        }

        destination[0] = -0.5 * ((observed.Length * Math.Log(2 * Math.PI)) + logDeterminant);
    }

    /// <inheritdoc/>
    public void ComputeRegressions(ReadOnlySpan<int> missing, ReadOnlySpan<int> observed, Span<double> destination, Span<double> work)
    {
        int length = RegressionLength(missing.Length, observed.Length), matrixLength = Shape.Length(Dimension);
        if (_covarianceLanes.Length == 0 || observed.Length == 0)
        {
            for (int matrix = 0; matrix < MatrixCount; matrix++) ComputeRegression(matrix, missing, observed, destination.Slice(matrix * length, length), work);
            return;
        }

        Span<double> results = work[..(Lanes.Width * (length - 1))], pivots = work.Slice(results.Length, Lanes.Width * observed.Length), scratch = work[(results.Length + pivots.Length)..];
        int coefficients = Lanes.Width * missing.Length * observed.Length;
        for (int first = 0; first < MatrixCount; first += Lanes.Width)
        {
            LinearRegression.ComputeEight(
                _covarianceLanes.AsSpan(first * matrixLength, Lanes.Width * matrixLength), missing, observed, results[..coefficients], results[coefficients..], pivots, scratch);
            for (int lane = 0; lane < Math.Min(Lanes.Width, MatrixCount - first); lane++)
            {
                int matrix = first + lane;
                Span<double> own = destination.Slice(matrix * length, length);
                double logDeterminant = 0;
                bool isRegular = true;
                for (int at = lane; at < pivots.Length; at += Lanes.Width)
                {
                    isRegular &= pivots[at] > 0 && double.IsFinite(pivots[at]);
                    logDeterminant += Math.Log(double.ScaleB(pivots[at], -2 * _family.UnitExponent));
                }

                if (!isRegular)
                {
                    ComputeRegression(matrix, missing, observed, own, scratch);
                    continue;
                }

                own[0] = -0.5 * ((observed.Length * Math.Log(2 * Math.PI)) + logDeterminant);
                for (int at = 1, from = lane; at < own.Length; at++, from += Lanes.Width) own[at] = results[from];
            }
        }
    }

    // So that responsibilities do not depend on units, not even by rounding.
    internal override double UnitLogDensityOf(int observedCount) => -observedCount * _family.UnitExponent * Math.Log(2);

    /// <summary>Computes the squared Mahalanobis distances of rows from a component, of what is observed of them, from their log-densities, right after these.</summary>
    internal void CopySquaredDistances(int component, RowBlock rows, ReadOnlySpan<double> logDensities, Span<double> distances)
    {
        for (int i = 0; i < rows.RowCount; i++) distances[i] = 2 * (_logConstants[component] - logDensities[i]);
        if (rows.Holes is not { } holes) return;
        for (int run = 0; run < holes.Count; run++)
        {
            if (holes.Pattern(run) == HolePatterns.Complete) continue;
            double difference = Regression(component, holes, run, GaussianRegressions.Of(holes))[0] - _logConstants[component];
            for (int i = holes.First(run); i < holes.End(run); i++) distances[i] += 2 * difference;
        }
    }

    private void LogDensitiesOfHoled(RowBlock rows, Span<double> logDensities, Span<double> scratch)
    {
        BlockHoles holes = rows.Holes!;
        GaussianRegressions regressions = GaussianRegressions.Of(holes);
        regressions.Prepare(this, holes);
        Span<double> filled = regressions.CopyObserved(rows);
        var block = new RowBlock(filled, rows.Weights, Dimension, rows.Stride, rows.RowCount);
        Span<double> differences = regressions.Differences(rows.Stride);
        for (int k = 0; k < ComponentCount; k++)
        {
            Span<double> destination = logDensities.Slice(k * rows.Stride, rows.LaneCount);
            for (int run = 0; run < holes.Count; run++)
            {
                if (holes.Pattern(run) == HolePatterns.Complete) continue;
                FillIn(k, holes, run, regressions, rows.Stride, filled);
                differences[run] = Regression(k, holes, run, regressions)[0] - _logConstants[k];
            }

            if (_isWhitened)
            {
                SquaredNorm.Triangular(filled, _means.AsSpan(k * Dimension, Dimension), _factors, rows.Stride, rows.LaneCount, destination);
                Lanes.MultiplyAddInPlace(destination, -0.5, _logConstants[k]);
            }
            else
            {
                LogDensities(k, block, destination, scratch);
            }

            for (int run = 0; run < holes.Count; run++)
            {
                if (holes.Pattern(run) == HolePatterns.Complete) continue;
                for (int i = holes.First(run); i < holes.End(run); i++) destination[i] += differences[run];
            }
        }
    }

    private void AccumulateHoled(
        RowBlock rows, ReadOnlySpan<int> components, ReadOnlySpan<double> responsibilities, Span<double> statistics, Span<double> scratch)
    {
        BlockHoles holes = rows.Holes!;
        GaussianRegressions regressions = GaussianRegressions.Of(holes);
        regressions.Prepare(this, holes);
        Span<double> filled = regressions.CopyObserved(rows);
        var block = new RowBlock(filled, rows.Weights, Dimension, rows.Stride, rows.RowCount);
        foreach (int k in components)
        {
            ReadOnlySpan<double> shares = responsibilities.Slice(k * rows.Stride, rows.LaneCount);
            Span<double> scatter = statistics.Slice((k * _componentStatisticsLength) + Dimension, _componentStatisticsLength - Dimension);
            Span<double> unknown = UnknownOf(statistics).Slice(k * UnknownLength, UnknownLength);
            for (int run = 0; run < holes.Count; run++)
            {
                int pattern = holes.Pattern(run);
                if (pattern == HolePatterns.Complete) continue;
                double share = 0;
                foreach (double value in shares[holes.First(run)..holes.End(run)]) share += value;
                if (share <= 0) continue;
                FillIn(k, holes, run, regressions, rows.Stride, filled);
                AddConditional(k, holes.Patterns.Missing(pattern), Regression(k, holes, run, regressions), share, scatter, unknown);
            }

            // Other values stand in the block for each component.
            bool hasRows = false;
            Accumulate(k, block, responsibilities, statistics, scratch, ref hasRows);
        }
    }

    // What regressions are taken from, and inverse(Sigma) = inverse(L)' inverse(L).
    private void PrepareForHoles()
    {
        int length = Shape.Length(Dimension);
        if (UsesLanes) TransposeCovariances(length);
        if (_precisions.Length == 0) _precisions = new double[_covariances.Length];
        for (int matrix = 0; matrix < MatrixCount; matrix++)
        {
            Span<double> precision = _precisions.AsSpan(matrix * length, length);
            ReadOnlySpan<double> inverse = _inverseFactors.AsSpan(matrix * length, length);
            precision.Clear();
            for (int m = 0; m < Dimension; m++)
            {
                ReadOnlySpan<double> row = inverse.Slice(PackedTriangle.Index(m, 0), m + 1);
                for (int i = 0; i <= m; i++) Lanes.AddScaled(row[..(i + 1)], row[i], precision.Slice(PackedTriangle.Index(i, 0), i + 1));
            }
        }
    }

    private void TransposeCovariances(int length)
    {
        int groups = Lanes.Pad(MatrixCount) / Lanes.Width;
        if (_covarianceLanes.Length == 0) _covarianceLanes = new double[groups * Lanes.Width * length];
        for (int lane = 0; lane < groups * Lanes.Width; lane++)
        {
            ReadOnlySpan<double> covariance = Covariance(lane < MatrixCount ? lane : 0);
            int at = (lane / Lanes.Width * Lanes.Width * length) + (lane % Lanes.Width);
            foreach (double entry in covariance)
            {
                _covarianceLanes[at] = entry;
                at += Lanes.Width;
            }
        }
    }

    internal ReadOnlySpan<double> Regression(int component, BlockHoles holes, int run, GaussianRegressions regressions)
    {
        int pattern = holes.Pattern(run), missing = holes.Patterns.Missing(pattern).Length;
        return regressions.Find(pattern, IsShared ? 0 : component, RegressionLength(missing, Dimension - missing));
    }

    /// <summary>Entry (a, b) of C, b not above a.</summary>
    internal double ConditionalCovariance(int component, ReadOnlySpan<int> missing, ReadOnlySpan<double> regression, int a, int b)
    {
        if (Shape == CovarianceShape.Full) return regression[^PackedTriangle.Length(missing.Length)..][PackedTriangle.Index(a, b)];
        return a == b ? Covariance(component)[Shape.Index(missing[a], missing[a])] : 0;
    }

    internal void FillIn(int component, BlockHoles holes, int run, GaussianRegressions regressions, int stride, Span<double> filled)
    {
        int pattern = holes.Pattern(run), first = holes.First(run);
        if (pattern == HolePatterns.Complete) return;
        ReadOnlySpan<int> missing = holes.Patterns.Missing(pattern), observed = holes.Patterns.Observed(pattern);
        ReadOnlySpan<double> coefficients = Shape == CovarianceShape.Full && observed.Length > 0
            ? Regression(component, holes, run, regressions).Slice(1, missing.Length * observed.Length) : [];
        LinearRegression.Predict(
            filled, stride, first, holes.End(run) - first, _means.AsSpan(component * Dimension, Dimension), missing, observed, coefficients);
    }

    // Adds r C to what the structure sums up. A constant feature has a variance by convention, which the M-step adds for all rows.
    private void AddConditional(int component, ReadOnlySpan<int> missing, ReadOnlySpan<double> regression, double share, Span<double> scatter, Span<double> unknown)
    {
        double[] ofRows = _family.Regularization.RowVariances;
        CovarianceShape summed = _family.Structure.Shape;
        for (int a = 0; a < missing.Length; a++)
        {
            int i = missing[a];
            if (ofRows[i] > 0) continue;
            double variance = share * ConditionalCovariance(component, missing, regression, a, a);
            scatter[summed == CovarianceShape.Full ? ScatterTriangle.RowOffset(i) + i : summed.Index(i, i)] += variance;
            if (unknown.Length > 0) unknown[summed.Index(i, i)] += variance;
            for (int b = 0; b < a && summed == CovarianceShape.Full && Shape == CovarianceShape.Full; b++)
            {
                int j = missing[b];
                if (ofRows[j] > 0) continue;
                double covariance = share * ConditionalCovariance(component, missing, regression, a, b);
                scatter[ScatterTriangle.RowOffset(i) + j] += covariance;
                if (unknown.Length > 0) unknown[PackedTriangle.Index(i, j)] += covariance;
            }
        }
    }
}
