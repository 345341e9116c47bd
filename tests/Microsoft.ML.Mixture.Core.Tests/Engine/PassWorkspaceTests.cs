using Microsoft.ML.Mixture.Laws.Tests;
using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture.Engine.Tests;

/// <summary>Memory that passes use one after the other has anything in it.</summary>
public class PassWorkspaceTests
{
    // As much as a thread keeps.
    private const int Length = 1 << 16;

    public static TheoryData<string, int, bool> Cases
    {
        get
        {
            var cases = new TheoryData<string, int, bool>();
            foreach (string code in (string[])["VVV", "EEE", "VVI", "VII", "EEV", "factors", "posterior"])
            {
                foreach (int dimension in (int[])[2, 5, 19]) cases.Add(code, dimension, false);
                cases.Add(code, 6, true);
            }

            cases.Add("VVV", 100, false);
            return cases;
        }
    }

    [Theory]
    [Trait("Kind", "Determinism")]
    [MemberData(nameof(Cases))]
    public void Fit_AnythingInTheMemory_GivesTheSameBits(string kind, int dimension, bool hasHoles)
    {
        var problem = new EngineProblem(RowKind.Odd, 403, dimension, 3, 5);
        double[,] rows = problem.Rows;
        for (int i = 0; i < problem.RowCount && hasHoles; i += 3) rows[i, i % dimension] = double.NaN;

        Assert.Equal(Fit(kind, rows, 0), Fit(kind, rows, double.NaN));
    }

    [Fact]
    [Trait("Kind", "Law")]
    public void Take_WhatWasGivenBack_IsTheTakersAlone()
    {
        var kept = new AlignedBuffer(Length);
        Reused<AlignedBuffer>.Return(kept, Length);
        Reused<AlignedBuffer>.Return(new AlignedBuffer(Length + 1), Length + 1);

        Assert.Same(kept, Reused<AlignedBuffer>.Take());
        Assert.Null(Reused<AlignedBuffer>.Take());
    }

    private static long[] Fit(string kind, double[,] rows, double value)
    {
        var memory = new AlignedBuffer(Length);
        memory.Span.Fill(value);
        Reused<AlignedBuffer>.Return(memory, Length);
        (long[] bits, FitReport report) = kind switch
        {
            "factors" => Factors(rows),
            "posterior" => Of(BayesianGaussianMixture.Fit(rows, new BayesianGaussianMixtureOptions { ComponentCount = 3, MaximumIterations = 3, ThreadCount = 1, Start = MixtureStart.KMeansPlusPlus })),
            _ => Of(GaussianMixture.Fit(
                rows, new GaussianMixtureOptions { ComponentCount = 3, CovarianceStructure = CovarianceStructure.FromCode(kind), MaximumIterations = 3, ThreadCount = 1, Start = MixtureStart.KMeansPlusPlus })),
        };

        // It was used, and given back.
        Assert.Same(memory, Reused<AlignedBuffer>.Take());
        Assert.Contains(memory.Span.ToArray(), number => BitConverter.DoubleToInt64Bits(number) != BitConverter.DoubleToInt64Bits(value));
        return [.. bits, .. MixtureAssert.Bits([.. report.ObjectiveHistory, .. report.EffectiveCounts])];
    }

    private static (long[] Bits, FitReport Report) Of(GaussianMixtureModel model) => (MixtureAssert.Bits(MixtureAssert.Parameters(model)), model.Report!);

    private static (long[] Bits, FitReport Report) Factors(double[,] rows)
    {
        FactorAnalyzerMixtureModel model = FactorAnalyzerMixture.Fit(
            rows, new FactorAnalyzerMixtureOptions { ComponentCount = 3, FactorCount = 2, MaximumIterations = 3, ThreadCount = 1, Start = MixtureStart.KMeansPlusPlus });
        return (MixtureAssert.Bits([.. model.Weights, .. model.Means.ToArray().Cast<double>(), .. model.SpecificVariances.ToArray().Cast<double>()]), model.Report!);
    }
}
