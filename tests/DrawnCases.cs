using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using CsCheck;

#pragma warning disable RS0030 // CsCheck.Check, which is banned elsewhere.

namespace Microsoft.ML.Mixture;

/// <summary>
/// Draws the cases of a law: every day the same ones, which follow from the name of the law, so that a run fails only for what has changed. With the
/// environment variable MIXTURE_NIGHTLY, and with a seed in CsCheck_Seed, CsCheck draws new ones; at night fifty times as many.
/// </summary>
/// <remarks>
/// The namespace is nearer to the tests than that of CsCheck, so <c>cases.Sample(...)</c> is this and not CsCheck's, whose seed holds for the first case
/// only. A case that fails goes to CsCheck, which looks for a smaller one and names its seed.
/// </remarks>
internal static class DrawnCases
{
    private const int UsualCount = 100;

    private static readonly int _times = Environment.GetEnvironmentVariable("MIXTURE_NIGHTLY") is null ? 1 : 50;
    private static readonly bool _drawsAnew = _times > 1 || Check.Seed is not null;

    public static void Sample<T>(this Gen<T> cases, Action<T> assert, int iter = UsualCount, [CallerMemberName] string law = "")
    {
        if (_drawsAnew) Check.Sample(cases, assert, iter: _times * iter);
        else SampleTheSame(cases, assert, iter, law);
    }

    public static void Sample<T1, T2>(this Gen<(T1, T2)> cases, Action<T1, T2> assert, int iter = UsualCount, [CallerMemberName] string law = "") =>
        Sample(cases, drawn => assert(drawn.Item1, drawn.Item2), iter, law);

    public static void Sample<T1, T2, T3>(this Gen<(T1, T2, T3)> cases, Action<T1, T2, T3> assert, int iter = UsualCount, [CallerMemberName] string law = "") =>
        Sample(cases, drawn => assert(drawn.Item1, drawn.Item2, drawn.Item3), iter, law);

    public static void Sample<T1, T2, T3, T4>(
        this Gen<(T1, T2, T3, T4)> cases, Action<T1, T2, T3, T4> assert, int iter = UsualCount, [CallerMemberName] string law = "") =>
        Sample(cases, drawn => assert(drawn.Item1, drawn.Item2, drawn.Item3, drawn.Item4), iter, law);

    public static void Sample<T1, T2, T3, T4, T5>(
        this Gen<(T1, T2, T3, T4, T5)> cases, Action<T1, T2, T3, T4, T5> assert, int iter = UsualCount, [CallerMemberName] string law = "") =>
        Sample(cases, drawn => assert(drawn.Item1, drawn.Item2, drawn.Item3, drawn.Item4, drawn.Item5), iter, law);

    public static void Sample<T1, T2, T3, T4, T5, T6>(
        this Gen<(T1, T2, T3, T4, T5, T6)> cases, Action<T1, T2, T3, T4, T5, T6> assert, int iter = UsualCount, [CallerMemberName] string law = "") =>
        Sample(cases, drawn => assert(drawn.Item1, drawn.Item2, drawn.Item3, drawn.Item4, drawn.Item5, drawn.Item6), iter, law);

    /// <summary>Draws the cases of every day.</summary>
    public static void SampleTheSame<T>(Gen<T> cases, Action<T> assert, int count, string law)
    {
        var failures = new ConcurrentDictionary<int, Exception>();
        string[] seeds = Seeds(law, count);
        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = Check.Threads }, i =>
        {
            try
            {
                assert(cases.Generate(PCG.Parse(seeds[i]), null, out _));
            }
            catch (Exception failure)
            {
                failures[i] = failure;
            }
        });
        if (failures.IsEmpty) return;
        int first = failures.Keys.Min();
        Check.Sample(cases, assert, seed: seeds[first], iter: count);
        throw new CsCheckException($"The case of seed \"{seeds[first]}\" failed once and then no longer.", failures[first]);
    }

    private static string[] Seeds(string law, int count)
    {
        // The FNV-1a hash: that of .NET differs from run to run.
        uint stream = law.Aggregate(2166136261u, (hash, letter) => (hash ^ letter) * 16777619u);
        var seeds = new PCG(stream, 0);
        return [.. Enumerable.Range(0, count).Select(_ => new PCG(stream, seeds.Next64()).ToString())];
    }
}
