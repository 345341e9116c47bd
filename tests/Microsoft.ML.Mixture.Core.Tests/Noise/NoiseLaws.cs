using Microsoft.ML.Mixture.Engine.Tests;
using Microsoft.ML.Mixture.Laws.Tests;
using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture.Noise.Tests;

/// <summary>What must hold of mixtures with noise, whatever the data.</summary>
public class NoiseLaws
{
    private const int ProblemCount = 30;
    private static readonly string[] _types = ["full", "tied", "diag", "spherical"];

    public static TheoryData<string> Structures => [.. CovarianceStructure.BuiltIn.Select(structure => structure.Name)];

    [Theory]
    [Trait("Kind", "Law")]
    [MemberData(nameof(Structures))]
    public void Objective_NeverFalls_AndWeightsSumToOne(string name)
    {
        for (int seed = 0; seed < 12; seed++)
        {
            var problem = new EngineProblem((RowKind)(seed % 3), 150 + (30 * seed), 1 + (seed % 4), 2 + (seed % 2), seed, hasWeights: seed % 2 == 0);
            double[,] rows = WithHoles(problem.Rows, seed % 4 == 3 ? 0.1 : 0, seed);
            GaussianMixtureModel model = GaussianMixture.Fit(rows, new GaussianMixtureOptions
            {
                ComponentCount = problem.ComponentCount,
                CovarianceStructure = BoundsTests.Structure(name),
                CovariancePriorStrength = 1e-3,
                NoiseComponent = true,
                Accelerate = seed % 2 == 0,
                MaximumIterations = 40,
                Seed = seed,
            }, problem.RowWeights.Length == 0 ? null : problem.RowWeights);

            FitReport report = model.Report!;
            for (int t = 1; t < report.ObjectiveHistory.Count; t++)
            {
                Closeness.AtLeast(report.ObjectiveHistory[t - 1], report.ObjectiveHistory[t], 1e-12 * (1 + Math.Abs(report.ObjectiveHistory[t])), $"Seed {seed}, objective of step {t}");
            }

            Closeness.Absolute(1, model.Weights.Sum() + model.NoiseWeight, 1e-14 * (model.ComponentCount + 1), "Sum of the weights");
            Closeness.Relative(problem.RowWeightTotal, report.EffectiveCounts.Sum() + report.NoiseEffectiveCount, 1e-12, "Sum of the effective counts");
            Closeness.Relative(report.LogLikelihood, model.CriteriaOf(rows, problem.RowWeights.Length == 0 ? null : problem.RowWeights).LogLikelihood, 1e-10, "Log-likelihood of the rows");
        }
    }

    [Fact]
    [Trait("Kind", "Law")]
    public void RowsPermuted_AndRowsRepeated_GiveTheSameModel()
    {
        for (int seed = 0; seed < ProblemCount; seed++)
        {
            var problem = new RandomProblem((2 * seed) + 90_000);
            var random = new Random(seed);
            int[] labels = [.. Enumerable.Range(0, problem.RowCount).Select(i => random.Next(problem.ComponentCount + 1))];
            double[] weights = [.. Enumerable.Range(0, problem.RowCount).Select(_ => (double)random.Next(0, 4))];
            int[] repeated = [.. Enumerable.Range(0, problem.RowCount).SelectMany(i => Enumerable.Repeat(i, (int)weights[i]))];
            if (repeated.Length < problem.RowCount) continue;
            random.Shuffle(repeated);
            string type = _types[seed % 4];

            GaussianMixtureModel expected = Fit(HoledProblem.Matrix(problem.Rows), weights, labels, type, problem.ComponentCount);
            GaussianMixtureModel actual = Fit(
                HoledProblem.Matrix([.. repeated.Select(i => problem.Rows[i])]), null, [.. repeated.Select(i => labels[i])], type, problem.ComponentCount);

            Closeness.Relative(expected.Report!.LogLikelihood, actual.Report!.LogLikelihood, 1e-10, $"Seed {seed}, log-likelihood");
            Closeness.ToScale([.. expected.Weights, expected.NoiseWeight], [.. actual.Weights, actual.NoiseWeight], 1e-9, $"Seed {seed}, weights");
            Closeness.Absolute(expected.NoiseLogDensity, actual.NoiseLogDensity, 1e-9 * problem.Dimension, $"Seed {seed}, log-density of the noise");
        }
    }

    [Fact]
    [Trait("Kind", "Law")]
    public void DataTimesPowerOfTwo_GivesTheSameSharesToTheLastBit()
    {
        var problem = new EngineProblem(RowKind.Odd, 400, 3, 3, 8);
        var options = new GaussianMixtureOptions { ComponentCount = 3, NoiseComponent = true, Seed = 3 };
        double[,] rows = problem.Rows;
        GaussianMixtureModel model = GaussianMixture.Fit(rows, options);
        foreach (int exponent in (int[])[-200, -3, 5, 200])
        {
            double[,] scaled = (double[,])rows.Clone();
            foreach (int at in Enumerable.Range(0, rows.Length)) scaled[at / 3, at % 3] = double.ScaleB(rows[at / 3, at % 3], exponent);
            GaussianMixtureModel other = GaussianMixture.Fit(scaled, options);
            Assert.Equal(MixtureAssert.Bits([.. model.Weights, model.NoiseWeight]), MixtureAssert.Bits([.. other.Weights, other.NoiseWeight]));
            Closeness.Relative(model.NoiseLogDensity - (3 * exponent * Math.Log(2)), other.NoiseLogDensity, 1e-12, "Log-density of the noise");
            for (int i = 0; i < 400; i += 37)
            {
                Assert.Equal(
                    MixtureAssert.Bits(model.Responsibilities(rows[i, 0], rows[i, 1], rows[i, 2])),
                    MixtureAssert.Bits(other.Responsibilities(scaled[i, 0], scaled[i, 1], scaled[i, 2])));
            }
        }
    }

