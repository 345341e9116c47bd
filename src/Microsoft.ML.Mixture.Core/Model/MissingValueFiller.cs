using MathNet.Numerics.Random;
using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>Fills in what rows lack, from what is observed of them, one row at a time. Use one in each thread.</summary>
/// <remarks>
/// With r(k) the responsibilities given what is observed, and m(k) and C(k) the conditional means and covariances of the components, a missing
/// value has the expectation sum r m and the variance sum r (C + m m') - (sum r m)^2. A row with nothing observed is filled in with the means of
/// the whole mixture. Noise has the middle of its box as mean, and a twelfth of the squared side as variance. A row with an infinite feature stays as it is. Cost: as for scoring; what depends on the set of missing features only is
/// kept for rows to come.
/// </remarks>
public sealed class MissingValueFiller
{
    private readonly GaussianMixtureModel _model;
    private readonly MixtureScorer _scorer;
    private readonly RowHoles _holes;
    private readonly double[] _responsibilities;
    private readonly double[] _row;
    private double[] _factor = [];

    internal MissingValueFiller(GaussianMixtureModel model)
    {
        _model = model;
        _scorer = model.CreateScorer();
        _holes = new RowHoles(model.Dimension, Lanes.Width);
        _responsibilities = new double[model.ShareCount];
        _row = new double[model.Dimension];
    }

    /// <summary>Fills in expectations.</summary>
    /// <param name="row">x, shape D, in feature units; NaN for a missing feature.</param>
    /// <param name="filled">On return the row without holes, shape D.</param>
    /// <param name="deviations">
    /// On return the standard deviation of each value given what is observed, zero for what is observed itself, shape D; empty if it is not
    /// wanted. NaN if a feature is infinite.
    /// </param>
    /// <exception cref="ArgumentException">A span is not of length D.</exception>
    public void Fill(ReadOnlySpan<double> row, Span<double> filled, Span<double> deviations = default)
    {
        if (!deviations.IsEmpty && deviations.Length != row.Length) throw Mismatch(deviations.Length, nameof(deviations));
        if (!TryBegin(row, filled, out BlockHoles? holes))
        {
            deviations.Fill(double.NaN);
            return;
        }

        deviations.Clear();
        if (holes is null) return;
        GaussianComponents components = _model.Components;
        int pattern = holes.Pattern(0);
        ReadOnlySpan<int> missing = holes.Patterns.Missing(pattern);
        foreach (int j in missing) filled[j] = 0;
        double total = 0;
        for (int k = 0; k < _responsibilities.Length; k++)
        {
            double share = _responsibilities[k];
            total += share;
            if (share == 0) continue;
            bool isNoise = k == _model.ComponentCount;
            if (isNoise) _model.Noise!.Distribution.Centre.CopyTo(_row, 0);
            else Predict(k, holes, row);
            ReadOnlySpan<double> regression = isNoise ? [] : components.Regression(k, holes, 0, GaussianRegressions.Of(holes));
            for (int a = 0; a < missing.Length; a++)
            {
                // About the mean so far, so that an offset costs no digits.
                int j = missing[a];
                double before = filled[j], value = _row[j];
                filled[j] += share / total * (value - before);
                if (deviations.IsEmpty) continue;
                double variance = isNoise ? _model.Noise!.Distribution.Variance(j) : components.ConditionalCovariance(k, missing, regression, a, a);
                deviations[j] += share * (variance + ((value - before) * (value - filled[j])));
            }
        }

        for (int j = 0; j < deviations.Length; j++) deviations[j] = Math.Sqrt(Math.Max(0, deviations[j]));
    }

