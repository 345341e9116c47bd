using System.Runtime.CompilerServices;

namespace Microsoft.ML.Mixture;

/// <content>How the axes come down into a well: pair by pair, and by the Newton steps of all together.</content>
internal sealed partial class CommonAxes
{
    // Of a step; where they do not do, the next step goes on from there.
    private const int MostSweeps = 40;
    private const int MostRoughSteps = 5;
    private const double SmallestGain = 1e-14;

    // A rough step ends where this share of its gain is what is gained last.
    private const double EnoughOfGain = 0.4;

    // Newton steps that settle end at a gain like the first, and EM is near its end where a whole step gains no more than the second.
    private const double GainNearTheEnd = 1e-6;
    private const double GainAtTheEnd = 1e-8;

    // Rotations below this, in units of what changes the value by one, are rounding.
    private const double Precision = 1e-14;

    // Other wells are looked for at the beginning, and again where the axes come to rest.
    private void Minimize()
    {
        bool hasRotated = false;
        int pause = 1, next = 1;
        for (int sweep = 0; sweep < MostSweeps; sweep++)
        {
            bool isGlobal = !hasRotated;
            hasRotated = Sweep(isGlobal);
            if (isGlobal && !hasRotated) break;
            if (isGlobal || !hasRotated || sweep < next || TryNewtonStep()) continue;

            // Too far away for one; the sweeps must come nearer first.
            pause *= 2;
            next = sweep + pause;
        }
    }

    // Until a step gains little of what the value has come down by.
    private void Approach(double before)
    {
        _pair.DescendsOnce = true;
        for (int step = 0; step < MostRoughSteps; step++)
        {
            double last = Value;
            if (!TryRoughNewtonStep(SmallestGain)) Sweep(isGlobal: false);
            if (last - Value <= EnoughOfGain * (before - Value)) break;
        }

        if (before - Value <= GainAtTheEnd) Sweep(isGlobal: true);
    }

    // Down into the well that the axes are in.
    private void Follow()
    {
        for (int step = 0; step < MostSweeps; step++)
        {
            double last = Value;
            if (!TryRoughNewtonStep(SmallestGain)) Sweep(isGlobal: false);
            if (last - Value <= SmallestGain) return;
        }
    }

    // Newton steps, and other wells of single pairs where they end.
    private void LookAround()
    {
        _pair.DescendsOnce = true;
        for (int sweep = 0; sweep < MostRoughSteps; sweep++)
        {
            Settle();
            double last = Value;
            Sweep(isGlobal: true);
            if (last - Value <= GainNearTheEnd) return;
        }
    }

    // As far as Newton steps go.
    private void Settle()
    {
        for (int step = 0; step < MostRoughSteps; step++)
        {
            double last = Value;
            if (!TryRoughNewtonStep(GainNearTheEnd) || last - Value <= GainNearTheEnd) return;
        }
    }

    private bool Sweep(bool isGlobal)
    {
        bool hasRotated = false;
        for (int p = 0; p < _dimension - 1; p++)
        {
            _cancellationToken.ThrowIfCancellationRequested();
            for (int q = p + 1; q < _dimension; q++) hasRotated |= Rotate(p, q, isGlobal);
        }

        Value = Evaluate();
        return hasRotated;
    }

    private bool Rotate(int p, int q, bool isGlobal)
    {
        Consider(p, q);
        double angle = _pair.FindRotation(isGlobal, Precision);
        if (angle == 0) return false;
        Apply(p, q, angle);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Consider(int p, int q)
    {
        for (int k = 0; k < _shares.Length; k++)
        {
            Span<double> rotated = Rotated(k);
            _pair.Set(k, rotated[(p * _dimension) + p], rotated[(q * _dimension) + q], rotated[(p * _dimension) + q]);
        }
    }

    // Rotates the pair that is considered.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Apply(int p, int q, double angle)
    {
        (double sine, double cosine) = Math.SinCos(angle);
        PrincipalAxes.RotateRows(_axes, _dimension, p, q, cosine, sine);
        for (int k = 0; k < _shares.Length; k++)
        {
            Span<double> rotated = Rotated(k);
            PrincipalAxes.RotateBothSides(rotated, _dimension, p, q, cosine, sine);
            (rotated[(p * _dimension) + p], rotated[(q * _dimension) + q], double between) = _pair.At(k, sine, cosine);
            rotated[(p * _dimension) + q] = rotated[(q * _dimension) + p] = between;
        }

        _pair.Turn(sine, cosine);
    }
}
