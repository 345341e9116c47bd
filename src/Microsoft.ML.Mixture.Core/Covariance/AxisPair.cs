using System.Runtime.CompilerServices;

namespace Microsoft.ML.Mixture;

/// <summary>Two axes that all components share, and how far to rotate them in their plane; see <see cref="CommonAxes"/>.</summary>
/// <remarks>
/// A rotation by t makes of the variances a, b and the covariance c of a component
/// <code>
///   a(t) = cos^2 a + 2 sin cos c + sin^2 b,   b(t) = sin^2 a - 2 sin cos c + cos^2 b,   c(t) = (cos^2 - sin^2) c + sin cos (b - a),
/// </code>
/// and of u(k) = log( a(k,t) b(k,t) / (a(k) b(k)) ) the value: sum of w(k) u(k), or D log( sum of w(k) exp(u(k) / D) ) with one volume, where
/// the weights w(k) have the sum one.
/// </remarks>
internal sealed class AxisPair(int componentCount)
{
    // Within this part of the angle on which a well of the value is wide, a Newton step lands where it should.
    private const double SafeStep = 0.01;
    private const double WideStep = 0.3;
    private const double SmallestGain = 1e-15;

    // A quarter turn changes nothing but rounding.
    private const double SmallestGainElsewhere = 1e-12;
    private const double SmallestStep = 1e-8;
    private const int MostSteps = 20;
    private const int MostParts = 4;

    private readonly double[] _first = new double[componentCount];
    private readonly double[] _second = new double[componentCount];
    private readonly double[] _between = new double[componentCount];
    private int _tiedDimension;

    /// <summary>w(k).</summary>
    public double[] Weights { get; } = new double[componentCount];

    /// <summary>Whether to go down from the lowest start only.</summary>
    public bool DescendsOnce { get; set; }

    /// <summary>Makes ready for other matrices.</summary>
    /// <param name="tiedDimension">D if components have one volume, and else zero.</param>
    public void Begin(int tiedDimension) => (_tiedDimension, DescendsOnce) = (tiedDimension, false);

    public void Set(int component, double first, double second, double between) =>
        (_first[component], _second[component], _between[component]) = (first, second, between);

    /// <summary>a(t), b(t) and c(t) of one component.</summary>
    public (double First, double Second, double Between) At(int component, double sine, double cosine)
    {
        double a = _first[component], b = _second[component], c = _between[component], mixed = 2 * sine * cosine * c;
        return (
            (cosine * cosine * a) + mixed + (sine * sine * b), (sine * sine * a) - mixed + (cosine * cosine * b),
            ((cosine - sine) * (cosine + sine) * c) + (sine * cosine * (b - a)));
    }

    /// <summary>Finds a rotation that lowers the value.</summary>
    /// <param name="isGlobal">Whether to look at other wells than the one that the axes are in.</param>
    /// <param name="precision">Steps below this, in units of the width of the well, are not worth taking.</param>
    /// <returns>The angle, zero where the axes are best left as they are.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public double FindRotation(bool isGlobal, double precision)
    {
        (double slope, double curvature, double width) = Derivatives(0, 1);
        double step = -slope / curvature;
        bool isWell = curvature > 0 && double.IsFinite(step), isAtRest = isWell && !(Math.Abs(slope) > precision * Math.Sqrt(curvature));
        if (!isGlobal && isAtRest) return 0;
        if (!isGlobal && isWell && Math.Abs(step) <= SafeStep * width) return step;
        double angle = 0, value = 0;
        if (isWell && !isAtRest) Try(step, ref angle, ref value);
        if (isGlobal || angle == 0)
        {
            // Each minimum lies in the well of a component, or between those of two. The lowest start leads to the lowest of them as a rule.
            double start = 0, reached = double.PositiveInfinity;
            for (int k = 0; k < Weights.Length; k++)
            {
                if (!DescendsOnce) reached = double.PositiveInfinity;
                Try(0.5 * Math.Atan2(2 * _between[k], _first[k] - _second[k]), ref start, ref reached);
                if (DescendsOnce && k < Weights.Length - 1) continue;
                Descend(ref start, ref reached);
                if (reached < value - SmallestGainElsewhere) (angle, value) = (start, reached);
            }
        }

        if (value < -SmallestGain)
        {
            Descend(ref angle, ref value);
            return angle;
        }

        // What is left to gain is rounding, but the axes can still come nearer to where they belong.
        return isWell && !isAtRest && Math.Abs(step) <= WideStep * width ? step : 0;
    }

    /// <summary>Makes the weights those after a rotation.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Turn(double sine, double cosine)
    {
        if (_tiedDimension == 0) return;
        double sum = 0;
        for (int k = 0; k < Weights.Length; k++)
        {
            (double first, double second, _) = At(k, sine, cosine);
            sum += Weights[k] *= Math.Exp(LogRatio(k, first, second) / _tiedDimension);
        }

        for (int k = 0; k < Weights.Length; k++) Weights[k] /= sum;
    }

    // Newton steps, as long as they gain.
    private void Descend(ref double angle, ref double value)
    {
        for (int step = 0; step < MostSteps; step++)
        {
            (double sine, double cosine) = Math.SinCos(angle);
            (double slope, double curvature, double width) = Derivatives(sine, cosine);
            double length = curvature > 0 ? -slope / curvature : -Math.CopySign(width, slope), before = value;
            if (!double.IsFinite(length) || !(Math.Abs(length) > SmallestStep * width)) return;
            for (int part = 0; part < MostParts && value >= before; part++, length *= 0.25) Try(angle + length, ref angle, ref value);
            if (!(value < before)) return;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Try(double candidate, ref double angle, ref double value)
    {
        (double sine, double cosine) = Math.SinCos(candidate);
        double linear = 0, sum = 0;
        for (int k = 0; k < Weights.Length; k++)
        {
            (double first, double second, _) = At(k, sine, cosine);
            double ratio = LogRatio(k, first, second);
            linear += Weights[k] * ratio;
            if (_tiedDimension > 0) sum += Weights[k] * Math.Exp(ratio / _tiedDimension);
        }

        double reached = _tiedDimension > 0 ? _tiedDimension * Math.Log(sum) : linear;
        if (reached < value) (angle, value) = (candidate, reached);
    }

    private double LogRatio(int component, double first, double second) => Math.Log(first / _first[component] * (second / _second[component]));

    // The first two derivatives of the value, and the angle on which the narrowest well is about as wide as it is deep.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private (double Slope, double Curvature, double Width) Derivatives(double sine, double cosine)
    {
        double slope = 0, bend = 0, squares = 0, narrowest = double.PositiveInfinity, total = 0;
        for (int k = 0; k < Weights.Length; k++)
        {
            (double a, double b, double c) = At(k, sine, cosine);
            double weight = Weights[k];
            if (_tiedDimension > 0 && sine != 0) weight *= Math.Exp(LogRatio(k, a, b) / _tiedDimension);
            double difference = a - b, first = 2 * c / a, second = 2 * c / b, s = first - second;
            slope += weight * s;
            bend += weight * ((2 * difference / a * (difference / b)) - (first * first) - (second * second));
            squares += weight * s * s;
            total += weight;
            narrowest = Math.Min(narrowest, Math.Sqrt(Math.Min(a / b, b / a)));
        }

        (slope, bend, squares) = (slope / total, bend / total, squares / total);
        if (_tiedDimension > 0) bend += (squares - (slope * slope)) / _tiedDimension;
        return (slope, bend, narrowest);
    }
}
