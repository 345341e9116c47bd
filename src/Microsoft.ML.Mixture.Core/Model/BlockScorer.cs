using System.Numerics;
using System.Numerics.Tensors;
using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>
/// Scores blocks of rows under a mixture, without allocating. A row's results are the same bits whichever rows stand beside it. Of a row with
/// missing features (NaN) what is observed is scored: its marginal density, and the responsibilities given that.
/// </summary>
internal sealed class BlockScorer
{
    private readonly MixtureModel _model;
    private readonly MixtureComponents _modelComponents;
    private readonly int _stride;
    private readonly AlignedBuffer _values;
    private readonly AlignedBuffer _weights;
    private readonly AlignedBuffer _joint;
    private readonly AlignedBuffer _responsibilities;
    private readonly AlignedBuffer _logDensities;
    private readonly AlignedBuffer _scratch;
    private readonly int[] _components;
    private readonly double _unitLogDensity;
    private readonly double[] _unitLogDensities;
    private readonly RowHoles _holes;
    private bool _isRegular;

    /// <summary>Makes a scorer of blocks of at most so many rows.</summary>
    public BlockScorer(MixtureModel model, int capacity)
    {
        _model = model;
        _modelComponents = model.Densities;
        Capacity = capacity;
        _stride = Lanes.Pad(capacity);
        _values = new AlignedBuffer(model.Dimension * _stride);
        _weights = new AlignedBuffer(_stride);
        _weights.Span.Fill(1);
        _joint = new AlignedBuffer(model.ShareCount * _stride);
        _responsibilities = new AlignedBuffer(_joint.Length);
        _logDensities = new AlignedBuffer(_stride);
        _scratch = new AlignedBuffer(_modelComponents.ScratchLength(_stride));
        _components = new int[_stride];
        _unitLogDensity = _modelComponents.UnitLogDensityOf(model.Dimension);
        _unitLogDensities = new double[_stride];
        _holes = new RowHoles(model.Dimension, _stride);
    }

    public int Capacity { get; }

