using Microsoft.ML.Mixture.Engine.Tests;
using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.Selection.Tests;

/// <summary>The search over components and factors of mixtures of factor analysers.</summary>
public class FactorAnalyzerSearchTests
{
    private const int Dimension = 12;

    [Theory]
    [InlineData(2, 2, SpecificVarianceStructure.Diagonal)]
    [InlineData(3, 1, SpecificVarianceStructure.TiedDiagonal)]
    [InlineData(1, 3, SpecificVarianceStructure.Diagonal)]
    [Trait("Kind", "Recovery")]
    public void Search_OfDrawnRows_FindsComponentsFactorsAndStructure(int components, int factors, SpecificVarianceStructure structure)
    {
        double[,] rows = Draw(components, factors, structure, rowCount: 300);

        FactorAnalyzerSearchResult result = FactorAnalyzerMixture.Search(rows, new FactorAnalyzerMixtureSearchOptions { MaximumComponentCount = 4, MaximumFactorCount = 4, RestartCount = 2 });

        Assert.Equal((components, factors), (result.Best.ComponentCount, result.Best.FactorCount));

        // With one component there is nothing to tie.
        if (components > 1) Assert.Equal(structure, result.Best.SpecificVarianceStructure);
        Assert.Equal(4 * 4 * 2, result.Candidates.Count);
        Assert.Same(result.Best, result.Find(components, factors, result.Best.SpecificVarianceStructure));
        Assert.DoesNotContain(result.Warnings, warning => warning.Contains("raise", StringComparison.Ordinal));
    }

    [Fact]
    public void Search_EachModel_IsThatOfAFitWithItsOptions()
    {
        double[,] rows = Draw(2, 1, SpecificVarianceStructure.Diagonal, rowCount: 120);
        FactorAnalyzerMixtureSearchOptions options = Few();

        FactorAnalyzerSearchResult result = FactorAnalyzerMixture.Search(rows, options);

        foreach (FactorAnalyzerCandidate candidate in result.Candidates)
        {
            FactorAnalyzerMixtureModel alone = FactorAnalyzerMixture.Fit(rows, new FactorAnalyzerMixtureOptions
            {
                ComponentCount = candidate.ComponentCount,
                FactorCount = candidate.FactorCount,
                SpecificVarianceStructure = candidate.SpecificVarianceStructure,
                Start = MixtureStart.KMeansPlusPlus,
                RestartCount = options.RestartCount,
                Tolerance = options.Tolerance,
            });
            Assert.Equal(alone.Means.ToArray(), candidate.Model!.Means.ToArray());
            Assert.Equal(alone.Report!.LogLikelihood, candidate.Model.Report!.LogLikelihood);
            Closeness.Relative(alone.Report.BayesianInformationCriterion, candidate.Value(MixtureCriterion.Bayesian), 1e-10, "BIC");
        }

        Assert.Equal(result.Candidates.Min(candidate => candidate.Value(MixtureCriterion.Bayesian)), result.Best.Value(MixtureCriterion.Bayesian));
        Assert.Equal(result.Ranking.Select(candidate => candidate.Value(MixtureCriterion.Bayesian)).Order(), result.Ranking.Select(candidate => candidate.Value(MixtureCriterion.Bayesian)));
    }

    [Fact]
    public void Search_OneComponent_RanksStructuresThatAreTheSameOnce()
    {
        var seen = new List<FactorAnalyzerSearchProgress>();
        FactorAnalyzerMixtureSearchOptions options = Few();
        options.SpecificVarianceStructures = Enum.GetValues<SpecificVarianceStructure>();
        options.MaximumComponentCount = 2;
        options.Progress = new Listener(seen.Add);

        FactorAnalyzerSearchResult result = FactorAnalyzerMixture.Search(Draw(1, 1, SpecificVarianceStructure.Diagonal, rowCount: 200), options);

        FactorAnalyzerCandidate Of(int factors, SpecificVarianceStructure structure) => result.Find(1, factors, structure)!;
        Assert.Equal(16, result.Candidates.Count);
        Assert.Equal(12, seen.Count);
        Assert.All(seen, progress => Assert.Equal(12, progress.TotalModels));
        Assert.Equal(12, result.Ranking.Count);
        for (int factors = 1; factors <= 2; factors++)
        {
            Assert.Same(Of(factors, SpecificVarianceStructure.Diagonal), Of(factors, SpecificVarianceStructure.TiedDiagonal).SameAs);
            Assert.Same(Of(factors, SpecificVarianceStructure.Spherical), Of(factors, SpecificVarianceStructure.TiedSpherical).SameAs);
            Assert.Same(Of(factors, SpecificVarianceStructure.Diagonal).Model, Of(factors, SpecificVarianceStructure.TiedDiagonal).Model);
            Assert.Same(Of(factors, SpecificVarianceStructure.Diagonal).Criteria, Of(factors, SpecificVarianceStructure.TiedDiagonal).Criteria);
        }

        Assert.All(result.Candidates.Where(candidate => candidate.ComponentCount == 2), candidate => Assert.Null(candidate.SameAs));
        Assert.Same(Of(1, SpecificVarianceStructure.Diagonal), result.Best);
        Assert.DoesNotContain(result.Warnings, warning => warning.Contains("does not tell the first two models apart", StringComparison.Ordinal));
        Assert.All(result.Ranking, candidate => Assert.Null(candidate.SameAs));
    }

