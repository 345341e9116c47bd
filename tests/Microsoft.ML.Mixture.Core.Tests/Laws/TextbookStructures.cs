using MathNet.Numerics.LinearAlgebra;

namespace Microsoft.ML.Mixture.Laws.Tests;

/// <summary>
/// The M-steps of the fourteen structures as Celeux and Govaert (1995) and, for common axes, Browne and McNicholas (2014) have them: plain
/// iterations, many of them, with MathNet's decompositions.
/// </summary>
internal static class TextbookStructures
{
    private const int Iterations = 5000;

    /// <summary>The covariances that make scatter matrices S(k) of N(k) rows most likely.</summary>
    /// <param name="structure">The structure, found by mclust's name or, if it has none there, by its own.</param>
    /// <param name="counts">N(k).</param>
    /// <param name="scatters">S(k).</param>
    /// <param name="axes">Where to start from to find common axes, as columns.</param>
    public static Matrix<double>[] Estimate(CovarianceStructure structure, double[] counts, Matrix<double>[] scatters, Matrix<double> axes) =>
        Estimate(structure.Code ?? structure.Name, counts, scatters, axes);

    /// <summary>The same by the name alone.</summary>
    public static Matrix<double>[] Estimate(string code, double[] counts, Matrix<double>[] scatters, Matrix<double> axes)
    {
        int dimension = scatters[0].RowCount;
        double total = counts.Sum();
        Matrix<double> within = scatters.Aggregate((a, b) => a + b) / total;
        Matrix<double>[] averages = [.. scatters.Zip(counts, (scatter, count) => scatter / count)];
        double[] shares = [.. counts.Select(count => count / total)];
        Matrix<double> identity = Matrix<double>.Build.DenseIdentity(dimension);
        return code switch
        {
            "EII" => Repeat(identity * (within.Trace() / dimension)),
            "VII" => Each(k => identity * (averages[k].Trace() / dimension)),
            "EEI" => Repeat(DiagonalOf(within)),
            "VEI" => Multiples([.. averages.Select(DiagonalOf)]),
            "EVI" => SameVolume([.. averages.Select(DiagonalOf)]),
            "VVI" => Each(k => DiagonalOf(averages[k])),
            "EEE" => Repeat(within),
            "VEE" => Multiples(averages),
            "EVE" => CommonAxes(true),
            "VVE" => CommonAxes(false),
            "EEV" => OwnAxes(values => Repeat(Average(values))),
            "VEV" => OwnAxes(Multiples),
            "EVV" => SameVolume(averages),
            "VVV" => averages,
            _ => throw new NotSupportedException($"Add the naive version of the structure '{code}' here."),
        };

        Matrix<double>[] Each(Func<int, Matrix<double>> of) => [.. Enumerable.Range(0, counts.Length).Select(of)];

        Matrix<double>[] Repeat(Matrix<double> one) => Each(_ => one);

        Matrix<double> Average(Matrix<double>[] matrices) => matrices.Zip(shares, (matrix, share) => matrix * share).Aggregate((a, b) => a + b);

        Matrix<double>[] SameVolume(Matrix<double>[] matrices)
        {
            double[] volumes = [.. matrices.Select(Volume)];
            double volume = volumes.Zip(shares, (v, share) => v * share).Sum();
            return Each(k => matrices[k] * (volume / volumes[k]));
        }

        // Volumes and the common matrix by turns.
        Matrix<double>[] Multiples(Matrix<double>[] matrices)
        {
            double[] volumes = [.. matrices.Select(_ => 1.0)];
            Matrix<double> common = Average(matrices);
            for (int t = 0; t < Iterations; t++)
            {
                Matrix<double> inverse = common.Inverse();
                volumes = [.. matrices.Select(matrix => (inverse * matrix).Trace() / dimension)];
                Matrix<double> next = Average([.. matrices.Zip(volumes, (matrix, volume) => matrix / volume)]);
                bool rests = (next - common).L2Norm() <= 1e-16 * common.L2Norm();
                common = next;
                if (rests) break;
            }

            return Each(k => common * volumes[k]);
        }

        Matrix<double>[] OwnAxes(Func<Matrix<double>[], Matrix<double>[]> estimate)
        {
            (Matrix<double> Values, Matrix<double> Vectors)[] parts = [.. averages.Select(Eigen)];
            Matrix<double>[] values = estimate([.. parts.Select(part => part.Values)]);
            return Each(k => parts[k].Vectors * values[k] * parts[k].Vectors.Transpose());
        }

        // With the variances along the axes fixed, sum of trace(W(k) D B(k) D') is made smaller by the axes that minimise a linear bound of it.
        Matrix<double>[] CommonAxes(bool tiesVolume)
        {
            double[] largest = [.. averages.Select(average => Eigen(average).Values[0, 0])];
            for (int t = 0; t < Iterations; t++)
            {
                Matrix<double>[] variances = Variances();
                Matrix<double> bound = Matrix<double>.Build.Dense(dimension, dimension);
                for (int k = 0; k < counts.Length; k++)
                {
                    Matrix<double> precision = variances[k].Inverse() * shares[k];
                    bound += precision * axes.Transpose() * (averages[k] - (largest[k] * identity));
                }

                var svd = (-bound).Svd();
                Matrix<double> next = svd.VT.Transpose() * svd.U.Transpose();
                bool rests = (next - axes).L2Norm() <= 1e-15;
                axes = next;
                if (rests) break;
            }

            Matrix<double>[] found = Variances();
            return Each(k => axes * found[k] * axes.Transpose());

            Matrix<double>[] Variances()
            {
                Matrix<double>[] own = Each(k => DiagonalOf(axes.Transpose() * averages[k] * axes));
                return tiesVolume ? SameVolume(own) : own;
            }
        }
    }

