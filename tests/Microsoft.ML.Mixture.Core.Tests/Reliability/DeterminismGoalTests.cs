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
            EngineProblem rows = Problem(problem);
            var source = new CountedRowSource(rows.Source, readsInAnyOrder: true);
            for (int repeat = 0; repeat < Repeats; repeat++)
            {
                foreach (int threads in _threads)
                {
                    GaussianMixtureModel model = GaussianMixture.Fit(source, Options(rows, problem, threads), CancellationToken.None);
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

    // Just large enough for several threads, whose work is counted in additions to statistics.
    private static EngineProblem Problem(int problem)
    {
        // Every tenth problem of the night is large enough for starts on samples and for sorted rows.
        if (GoalSize.IsNightly && problem % 10 == 9) return new EngineProblem((RowKind)(problem % 3), 70_000, 4, 8, problem, hasWeights: true);
        if (RacesLong(problem)) return new EngineProblem(RowKind.Overlapping, 6_400, 10, 5, problem, hasWeights: problem % 2 == 1);
        bool isFull = Structure(problem).Shape == CovarianceShape.Full;
        RowKind kind = (RowKind)(problem % 3);

        // Far rows make starts disagree, and races long; groups that lie apart end them soon.
        if (HasDefaultStart(problem) && kind == RowKind.Odd && !GoalSize.IsNightly) kind = RowKind.Clustered;
        return new EngineProblem(kind, 2_300 + (37 * problem % 400), isFull ? 16 : 40, isFull ? 6 : 12, problem, hasWeights: problem % 2 == 1);
    }

    private static bool HasDefaultStart(int problem) => problem % 10 == 0 && (GoalSize.IsNightly || problem < 20);

    // A race of one fit would take ten seconds with common axes of sixteen features, which are iterated in every step. Fewer features need more rows to be worth several threads.
    private static bool RacesLong(int problem) =>
        HasDefaultStart(problem) && !GoalSize.IsNightly && (Structure(problem) == CovarianceStructure.TiedOrientation || Structure(problem) == CovarianceStructure.TiedVolumeAndOrientation);

    private static CovarianceStructure Structure(int problem) => CovarianceStructure.BuiltIn[problem % CovarianceStructure.BuiltIn.Count];

    private static GaussianMixtureOptions Options(EngineProblem rows, int problem, int threads) => new()
    {
        ComponentCount = rows.ComponentCount,
        CovarianceStructure = Structure(problem),
        MaximumIterations = 1 + (problem % 2),
        Seed = problem,
        Start = HasDefaultStart(problem) ? null : rows.Start(),
        ThreadCount = threads,
        Tolerance = RacesLong(problem) ? 0.01 : MixtureOptions.DefaultTolerance,
    };
}
