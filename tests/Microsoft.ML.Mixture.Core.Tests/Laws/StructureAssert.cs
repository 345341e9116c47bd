using MathNet.Numerics.LinearAlgebra;

namespace Microsoft.ML.Mixture;

/// <summary>Volumes, shapes and orientations of covariances, by another eigen-decomposition than the library's.</summary>
internal static class StructureAssert
{
    private const double Tolerance = 1e-9;

    /// <summary>What the letters of the code say is equal, is equal; what they say is absent, is absent.</summary>
    public static void Holds(CovarianceStructure structure, double[][,] covariances)
    {
        string code = structure.Code!;
        double[] volumes = [.. covariances.Select(Volume)];
        double[][] shapes = [.. covariances.Select((covariance, k) => Eigenvalues(covariance).Select(value => value / volumes[k]).ToArray())];
        for (int k = 1; k < covariances.Length && code[0] == 'E'; k++) Closeness.Relative(volumes[0], volumes[k], Tolerance, $"{code}: volume {k}");
        for (int k = 0; k < covariances.Length; k++)
        {
            // Along axes that are the features, a shape is compared feature by feature.
            double[] shape = code[2] == 'I' ? Diagonal(covariances[k], volumes[k]) : shapes[k], first = code[2] == 'I' ? Diagonal(covariances[0], volumes[0]) : shapes[0];
            for (int j = 0; j < shape.Length; j++)
            {
                if (code[1] == 'I') Closeness.Relative(1, shape[j], Tolerance, $"{code}: shape of {k}, entry {j}");
                if (code[1] == 'E') Closeness.Relative(first[j], shape[j], Tolerance * Math.Max(1, first.Max() / first[j]), $"{code}: shape of {k}, entry {j}");
            }

            if (code[2] == 'I') AllZero(covariances[k], $"{code}: correlation in {k}");
            if (code[2] == 'E') Commute(covariances[0], covariances[k], code);
            if (code[1..] == "EE") AllEqual(covariances[0], volumes[0], covariances[k], volumes[k], code);
        }
    }

    /// <summary>The D-th root of the determinant.</summary>
    public static double Volume(double[,] covariance)
    {
        double[] values = Eigenvalues(covariance);
        return Math.Exp(values.Average(Math.Log));
    }

    private static double[] Eigenvalues(double[,] covariance) =>
        [.. Matrix<double>.Build.DenseOfArray(covariance).Evd(Symmetricity.Symmetric).EigenValues.Select(value => value.Real).OrderDescending()];

    private static double[] Diagonal(double[,] covariance, double volume) => [.. Enumerable.Range(0, covariance.GetLength(0)).Select(j => covariance[j, j] / volume)];

    private static void AllZero(double[,] covariance, string what)
    {
        for (int i = 0; i < covariance.GetLength(0); i++)
        {
            for (int j = 0; j < i; j++) Assert.True(covariance[i, j] == 0, what);
        }
    }

    // Symmetric matrices have common axes if and only if they commute.
    private static void Commute(double[,] left, double[,] right, string code)
    {
        Matrix<double> a = Matrix<double>.Build.DenseOfArray(left), b = Matrix<double>.Build.DenseOfArray(right), product = a * b;
        Assert.True((product - (b * a)).L2Norm() <= Tolerance * product.L2Norm(), $"{code}: the axes differ.");
    }

    private static void AllEqual(double[,] left, double leftVolume, double[,] right, double rightVolume, string code)
    {
        Matrix<double> a = Matrix<double>.Build.DenseOfArray(left) / leftVolume, b = Matrix<double>.Build.DenseOfArray(right) / rightVolume;
        Assert.True((a - b).L2Norm() <= Tolerance * a.L2Norm(), $"{code}: the matrices differ by more than a factor.");
    }
}
