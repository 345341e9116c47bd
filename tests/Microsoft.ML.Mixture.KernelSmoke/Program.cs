using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using Microsoft.ML.Mixture.Numerics;

// Runs every kernel on fixed data and prints a hash of the bits of what each returns. Tests start it with and without vector units.
const int Stride = 136;
Console.WriteLine($"Vector512={Vector512.IsHardwareAccelerated} Vector256={Vector256.IsHardwareAccelerated} Vector128={Vector128.IsHardwareAccelerated}");
int[] dimensions = [1, 2, 3, 4, 5, 7, 8, 13, 16, 33, 64];
Report("Exponential", Exponentials);
Report("LogSumExp", LogSums);
Report("Lanes", add => add([Lanes.Sum(Numbers(1, 136, 1e3)), Lanes.Sum(Vector512.Create(Numbers(2, 8, 1e-9), 0))]));
Report("Cholesky", add => ForEachDimension((dimension, _) =>
{
    double[] factor = Factor(dimension);
    add(factor);
    add([Cholesky.LogDeterminant(factor, dimension)]);
    Cholesky.InvertInPlace(factor, dimension);
    add(factor);
}));
Report("TriangularPanels", add => ForEachDimension((dimension, _) => add(Panels(dimension))));
Report("Centring", add => ForEachDimension((dimension, lanes) =>
{
    (double[] centred, double[] weighted, double[] sums) = Centred(dimension, lanes);
    add(centred);
    add(weighted);
    add(sums);
}));
Report("SquaredNorm", add => ForEachDimension((dimension, lanes) =>
{
    double[] q = new double[Stride], centre = Numbers(3, dimension, 1), scales = Numbers(4, dimension, 2);
    SquaredNorm.Triangular(Numbers(6, dimension * Stride, 3), centre, Panels(dimension), Stride, lanes, q);
    add(q);
    double[] whitened = new double[Lanes.Pad(dimension) * Stride];
    SquaredNorm.Whiten(Numbers(6, dimension * Stride, 3), centre, Panels(dimension), Stride, lanes, whitened);
    add(whitened);
    SquaredNorm.Diagonal(Numbers(5, dimension * Stride, 3), centre, scales, Stride, lanes, q);
    add(q);
    SquaredNorm.Scaled(Numbers(5, dimension * Stride, 3), centre, 0.7, Stride, lanes, q);
    add(q);
}));
Report("WeightedScatter", add => ForEachDimension((dimension, lanes) =>
{
    (double[] centred, double[] weighted, _) = Centred(dimension, lanes);
    double[] full = new double[ScatterTriangle.Length(dimension)];
    WeightedScatter.AddFull(centred, weighted, dimension, Stride, lanes, full);
    add(full);
    double[] sums = new double[dimension], work = new double[WeightedScatter.WorkLength(dimension, Stride)];
    WeightedScatter.Add(Numbers(6, dimension * Stride, 3), Numbers(3, dimension, 1), Numbers(7, Stride, 1), Stride, lanes, work, sums, full);
    add(sums);
    add(full);
}));
Report("SparseScatter", add => ForEachDimension((dimension, lanes) =>
{
    int[] rows = new int[Stride];
    double[] weights = [.. Numbers(7, Stride, 1).Select(weight => weight > 0.3 ? weight : 0)];
    int count = SparseScatter.FindRows(weights.AsSpan(0, lanes), rows), stride = SparseScatter.RowStride(dimension);
    double[] sideBySide = new double[stride * Stride], work = new double[SparseScatter.WorkLength(dimension)], sums = new double[dimension];
    RowTransposition.ToRows(Numbers(6, dimension * Stride, 3), dimension, Stride, lanes, sideBySide, stride);
    add(sideBySide);
    double[] full = new double[ScatterTriangle.Length(dimension)];
    SparseScatter.Add(sideBySide, Numbers(3, dimension, 1), weights.AsSpan(0, lanes), rows.AsSpan(0, count), work, sums, full);
    add(sums);
    add(full);
}));
Report("WeightedMoments", add => ForEachDimension((dimension, lanes) =>
{
    double[] values = Numbers(5, dimension * Stride, 3), centre = Numbers(3, dimension, 1), weights = Numbers(7, Stride, 1);
    double[] sums = new double[dimension], squares = new double[dimension], total = new double[1], full = new double[ScatterTriangle.Length(dimension)];
    WeightedMoments.AddSums(values, centre, weights, Stride, lanes, sums);
    WeightedMoments.AddDiagonal(values, centre, weights, Stride, lanes, sums, squares);
    WeightedMoments.AddDiagonal(values, centre, weights, Stride, lanes, sums, total);
    if (dimension <= WeightedMoments.LargestFullDimension) WeightedMoments.AddFull(values, centre, weights, Stride, lanes, sums, full);
    add(sums);
    add(squares);
    add(total);
    add(full);
}));
Report("LowRank", add => ForEachDimension((dimension, lanes) =>
{
    foreach (int rank in new[] { 1, 4, 9 })
    {
        int padded = LowRank.PadRank(rank);
        double[] values = Numbers(5, dimension * Stride, 3), centre = Numbers(3, dimension, 1), matrix = Numbers(13, dimension * padded, 1);
        double[] y = new double[padded * Stride], q = new double[Stride], products = new double[dimension * padded];
        LowRank.Project(values, centre, matrix, Stride, lanes, y);
        LowRank.ResidualNorm(values, centre, matrix, Numbers(4, dimension, 2), y, Stride, lanes, q);
        LowRank.AddProducts(values, centre, y, Stride, lanes, products);
        add(y);
        add(q);
        add(products);
    }
}));
Report("Rows", add => ForEachDimension((dimension, lanes) =>
{
    double[] rows = Numbers(12, Stride * dimension, 3), block = new double[dimension * Stride], chosen = new double[dimension * Stride];
    RowTransposition.Copy<double>(rows, dimension, 0, lanes, 0.5, block, Stride);
    RowTransposition.Copy<double>(rows, dimension, [.. Enumerable.Range(0, lanes).Reverse()], 0.5, chosen, Stride);
    add(block);
    add(chosen);
    double[] ofSingles = new double[dimension * Stride];
    float[] rowsOfSingles = [.. rows.Select(value => (float)value)];
    RowTransposition.Copy<float>(rowsOfSingles, dimension, 0, lanes - 1, 0.5, ofSingles, Stride);
    add(ofSingles);
    RowTransposition.Copy<float>(rowsOfSingles, dimension, [.. Enumerable.Range(0, lanes).Reverse()], 0.5, ofSingles, Stride);
    add(ofSingles);
    int[] labels = new int[Stride];
    float[] singles = new float[lanes * dimension];
    LaneTransposition.Copy(block, Stride, lanes, dimension, -1, 0.25, singles);
    add([.. singles.Select(value => (double)value)]);
    bool isRegular = RowMaxima.FindLargest(block, Stride, lanes, dimension, chosen, dimension, labels);
    add([isRegular ? 1 : 0, .. labels.Select(label => (double)label)]);
    add([RowMaxima.Find(block, Stride, lanes, [.. Enumerable.Range(0, dimension)], Numbers(8, Stride, 1), labels)]);
    add([.. labels.Select(label => (double)label)]);
    double[] largest = [.. Enumerable.Repeat(double.NegativeInfinity, Stride)];
    add([RowMaxima.Raise(block, -0.5, lanes, largest, out double smallest), smallest]);
    double[] least = [.. Enumerable.Repeat(double.PositiveInfinity, lanes)], second = [.. least], nearest = new double[lanes], weights = Numbers(7, lanes, 1);
    for (int k = 0; k < dimension; k++) NearestPoint.Assign(block.AsSpan(k * Stride, lanes), k, least, second, nearest);
    add([NearestPoint.Lower(least, weights, second), Lanes.Dot(weights, least)]);
    add(nearest);
    Lanes.AddScaled(weights, 0.3, least);
    add(least);
    double low = 1, high = -1;
    add([ValueRange.TryWiden(rows, ref low, ref high) ? 1 : 0, low, high]);
}));
Report("LinearRegression", add => ForEachDimension((dimension, lanes) =>
{
    int length = PackedTriangle.Length(dimension), size = dimension / 2, count = dimension - size;
    int[] targets = [.. Enumerable.Range(0, size).Select(a => (2 * a) + 1)], predictors = [.. Enumerable.Range(0, dimension).Except(targets)];
    double[] covariance = Matrix(dimension), values = Numbers(5, dimension * Stride, 3), eight = [.. covariance.SelectMany(value => Enumerable.Range(0, Lanes.Width).Select(lane => value * (1 + (0.1 * lane))))];
    double[] coefficients = new double[size * count], residual = new double[PackedTriangle.Length(size)], work = new double[Lanes.Width * length];
    add([LinearRegression.Compute(covariance, targets, predictors, 1, coefficients, residual, work)]);
    add(coefficients);
    add(residual);
    LinearRegression.Predict(values, Stride, 3, lanes - 3, Numbers(3, dimension, 1), targets, predictors, coefficients);
    add(values);
    add([LinearRegression.TryComputeFromPrecision(covariance, targets, predictors, 1, coefficients, residual, work, out double logDeterminant) ? logDeterminant : 0]);
    add(coefficients);
    add(residual);
    double[] eightCoefficients = new double[Lanes.Width * coefficients.Length], eightResiduals = new double[Lanes.Width * residual.Length], pivots = new double[Lanes.Width * count];
    LinearRegression.ComputeEight(eight, targets, predictors, eightCoefficients, eightResiduals, pivots, work);
    add(eightCoefficients);
    add(eightResiduals);
    add(pivots);
}));
Report("SmallMatrices", add => ForEachDimension((dimension, lanes) =>
{
    double[] a = Numbers(14, dimension * dimension, 1), b = Numbers(15, dimension * dimension, 1), c = new double[a.Length], row = new double[dimension];
    SquareProduct.Multiply(a, b, dimension, c);
    add(c);
    SquareProduct.MultiplyRow(a.AsSpan(0, dimension), b, row);
    add(row);
    SquareProduct.AddScaledAndOuter(b, 0.7, row, -0.3, c);
    add(c);
    if (dimension > UnitedGroups.LargestDimension) return;
    double[] counts = [.. Numbers(16, lanes, 20).Select(count => 1 + Math.Abs(count))], scatters = [.. Matrix(dimension).SelectMany(value => Enumerable.Range(0, Stride).Select(k => value * (1 + (0.1 * k))))];
    double[] totals = new double[lanes], determinants = new double[lanes], traces = new double[lanes];
    UnitedGroups.Spread(7, Numbers(3, dimension, 1), Matrix(dimension), counts, Numbers(5, dimension * Stride, 3), scatters, Stride, totals, determinants, traces);
    add(totals);
    add(determinants);
    add(traces);
}));

