using Microsoft.ML.Mixture;

namespace Microsoft.ML.Trainers;

/// <summary>What the parameters of all mixtures have, whatever their components are. Immutable.</summary>
public abstract partial class MixtureModelParameters
{
    private protected MixtureModelParameters(MixtureModel mixture)
    {
        ArgumentNullException.ThrowIfNull(mixture);
        AnyMixture = mixture;
    }

    /// <summary>K.</summary>
    public int NumberOfComponents => AnyMixture.ComponentCount;

    /// <summary>D, the number of features.</summary>
    public int NumberOfFeatures => AnyMixture.Dimension;

    /// <inheritdoc cref="MixtureModel.Weights"/>
    public IReadOnlyList<double> Weights => AnyMixture.Weights;

    /// <inheritdoc cref="MixtureModel.Means"/>
    public ReadOnlyMatrix Means => AnyMixture.Means;

    /// <inheritdoc cref="MixtureModel.Report"/>
    public FitReport? Report => AnyMixture.Report;

    /// <summary>The log-likelihood of the training rows, in nats: a total. NaN if the mixture was made of given parameters.</summary>
    public double LogLikelihood => Report?.LogLikelihood ?? double.NaN;

    /// <summary>The log-likelihood of the training rows per unit of example weight, in nats. NaN if the mixture was made of given parameters.</summary>
    public double AverageLogLikelihood => Report?.AverageLogLikelihood ?? double.NaN;

    /// <inheritdoc cref="FitReport.AkaikeInformationCriterion"/>
    public double AkaikeInformationCriterion => Report?.AkaikeInformationCriterion ?? double.NaN;

    /// <inheritdoc cref="FitReport.BayesianInformationCriterion"/>
    public double BayesianInformationCriterion => Report?.BayesianInformationCriterion ?? double.NaN;

    internal MixtureModel AnyMixture { get; }

    /// <summary>The mixture in words, in the invariant culture, with components counted from zero. The text may change between versions.</summary>
    /// <returns>A line of what it is, and a line for each of the first eight components: weight and mean, of the first six features.</returns>
    public override string ToString() => AnyMixture.ToString()!;
}
