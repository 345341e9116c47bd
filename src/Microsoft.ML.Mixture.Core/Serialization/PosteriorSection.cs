using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture.Serialization;

/// <summary>The variational posterior of a model, and the evidence lower bounds of its fit.</summary>
/// <remarks>
/// <code>
///   byte       MixtureWeightPrior
///   doubles    3: concentration of the weights, mean precision and degrees of freedom of the prior
///   doubles    D, the prior mean; D (D + 1) / 2, the lower triangle of the prior covariance, row after row
///   int32      K of the posterior, at least that of the model
///   doubles    K effective counts; K x D means, row-major; covariances, one component after the other, stored as those of the model
///   int32s     the components in use, ascending, as many as the model has
///   doubles    evidence lower bounds, with their count, as the log-likelihoods of ReportSection
/// </code>
/// </remarks>
internal sealed class PosteriorSection : ModelSection
{
    public override string Name => "posterior";

    public override bool IsIn(MixtureModel model) => Of(model) is not null;

    public override void Write(MixtureModel model, PayloadWriter writer)
    {
        GaussianMixturePosterior posterior = Of(model)!;
        GaussianMixturePrior prior = posterior.Prior;
        writer.WriteByte((byte)prior.WeightPrior);
        writer.WriteDoubles([prior.WeightConcentration, prior.MeanPrecision, prior.DegreesOfFreedom]);
        writer.WriteDoubles([.. prior.Mean]);
        for (int i = 0; i < model.Dimension; i++) writer.WriteDoubles(prior.Covariance.Row(i)[..(i + 1)]);
        writer.WriteInt32(posterior.ComponentCount);
        writer.WriteDoubles([.. posterior.EffectiveCounts]);
        writer.WriteDoubles(posterior.Expected.Components.Means);
        writer.WriteDoubles(posterior.Expected.Components.Covariances);
        foreach (int component in posterior.ComponentsInUse) writer.WriteInt32(component);
        writer.WriteDoubleArray(RunsSection.Bounded(model.Report!.EvidenceLowerBoundHistory));
    }

    public override void Read(ref PayloadReader reader, SavedModel model)
    {
        int dimension = model.Dimension;
        byte kind = reader.ReadByte();
        double[] parameters = reader.ReadDoubles(3), mean = reader.ReadDoubles(dimension), lower = reader.ReadDoubles((long)dimension * (dimension + 1) / 2);
        int count = reader.ReadInt32();
        FormatChecks.Require(Enum.IsDefined((MixtureWeightPrior)kind), $"its posterior has weights of the kind {kind}, which is unknown");
        FormatChecks.Require(
            Array.TrueForAll(parameters, value => value > 0 && double.IsFinite(value)) && parameters[2] > dimension - 1 && Array.TrueForAll(mean, double.IsFinite)
            && Array.TrueForAll(lower, double.IsFinite),
            $"the prior of its posterior is not valid");
        FormatChecks.Require(count >= model.ComponentCount, $"its posterior has {count} components, and at least {model.ComponentCount} are needed");
        FormatChecks.RequireSizes(model, count);
        long length = model.Shape == CovarianceShape.Full ? (long)dimension * (dimension + 1) / 2 : model.Shape.Length(dimension);
        double[] counts = reader.ReadDoubles(count), means = reader.ReadDoubles((long)count * dimension), covariances = reader.ReadDoubles((model.IsShared ? 1 : count) * length);
        FormatChecks.Require(
            Array.TrueForAll(counts, value => value >= 0 && double.IsFinite(value)) && Array.TrueForAll(means, double.IsFinite), $"its posterior has a number that is not valid");
        int[] inUse = new int[model.ComponentCount];
        for (int k = 0; k < inUse.Length; k++)
        {
            inUse[k] = reader.ReadInt32();
            FormatChecks.Require(inUse[k] < count && inUse[k] > (k == 0 ? -1 : inUse[k - 1]), $"component {k} is number {inUse[k]} of its posterior, which is not possible");
        }

        double[] bounds = reader.ReadDoubleArray();
        FormatChecks.Require(
            model.Report is not null && FormatChecks.AreHistory(bounds), $"its posterior comes without a report, or with evidence lower bounds that are not numbers");
        model.Report!.EvidenceLowerBoundHistory = Array.AsReadOnly(bounds);

        double[] covariance = new double[dimension * dimension];
        for (int i = 0; i < dimension; i++)
        {
            for (int j = 0; j <= i; j++) covariance[(i * dimension) + j] = covariance[(j * dimension) + i] = lower[PackedTriangle.Index(i, j)];
        }

        var prior = new GaussianMixturePrior(
            (MixtureWeightPrior)kind, parameters[0], parameters[1], mean, parameters[2], new ReadOnlyMatrix(dimension, dimension, covariance));
        double[] weights = WeightPosterior.Create(prior.WeightPrior, prior.WeightConcentration).ExpectedWeights(counts);
        GaussianFamily family = GaussianFamily.OfModel(model.Structure, dimension, model.Shape, covariances);
        bool created = GaussianComponents.TryCreate(
            family, dimension, model.Shape, model.IsShared, means, covariances, out GaussianComponents components, out DegenerateComponent? failure);
        FormatChecks.Require(created, $"its posterior is not that of a mixture ({failure?.Reason})");
        model.Posterior = new GaussianMixturePosterior(prior, counts, new GaussianMixtureModel(weights, components, model.Structure, model.Report), inUse);
    }

    private static GaussianMixturePosterior? Of(MixtureModel model) => (model as GaussianMixtureModel)?.Posterior;
}
