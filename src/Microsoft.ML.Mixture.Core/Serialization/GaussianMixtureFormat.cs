namespace Microsoft.ML.Mixture.Serialization;

/// <summary>The body of a <see cref="SealedPayload"/> of kind <see cref="PayloadKind.GaussianMixtureModel"/>.</summary>
/// <remarks>
/// <code>
///   int32      K, at least 1
///   int32      D, at least 1; with lower triangles at most 46,340
///   string     name of the covariance structure, one of CovarianceStructure.BuiltIn
///   byte       how the covariances are stored: 0 lower triangle row after row, 1 diagonal, 2 one variance
///   byte       1 if one covariance serves all components, else 0
///   doubles    K mixing weights; K x D means, row-major; covariances, one component after the other
///   byte       0 if nothing follows, 1 if a report follows as ReportSection writes it (version 1), 2 if sections follow as ModelSection writes them
/// </code>
/// Numbers and strings are as <see cref="PayloadWriter"/> writes them. Factors and log-determinants are computed anew on loading, by the
/// same operations as after a fit, so that predictions are equal bit for bit. A covariance that stores one triangle cannot be asymmetric.
/// </remarks>
internal static class GaussianMixtureFormat
{
    private const int LongestName = 64;
    private const byte VersionOneReport = 1;
    private const byte Sections = 2;

    public static void Write(GaussianMixtureModel model, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var writer = new PayloadWriter();
        WriteBody(model, writer);
        SealedPayload.Write(stream, PayloadKind.GaussianMixtureModel, writer.WrittenSpan);
    }

    public static GaussianMixtureModel Read(Stream stream)
    {
        var reader = new PayloadReader(SealedPayload.OpenToEnd(stream, PayloadKind.GaussianMixtureModel, FormatChecks.MaximumBytes));
        GaussianMixtureModel model = ReadBody(ref reader);
        reader.ExpectEnd();
        return model;
    }

    public static void WriteBody(GaussianMixtureModel model, PayloadWriter writer)
    {
        if (!CovarianceStructure.BuiltIn.Contains(model.CovarianceStructure))
        {
            throw new NotSupportedException(
                $"The covariance structure '{model.CovarianceStructure.Name}' is not part of the library, so a saved model could not be read back. "
                + $"Structures that can be saved: {string.Join(", ", CovarianceStructure.BuiltIn)}.");
        }

        writer.WriteInt32(model.ComponentCount);
        writer.WriteInt32(model.Dimension);
        writer.WriteString(model.CovarianceStructure.Name);
        writer.WriteByte((byte)model.Components.Shape);
        writer.WriteByte(model.Components.IsShared ? (byte)1 : (byte)0);
        writer.WriteDoubles([.. model.Weights]);
        writer.WriteDoubles(model.Components.Means);
        writer.WriteDoubles(model.Components.Covariances);
        writer.WriteByte(Sections);
        ModelSection.WriteSections(ModelSection.All, model, writer);
    }

    public static GaussianMixtureModel ReadBody(ref PayloadReader reader)
    {
        int count = reader.ReadInt32(), dimension = reader.ReadInt32();
        FormatChecks.Require(count >= 1, $"it has {count} components, and at least one is needed");
        FormatChecks.Require(dimension >= 1, $"it has {dimension} features, and at least one is needed");
        string name = reader.ReadString(LongestName);
        CovarianceStructure? structure = CovarianceStructure.BuiltIn.FirstOrDefault(known => known.Name == name);
        FormatChecks.Require(structure is not null, $"its covariance structure is '{name}', and this library knows {string.Join(", ", CovarianceStructure.BuiltIn)}");
        byte shapeCode = reader.ReadByte(), shared = reader.ReadByte();
        FormatChecks.Require(Enum.IsDefined((CovarianceShape)shapeCode) && shared <= 1, $"its covariances are stored in the way {shapeCode}, {shared}, which is unknown");
        var shape = (CovarianceShape)shapeCode;
        FormatChecks.Require(
            shape != CovarianceShape.Full || dimension <= SquareMatrix.LargestDimension, $"it has {dimension} features, and with full covariances 1 to {SquareMatrix.LargestDimension} are possible");

        // In 64 bits: sizes that cannot be true must not wrap around to small ones.
        long length = shape == CovarianceShape.Full ? (long)dimension * (dimension + 1) / 2 : shape.Length(dimension);
        double[] weights = reader.ReadDoubles(count);
        double[] means = reader.ReadDoubles((long)count * dimension);
        double[] covariances = reader.ReadDoubles((shared == 1 ? 1 : count) * length);
        FormatChecks.Require(Array.TrueForAll(means, double.IsFinite), $"a mean is not a finite number");
        byte more = reader.ReadByte();
        FormatChecks.Require(more <= Sections, $"the mark of what follows its parameters is {more}, and 0 to {Sections} are possible");
        var saved = new SavedModel(count, dimension) { Structure = structure!, Shape = shape, IsShared = shared == 1 };
        FormatChecks.RequireSizes(saved, count);
        if (more == VersionOneReport) new ReportSection().Read(ref reader, saved);
        if (more == Sections) ModelSection.ReadSections(ModelSection.All, ref reader, saved);
        FormatChecks.RequireShares(weights, saved.Noise?.Weight ?? 0);

        GaussianFamily family = GaussianFamily.OfModel(structure!, dimension, shape, covariances);
        bool created = GaussianComponents.TryCreate(
            family, dimension, shape, shared == 1, means, covariances, out GaussianComponents components, out DegenerateComponent? failure);
        FormatChecks.Require(created, $"its parameters are not those of a mixture ({failure?.Reason})");
        return new GaussianMixtureModel(weights, components, structure!, saved.Report, saved.Noise) { Posterior = saved.Posterior };
    }
}