    [Theory]
    [Trait("Kind", "Determinism")]
    [InlineData("full")]
    [InlineData("tied")]
    [InlineData("diagonal")]
    [InlineData("spherical")]
    public void Fit_AnyNumberOfThreads_GivesTheSameBits(string name)
    {
        var problem = new EngineProblem(RowKind.Clustered, 70_000, 4, 6, 3);
        for (int at = 0; at < problem.Values.Length; at += 97) problem.Values[at] += 40 * Math.Sin(at);
        GaussianMixtureModel? expected = null;
        foreach (int threads in (int[])[1, 2, 5])
        {
            var options = new GaussianMixtureOptions
            {
                ComponentCount = 6,
                CovarianceStructure = BoundsTests.Structure(name),
                MaximumIterations = 8,
                ThreadCount = threads,
                NoiseComponent = true,
            };
            GaussianMixtureModel model = GaussianMixture.Fit(problem.Source, options, CancellationToken.None);
            expected ??= model;
            MixtureAssert.SameBits(expected, model);
            Assert.Equal(MixtureAssert.Bits([expected.NoiseWeight]), MixtureAssert.Bits([model.NoiseWeight]));
            Assert.InRange(model.NoiseWeight, 0.01, 0.1);
        }
    }

    [Theory]
    [Trait("Kind", "Reference")]
    [InlineData("full")]
    [InlineData("tied")]
    [InlineData("diagonal")]
    [InlineData("spherical")]
    public void Bounds_WithNoise_ChangeNoBitOfResponsibilities(string name)
    {
        const int BlockSize = 32, Count = 9;
        var problem = new EngineProblem(RowKind.Clustered, 640, 4, Count, 5);
        GaussianFamily family = problem.Family(BoundsTests.Structure(name));
        MixtureState gaussians = problem.State(family);
        var components = new NoiseComponents((GaussianComponents)gaussians.Components, new UniformNoise(new double[4], [60, 50, 70, 65], isGiven: false));
        double[] logWeights = [.. gaussians.Weights.Select(weight => Math.Log(weight * 0.9)), Math.Log(0.1)];
        ComponentBounds bounds = components.CreateBounds(20)!;
        int[] all = [.. Enumerable.Range(0, Count + 1)], chosen = new int[Count + 1];
        long leftOut = 0;
        for (int pass = 0; pass < 3; pass++)
        {
            bounds.Begin(components, logWeights);
            for (int number = 0; number < 20; number++)
            {
                double[] values = new double[4 * BlockSize], weights = new double[BlockSize], largest = new double[BlockSize], some = new double[BlockSize], every = new double[BlockSize];
                problem.Source.Read(number * BlockSize, BlockSize, values, BlockSize, weights);
                var block = new RowBlock(values, weights, 4, BlockSize, BlockSize);
                AlignedBuffer left = new((Count + 1) * BlockSize), right = new((Count + 1) * BlockSize), scratch = new(components.ScratchLength(BlockSize));
                int evaluated = bounds.LogDensities(number, block, left.Span, largest, scratch.Span, chosen);
                components.LogDensities(block, right.Span, scratch.Span);
                int[] used = chosen[..evaluated];
                Assert.Equal(Count, used[^1]);
                leftOut += Count + 1 - evaluated;
                Assert.Equal(
                    LogSumExp.NormalizeInPlace(right.Span, BlockSize, BlockSize, all, logWeights, weights, every),
                    LogSumExp.NormalizeInPlace(left.Span, BlockSize, BlockSize, used, logWeights, weights, some));
                Assert.Equal(MixtureAssert.Bits(every), MixtureAssert.Bits(some));
                foreach (int k in all)
                {
                    double[] expected = right.Span.Slice(k * BlockSize, BlockSize).ToArray();
                    if (used.Contains(k)) Assert.Equal(MixtureAssert.Bits(expected), MixtureAssert.Bits(left.Span.Slice(k * BlockSize, BlockSize).ToArray()));
                    else Assert.All(expected, share => Assert.Equal(0, share));
                }
            }
        }

        Assert.True(leftOut > 0, "No evaluation was left out.");
    }

    internal static double[,] WithHoles(double[,] rows, double share, int seed)
    {
        var random = new Random(seed);
        double[,] holed = (double[,])rows.Clone();
        for (int i = 10; i < rows.GetLength(0); i++)
        {
            for (int j = 0; j < rows.GetLength(1); j++)
            {
                if (random.NextDouble() < share) holed[i, j] = double.NaN;
            }
        }

        return holed;
    }

    private static GaussianMixtureModel Fit(double[,] rows, double[]? weights, int[] labels, string type, int componentCount) => GaussianMixture.Fit(
        rows,
        new GaussianMixtureOptions
        {
            ComponentCount = componentCount,
            CovarianceStructure = ScikitLearnReference.Structure(type),
            CovariancePriorStrength = 1e-2,
            NoiseComponent = true,
            Tolerance = 0,
            MaximumIterations = 4,
            Start = MixtureStart.FromLabels(labels),
        },
        weights);
}
