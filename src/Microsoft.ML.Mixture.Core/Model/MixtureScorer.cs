using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>Scores rows under a mixture, one at a time and without allocating. Use one in each thread.</summary>
public sealed class MixtureScorer
{
    private readonly GaussianMixtureModel _model;
    private readonly double[] _values;
    private readonly double[] _weights = new double[Lanes.Width];
    private readonly double[] _lanes;
    private readonly double[] _joint;
    private readonly double[] _shifted;
    private readonly double _unitLogDensity;
    private readonly double[] _scratch;
    private bool _isValid;
    private double _max;
    private double _sum;

    internal MixtureScorer(GaussianMixtureModel model)
    {
        _model = model;
        _values = new double[model.Dimension * Lanes.Width];
        _lanes = new double[model.ComponentCount * Lanes.Width];
        _joint = new double[model.ComponentCount];
        _shifted = new double[model.ComponentCount];
        _unitLogDensity = model.Components.UnitLogDensity;
        _scratch = new double[model.Components.ScratchLength(Lanes.Width)];
    }

    /// <summary>The most likely component, counted from zero, of several the first; -1 if a feature was NaN or infinite.</summary>
    public int Component { get; private set; }

    /// <summary>log p(x), in nats; NaN if a feature was NaN or infinite, negative infinity if the row is farther away than double precision reaches.</summary>
    public double LogDensity => _isValid ? _max + Math.Log(_sum) + _unitLogDensity : double.NaN;

    /// <summary>log( pi(k) p(x | k) ), shape K, in nats; NaN if a feature was NaN or infinite.</summary>
    public ReadOnlySpan<double> JointLogDensities => _shifted;

    /// <summary>Scores a row; the other members then tell of it.</summary>
    /// <param name="row">x, shape D, in feature units.</param>
    /// <exception cref="ArgumentException">The row does not have D features.</exception>
    public void Score(ReadOnlySpan<double> row)
    {
        if (row.Length != _model.Dimension)
        {
            throw new ArgumentException($"The row has {row.Length} features, but the mixture has {_model.Dimension}.", nameof(row));
        }

        _isValid = true;
        for (int j = 0; j < row.Length; j++)
        {
            _isValid &= double.IsFinite(row[j]);
            _values[j * Lanes.Width] = row[j];
        }

        if (!_isValid)
        {
            Component = -1;
            Array.Fill(_shifted, double.NaN);
            return;
        }

        _model.Components.LogDensities(new RowBlock(_values, _weights, row.Length, Lanes.Width, 1), _lanes, _scratch);
        Component = 0;
        for (int k = 0; k < _joint.Length; k++)
        {
            _joint[k] = _lanes[k * Lanes.Width] + _model.LogWeights[k];
            _shifted[k] = _joint[k] + _unitLogDensity;
            if (_joint[k] > _joint[Component]) Component = k;
        }

        _max = _joint[Component];
        if (double.IsNegativeInfinity(_max))
        {
            // Every distance has overflowed: only the order of the distances is left to tell.
            Component = DistantRow.Nearest(_model, row);
            _sum = 1;
            return;
        }

        _sum = 0;
        foreach (double joint in _joint) _sum += Math.Exp(joint - _max);
    }

    /// <summary>Copies the responsibilities of the row that was scored last.</summary>
    /// <param name="destination">r(k), shape K, with sum one; NaN if a feature was NaN or infinite.</param>
    public void CopyResponsibilities(Span<double> destination)
    {
        for (int k = 0; k < _joint.Length; k++)
        {
            destination[k] = !_isValid ? double.NaN
                : double.IsNegativeInfinity(_max) ? (k == Component ? 1 : 0)
                : Math.Exp(_joint[k] - _max) / _sum;
        }
    }
}
