namespace Microsoft.ML.Mixture.Serialization;

/// <summary>One idea that may be saved with a model, under a name and with a length of its own; see <see cref="GaussianMixtureFormat"/> and <see cref="FactorAnalyzerMixtureFormat"/>.</summary>
internal abstract class ModelSection
{
    private const int LongestName = 64;

    /// <summary>All that this library knows, in the order in which they are saved. A later one may read what an earlier one has set.</summary>
    public static IReadOnlyList<ModelSection> All { get; } =
    [
        new ReportSection(), new NoiseSection(), new PosteriorSection(), new RunsSection(), new RaceSection(), new MissingValuesSection(), new RejectedStartsSection(),
    ];

    /// <summary>Those of a model whose components are no Gaussians of one covariance structure: its report.</summary>
    public static IReadOnlyList<ModelSection> OfReport { get; } =
    [
        new ReportSection(), new RunsSection(), new RaceSection(), new MissingValuesSection(), new RejectedStartsSection(),
    ];

    /// <summary>The name in files: never change it.</summary>
    public abstract string Name { get; }

    /// <summary>Whether a model has something to save here.</summary>
    public abstract bool IsIn(MixtureModel model);

    /// <summary>Writes what the model has.</summary>
    public abstract void Write(MixtureModel model, PayloadWriter writer);

    /// <summary>Reads what <see cref="Write"/> wrote, and checks every value of it.</summary>
    /// <param name="reader">The bytes of this section alone; all of them must be read.</param>
    /// <param name="model">What has been read so far.</param>
    public abstract void Read(ref PayloadReader reader, SavedModel model);

    /// <summary>Writes the sections of a model: their count, then of each its name, the count of its bytes, and these.</summary>
    public static void WriteSections(IReadOnlyList<ModelSection> known, MixtureModel model, PayloadWriter writer)
    {
        ModelSection[] sections = [.. known.Where(section => section.IsIn(model))];
        writer.WriteInt32(sections.Length);
        foreach (ModelSection section in sections)
        {
            var content = new PayloadWriter();
            section.Write(model, content);
            writer.WriteString(section.Name);
            writer.WriteInt32(content.WrittenSpan.Length);
            writer.WriteBytes(content.WrittenSpan);
        }
    }

    /// <summary>Reads the sections of a model. Each may be there once, in the order of those that are known.</summary>
    public static void ReadSections(IReadOnlyList<ModelSection> known, ref PayloadReader reader, SavedModel model)
    {
        int count = reader.ReadInt32(), next = 0;
        FormatChecks.Require(count >= 0 && count <= known.Count, $"it declares {count} sections, and 0 to {known.Count} are possible");
        for (int read = 0; read < count; read++)
        {
            string name = reader.ReadString(LongestName);
            while (next < known.Count && known[next].Name != name) next++;
            FormatChecks.Require(
                next < known.Count, $"its section '{name}' is unknown, there twice or out of order; this library knows {string.Join(", ", known.Select(section => section.Name))}");
            PayloadReader content = reader.ReadPart(reader.ReadInt32());
            known[next++].Read(ref content, model);
            content.ExpectEnd();
        }
    }
}
