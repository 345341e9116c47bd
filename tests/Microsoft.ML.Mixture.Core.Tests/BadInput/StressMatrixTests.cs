using System.Globalization;
using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.BadInput.Tests;

/// <summary>Every cell of this library in StressMatrix.md is what a test finds: 200 rows in two groups, K = 2, and the structures full, tied, diagonal and spherical.</summary>
[Trait("Kind", "Degenerate")]
public class StressMatrixTests
{
    private const int RowCount = 200;
    private const int ClaimFits = 60;

    private static readonly CovarianceStructure[] _structures =
        [CovarianceStructure.Full, CovarianceStructure.Tied, CovarianceStructure.Diagonal, CovarianceStructure.Spherical];

    private static readonly Dictionary<string, Func<string>> _cells = new()
    {
        ["offset +1e6"] = () => Shifted(1e6, 1e-6),
        ["offset +1e8"] = () => Shifted(1e8, 1e-6),
        ["offset +1e10"] = () => Shifted(1e10, 1e-4),
        ["scale x1e-5"] = () => Scaled(1e-5),
        ["scale x1e-20"] = () => Scaled(1e-20),
        ["scale x1e-150"] = () => Scaled(1e-150),
        ["scale x1e20"] = () => Scaled(1e20),
        ["scale x1e150"] = () => Scaled(1e150),
        ["one row at 1e200"] = () => Described(Changed((i, j, value) => i == 100 ? 1e200 : value), 2),
        ["constant column"] = () => Described(Changed((_, j, value) => j == 1 ? 7 : value), 2),
        ["all rows identical"] = () => Described(Changed((_, _, _) => 3), 2),
        ["two distinct points, K = 3"] = () => Described(Changed((i, j, _) => (i % 2) + j), 3),
        ["K = N"] = () => Described(First(10), 10),
        ["K > N"] = () => Described(First(10), 11),
        ["D = 30, N = 10"] = () => Described(Wide(), 2),
        ["a NaN cell"] = () => Described(Changed((i, j, value) => i == 17 && j == 1 ? double.NaN : value), 2),
        ["an infinite cell"] = () => Described(Changed((i, j, value) => i == 17 && j == 1 ? double.PositiveInfinity : value), 2),
        ["prediction at (1e155, 1e155)"] = FarAway,
        ["float32 9999 and 0, floor 0.1"] = SinglePrecision,
        ["claims of convergence by runs that had not, 60 multi-start fits"] = FalseClaims,
        ["steps that lower the objective, standard deviation 1e-3"] = Falls,
    };

    public static TheoryData<string> Inputs { get; } = [.. _cells.Keys];

    [Theory]
    [MemberData(nameof(Inputs))]
    public void Cell_OfTheDocument_IsWhatTheLibraryDoes(string input)
    {
        string cell = _cells[input]();

        Assert.True(Document().TryGetValue(input, out string? written), $"StressMatrix.md has no row '{input}'. Its cell is: {cell}");
        Assert.True(cell == written, $"In StressMatrix.md, '{input}' has the cell: {written}{Environment.NewLine}But the library does: {cell}");
    }

    [Fact]
    public void Document_HasNoRowsThatAreNotTested() => Assert.Equal(_cells.Keys.Order(), Document().Keys.Order());

    private static Dictionary<string, string> Document() => File.ReadLines(Path.Combine(AppContext.BaseDirectory, "StressMatrix.md"))
        .Where(line => line.StartsWith("| ", StringComparison.Ordinal) && !line.StartsWith("| Input", StringComparison.Ordinal) && !line.StartsWith("| --", StringComparison.Ordinal))
        .Select(line => line.Split('|'))
        .ToDictionary(parts => parts[1].Trim(), parts => parts[2].Trim());

    private static double[,] Blobs()
    {
        var random = new Random(200);
        double[,] rows = new double[RowCount, 2];
        for (int at = 0; at < rows.Length; at++) rows[at / 2, at % 2] = (at / 2 % 2 * 6) + MixtureCase.Normal(random);
        return rows;
    }

    private static double[,] Changed(Func<int, int, double, double> change)
    {
        double[,] rows = Blobs();
        for (int at = 0; at < rows.Length; at++) rows[at / 2, at % 2] = change(at / 2, at % 2, rows[at / 2, at % 2]);
        return rows;
    }

    private static double[,] First(int count)
    {
        double[,] rows = new double[count, 2];
        Array.Copy(Blobs(), rows, rows.Length);
        return rows;
    }

    private static double[,] Wide()
    {
        var random = new Random(30);
        double[,] rows = new double[10, 30];
        for (int at = 0; at < rows.Length; at++) rows[at / 30, at % 30] = MixtureCase.Normal(random);
        return rows;
    }

    private static GaussianMixtureModel Fit(double[,] rows, int components, CovarianceStructure structure, int seed = 0) => GaussianMixture.Fit(
        rows, new GaussianMixtureOptions { ComponentCount = components, CovarianceStructure = structure, Seed = seed, ThreadCount = 1 });

    private static string Shifted(double offset, double share)
    {
        int same = 0, iterations = 0;
        foreach (CovarianceStructure structure in _structures)
        {
            FitReport near = Fit(Blobs(), 2, structure).Report!, far = Fit(Changed((_, _, value) => value + offset), 2, structure).Report!;
            if (Math.Abs(far.LogLikelihood - near.LogLikelihood) <= share * Math.Abs(near.LogLikelihood)) same++;
            if (Math.Abs(far.IterationCount - near.IterationCount) <= 1) iterations++;
        }

        return string.Create(CultureInfo.InvariantCulture, $"the log-likelihood of offset 0, to {share:E0} of it, in {same} of 4; as many iterations, to one, in {iterations} of 4");
    }

