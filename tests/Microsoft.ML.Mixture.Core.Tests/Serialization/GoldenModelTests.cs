using System.Globalization;
using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.Serialization.Tests;

/// <summary>Files that released versions wrote must load for ever. See tests/golden/README.md.</summary>
public class GoldenModelTests
{
    private static readonly string _folder = Path.Combine(AppContext.BaseDirectory, "golden");

    [Theory]
    [Trait("Kind", "Persistence")]
    [InlineData(1, "full")]
    [InlineData(1, "tied")]
    [InlineData(1, "diagonal")]
    [InlineData(1, "spherical")]
    [InlineData(2, "full")]
    [InlineData(2, "tied-shape")]
    public void Load_FileOfAVersion_HasTheBitsItWasSavedWith(int version, string structure)
    {
        byte[] file = File.ReadAllBytes(Path.Combine(_folder, $"model-v{version}-{structure}.mixture"));
        string[] lines = File.ReadAllLines(Path.Combine(_folder, $"model-v{version}-{structure}.txt"));

        GaussianMixtureModel model = GaussianMixtureModel.Load(new MemoryStream(file));

        Assert.Equal(structure, model.CovarianceStructure.Name);
        Assert.Equal(Numbers(lines[0]), MixtureAssert.Bits(MixtureAssert.Parameters(model)));
        Assert.Equal(Numbers(lines[1]), MixtureAssert.Bits(model.Report!.ObjectiveHistory));
        AssertSavesTheSame(model);
        double[][] rows = Rows();
        for (int i = 0; i < rows.Length; i++)
        {
            // Log and exp of the platform's C library may differ in the last bit.
            double[] expected = [.. Numbers(lines[2 + i]).Select(BitConverter.Int64BitsToDouble)];
            MixtureAssert.Close(expected, Predictions(model, rows[i]), 8 * MixtureCase.Epsilon, "prediction");
            Assert.Equal(Array.IndexOf(expected[1..], expected[1..].Max()), model.Predict(rows[i]));
        }
    }

    /// <summary>Writes the golden files of the current version into the folder named by MIXTURE_GOLDEN; does nothing without it.</summary>
    [Fact]
    [Trait("Kind", "Persistence")]
    public void Write_GoldenFolderNamed_WritesTheFiles()
    {
        if (Environment.GetEnvironmentVariable("MIXTURE_GOLDEN") is not { } folder) return;
        foreach (CovarianceStructure structure in CovarianceStructure.BuiltIn)
        {
            GaussianMixtureModel model = new MixtureCase(3, 2, 30, 42).Fit(structure, 5, prior: 1e-6);
            using (FileStream stream = File.Create(Path.Combine(folder, $"model-v{SealedPayload.CurrentVersion}-{structure.Name}.mixture"))) model.Save(stream);
            File.WriteAllLines(
                Path.Combine(folder, $"model-v{SealedPayload.CurrentVersion}-{structure.Name}.txt"),
                [Hex(MixtureAssert.Parameters(model)), Hex(model.Report!.ObjectiveHistory), .. Rows().Select(row => Hex(Predictions(model, row)))]);
        }
    }

    // In the current format, whatever the version of the file.
    private static void AssertSavesTheSame(GaussianMixtureModel model)
    {
        MemoryStream first = new(), second = new();
        model.Save(first);
        first.Position = 0;
        GaussianMixtureModel.Load(first).Save(second);
        Assert.Equal(first.ToArray(), second.ToArray());
    }

    private static double[][] Rows() => [[0, 0], [1.5, 2.5], [4, -1], [-30, 7.25], [2.75, 3.125], [1e3, -1e3]];

    private static double[] Predictions(GaussianMixtureModel model, double[] row) => [model.LogDensity(row), .. model.Responsibilities(row)];

    private static string Hex(IEnumerable<double> values) => string.Join(' ', MixtureAssert.Bits(values).Select(bits => bits.ToString("X16", CultureInfo.InvariantCulture)));

    private static long[] Numbers(string line) => [.. line.Split(' ').Select(word => long.Parse(word, NumberStyles.HexNumber, CultureInfo.InvariantCulture))];
}