    /// <summary>Fills in a draw from the distribution of what is missing given what is observed, as multiple imputation asks for.</summary>
    /// <param name="row">x, shape D, in feature units; NaN for a missing feature.</param>
    /// <param name="filled">On return the row without holes, shape D.</param>
    /// <param name="seed">The seed: the same gives the same draw. Give each row its own.</param>
    /// <exception cref="ArgumentException">A span is not of length D.</exception>
    public void Draw(ReadOnlySpan<double> row, Span<double> filled, int seed)
    {
        if (!TryBegin(row, filled, out BlockHoles? holes) || holes is null) return;
        var random = new Xoshiro256StarStar(seed, threadSafe: false);
        int component = RandomDraws.Component(random, _responsibilities);
        GaussianComponents components = _model.Components;
        int pattern = holes.Pattern(0);
        ReadOnlySpan<int> missing = holes.Patterns.Missing(pattern);
        if (component == _model.ComponentCount)
        {
            foreach (int j in missing) filled[j] = _model.Noise!.Distribution.Draw(random, j);
            return;
        }

        Predict(component, holes, row);
        if (components.Shape != CovarianceShape.Full)
        {
            for (int a = 0; a < missing.Length; a++)
            {
                filled[missing[a]] = _row[missing[a]] + (Math.Sqrt(components.ConditionalCovariance(component, missing, [], a, a)) * RandomDraws.Normal(random));
            }

            return;
        }

        ReadOnlySpan<double> regression = components.Regression(component, holes, 0, GaussianRegressions.Of(holes));
        int length = PackedTriangle.Length(missing.Length);
        if (_factor.Length < length) _factor = new double[PackedTriangle.Length(row.Length)];
        Span<double> factor = _factor.AsSpan(0, length);
        for (int a = 0, next = 0; a < missing.Length; a++)
        {
            for (int b = 0; b <= a; b++) factor[next++] = components.ConditionalCovariance(component, missing, regression, a, b);
        }

        // Where the covariance is singular but for rounding, what follows from the rest is drawn without spread.
        FactorSemidefinite(factor, missing.Length);
        double[] normal = new double[missing.Length];
        for (int a = 0; a < normal.Length; a++) normal[a] = RandomDraws.Normal(random);
        for (int a = 0; a < missing.Length; a++)
        {
            filled[missing[a]] = _row[missing[a]] + Lanes.Dot(factor.Slice(PackedTriangle.Index(a, 0), a + 1), normal.AsSpan(0, a + 1));
        }
    }

    // False if a feature is infinite; no holes if nothing is missing.
    private bool TryBegin(ReadOnlySpan<double> row, Span<double> filled, out BlockHoles? holes)
    {
        if (row.Length != _row.Length) throw Mismatch(row.Length, nameof(row));
        if (filled.Length != row.Length) throw Mismatch(filled.Length, nameof(filled));
        row.CopyTo(filled);
        row.CopyTo(_row);
        holes = _holes.Find(_row, 1, 1);
        if (holes is null) return true;
        if (_holes.IsInfinite(0)) return false;
        _scorer.Score(row);
        _scorer.CopyResponsibilities(_responsibilities);
        GaussianRegressions.Of(holes).Prepare(_model.Components, holes);
        return true;
    }

    private void Predict(int component, BlockHoles holes, ReadOnlySpan<double> row)
    {
        row.CopyTo(_row);
        _model.Components.FillIn(component, holes, 0, GaussianRegressions.Of(holes), 1, _row);
    }

    private static void FactorSemidefinite(Span<double> matrix, int dimension)
    {
        for (int i = 0; i < dimension; i++)
        {
            Span<double> row = matrix.Slice(PackedTriangle.Index(i, 0), i + 1);
            double variance = row[i];
            for (int j = 0; j <= i; j++)
            {
                ReadOnlySpan<double> other = matrix.Slice(PackedTriangle.Index(j, 0), j + 1);
                double rest = row[j] - Lanes.Dot(row[..j], other[..j]);
                if (i == j) row[j] = rest > GaussianLimits.RelativePivot * dimension * variance ? Math.Sqrt(rest) : 0;
                else row[j] = other[j] > 0 ? rest / other[j] : 0;
            }
        }
    }

    private ArgumentException Mismatch(int length, string name) => new($"There {Counted.Is(length)} {Counted.Of(length, "value")}, but the mixture has {Counted.Of(_row.Length, "feature")}. Pass one value a feature.", name);
}
