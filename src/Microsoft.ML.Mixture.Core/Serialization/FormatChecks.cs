using System.Globalization;

namespace Microsoft.ML.Mixture.Serialization;

/// <summary>What is asked of every saved mixture.</summary>
internal static class FormatChecks
{
    /// <summary>The largest file that is read.</summary>
    public const long MaximumBytes = int.MaxValue;

    /// <summary>Throws if a file is not as it must be.</summary>
    /// <param name="valid">Whether it is.</param>
    /// <param name="cause">What is wrong with it, to go after a colon; its numbers are written the same in every culture.</param>
    /// <exception cref="FormatException">The file is not valid.</exception>
    public static void Require(bool valid, FormattableString cause)
    {
        if (valid) return;
        throw new FormatException(
            $"The file holds no valid mixture: {cause.ToString(CultureInfo.InvariantCulture)}. Save the model again with a released version of Microsoft.ML.Mixture.");
    }

    /// <summary>Whether numbers are what a run went through: none is missing, and the last is finite. Those before may be negative infinity, as where a start lies too far from the rows.</summary>
    public static bool AreHistory(double[] values) => values.Length >= 1 && double.IsFinite(values[^1]) && Array.TrueForAll(values, value => value < double.PositiveInfinity);

    /// <summary>Throws if covariances that a structure stores so, or its statistics, are more than an array holds.</summary>
    /// <exception cref="FormatException">They are.</exception>
    public static void RequireSizes(SavedModel model, int componentCount) => Require(
        model.Structure.Shape.FitsArrays(componentCount, model.Dimension) && model.Shape.FitsArrays(componentCount, model.Dimension),
        $"it has {componentCount} components in {model.Dimension} features with '{model.Structure.Name}' covariances, more than arrays hold");

    /// <summary>Throws if mixing weights are not shares of one.</summary>
    /// <exception cref="FormatException">A weight is negative, or they have another sum.</exception>
    public static void RequireShares(double[] weights, double noiseWeight = 0)
    {
        double sum = noiseWeight;
        foreach (double weight in weights) sum += weight >= 0 ? weight : double.NaN;
        Require(Math.Abs(sum - 1) <= 1e-12 * (weights.Length + 1), $"its mixing weights are negative or have the sum {sum:R} instead of one");
    }
}
