using Microsoft.ML.Mixture.Engine.Tests;
using Microsoft.ML.Mixture.Laws.Tests;
using Xunit.Abstractions;

namespace Microsoft.ML.Mixture.Reliability.Tests;

/// <summary>The same fit has the same bits, on any number of threads and however often. MIXTURE_NIGHTLY=1 makes it 500 fits.</summary>
public class DeterminismGoalTests(ITestOutputHelper output)
{
    private const int Repeats = 3;
    private static readonly int[] _threads = [1, 2, 3, 4, 8, 16];

    [Fact]
    [Trait("Kind", "Determinism")]
    public void Fit_AnyThreadsAnyTime_SavesTheSameBytes()
    {
        int problems = GoalSize.Of(50, 500), fits = 0, differing = 0, onSeveralThreads = 0;
        for (int problem = 0; problem < problems; problem++)
        {
            byte[]? expected = null;
            GaussianMixtureModel? first = null;
            var source = new CountedRowSource(Rows(problem), readsInAnyOrder: true);
            for (int repeat = 0; repeat < Repeats; repeat++)
            {
                foreach (int threads in _threads)
                {
                    GaussianMixtureModel model = GaussianMixture.Fit(source, Options(problem, threads), CancellationToken.None);
                    using var saved = new MemoryStream();
                    model.Save(saved);
                    byte[] bytes = saved.ToArray();
                    expected ??= bytes;
                    first ??= model;
                    MixtureAssert.SameBits(first, model);
                    if (!bytes.AsSpan().SequenceEqual(expected)) differing++;
                    fits++;
                }
            }

            if (source.Threads.Count > 1) onSeveralThreads++;
        }

        output.WriteLine($"{fits} fits of {problems} problems on {string.Join(", ", _threads)} threads: {differing} differ. {onSeveralThreads} problems were read by several threads.");
        Assert.Equal((problems * Repeats * _threads.Length, 0), (fits, differing));
        Assert.True(onSeveralThreads >= problems / 2, "Most problems must be large enough for several threads.");
    }

    private static ArrayRowSource<double> Rows(int problem)
    {
        // Every tenth problem of the night is large enough for starts on samples and for sorted rows.
        bool isLarge = GoalSize.IsNightly && problem % 10 == 9;
        int dimension = isLarge ? 4 : 12 + (problem % 6), rowCount = isLarge ? 70_000 : 1_700 + (37 * problem % 500);
        return new EngineProblem((RowKind)(problem % 3), rowCount, dimension, 8, problem, hasWeights: problem % 2 == 1).Source;
    }

    private static GaussianMixtureOptions Options(int problem, int threads) => new()
    {
        ComponentCount = 8,
        CovarianceStructure = CovarianceStructure.BuiltIn[problem % CovarianceStructure.BuiltIn.Count],
        MaximumIterations = 2 + (problem % 4),
        Seed = problem,
        ThreadCount = threads,
    };
}