    [Fact]
    public void Search_OneComponent_SameStructuresAreTheSameFit()
    {
        double[,] rows = Draw(1, 2, SpecificVarianceStructure.Diagonal, rowCount: 100);
        (SpecificVarianceStructure, SpecificVarianceStructure)[] pairs =
            [(SpecificVarianceStructure.Diagonal, SpecificVarianceStructure.TiedDiagonal), (SpecificVarianceStructure.Spherical, SpecificVarianceStructure.TiedSpherical)];
        foreach ((SpecificVarianceStructure free, SpecificVarianceStructure tied) in pairs)
        {
            FitReport one = FactorAnalyzerMixture.Fit(rows, Few().FitOptions(1, 2, free)).Report!, other = FactorAnalyzerMixture.Fit(rows, Few().FitOptions(1, 2, tied)).Report!;
            Closeness.Relative(one.LogLikelihood, other.LogLikelihood, 1e-9, "Log-likelihood");
            Assert.Equal(one.FreeParameterCount, other.FreeParameterCount);
        }
    }

    [Fact]
    public void Search_OneComponentTimeBudget_TellsWhyTheSameModelIsMissing()
    {
        var clock = new ManualClock();
        FactorAnalyzerMixtureSearchOptions options = Few();
        (options.ThreadCount, options.MaximumComponentCount, options.TimeBudget, options.Clock) = (1, 1, TimeSpan.FromSeconds(1), clock);
        options.SpecificVarianceStructures = [SpecificVarianceStructure.Diagonal, SpecificVarianceStructure.TiedDiagonal];
        options.Progress = new Listener(_ => clock.Advance(TimeSpan.FromSeconds(1)));

        FactorAnalyzerSearchResult result = FactorAnalyzerMixture.Search(Draw(1, 1, SpecificVarianceStructure.Diagonal, rowCount: 120), options);

        Assert.Contains("time budget of 00:00:01 ended", result.Find(1, 2, SpecificVarianceStructure.TiedDiagonal)!.Failure, StringComparison.Ordinal);
        Assert.Contains(result.Warnings, warning => warning.Contains("ended before 1 of 2 models were fitted", StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Kind", "Determinism")]
    public void Search_AnyThreadCount_IsTheSameBitForBit()
    {
        double[,] rows = Draw(2, 1, SpecificVarianceStructure.Diagonal, rowCount: 120);

        double[][] values = [.. new[] { 1, 2, 5 }.Select(threads =>
        {
            FactorAnalyzerMixtureSearchOptions options = Few();
            options.ThreadCount = threads;
            return FactorAnalyzerMixture.Search(rows, options).Candidates.Select(candidate => candidate.Value(MixtureCriterion.Bayesian)).ToArray();
        })];

        Assert.Equal(values[0], values[1]);
        Assert.Equal(values[0], values[2]);
    }

    [Fact]
    public void Search_ByCrossValidation_IsThatOfCrossValidate()
    {
        double[,] rows = Draw(2, 1, SpecificVarianceStructure.Diagonal, rowCount: 150);
        FactorAnalyzerMixtureSearchOptions options = Few();
        options.Criterion = MixtureCriterion.CrossValidation;
        options.FoldCount = 3;

        FactorAnalyzerSearchResult result = FactorAnalyzerMixture.Search(rows, options);
        MixtureCrossValidation alone = FactorAnalyzerMixture.CrossValidate(rows, options.FitOptions(2, 1, SpecificVarianceStructure.Diagonal), 3);

        Assert.Equal(2, result.Best.ComponentCount);
        Assert.Equal(alone.FoldLogLikelihoods, result.Find(2, 1)!.CrossValidation!.FoldLogLikelihoods);
        Assert.Equal(-2 * alone.LogLikelihood, result.Find(2, 1)!.Value(MixtureCriterion.CrossValidation));
    }

    [Fact]
    public void Search_MoreComponentsThanRowsDiffer_TriesAsManyAsDiffer()
    {
        // Three different rows: no mixture of four.
        double[,] rows = new double[30, 3];
        for (int i = 0; i < 30; i++) (rows[i, 0], rows[i, 1], rows[i, 2]) = (i % 3, (i % 3) * (i % 3), i % 3 == 1 ? 1 : 0);

        FactorAnalyzerSearchResult result = FactorAnalyzerMixture.Search(
            rows, new FactorAnalyzerMixtureSearchOptions { MaximumComponentCount = 4, MaximumFactorCount = 1 });

        Assert.All(result.Candidates, candidate => Assert.Equal(candidate.Failure is null, candidate.Model is not null));
        Assert.Equal(3, result.Candidates.Max(candidate => candidate.ComponentCount));
        Assert.Contains("Warning: 4 components were asked for, but there are only 3 rows that differ and show every feature", result.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Search_BestAtTheEdge_WarnsWhatToRaise()
    {
        double[,] rows = Draw(3, 3, SpecificVarianceStructure.Diagonal, rowCount: 300);

        FactorAnalyzerSearchResult result = FactorAnalyzerMixture.Search(rows, new FactorAnalyzerMixtureSearchOptions { MaximumComponentCount = 2, MaximumFactorCount = 2 });

        Assert.Contains(result.Warnings, warning => warning.EndsWith("raise the maximum number of factors.", StringComparison.Ordinal));
        Assert.Contains(result.Warnings, warning => warning.Contains("raise the maximum number of components", StringComparison.Ordinal));
        Assert.All(result.Warnings, warning => Assert.Contains($"Warning: {warning}", result.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public void Search_MoreFactorsThanFeatures_TriesThoseThereCanBe()
    {
        double[,] rows = Draw(1, 1, SpecificVarianceStructure.Diagonal, rowCount: 60, dimension: 2);

        FactorAnalyzerSearchResult result = FactorAnalyzerMixture.Search(rows, new FactorAnalyzerMixtureSearchOptions { MaximumComponentCount = 1, MaximumFactorCount = 7 });
        ArgumentException error = Assert.Throws<ArgumentException>(
            () => FactorAnalyzerMixture.Search(rows, new FactorAnalyzerMixtureSearchOptions { MinimumFactorCount = 3, MaximumFactorCount = 7 }));

        Assert.Equal([1, 2], result.Candidates.Select(candidate => candidate.FactorCount).Distinct());
        Assert.Contains("The minimum number of factors is 3, but the rows have 2 features.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Search_ToString_IsATableOfFactorsAndComponents()
    {
        string[] lines = FactorAnalyzerMixture.Search(Draw(2, 1, SpecificVarianceStructure.Diagonal, rowCount: 150), Few()).ToString().Split('\n');

        Assert.StartsWith("BIC by factors, specific variances and number of components; lower is better", lines[0], StringComparison.Ordinal);
        Assert.Equal(["1", "2", "3"], lines[1].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("1 factor, diagonal", lines[2], StringComparison.Ordinal);
        Assert.StartsWith("2 factors, diagonal", lines[3], StringComparison.Ordinal);
        Assert.Contains('*', lines[2]);

        // Below the marks, of which some models of more factors than there are may have one: their steps run out.
        int best = Array.FindIndex(lines, line => line.StartsWith("the best", StringComparison.Ordinal));
        Assert.StartsWith("1 1 factor, diagonal", lines[best + 1], StringComparison.Ordinal);
    }

    [Fact]
    public void Search_TimeBudget_RanksWhatIsDoneAndWarns()
    {
        var clock = new ManualClock();
        FactorAnalyzerMixtureSearchOptions options = Few();
        options.ThreadCount = 1;
        options.TimeBudget = TimeSpan.FromSeconds(3);
        options.Clock = clock;
        options.Progress = new Listener(_ => clock.Advance(TimeSpan.FromSeconds(1)));

        FactorAnalyzerSearchResult result = FactorAnalyzerMixture.Search(Draw(2, 1, SpecificVarianceStructure.Diagonal, rowCount: 120), options);

        Assert.Equal(3, result.Ranking.Count);
        Assert.Equal(3, result.Candidates.Count(candidate => candidate.Failure is { } failure && failure.Contains("time budget of 00:00:03 ended", StringComparison.Ordinal)));
        Assert.Contains(result.Warnings, warning => warning.Contains("ended before 3 of 6 models were fitted", StringComparison.Ordinal));
    }

    [Fact]
    public void Search_TimeBudgetTooShortForAnything_GivesASingleComponent()
    {
        FactorAnalyzerSearchResult result = FactorAnalyzerMixture.Search(Draw(2, 1, SpecificVarianceStructure.Diagonal, rowCount: 120), TooShort());

        Assert.Equal(1, result.Best.ComponentCount);
        Assert.Equal(1, result.Best.FactorCount);
        Assert.Single(result.Ranking);
        Assert.Contains(result.Warnings, warning => warning.Contains("ended before 5 of 6 models were fitted", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(2, MixtureCriterion.Bayesian)]
    [InlineData(1, MixtureCriterion.CrossValidation)]
    public void Search_TimeBudgetTooShortForAnythingThatIsPromised_ThrowsAndSaysSo(int fewest, MixtureCriterion criterion)
    {
        FactorAnalyzerMixtureSearchOptions options = TooShort();
        (options.MinimumComponentCount, options.Criterion) = (fewest, criterion);

        MixtureFitException error = Assert.Throws<MixtureFitException>(() => FactorAnalyzerMixture.Search(Draw(2, 1, SpecificVarianceStructure.Diagonal, rowCount: 120), options));

        Assert.Contains("time budget of 00:00:01 ended", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Search_CancelledMidway_Throws(int threads)
    {
        using var source = new CancellationTokenSource();
        int completed = 0;
        FactorAnalyzerMixtureSearchOptions options = Few();
        options.ThreadCount = threads;
        options.Progress = new Listener(progress =>
        {
            completed = progress.CompletedModels;
            if (completed == 2) source.Cancel();
        });

        Assert.ThrowsAny<OperationCanceledException>(
            () => FactorAnalyzerMixture.Search(Draw(2, 1, SpecificVarianceStructure.Diagonal, rowCount: 120), options, null, source.Token));

        Assert.InRange(completed, 2, 3);
    }

    [Fact]
    public void Search_Progress_CountsEveryModelOnce()
    {
        var seen = new List<FactorAnalyzerSearchProgress>();
        FactorAnalyzerMixtureSearchOptions options = Few();
        options.Progress = new Listener(seen.Add);

        FactorAnalyzerSearchResult result = FactorAnalyzerMixture.Search(Draw(2, 1, SpecificVarianceStructure.Diagonal, rowCount: 120), options);

        Assert.Equal(Enumerable.Range(1, 6), seen.Select(progress => progress.CompletedModels));
        Assert.All(seen, progress => Assert.Equal(6, progress.TotalModels));
        Assert.Equal(result.Candidates.Select(candidate => candidate.ToString()).Order(), seen.Select(progress => progress.Candidate.ToString()).Order());
    }

    [Fact]
    public void Search_WithWeightsAndHoles_IsThatOfRowsRepeated()
    {
        double[,] rows = Draw(2, 1, SpecificVarianceStructure.Diagonal, rowCount: 80);
        for (int i = 0; i < 80; i += 5) rows[i, i % Dimension] = double.NaN;
        double[] weights = [.. Enumerable.Range(0, 80).Select(i => 1.0 + (i % 2))];
        int[] repeated = [.. Enumerable.Range(0, 80).SelectMany(i => Enumerable.Repeat(i, (int)weights[i]))];
        double[,] twice = new double[repeated.Length, Dimension];
        for (int i = 0; i < repeated.Length; i++)
        {
            for (int j = 0; j < Dimension; j++) twice[i, j] = rows[repeated[i], j];
        }

        var options = new FactorAnalyzerMixtureSearchOptions { MaximumComponentCount = 1, MaximumFactorCount = 2, Tolerance = 1e-12 };
        FactorAnalyzerSearchResult weighted = FactorAnalyzerMixture.Search(rows, options, weights), plain = FactorAnalyzerMixture.Search(twice, options);

        foreach ((FactorAnalyzerCandidate one, FactorAnalyzerCandidate other) in weighted.Candidates.Zip(plain.Candidates))
        {
            Closeness.Relative(other.Value(MixtureCriterion.Bayesian), one.Value(MixtureCriterion.Bayesian), 1e-7, "BIC");
        }
    }

    [Fact]
    public void Validate_WrongOptions_NamesThem()
    {
        Assert.Contains("MaximumFactorCount is 1, but must be at least MinimumFactorCount, which is 2", Refusal(new() { MinimumFactorCount = 2, MaximumFactorCount = 1 }), StringComparison.Ordinal);
        Assert.Contains("MinimumFactorCount is 0", Refusal(new() { MinimumFactorCount = 0 }), StringComparison.Ordinal);
        Assert.Contains("MaximumComponentCount is 0", Refusal(new() { MaximumComponentCount = 0 }), StringComparison.Ordinal);
        Assert.Contains("RestartCount is 0", Refusal(new() { RestartCount = 0 }), StringComparison.Ordinal);
        Assert.Contains("SpecificVarianceStructures must hold at least one structure, each once", Refusal(new() { SpecificVarianceStructures = [] }), StringComparison.Ordinal);
        Assert.Contains(
            "SpecificVarianceStructures must hold", Refusal(new() { SpecificVarianceStructures = [SpecificVarianceStructure.Diagonal, SpecificVarianceStructure.Diagonal] }), StringComparison.Ordinal);
        Assert.Contains("SpecificVariancePriorStrength is -1", Refusal(new() { SpecificVariancePriorStrength = -1 }), StringComparison.Ordinal);
    }

    [Fact]
    public void Search_TissueExpression_TellsManyGenesApart()
    {
        double[,] rows = CsvTable.Load("tissue_expression_189x500.csv").Features;

        FactorAnalyzerSearchResult result = FactorAnalyzerMixture.Search(rows, new FactorAnalyzerMixtureSearchOptions
        {
            MinimumComponentCount = 6,
            MaximumComponentCount = 7,
            MaximumFactorCount = 2,
            SpecificVarianceStructures = [SpecificVarianceStructure.Diagonal],
            RestartCount = 2,
        });

        int[] tissues = CsvTable.Load("tissue_expression_189x500.csv").Labels("tissue");
        int[] found = [.. Enumerable.Range(0, rows.GetLength(0)).Select(i => result.Model.Predict([.. Enumerable.Range(0, 500).Select(j => rows[i, j])]))];
        Assert.Equal(4, result.Ranking.Count);
        Assert.Equal(2, result.Best.FactorCount);
        Assert.True(AdjustedRandIndex.Of(tissues, found) > 0.65);
    }

    private static string Refusal(FactorAnalyzerMixtureSearchOptions options) =>
        Assert.ThrowsAny<ArgumentException>(() => FactorAnalyzerMixture.Search(new double[20, 3], options)).Message;

    private static FactorAnalyzerMixtureSearchOptions TooShort()
    {
        FactorAnalyzerMixtureSearchOptions options = Few();
        (options.TimeBudget, options.Clock) = (TimeSpan.FromSeconds(1), new ManualClock { StepOfReading = TimeSpan.FromSeconds(1), FiresTimers = false });
        return options;
    }

    private static FactorAnalyzerMixtureSearchOptions Few() => new()
    {
        MaximumComponentCount = 3,
        MaximumFactorCount = 2,
        SpecificVarianceStructures = [SpecificVarianceStructure.Diagonal],
        RestartCount = 2,
    };

    // Components well apart, loadings large beside specific variances.
    private static double[,] Draw(int components, int factors, SpecificVarianceStructure structure, int rowCount, int dimension = Dimension)
    {
        var random = new Random((100 * components) + factors);
        double Any() => (2 * random.NextDouble()) - 1;
        double[,] Matrix(int rows, int columns, Func<double> entry)
        {
            double[,] matrix = new double[rows, columns];
            for (int i = 0; i < rows; i++)
            {
                for (int j = 0; j < columns; j++) matrix[i, j] = entry();
            }

            return matrix;
        }

        double[,] means = Matrix(components, dimension, () => 3 * Any()), variances = Matrix(components, dimension, () => 0.2 + random.NextDouble());
        double[][,] loadings = [.. Enumerable.Range(0, components).Select(_ => Matrix(dimension, factors, () => 1.5 * Any()))];
        double[,] drawn = new double[rowCount, dimension];
        for (int i = 0; i < rowCount; i++)
        {
            int k = i % components;
            double[] scores = [.. Enumerable.Range(0, factors).Select(_ => MixtureCase.Normal(random))];
            for (int j = 0; j < dimension; j++)
            {
                double variance = variances[structure == SpecificVarianceStructure.TiedDiagonal ? 0 : k, j];
                drawn[i, j] = means[k, j] + (Math.Sqrt(variance) * MixtureCase.Normal(random)) + scores.Select((score, m) => score * loadings[k][j, m]).Sum();
            }
        }

        return drawn;
    }

    private sealed class Listener(Action<FactorAnalyzerSearchProgress> told) : IProgress<FactorAnalyzerSearchProgress>
    {
        public void Report(FactorAnalyzerSearchProgress value) => told(value);
    }
}
