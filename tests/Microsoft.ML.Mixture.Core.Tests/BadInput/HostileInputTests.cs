using System.Diagnostics;
using Microsoft.ML.Mixture.Laws.Tests;
using Xunit.Abstractions;

namespace Microsoft.ML.Mixture.BadInput.Tests;

/// <summary>Whatever the rows are, a fit ends in a valid model that says what is wrong, or in an error that does, and soon.</summary>
[Trait("Kind", "Degenerate")]
public class HostileInputTests(ITestOutputHelper output)
{
    private const double MostSeconds = 10;

    private static readonly int _seeds = Environment.GetEnvironmentVariable("MIXTURE_NIGHTLY") is null ? 1 : 10;
    private static readonly int[] _sizes = [20, 60, 240];
    private static readonly CovarianceStructure[] _structures =
        [CovarianceStructure.Full, CovarianceStructure.Tied, CovarianceStructure.Diagonal, CovarianceStructure.Spherical];

    [Fact]
    public void Fit_OfHostileInput_EndsInAValidModelOrAnErrorThatNamesTheCause()
    {
        int cases = 0, models = 0, errors = 0, warned = 0;
        double slowest = 0;
        var failures = new List<string>();
        for (int seed = 0; seed < _seeds; seed++)
        {
            for (int kind = 0; kind < HostileInput.ClassCount; kind++)
            {
                foreach (int size in _sizes)
                {
                    HostileInput input = HostileInput.Create(kind, size, seed);
                    foreach (CovarianceStructure structure in _structures)
                    {
                        cases++;
                        long start = Stopwatch.GetTimestamp();
                        (GaussianMixtureModel? model, string? trouble) = Fit(input, structure, seed);
                        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
                        slowest = Math.Max(slowest, seconds);
                        if (model is null) errors++;
                        else models++;
                        if (model?.Report!.Warnings.Count > 0) warned++;
                        if (seconds > MostSeconds) trouble ??= $"it took {seconds:F1} s";
                        if (trouble is not null) failures.Add($"{input.Name}, {size} rows, {structure}, seed {seed}: {trouble}");
                    }
                }
            }
        }

        output.WriteLine($"{cases} cases: {models} valid models, {warned} of them with warnings, and {errors} errors that name the cause; {failures.Count} failures; the slowest took {slowest:F2} s");
        failures.ForEach(output.WriteLine);
        Assert.Equal(_seeds * 24 * 4 * 3, cases);
        Assert.True(failures.Count == 0, string.Join(Environment.NewLine, failures));
    }

    private static (GaussianMixtureModel? Model, string? Trouble) Fit(HostileInput input, CovarianceStructure structure, int seed)
    {
        HostileOutcome outcome = input.Outcome;
        GaussianMixtureModel model;
        try
        {
            model = GaussianMixture.Fit(
                input.Rows, new GaussianMixtureOptions { ComponentCount = input.ComponentCount, CovarianceStructure = structure, Seed = seed, ThreadCount = 1 }, input.RowWeights);
        }
        catch (Exception exception) when (exception is ArgumentException or MixtureFitException)
        {
            return (null, outcome.IsError && outcome.IsSaidBy([exception.Message]) ? null : $"it was refused: {exception.Message}");
        }

        if (outcome.IsError) return (model, "it was not refused");
        if (Invalid(model, input.Rows) is { } invalid) return (model, invalid);
        bool mustWarn = outcome.Structures.Split(' ').Contains(structure.Name);
        return (model, mustWarn && !outcome.IsSaidBy(model.Report!.Warnings) ? $"silent; its warnings are [{string.Join(" / ", model.Report!.Warnings)}]" : null);
    }

    private static string? Invalid(GaussianMixtureModel model, double[,] rows)
    {
        if (!MixtureAssert.Parameters(model).All(double.IsFinite)) return "parameters are not finite";
        if (!(Math.Abs(model.Weights.Sum() - 1) <= 1e-12) || model.Weights.Any(weight => !(weight >= 0))) return "weights are not shares";
        if (!double.IsFinite(model.Report!.LogLikelihood) || !double.IsFinite(model.Report.ObjectiveHistory[^1])) return "the likelihood is not finite";
        for (int i = 0; i < rows.GetLength(0); i++)
        {
            double[] responsibilities = model.Responsibilities(MixtureAssert.RowOf(rows, i));
            if (!(Math.Abs(responsibilities.Sum() - 1) <= 1e-9)) return $"row {i} has responsibilities [{string.Join(", ", responsibilities)}]";
        }

        // Loading checks that covariances are symmetric and positive definite.
        var stream = new MemoryStream();
        model.Save(stream);
        stream.Position = 0;
        GaussianMixtureModel.Load(stream);
        return null;
    }
}
