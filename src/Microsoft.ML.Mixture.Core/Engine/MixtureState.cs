namespace Microsoft.ML.Mixture;

/// <summary>Weights and components: a mixture on its way.</summary>
internal readonly record struct MixtureState(double[] Weights, MixtureComponents Components)
{
    public static void Log(ReadOnlySpan<double> weights, Span<double> logWeights)
    {
        for (int k = 0; k < weights.Length; k++) logWeights[k] = Math.Log(weights[k]);
    }
}
