using System.Collections;
using System.Globalization;
using System.Text;

namespace Microsoft.ML.Mixture;

/// <summary>Tests of K against K + 1 components, of K + 1 against K + 2, and so on until one component more is not called for; a list of the tests.</summary>
public sealed class MixtureBootstrapSequence : IReadOnlyList<MixtureBootstrapTest>
{
    private readonly IReadOnlyList<MixtureBootstrapTest> _tests;

    internal MixtureBootstrapSequence(IReadOnlyList<MixtureBootstrapTest> tests, double level)
    {
        (_tests, Level) = (tests, level);
        ReachedMaximum = !(tests[^1].PValue > level);
    }

    /// <summary>The number of components that the tests come to: K of the last test, or K + 1 if they <see cref="ReachedMaximum"/>; then the rows may call for more.</summary>
    public int ComponentCount => Model.ComponentCount;

    /// <summary>The mixture of <see cref="ComponentCount"/> components.</summary>
    public GaussianMixtureModel Model => ReachedMaximum ? _tests[^1].Alternative : _tests[^1].Null;

    /// <summary>Whether the last test rejects, too: the tests ended at the largest number of components that was to be tried, and it is no answer.</summary>
    public bool ReachedMaximum { get; }

    /// <summary>The level of each test: a p-value above it ends the sequence.</summary>
    public double Level { get; }

    /// <summary>The number of tests, at least 1.</summary>
    public int Count => _tests.Count;

    /// <summary>One test.</summary>
    /// <param name="index">Its number, counted from zero.</param>
    /// <returns>The test.</returns>
    public MixtureBootstrapTest this[int index] => _tests[index];

    /// <summary>The tests in their order.</summary>
    /// <returns>An enumerator.</returns>
    public IEnumerator<MixtureBootstrapTest> GetEnumerator() => _tests.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The tests as a table, and what they come to, in the invariant culture. The text may change between versions.</summary>
    /// <returns>Several lines, for people.</returns>
    public override string ToString()
    {
        var text = new StringBuilder("components  -2 log(lambda)  p-value   data sets\n");
        foreach (MixtureBootstrapTest test in _tests)
        {
            string early = test.EndedEarly ? $" of {test.PlannedReplicateCount}, as {test.ExceedanceCount} had at least as much" : string.Empty;
            string pair = $"{test.ComponentCount} or {test.ComponentCount + 1}";
            text.Append(CultureInfo.InvariantCulture, $"{pair,10}  {test.Statistic,14:F2}  {test.PValue,7:0.####}  {test.ReplicateStatistics.Count,10}{early}\n");
        }

        string level = (100 * Level).ToString("0.###", CultureInfo.InvariantCulture), answer = $"{Counted.Of(ComponentCount, "component")} ({Model.CovarianceStructure})";
        text.Append(
            ReachedMaximum
                ? $"At least {answer}: the last test rejects at {level} %, too. Raise the largest number of components to go on."
                : $"{answer}: one more is not called for at {level} %.");
        return text.ToString();
    }
}