void ForEachDimension(Action<int, int> run)
{
    foreach (int dimension in dimensions)
    {
        foreach (int lanes in new[] { 8, 32, 40, 136 }) run(dimension, lanes);
    }
}

static void Report(string kernel, Action<Action<double[]>> run)
{
    using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    run(values => hash.AppendData(MemoryMarshal.AsBytes<double>(values)));
    Console.WriteLine($"{kernel}={Convert.ToHexString(hash.GetHashAndReset())}");
}

static void Exponentials(Action<double[]> add)
{
    double[] results = new double[Lanes.Width];
    for (double x = 0; x > -720; x -= 0.037)
    {
        Exponential.OfNonPositive(Vector512.Create(x) - Vector512.Create(0, 1e-17, 1e-9, 1e-3, 0.5, 100, 1e300, double.PositiveInfinity)).CopyTo(results);
        add(results);
        Logarithm.OfPositive(Vector512.Create(1 - x) * Vector512.Create(1, 1 + 1e-9, 1.5, 2, 3, 1e10, 1e-10, 1e200)).CopyTo(results);
        add(results);
    }
}

static void LogSums(Action<double[]> add)
{
    foreach (int components in new[] { 1, 2, 3, 8, 17 })
    {
        double[] joint = Numbers(components, components * Stride, 400), logWeights = [.. Numbers(9, components, 3).Select(v => -Math.Abs(v))];
        double[] rowWeights = [.. Numbers(8, Stride, 2).Select(Math.Abs)], densities = new double[Stride];
        for (int k = 0; k < components; k++) joint[(k * Stride) + 5] = double.NegativeInfinity;
        double total = LogSumExp.NormalizeInPlace(joint, Stride, Stride, logWeights, rowWeights, densities);
        add(joint);
        add(densities);
        add([total]);
        Array.Fill(rowWeights, 1);
        add([LogSumExp.ShareInPlace(joint, Stride, Stride, [.. Enumerable.Range(0, components)], logWeights, rowWeights, densities)]);

        // Blocks that do not end with a vector, and rows that differ in weight or are impossible within one.
        for (int rows = 1; rows < 24; rows++)
        {
            double[] shares = Numbers(10 + rows, components * Stride, 1), weights = [.. Enumerable.Range(0, Stride).Select(i => i >= rows ? 0.0 : rows % 3 == 0 && i % 7 == 5 ? 0.5 : 1)];
            for (int k = 0; k < components && rows % 4 == 3; k++) shares[(k * Stride) + 2] = double.NegativeInfinity;
            if (rows % 4 == 3) weights[2] = 0;
            add([LogSumExp.ShareInPlace(shares, Stride, Lanes.Pad(rows), [.. Enumerable.Range(0, components)], logWeights, weights, densities)]);
            add(shares);
        }
    }
}

