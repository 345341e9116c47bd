using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>What a set of observed features says about one component, in units of its frame F, where F F' is its covariance.</summary>
/// <remarks>
/// With F(o) the rows of F that are observed and C C' = F(o) F(o)', the rows of inverse(C) F(o) are orthonormal: rows are taken to
/// F(o)' inverse(C C') (x(o) - mu(o)), and <see cref="Projector"/> is what of the frame they show.
/// </remarks>
internal sealed class PatternFrame
{
    private readonly double[] _mean;
    private readonly int[] _observed;
    private readonly double[] _map;
    private readonly double[] _offset;

    public PatternFrame(double[] frame, ReadOnlySpan<double> mean, ReadOnlySpan<int> observed)
    {
        int dimension = mean.Length;
        _mean = mean.ToArray();
        _observed = observed.ToArray();
        _offset = new double[_observed.Length];
        _map = new double[dimension * _observed.Length];
        Projector = new double[dimension * dimension];
        double[] lower = new double[PackedTriangle.Length(_observed.Length)], rows = new double[_observed.Length * dimension];
        for (int a = 0, at = 0; a < _observed.Length; a++)
        {
            ReadOnlySpan<double> own = frame.AsSpan(_observed[a] * dimension, dimension);
            own.CopyTo(rows.AsSpan(a * dimension));
            for (int b = 0; b <= a; b++) lower[at++] = Lanes.Dot(own, frame.AsSpan(_observed[b] * dimension, dimension));
        }

        if (!Cholesky.TryFactorInPlace(lower, _observed.Length, out int failed))
        {
            throw new InvalidOperationException(
                $"Given others, feature {_observed[failed]} has no variance left in a component of the mixture, so standard errors cannot be computed. Drop copied features.");
        }

        Cholesky.InvertInPlace(lower, _observed.Length);
        for (int a = _observed.Length - 1; a >= 0; a--)
        {
            Span<double> row = rows.AsSpan(a * dimension, dimension);
            ReadOnlySpan<double> inverse = lower.AsSpan(PackedTriangle.Index(a, 0), a + 1);
            for (int i = 0; i < dimension; i++) row[i] *= inverse[a];
            for (int b = 0; b < a; b++) Lanes.AddScaled(rows.AsSpan(b * dimension, dimension), inverse[b], row);
            for (int i = 0; i < dimension; i++)
            {
                Lanes.AddScaled(inverse, row[i], _map.AsSpan(i * _observed.Length));
                Lanes.AddScaled(row, row[i], Projector.AsSpan(i * dimension));
            }
        }
    }

    /// <summary>The projection on what the observed features show of the frame, shape D x D: the identity if nothing is missing.</summary>
    public double[] Projector { get; }

    /// <summary>Takes a row into the frame.</summary>
    /// <param name="row">x, shape D; what is not observed may be NaN.</param>
    /// <param name="result">On return the row in the frame, shape D.</param>
    public void Map(ReadOnlySpan<double> row, Span<double> result)
    {
        for (int a = 0; a < _observed.Length; a++) _offset[a] = row[_observed[a]] - _mean[_observed[a]];
        for (int i = 0; i < result.Length; i++) result[i] = Lanes.Dot(_offset, _map.AsSpan(i * _observed.Length, _observed.Length));
    }
}
