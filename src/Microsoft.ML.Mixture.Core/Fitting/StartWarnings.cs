using System.Globalization;

namespace Microsoft.ML.Mixture;

/// <summary>Whether the starts agree on where the top is.</summary>
internal static class StartWarnings
{
    // Of fewer starts none can be expected to agree.
    private const int FewestStarts = 4;

    public static IEnumerable<string> Collect(MixtureFit fit, MixtureOptions options)
    {
        double[] reached = [.. fit.StartObjectives.Where(double.IsFinite).OrderDescending()];
        if (reached.Length < FewestStarts || fit.AgreeingStartCount(options.Tolerance) != 1) yield break;
        string distance = ((reached[0] - reached[1]) / fit.RowWeightTotal).ToString("G2", CultureInfo.InvariantCulture);
        yield return $"Only 1 of {reached.Length} starts led to the best maximum; the next is {distance} nats per unit of weight lower. There may be better ones: ask for more starts, or for fewer components.";
    }
}
