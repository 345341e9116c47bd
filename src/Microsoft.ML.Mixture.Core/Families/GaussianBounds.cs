using System.Runtime.CompilerServices;
using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>Lower bounds on the Mahalanobis distances of whole blocks of rows.</summary>
/// <remarks>
/// <para>
/// With y = inverse(L) (x - mu) the distance of a row is |y|. Under new parameters y' = inverse(L') (x - mu'), and y = M y' + s, where
/// M = inverse(L) L' and s = inverse(L) (mu' - mu). So |y'| is at least (|y| - |s|) / |M|, and |M| is at most 1 + |M - I|: one number
/// for a block and component, brought up to date in one multiplication a pass, tells how near its rows can have come.
/// </para>
/// <para>
/// Components are evaluated in the order of what they can contribute at most, until no other can have a share in any row. Distances of
/// those evaluated are known again.
/// </para>
/// </remarks>
internal sealed class GaussianBounds(GaussianComponents components, int blockCount) : ComponentBounds
{
    // Covers the rounding of distances and of bounds.
    private const double Relaxation = 1 - 1e-6;

    // Beyond so many components the rest is not worth being put in order.
    private const int MostInOrder = 6;

    private readonly int _componentCount = components.ComponentCount;
    private readonly double[] _distances = new double[blockCount * components.ComponentCount];
    private readonly double[] _shifts = new double[components.ComponentCount];
    private readonly double[] _factors = new double[components.ComponentCount];
    private readonly double[] _tops = new double[components.ComponentCount];
    private GaussianComponents _current = components;
    private GaussianStandardization? _previous;
    private double[] _logWeights = [];
    private bool _areKnown;

    public override bool AreKnown => _areKnown;

    public override void Forget()
    {
        Array.Clear(_distances);
        _areKnown = false;
    }

    public override void Begin(MixtureComponents components, double[] logWeights)
    {
        _current = (GaussianComponents)components;
        _logWeights = logWeights;
        for (int k = 0; k < _componentCount; k++)
        {
            _tops[k] = _current.LogConstant(k) + logWeights[k] - LogSumExp.SmallestExponent(logWeights[k]);
            _shifts[k] = 0;
            _factors[k] = 0;
            if (_areKnown && _previous!.TryCompare(_current, k, out double shift, out double growth))
            {
                _shifts[k] = shift;
                _factors[k] = Relaxation / growth;
            }
        }

        _previous ??= new GaussianStandardization();
        _previous.CopyFrom(_current);
        _areKnown = true;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override int LogDensities(int block, RowBlock rows, Span<double> logDensities, Span<double> largest, Span<double> scratch, Span<int> components)
    {
        int stride = rows.Stride, lanes = rows.LaneCount, evaluated = 0;
        Span<double> distances = _distances.AsSpan(block * _componentCount, _componentCount);
        Span<double> most = scratch[^_componentCount..];
        for (int k = 0; k < most.Length; k++)
        {
            double distance = _factors[k] > 0 ? Math.Max(0, distances[k] - _shifts[k]) * _factors[k] : 0;
            distances[k] = distance;
            most[k] = _tops[k] - (0.5 * distance * distance);
        }

        largest[..lanes].Fill(double.NegativeInfinity);
        _current.PrepareLogDensities(rows, scratch);
        double least = double.NegativeInfinity;
        for (int next = IndexOfMost(most); evaluated < MostInOrder && most[next] >= least; next = IndexOfMost(most))
        {
            Evaluate(next, rows, logDensities, largest, scratch, distances, ref least);
            most[next] = double.NaN;
            evaluated++;
        }

        int count = 0;
        for (int k = 0; k < most.Length; k++)
        {
            bool isEvaluated = double.IsNaN(most[k]);
            if (!isEvaluated && !(most[k] >= least)) continue;
            components[count++] = k;
            if (!isEvaluated) Evaluate(k, rows, logDensities, largest, scratch, distances, ref least);
        }

        return count;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Evaluate(
        int component, RowBlock rows, Span<double> logDensities, Span<double> largest, Span<double> scratch, Span<double> distances, ref double least)
    {
        Span<double> destination = logDensities.Slice(component * rows.Stride, rows.LaneCount);
        _current.LogDensities(component, rows, destination, scratch);
        double nearest = RowMaxima.Raise(destination, _logWeights[component], rows.LaneCount, largest, out least);
        distances[component] = Math.Sqrt(Math.Max(0, 2 * (_current.LogConstant(component) - nearest))) * Relaxation;
    }

    // A NaN, of a component that has been evaluated, is never the most.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int IndexOfMost(ReadOnlySpan<double> values)
    {
        int most = 0;
        double value = double.NegativeInfinity;
        for (int k = 0; k < values.Length; k++)
        {
            if (!(values[k] > value)) continue;
            value = values[k];
            most = k;
        }

        return most;
    }
}
