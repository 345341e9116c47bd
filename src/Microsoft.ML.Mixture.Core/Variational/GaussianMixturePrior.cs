namespace Microsoft.ML.Mixture;

/// <summary>The prior of a fit by variational Bayes, as it was used: what <see cref="BayesianGaussianMixtureOptions"/> left open is filled in. Immutable.</summary>
public sealed class GaussianMixturePrior
{
    internal GaussianMixturePrior(
        MixtureWeightPrior weightPrior, double weightConcentration, double meanPrecision, double[] mean, double degreesOfFreedom, ReadOnlyMatrix covariance)
    {
        WeightPrior = weightPrior;
        WeightConcentration = weightConcentration;
        MeanPrecision = meanPrecision;
        Mean = Array.AsReadOnly(mean);
        DegreesOfFreedom = degreesOfFreedom;
        Covariance = covariance;
    }

    /// <summary>The kind of the prior on the weights.</summary>
    public MixtureWeightPrior WeightPrior { get; }

    /// <summary>alpha0, in rows.</summary>
    public double WeightConcentration { get; }

    /// <summary>beta0, in rows.</summary>
    public double MeanPrecision { get; }

    /// <summary>m0, shape D, in feature units.</summary>
    public IReadOnlyList<double> Mean { get; }

    /// <summary>nu0, in rows.</summary>
    public double DegreesOfFreedom { get; }

    /// <summary>V, shape D x D, in squared feature units.</summary>
    public ReadOnlyMatrix Covariance { get; }
}
