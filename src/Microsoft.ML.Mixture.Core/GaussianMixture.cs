using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Microsoft.ML.Mixture;

/// <summary>Fits Gaussian mixtures by expectation-maximization, from plain arrays.</summary>
/// <example>
/// <code>
/// double[,] rows = { { 3.6, 79 }, { 1.8, 54 }, { 3.3, 74 }, { 2.3, 62 }, { 4.5, 85 }, { 2.9, 55 } };
/// GaussianMixtureModel mixture = GaussianMixture.Fit(rows, componentCount: 2);
/// int component = mixture.Predict(4.7, 88);
/// double logDensity = mixture.LogDensity(4.7, 88);
/// </code>
/// </example>
/// <remarks>
/// Cost: an iteration takes about N K (D^2 + 5 D) multiply-adds for the structures with full matrices and 4 N K D for the others, and no
/// memory that grows with N beyond the rows themselves. Results are equal bit for bit for any number of threads.
/// </remarks>
public static partial class GaussianMixture
{
    /// <summary>Fits a mixture to rows, with default options.</summary>
    /// <param name="rows">N x D values, in feature units.</param>
    /// <param name="componentCount">K.</param>
    /// <returns>The model.</returns>
    /// <exception cref="ArgumentException">The rows are not valid; the message says which, and what to do.</exception>
    /// <exception cref="MixtureFitException">No start led to a valid model.</exception>
    public static GaussianMixtureModel Fit(double[,] rows, int componentCount) => Fit(rows, new GaussianMixtureOptions { ComponentCount = componentCount });

    /// <summary>Fits a mixture to rows.</summary>
    /// <param name="rows">N x D values, in feature units. NaN is a missing value: a row counts for what is observed of it.</param>
    /// <param name="options">How to fit.</param>
    /// <param name="rowWeights">One weight a row, or null for weights of one. A weight of two equals the row twice, zero that it is absent.</param>
    /// <param name="cancellationToken">Stops the fit.</param>
    /// <returns>The model.</returns>
    /// <exception cref="ArgumentException">Rows, weights, options or start are not valid; the message says which, and what to do.</exception>
    /// <exception cref="MixtureFitException">No start led to a valid model.</exception>
    /// <exception cref="OperationCanceledException">The fit was cancelled, unless <see cref="MixtureOptions.CancellationBehavior"/> says otherwise.</exception>
    public static GaussianMixtureModel Fit(
        double[,] rows, GaussianMixtureOptions options, double[]? rowWeights = null, CancellationToken cancellationToken = default) =>
        Fit(Copy(rows, rowWeights), options, cancellationToken);

    /// <summary>Fits a mixture to rows from any source, such as an <see cref="ArrayRowSource{T}"/> of single precision.</summary>
    /// <param name="rows">The rows with their weights.</param>
    /// <param name="options">How to fit.</param>
    /// <param name="cancellationToken">Stops the fit.</param>
    /// <returns>The model.</returns>
    /// <exception cref="ArgumentException">Rows, weights, options or start are not valid; the message says which, and what to do.</exception>
    /// <exception cref="MixtureFitException">No start led to a valid model.</exception>
    /// <exception cref="OperationCanceledException">The fit was cancelled, unless <see cref="MixtureOptions.CancellationBehavior"/> says otherwise.</exception>
    public static GaussianMixtureModel Fit(RowSource rows, GaussianMixtureOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        return GaussianFit.Run(rows, options, cancellationToken);
    }

    /// <summary>The rows of a matrix, one after the other.</summary>
    internal static ArrayRowSource<double> Copy(double[,] rows, double[]? rowWeights)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (rowWeights is { Length: 0 } && rows.GetLength(0) > 0)
        {
            throw new ArgumentException(
                $"There are 0 row weights for {Counted.Of(rows.GetLength(0), "row")}. Pass one weight a row, or null for weights of one.", nameof(rowWeights));
        }

        if (rows.LongLength > Array.MaxLength)
        {
            throw new ArgumentException(
                $"There are {rows.GetLength(0)} rows of {Counted.Of(rows.GetLength(1), "feature")}, more values than an array holds. Pass fewer rows, or a {nameof(RowSource)} of your own.", nameof(rows));
        }

        double[] values = new double[rows.Length];
        MemoryMarshal.CreateReadOnlySpan(ref Unsafe.As<byte, double>(ref MemoryMarshal.GetArrayDataReference(rows)), values.Length).CopyTo(values);
        return new ArrayRowSource<double>(values, rows.GetLength(1), rowWeights);
    }
}
