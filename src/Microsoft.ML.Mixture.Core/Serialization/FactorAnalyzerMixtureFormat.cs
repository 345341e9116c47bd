namespace Microsoft.ML.Mixture.Serialization;

/// <summary>The body of a <see cref="SealedPayload"/> of kind <see cref="PayloadKind.FactorAnalyzerMixtureModel"/>.</summary>
/// <remarks>
/// <code>
///   int32      K, at least 1
///   int32      D, at least 1
///   int32      q, 1 to D
///   byte       SpecificVarianceStructure
///   doubles    K mixing weights; K x D means; K x D x q loadings, row-major; the specific variances, each that is shared once
///   byte       0 if nothing follows, 2 if sections follow as ModelSection writes them: those of a report
/// </code>
/// What follows from the parameters is computed anew on loading, by the same operations as after a fit, so that predictions are equal bit for bit.
/// </remarks>
internal static class FactorAnalyzerMixtureFormat
{
    private const byte Sections = 2;

    public static void Write(FactorAnalyzerMixtureModel model, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var writer = new PayloadWriter();
        WriteBody(model, writer);
        SealedPayload.Write(stream, PayloadKind.FactorAnalyzerMixtureModel, writer.WrittenSpan);
    }

    public static FactorAnalyzerMixtureModel Read(Stream stream)
    {
        var reader = new PayloadReader(SealedPayload.OpenToEnd(stream, PayloadKind.FactorAnalyzerMixtureModel, FormatChecks.MaximumBytes));
        FactorAnalyzerMixtureModel model = ReadBody(ref reader);
        reader.ExpectEnd();
        return model;
    }

    public static void WriteBody(FactorAnalyzerMixtureModel model, PayloadWriter writer)
    {
        SpecificVarianceStructure structure = model.SpecificVarianceStructure;
        writer.WriteInt32(model.ComponentCount);
        writer.WriteInt32(model.Dimension);
        writer.WriteInt32(model.FactorCount);
        writer.WriteByte((byte)structure);
        writer.WriteDoubles([.. model.Weights]);
        writer.WriteDoubles(model.Components.Means);
        writer.WriteDoubles(model.Components.CopyLoadings());
        for (int k = 0; k < (structure.IsTied() ? 1 : model.ComponentCount); k++)
        {
            writer.WriteDoubles(model.Components.SpecificVariances.Slice(k * model.Dimension, structure.IsSpherical() ? 1 : model.Dimension));
        }

        writer.WriteByte(Sections);
        ModelSection.WriteSections(ModelSection.OfReport, model, writer);
    }

    public static FactorAnalyzerMixtureModel ReadBody(ref PayloadReader reader)
    {
        int count = reader.ReadInt32(), dimension = reader.ReadInt32(), factors = reader.ReadInt32();
        byte code = reader.ReadByte();
        var structure = (SpecificVarianceStructure)code;
        FormatChecks.Require(count >= 1, $"it has {count} components, and at least one is needed");
        FormatChecks.Require(dimension >= 1, $"it has {dimension} features, and at least one is needed");
        FormatChecks.Require(factors >= 1 && factors <= dimension, $"it has {factors} factors for {dimension} features, and 1 to {dimension} are possible");
        FormatChecks.Require(Enum.IsDefined(structure), $"its specific variances are stored in the way {code}, which is unknown");

        // In 64 bits, and one factor after the other: sizes that cannot be true must not wrap around to small ones.
        double[] weights = reader.ReadDoubles(count);
        double[] means = reader.ReadDoubles((long)count * dimension);
        FormatChecks.Require((long)means.Length * factors <= reader.Remaining / sizeof(double), $"it declares {means.Length} rows of {factors} loadings, and {reader.Remaining} bytes are left");
        double[] loadings = reader.ReadDoubles((long)means.Length * factors);
        double[] stored = reader.ReadDoubles((structure.IsTied() ? 1L : count) * (structure.IsSpherical() ? 1 : dimension));
        FormatChecks.RequireShares(weights);
        FormatChecks.Require(Array.TrueForAll(means, double.IsFinite), $"a mean is not a finite number");
        FormatChecks.Require(Array.TrueForAll(loadings, double.IsFinite), $"a loading is not a finite number");
        FormatChecks.Require(
            FactorAnalyzerComponents.FitArrays(count, dimension, factors), $"it has {count} components with {factors} factors in {dimension} features, more than arrays hold");
        double[] variances = new double[means.Length];
        for (int at = 0; at < variances.Length; at++)
        {
            int component = structure.IsTied() ? 0 : at / dimension;
            variances[at] = structure.IsSpherical() ? stored[component] : stored[(component * dimension) + (at % dimension)];
        }

        byte more = reader.ReadByte();
        FormatChecks.Require(more is 0 or Sections, $"the mark of what follows its parameters is {more}, and 0 and {Sections} are possible");
        var saved = new SavedModel(count, dimension);
        if (more == Sections) ModelSection.ReadSections(ModelSection.OfReport, ref reader, saved);
        bool created = FactorAnalyzerMixtureModel.TryCreate(
            weights, dimension, factors, structure, means, loadings, variances, saved.Report, out FactorAnalyzerMixtureModel? model, out string problem);
        FormatChecks.Require(created, $"its parameters are not those of a mixture ({problem})");
        return model!;
    }
}
