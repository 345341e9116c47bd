namespace Microsoft.ML.Mixture.Serialization;

/// <summary>The noise beside the Gaussians.</summary>
/// <remarks>
/// <code>
///   double     the weight of the noise
///   byte       1 if the density was given, 0 if it comes from the data
///   doubles    D coordinates of the middle of the box; D lengths of its sides
///   double     the effective count of the noise, 0 without a report
/// </code>
/// </remarks>
internal sealed class NoiseSection : ModelSection
{
    public override string Name => "noise";

    public override bool IsIn(MixtureModel model) => Of(model) is not null;

    public override void Write(MixtureModel model, PayloadWriter writer)
    {
        MixtureNoise noise = Of(model)!;
        writer.WriteDouble(noise.Weight);
        writer.WriteByte(noise.Distribution.IsGiven ? (byte)1 : (byte)0);
        writer.WriteDoubles(noise.Distribution.Centre);
        writer.WriteDoubles(noise.Distribution.Sides);
        writer.WriteDouble(model.Report?.NoiseEffectiveCount ?? 0);
    }

    public override void Read(ref PayloadReader reader, SavedModel model)
    {
        double weight = reader.ReadDouble();
        byte isGiven = reader.ReadByte();
        double[] centre = reader.ReadDoubles(model.Dimension), sides = reader.ReadDoubles(model.Dimension);
        double count = reader.ReadDouble();
        FormatChecks.Require(weight >= 0 && weight <= 1, $"the weight of its noise is {weight:R}, and 0 to 1 are possible");
        FormatChecks.Require(isGiven <= 1, $"the mark of its noise is {isGiven}, and 0 or 1 is possible");
        FormatChecks.Require(
            Array.TrueForAll(centre, double.IsFinite) && Array.TrueForAll(sides, side => side > 0 && double.IsFinite(side)), $"the box of its noise is empty or infinite");
        FormatChecks.Require(count >= 0 && double.IsFinite(count), $"the effective count of its noise is {count:R}");
        model.Noise = new MixtureNoise(new UniformNoise(centre, sides, isGiven == 1), weight);
        if (model.Report is not null) model.Report.NoiseEffectiveCount = count;
    }

    private static MixtureNoise? Of(MixtureModel model) => (model as GaussianMixtureModel)?.Noise;
}
