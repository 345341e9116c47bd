using MathNet.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>Weights with a symmetric Dirichlet prior: alpha(k) = alpha0 + N(k).</summary>
internal sealed class DirichletWeights(double concentration) : WeightPosterior
{
    public override MixtureWeightPrior Kind => MixtureWeightPrior.Dirichlet;

    public override double Concentration => concentration;

    public override double Update(ReadOnlySpan<double> counts, Span<double> logWeights)
    {
        double total = concentration * counts.Length, divergence = -SpecialFunctions.GammaLn(total) + (counts.Length * SpecialFunctions.GammaLn(concentration));
        foreach (double count in counts) total += count;
        double ofTotal = SpecialFunctions.DiGamma(total);
        divergence += SpecialFunctions.GammaLn(total);
        for (int k = 0; k < counts.Length; k++)
        {
            double alpha = concentration + counts[k];
            logWeights[k] = SpecialFunctions.DiGamma(alpha) - ofTotal;
            divergence += (counts[k] * logWeights[k]) - SpecialFunctions.GammaLn(alpha);
        }

        return -divergence;
    }

    public override (double[] First, double[] Second) Parameters(ReadOnlySpan<double> counts)
    {
        double[] alpha = counts.ToArray();
        for (int k = 0; k < alpha.Length; k++) alpha[k] += concentration;
        return (alpha, []);
    }

    public override double[] ExpectedWeights(ReadOnlySpan<double> counts)
    {
        double[] alpha = Parameters(counts).First;
        double total = alpha.Sum();
        return [.. alpha.Select(value => value / total)];
    }
}
