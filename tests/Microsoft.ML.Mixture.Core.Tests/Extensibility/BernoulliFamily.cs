namespace Microsoft.ML.Mixture.Extensibility.Tests;

/// <summary>Independent 0/1 features: log p(x | k) = sum over j of x(j) log theta(k,j) + (1 - x(j)) log(1 - theta(k,j)).</summary>
/// <param name="pseudoCount">alpha of a Beta(1 + alpha, 1 + alpha) prior on each theta: theta = (sum of r x + alpha) / (N(k) + 2 alpha).</param>
public sealed class BernoulliFamily(double pseudoCount) : ComponentFamily
{
    public override string Name => "Bernoulli";

    public override MixtureComponents CreateAbout(int componentCount, int dimension, ReadOnlySpan<double> centres) =>
        new BernoulliComponents(componentCount, dimension, pseudoCount);
}

public sealed class BernoulliComponents(int componentCount, int dimension, double pseudoCount) : MixtureComponents
{
    private readonly double[] _logOdds = new double[componentCount * dimension];
    private readonly double[] _constants = new double[componentCount];
    private double _logPrior;

    public override int ComponentCount => componentCount;

    public override int Dimension => dimension;

    public override long FreeParameterCount => (long)componentCount * dimension;

    public override int StatisticsLength => componentCount * dimension;

    public override double LogPrior => _logPrior;

    public double[] Probabilities { get; } = new double[componentCount * dimension];

    public override void LogDensities(RowBlock rows, Span<double> logDensities, Span<double> scratch)
    {
        for (int k = 0; k < componentCount; k++)
        {
            Span<double> destination = logDensities.Slice(k * rows.Stride, rows.LaneCount);
            destination.Fill(_constants[k]);
            for (int j = 0; j < dimension; j++)
            {
                ReadOnlySpan<double> x = rows.Feature(j);
                for (int i = 0; i < x.Length; i++) destination[i] += x[i] * _logOdds[(k * dimension) + j];
            }
        }
    }

    public override void Accumulate(RowBlock rows, ReadOnlySpan<double> responsibilities, Span<double> statistics, Span<double> scratch)
    {
        for (int k = 0; k < componentCount; k++)
        {
            for (int j = 0; j < dimension; j++)
            {
                ReadOnlySpan<double> x = rows.Feature(j);
                for (int i = 0; i < x.Length; i++) statistics[(k * dimension) + j] += responsibilities[(k * rows.Stride) + i] * x[i];
            }
        }
    }

    public override MixtureComponents CreateEmpty() => new BernoulliComponents(componentCount, dimension, pseudoCount);

    public override bool TryMaximize(
        ReadOnlySpan<double> effectiveCounts, ReadOnlySpan<double> statistics, MixtureComponents destination, out DegenerateComponent? failure)
    {
        var next = (BernoulliComponents)destination;
        next._logPrior = 0;
        for (int k = 0; k < componentCount; k++)
        {
            next._constants[k] = 0;
            for (int j = 0; j < dimension; j++)
            {
                int at = (k * dimension) + j;
                double theta = (statistics[at] + pseudoCount) / (effectiveCounts[k] + (2 * pseudoCount));
                if (!(theta > 0 && theta < 1))
                {
                    failure = new DegenerateComponent(k, $"Feature {j} of component {k} has the probability {theta}. Use a pseudo-count.");
                    return false;
                }

                next.Probabilities[at] = theta;
                next._logOdds[at] = Math.Log(theta) - Math.Log(1 - theta);
                next._constants[k] += Math.Log(1 - theta);
                next._logPrior += pseudoCount * (Math.Log(theta) + Math.Log(1 - theta));
            }
        }

        failure = null;
        return true;
    }
}