    /// <summary>Scores rows.</summary>
    /// <param name="rows">Row after row, at most <see cref="Capacity"/>, in feature units.</param>
    public void Score<T>(ReadOnlySpan<T> rows)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int dimension = _model.Dimension, count = rows.Length / dimension, lanes = Lanes.Pad(count);
        RowTransposition.Copy(rows, dimension, 0, count, 1, _values.Span, _stride);
        for (int j = 0; j < dimension; j++) _values.Span.Slice((j * _stride) + count, lanes - count).Clear();
        Array.Fill(_unitLogDensities, _unitLogDensity, 0, count);
        Score(new RowBlock(_values.Span, _weights.Span, dimension, _stride, count));
        _isRegular = RowMaxima.FindLargest(_joint.Span, _stride, lanes, _model.ShareCount, _values.Span, dimension, _components);
        if (!_isRegular) ScoreIrregular(count);
    }

    // Rows with holes, with infinite features, or farther away than squares reach.
    private void ScoreIrregular(int count)
    {
        Span<double> joint = _joint.Span;
        BlockHoles? holes = _holes.Find(_values.Span, _stride, count);
        if (holes is not null)
        {
            Score(new RowBlock(_values.Span, _weights.Span, _model.Dimension, _stride, count) { Holes = holes });
            for (int run = 0; run < holes.Count; run++)
            {
                int observed = holes.Patterns.Observed(holes.Pattern(run)).Length, first = holes.First(run), rows = holes.End(run) - first;
                Array.Fill(_unitLogDensities, _modelComponents.UnitLogDensityOf(observed), first, rows);

                // Weights add up to one but for rounding.
                if (observed == 0) _logDensities.Span.Slice(first, rows).Clear();
            }
        }

        for (int i = 0; i < count; i++)
        {
            if (holes is not null) _components[i] = _holes.IsInfinite(i) ? -1 : LargestOf(i);

            // Where every distance has overflowed, only the order of the distances is left to tell.
            if (_components[i] >= 0 && double.IsNegativeInfinity(joint[(_components[i] * _stride) + i])) _components[i] = NearestOf(i);
        }
    }

    private void Score(RowBlock rows)
    {
        Span<double> joint = _joint.Span, responsibilities = _responsibilities.Span;
        int lanes = rows.LaneCount;
        _modelComponents.LogDensities(rows, responsibilities, _scratch.Span);
        for (int k = 0; k < _model.ShareCount; k++)
        {
            TensorPrimitives.Add(responsibilities.Slice(k * _stride, lanes), _model.LogWeights[k], joint.Slice(k * _stride, lanes));
        }

        LogSumExp.NormalizeInPlace(responsibilities, _stride, lanes, _model.LogWeights, rows.Weights, _logDensities.Span);
    }

    /// <summary>The most likely component of a row, counted from zero, of several the first; -1 if a feature was infinite.</summary>
    public int Component(int row) => _components[row];

    /// <summary>log p(x), in nats; NaN if a feature was infinite, negative infinity if the row is farther away than double precision reaches.</summary>
    public double LogDensity(int row) => _components[row] < 0 ? double.NaN : _logDensities.Span[row] + _unitLogDensities[row];

    /// <summary>Copies log( pi(k) p(x | k) ) of a row, in nats; NaN if a feature was infinite.</summary>
    public void CopyJointLogDensities(int row, Span<double> destination)
    {
        if (_components[row] < 0)
        {
            destination.Fill(double.NaN);
            return;
        }

        ReadOnlySpan<double> joint = _joint.Span;
        for (int k = 0; k < destination.Length; k++) destination[k] = joint[(k * _stride) + row] + _unitLogDensities[row];
    }

    /// <summary>Copies -log( pi(k) p(x | k) ) of a row in single precision, in nats: finite where every feature is, NaN elsewhere.</summary>
    public void CopyScores(int row, Span<float> destination)
    {
        if (_components[row] < 0)
        {
            destination.Fill(float.NaN);
            return;
        }

        ReadOnlySpan<double> joint = _joint.Span;
        for (int k = 0, at = row; k < destination.Length; k++, at += _stride) destination[k] = LaneTransposition.ToSingle(-(joint[at] + _unitLogDensities[row]));
    }

    /// <summary>Copies the scores of the first rows, row after row, as <see cref="CopyScores"/> does of one.</summary>
    public void CopyAllScores(int rowCount, Span<float> rows)
    {
        LaneTransposition.Copy(_joint.Span, _stride, rowCount, _model.ShareCount, -1, -_unitLogDensity, rows);
        for (int i = 0; i < rowCount && !_isRegular; i++)
        {
            if (_components[i] < 0 || _unitLogDensities[i] != _unitLogDensity) CopyScores(i, rows.Slice(i * _model.ShareCount, _model.ShareCount));
        }
    }

    /// <summary>Copies r(k) of a row; NaN if a feature was infinite.</summary>
    public void CopyResponsibilities<T>(int row, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (_components[row] < 0)
        {
            destination.Fill(T.NaN);
        }
        else if (double.IsNegativeInfinity(_logDensities.Span[row]))
        {
            destination.Clear();
            destination[_components[row]] = T.One;
        }
        else
        {
            ReadOnlySpan<double> responsibilities = _responsibilities.Span;
            for (int k = 0, at = row; k < destination.Length; k++, at += _stride) destination[k] = T.CreateTruncating(responsibilities[at]);
        }
    }

    /// <summary>Copies the responsibilities of the first rows, row after row, as <see cref="CopyResponsibilities"/> does of one.</summary>
    public void CopyAllResponsibilities(int rowCount, Span<float> rows)
    {
        LaneTransposition.Copy(_responsibilities.Span, _stride, rowCount, _model.ShareCount, 1, 0, rows);
        for (int i = 0; i < rowCount && !_isRegular; i++)
        {
            if (_components[i] < 0 || double.IsNegativeInfinity(_logDensities.Span[i])) CopyResponsibilities(i, rows.Slice(i * _model.ShareCount, _model.ShareCount));
        }
    }

    private int LargestOf(int row)
    {
        ReadOnlySpan<double> joint = _joint.Span;
        int best = 0;
        for (int k = 1; k < _model.ShareCount; k++)
        {
            if (joint[(k * _stride) + row] > joint[(best * _stride) + row]) best = k;
        }

        return best;
    }

    private int NearestOf(int row)
    {
        double[] values = new double[_model.Dimension];
        for (int j = 0; j < values.Length; j++) values[j] = _values.Span[(j * _stride) + row];
        return _model.NearestComponent(values);
    }
}
