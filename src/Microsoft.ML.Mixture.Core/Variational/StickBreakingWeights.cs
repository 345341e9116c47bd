using MathNet.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>
/// Weights with a Dirichlet process prior: pi(k) = v(k) times the product over j below k of 1 - v(j), with v(k) ~ Beta(1, alpha0), and no row in
/// a component beyond the last.
/// </summary>
/// <remarks>
/// The posterior is v(k) ~ Beta(1 + N(k), alpha0 + sum over j above k of N(j)). The last stick is not broken at its end, as it is in the truncation of Blei
/// and Jordan: what is beyond it stays with the components that nothing belongs to, whose posterior is the prior. Source: Blei and Jordan
/// (2006), Variational inference for Dirichlet process mixtures, Bayesian Analysis 1(1), 121-143, doi:10.1214/06-BA104.
/// </remarks>
internal sealed class StickBreakingWeights(double concentration) : WeightPosterior
{
    public override MixtureWeightPrior Kind => MixtureWeightPrior.DirichletProcess;

    public override double Concentration => concentration;

    public override double Update(ReadOnlySpan<double> counts, Span<double> logWeights)
    {
        double divergence = 0, rest = 0;
        for (int k = counts.Length - 1; k >= 0; k--)
        {
            double first = 1 + counts[k], second = concentration + rest, ofSum = SpecialFunctions.DiGamma(first + second);
            logWeights[k] = SpecialFunctions.DiGamma(first) - ofSum;
            double logRest = SpecialFunctions.DiGamma(second) - ofSum;
            divergence += (counts[k] * logWeights[k]) + (rest * logRest) - Math.Log(concentration)
                - SpecialFunctions.GammaLn(first) - SpecialFunctions.GammaLn(second) + SpecialFunctions.GammaLn(first + second);

            // E[log(1 - v(k))] is part of the logarithm of every later weight.
            for (int j = k + 1; j < counts.Length; j++) logWeights[j] += logRest;
            rest += counts[k];
        }

        return -divergence;
    }

    public override (double[] First, double[] Second) Parameters(ReadOnlySpan<double> counts)
    {
        double[] first = new double[counts.Length], second = new double[counts.Length];
        double rest = 0;
        for (int k = counts.Length - 1; k >= 0; k--)
        {
            (first[k], second[k]) = (1 + counts[k], concentration + rest);
            rest += counts[k];
        }

        return (first, second);
    }

    public override double[] ExpectedWeights(ReadOnlySpan<double> counts)
    {
        (double[] first, double[] second) = Parameters(counts);
        double left = 1;
        double[] weights = new double[first.Length];
        for (int k = 0; k < weights.Length; k++)
        {
            weights[k] = left * first[k] / (first[k] + second[k]);
            left *= second[k] / (first[k] + second[k]);
        }

        double total = weights.Sum();
        return [.. weights.Select(value => value / total)];
    }
}