static (double[] Centred, double[] Weighted, double[] Sums) Centred(int dimension, int lanes)
{
    int length = Lanes.Pad(dimension) * Stride;
    double[] centred = new double[length], weighted = new double[length], sums = new double[dimension];
    Centring.WeighAndAddSums(Numbers(6, length, 3), Numbers(3, dimension, 1), Numbers(7, Stride, 1), Stride, lanes, centred, weighted, sums);
    return (centred, weighted, sums);
}

static double[] Factor(int dimension)
{
    double[] matrix = Matrix(dimension);
    Cholesky.TryFactorInPlace(matrix, dimension, out _);
    return matrix;
}

static double[] Matrix(int dimension)
{
    double[] matrix = Numbers(11, PackedTriangle.Length(dimension), 1);
    for (int i = 0; i < dimension; i++) matrix[PackedTriangle.Index(i, i)] += 2 * dimension;
    return matrix;
}

static double[] Panels(int dimension)
{
    double[] panels = new double[TriangularPanels.Length(dimension)], inverse = Factor(dimension);
    Cholesky.InvertInPlace(inverse, dimension);
    TriangularPanels.PackTranspose(inverse, dimension, panels);
    return panels;
}

// A linear congruential generator, so that the data are the same for ever.
static double[] Numbers(int seed, int count, double scale)
{
    ulong state = (ulong)seed * 0x9E3779B97F4A7C15;
    double[] values = new double[count];
    for (int i = 0; i < count; i++)
    {
        state = (state * 6364136223846793005) + 1442695040888963407;
        values[i] = (((state >> 11) * (1.0 / (1UL << 53))) - 0.5) * 2 * scale;
    }

    return values;
}