    /// <summary>
    /// The best common axes of two features, "EVE" or "VVE": of all the angles at which the deviance has the slope zero. With s the scatter turned by an
    /// angle, s(1,1) grows by 2 s(1,2) and s(2,2) falls by as much.
    /// </summary>
    public static Matrix<double>[] EstimateCommonAxesOfTwoFeatures(string code, double[] counts, Matrix<double>[] scatters)
    {
        const int Angles = 360;
        Matrix<double> Axes(double angle) => Matrix<double>.Build.DenseOfArray(new[,] { { Math.Cos(angle), -Math.Sin(angle) }, { Math.Sin(angle), Math.Cos(angle) } });
        Matrix<double>[] Turned(double angle) => [.. scatters.Select(scatter => Axes(angle).Transpose() * scatter * Axes(angle))];
        Matrix<double>[] At(double angle)
        {
            Matrix<double>[] turned = Turned(angle);
            return [.. Estimate(code == "EVE" ? "EVI" : "VVI", counts, turned, Axes(0)).Select(covariance => Axes(angle) * covariance * Axes(angle).Transpose())];
        }

        double Slope(double angle) => Turned(angle).Select((s, k) => (code == "EVE" ? Math.Sqrt(s[0, 0] * s[1, 1]) : counts[k]) * s[0, 1] * ((1 / s[0, 0]) - (1 / s[1, 1]))).Sum();
        var found = new List<Matrix<double>[]>();
        for (int a = 0; a < Angles; a++)
        {
            double low = a * Math.PI / (2 * Angles), high = (a + 1) * Math.PI / (2 * Angles), before = Slope(low);
            if (Math.Sign(before) == Math.Sign(Slope(high))) continue;
            for (int halving = 0; halving < 60; halving++)
            {
                double middle = 0.5 * (low + high);
                if (Math.Sign(Slope(middle)) == Math.Sign(before)) low = middle;
                else high = middle;
            }

            found.Add(At(low));
        }

        return found.MinBy(covariances => Deviance(counts, scatters, covariances))!;
    }

    /// <summary>Sum over k of N(k) (log det Sigma(k) + trace(inverse(Sigma(k)) W(k))): what an M-step minimises.</summary>
    public static double Deviance(double[] counts, Matrix<double>[] scatters, IEnumerable<Matrix<double>> covariances) =>
        covariances.Select((covariance, k) => (counts[k] * 2 * covariance.Cholesky().Factor.Diagonal().Sum(Math.Log)) + (covariance.Inverse() * scatters[k]).Trace()).Sum();

    /// <summary>The axes that matrices with common axes have, as columns.</summary>
    public static Matrix<double> AxesOf(IReadOnlyList<Matrix<double>> covariances)
    {
        // Any sum has them, and one without accidental ties shows them.
        Matrix<double> sum = covariances.Select((covariance, k) => covariance * (1 + (0.37 * Math.Sqrt(k)))).Aggregate((a, b) => a + b);
        return sum.Evd(Symmetricity.Symmetric).EigenVectors;
    }

    private static double Volume(Matrix<double> matrix) => Math.Pow(matrix.Determinant(), 1.0 / matrix.RowCount);

    private static Matrix<double> DiagonalOf(Matrix<double> matrix) => Matrix<double>.Build.DenseOfDiagonalVector(matrix.Diagonal());

    // In descending order.
    private static (Matrix<double> Values, Matrix<double> Vectors) Eigen(Matrix<double> matrix)
    {
        var evd = matrix.Evd(Symmetricity.Symmetric);
        int[] order = [.. Enumerable.Range(0, matrix.RowCount).OrderByDescending(j => evd.EigenValues[j].Real)];
        return (
            Matrix<double>.Build.DenseOfDiagonalArray([.. order.Select(j => evd.EigenValues[j].Real)]),
            Matrix<double>.Build.DenseOfColumnVectors(order.Select(j => evd.EigenVectors.Column(j))));
    }
}
