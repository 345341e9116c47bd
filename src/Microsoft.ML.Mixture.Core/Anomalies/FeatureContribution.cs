using System.Globalization;
using System.Text;

namespace Microsoft.ML.Mixture;

/// <summary>What one feature has to do with a row being unusual; see <see cref="ContributionScorer"/>.</summary>
/// <param name="Feature">The feature, counted from zero.</param>
/// <param name="Value">Its value, in feature units.</param>
/// <param name="Expectation">Its expectation given the other features that are observed.</param>
/// <param name="Deviation">Its standard deviation given the others.</param>
/// <param name="Contribution">
/// How much less dense the value is, given the others, than the middle of a Gaussian of that deviation, in nats. The largest is that of the culprit where one feature is unusual; where several that agree
/// are, it may be that of an ordinary one.
/// </param>
public readonly record struct FeatureContribution(int Feature, double Value, double Expectation, double Deviation, double Contribution)
{
    /// <summary>(Value - Expectation) / Deviation.</summary>
    public double StandardScore => (Value - Expectation) / Deviation;

    // The text of a record follows the culture, and a log would have two kinds of numbers.
    private bool PrintMembers(StringBuilder text)
    {
        text.Append(
            CultureInfo.InvariantCulture,
            $"{nameof(Feature)} = {Feature}, {nameof(Value)} = {Value}, {nameof(Expectation)} = {Expectation}, {nameof(Deviation)} = {Deviation}, {nameof(Contribution)} = {Contribution}, {nameof(StandardScore)} = {StandardScore}");
        return true;
    }
}