    private static string Scaled(double factor)
    {
        int same = 0;
        foreach (CovarianceStructure structure in _structures)
        {
            double[,] rows = Blobs(), scaled = Changed((_, _, value) => value * factor);
            GaussianMixtureModel one = Fit(rows, 2, structure), other = Fit(scaled, 2, structure);
            bool agree = Enumerable.Range(0, RowCount).All(
                i => Math.Abs(one.Responsibilities(MixtureAssert.RowOf(rows, i))[0] - other.Responsibilities(MixtureAssert.RowOf(scaled, i))[0]) <= 1e-9);
            double expected = one.Covariances[1][0, 0] * factor * factor;
            if (agree && Math.Abs(other.Covariances[1][0, 0] - expected) <= 1e-9 * expected) same++;
        }

        return $"the model of scale 1, scaled, in {same} of 4";
    }

    // What is said in full: how many structures gave a valid model, and the first two sentences of the first warning or the error.
    private static string Described(double[,] rows, int components)
    {
        int valid = 0;
        var said = new List<string>();
        foreach (CovarianceStructure structure in _structures)
        {
            try
            {
                GaussianMixtureModel model = Fit(rows, components, structure);
                bool isValid = MixtureAssert.Parameters(model).All(double.IsFinite) && Math.Abs(model.Weights.Sum() - 1) < 1e-12;
                for (int i = 0; i < rows.GetLength(0); i++) isValid &= Math.Abs(model.Responsibilities(MixtureAssert.RowOf(rows, i)).Sum() - 1) < 1e-9;
                if (isValid) valid++;
                said.AddRange(model.Report!.Warnings.Take(1));
            }
            catch (Exception exception) when (exception is ArgumentException or MixtureFitException)
            {
                said.Add($"{exception.GetType().Name}: {exception.Message}");
            }
        }

        string[] different = [.. said.Select(text => string.Join(". ", text.TrimEnd('.').Split(". ").Take(2)) + ".").Distinct()];
        string words = different.Length == 0 ? "no warning" : $"\"{different[0]}\" ({said.Count(text => text.StartsWith(different[0], StringComparison.Ordinal))} of 4)";
        return different is [var only] && only.Contains("Exception", StringComparison.Ordinal) ? words : $"a valid model in {valid} of 4; {words}";
    }

    private static string FarAway()
    {
        int right = 0;
        foreach (CovarianceStructure structure in _structures)
        {
            GaussianMixtureModel model = Fit(Blobs(), 2, structure);
            double[] responsibilities = model.Responsibilities([1e155, 1e155]);
            if (Math.Abs(responsibilities.Sum() - 1) < 1e-12 && responsibilities.All(share => share is >= 0 and <= 1)) right++;
        }

        return $"responsibilities with sum one in {right} of 4";
    }

    private static string SinglePrecision()
    {
        int right = 0;
        foreach (CovarianceStructure structure in _structures)
        {
            GaussianMixtureModel model = GaussianMixture.Fit(
                new ArrayRowSource<float>(new float[] { 9999, 0 }, 1),
                new GaussianMixtureOptions { ComponentCount = 2, CovarianceStructure = structure, CovariancePriorStrength = 0, CovarianceFloor = 0.1, Start = MixtureStart.FromLabels([0, 1]) }, default);
            if (model.Covariances.All(covariance => Math.Abs(covariance[0, 0] - 0.1) < 1e-12)) right++;
        }

        return $"variance 0.1 in {right} of 4";
    }

    private static string FalseClaims()
    {
        int claimed = 0, wrong = 0;
        for (int fit = 0; fit < ClaimFits; fit++)
        {
            var data = new MixtureCase(3, 2, 60, 900 + fit);
            var options = new GaussianMixtureOptions { ComponentCount = 3, CovarianceStructure = _structures[fit % 4], RestartCount = 3, Seed = fit, ThreadCount = 1 };
            GaussianMixtureModel model = GaussianMixture.Fit(data.Rows, options);
            if (model.Report!.StopReason != StopReason.Converged) continue;
            claimed++;
            options.Start = MixtureStart.FromModel(model);
            options.Tolerance = 1e-13;
            FitReport top = GaussianMixture.Fit(data.Rows, options).Report!;
            if (top.ObjectiveHistory[^1] - model.Report.ObjectiveHistory[^1] > MixtureOptions.DefaultTolerance * data.RowCount) wrong++;
        }

        return $"{wrong} of {claimed}";
    }

    private static string Falls()
    {
        int falls = 0, steps = 0;
        for (int seed = 0; seed < 25; seed++)
        {
            foreach (CovarianceStructure structure in _structures)
            {
                var data = new MixtureCase(3, 2, 60, 300 + seed);
                for (int at = 0; at < data.Rows.Length; at++) data.Rows[at / 2, at % 2] *= 1e-3;
                IReadOnlyList<double> objectives = GaussianMixture.Fit(
                    data.Rows,
                    new GaussianMixtureOptions { ComponentCount = 3, CovarianceStructure = structure, Tolerance = 0, MaximumIterations = 20, Start = MixtureStart.FromLabels(data.Labels) }).Report!.ObjectiveHistory;
                for (int t = 1; t < objectives.Count; t++)
                {
                    steps++;
                    if (objectives[t - 1] - objectives[t] > 1e-12 * (1 + Math.Abs(objectives[t]))) falls++;
                }
            }
        }

        return $"{falls} of {steps}";
    }
}
