using System.Globalization;

namespace Microsoft.ML.Mixture;

/// <content>Noise beside the Gaussians; see <see cref="GaussianMixtureOptions.NoiseComponent"/>.</content>
public sealed partial class GaussianMixtureModel
{
    /// <summary>Whether the mixture has a noise component, of constant density, beside its K Gaussians. In labels and shares it comes last, at K.</summary>
    public bool HasNoise => Noise is not null;

    /// <summary>The weight of the noise, which with <see cref="MixtureModel.Weights"/> has the sum one; zero without noise.</summary>
    public double NoiseWeight => Noise?.Weight ?? 0;

    /// <summary>
    /// The logarithm of the density of the noise, in nats, the same at every row; negative infinity without noise. It is minus the logarithm of a
    /// volume in feature units.
    /// </summary>
    public double NoiseLogDensity => Noise?.Distribution.LogDensity ?? double.NegativeInfinity;

    internal MixtureNoise? Noise { get; }

    /// <summary>The same Gaussians with noise over a box.</summary>
    /// <param name="weight">The weight of the noise, from 0 to below 1. The weights of the Gaussians keep their proportions.</param>
    /// <param name="lower">The lower ends of the box, shape D, in feature units.</param>
    /// <param name="upper">The upper ends of the box, shape D: above the lower ones.</param>
    /// <returns>The model, without a report. The density of the noise is one over the volume of the box, and counts as the same outside of it.</returns>
    /// <exception cref="ArgumentException">The weight or the box is not valid.</exception>
    public GaussianMixtureModel WithNoise(double weight, IReadOnlyList<double> lower, IReadOnlyList<double> upper)
    {
        ArgumentNullException.ThrowIfNull(lower);
        ArgumentNullException.ThrowIfNull(upper);
        GaussianParameters.CheckNoiseWeight(weight);
        if (lower.Count != Dimension || upper.Count != Dimension)
        {
            throw new ArgumentException($"The box has {lower.Count} lower and {upper.Count} upper ends, but the mixture has {Counted.Of(Dimension, "feature")}. Give one of each a feature.");
        }

        double[] centre = new double[Dimension], sides = new double[Dimension];
        for (int j = 0; j < Dimension; j++)
        {
            sides[j] = upper[j] - lower[j];
            centre[j] = (0.5 * lower[j]) + (0.5 * upper[j]);
            if (!(sides[j] > 0) || !double.IsFinite(sides[j]))
            {
                throw new ArgumentException(string.Create(
                    CultureInfo.InvariantCulture, $"The box runs from {lower[j]:G6} to {upper[j]:G6} in feature {j}, but must have a positive, finite length there."));
            }
        }

        return new GaussianMixtureModel(ShareOut(1 - weight), Components, CovarianceStructure, null, new MixtureNoise(new UniformNoise(centre, sides, isGiven: true), weight));
    }

    /// <summary>The Gaussians alone, with weights of the same proportions, or equal ones where the noise has all the weight: what rows are like that are not noise.</summary>
    /// <returns>The model, without a report; this one if it has no noise.</returns>
    public GaussianMixtureModel WithoutNoise() => HasNoise ? new GaussianMixtureModel(ShareOut(1), Components, CovarianceStructure, null) : this;

    private double[] ShareOut(double total)
    {
        double sum = Weights.Sum();
        return [.. Weights.Select(value => sum > 0 ? value / sum * total : total / ComponentCount)];
    }
}
