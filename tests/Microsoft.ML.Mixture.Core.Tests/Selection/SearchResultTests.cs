namespace Microsoft.ML.Mixture.Selection.Tests;

public class SearchResultTests
{
    [Theory]
    [InlineData(1.99, true)]
    [InlineData(2.01, false)]
    public void Warnings_FirstTwoCloserThanTwo_SayThatTheyAreNotToldApart(double difference, bool expected)
    {
        MixtureSearchResult result = Result(Candidate(2, 1000), Candidate(3, 1000 + difference));

        Assert.Equal(expected, result.Warnings.Any(warning => warning.Contains(
            "full (VVV), 2 components and full (VVV), 3 components differ by 1.99 in BIC", StringComparison.Ordinal)));
    }

    [Fact]
    public void Ranking_DoubtfulModel_IsBehindAllOthersAndMarked()
    {
        MixtureCandidate doubtful = Candidate(3, 100);
        doubtful.IsDoubtful = true;

        MixtureSearchResult result = Result(Candidate(2, 900), doubtful, Candidate(4, 901.5));

        Assert.Equal([2, 4, 3], result.Ranking.Select(candidate => candidate.ComponentCount));
        Assert.Contains("differ by 1.50", Assert.Single(result.Warnings), StringComparison.Ordinal);
        Assert.Contains("100.0?", result.ToString(), StringComparison.Ordinal);
        Assert.Contains("\n  * the winner   ? components rest on a handful of rows, or parameters on too few values: ranked behind all others\n", result.ToString(), StringComparison.Ordinal);
        Assert.Contains("900.0*", result.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3, 900.0, true)]
    [InlineData(3, 1100.0, false)]
    [InlineData(2, 900.0, false)]
    public void Warnings_BestAtTheEndOfTheRange_SayThatMoreMayBeBetter(int otherCount, double bic, bool expected)
    {
        MixtureSearchResult result = Result(Candidate(2, 1000), Candidate(otherCount, bic));

        string[] warnings = expected ? ["The best model has as many components as were tried, 3. More may be better: raise the maximum number of components."] : [];
        Assert.Equal(warnings, result.Warnings);
    }

    [Fact]
    public void Ranking_OnlyDoubtfulModels_Warns()
    {
        MixtureCandidate doubtful = Candidate(3, 100);
        doubtful.IsDoubtful = true;
        Assert.Contains("rest on a handful of rows", Assert.Single(Result(doubtful).Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void ToString_OfASearch_IsATableByStructureAndComponents()
    {
        string text = Result(Candidate(2, 1000), Candidate(3, 1234.56)).ToString();

        string[] lines = text.Split('\n');
        Assert.Equal("BIC by structure and number of components; lower is better", lines[0]);
        Assert.Equal("                 2        3", lines[1]);
        Assert.Equal("full (VVV)  1000.0*  1234.6", lines[2]);
        Assert.Equal("  * the winner", lines[3]);
        Assert.StartsWith("1 full (VVV)   2", lines[6], StringComparison.Ordinal);
        Assert.EndsWith("234.56", lines[7], StringComparison.Ordinal);
    }

    [Fact]
    public void ToString_ModelsThatEndedEarly_AreMarkedAndExplainedOnce()
    {
        MixtureCandidate[] early = [Candidate(3, 1100), Candidate(4, 900), Candidate(5, 1200)];
        foreach (MixtureCandidate candidate in early) candidate.EndedEarly = true;
        early[1].IsDoubtful = true;

        string[] lines = Result([Candidate(2, 1000), .. early]).ToString().Split('\n');

        Assert.Equal("full (VVV)  1000.0*  1100.0~   900.0?  1200.0~", lines[2]);
        Assert.Equal("  * the winner   ? components rest on a handful of rows, or parameters on too few values: ranked behind all others", lines[3]);
        Assert.Equal("  ~ not fitted to the end, as it could no longer win, or time or steps ran out: it may be better at its best", lines[4]);
        Assert.Equal(string.Empty, lines[5]);
    }

    [Fact]
    public void Result_SingleModel_IsSpokenOfAsOne()
    {
        var failed = new MixtureCandidate(2, CovarianceStructure.Full) { Failure = "There is 1 row." };
        Assert.Equal("The model could not be fitted: There is 1 row.", Assert.Throws<MixtureFitException>(() => Result(failed)).Message);

        var options = new GaussianMixtureSearchOptions { TimeBudget = TimeSpan.FromSeconds(1) };
        Assert.Equal("The time budget of 00:00:01 ended before the search did: the model is fitted, but may be short of its best.", options.WarnOfTime(unfinished: 0, all: 1));

        GaussianMixtureModel model = GaussianMixture.Fit(new double[,] { { 1 }, { 2 }, { 4 } }, new GaussianMixtureOptions { ComponentCount = 1 });
        string text = new MixtureBootstrapTest(model, model, 1, [double.PositiveInfinity], plannedReplicateCount: 1).ToString();
        Assert.EndsWith("at 95 % of 1 data set. 1 data set could not be fitted and counts as larger.", text, StringComparison.Ordinal);
    }

    [Fact]
    public void ToString_ModelsThatFailAlike_AreOneLine()
    {
        MixtureCandidate[] failed = [.. Enumerable.Range(0, 16).Select(at => new MixtureCandidate(7 + (at / 8), CovarianceStructure.BuiltIn[at % 8]) { Failure = $"There are {6 + (at / 8)} rows." })];

        string text = Result([Candidate(2, 1000), .. failed]).ToString();

        Assert.Contains("\nNo model: full (VVV), 7 components and 7 others of as many components. There are 6 rows.\n", text, StringComparison.Ordinal);
        Assert.EndsWith("\nNo model: full (VVV), 8 components and 7 others of as many components. There are 7 rows.", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Search_ModelWithHardlyTwoValuesForAParameter_IsDoubtful()
    {
        // Four groups of six rows in six features: 144 values, 96 parameters.
        var random = new Random(4);
        double[,] rows = new double[24, 6];
        for (int at = 0; at < rows.Length; at++) rows[at / 6, at % 6] = (9 * (at / 6 % 4 == at % 6 ? 1 : 0)) + random.NextDouble();
        var options = new GaussianMixtureSearchOptions { MinimumComponentCount = 4, MaximumComponentCount = 4, CovarianceStructures = [CovarianceStructure.FromCode("VEV"), CovarianceStructure.FromCode("EII")] };

        MixtureSearchResult result = GaussianMixture.Search(rows, options);

        MixtureCandidate oriented = result.Find(4, CovarianceStructure.FromCode("VEV"))!;
        Assert.Equal((96, 0), ((int)oriented.Model!.FreeParameterCount, oriented.Model.Report!.SpuriousComponentCount));
        Assert.True(oriented.IsDoubtful);
        Assert.False(result.Best.IsDoubtful);
    }

    // Likelihoods of quakes have very many maxima, and those of irises have not.
    [Fact]
    public void Search_StartingAgainBringsMoreThanTheFirstTwoDifferBy_WarnsThatBetterMaximaMayBeLeft()
    {
        MixtureSearchResult rugged = GaussianMixture.Search(CsvTable.Load("quakes.csv").Select("lat", "long", "depth", "mag"));
        MixtureSearchResult smooth = GaussianMixture.Search(CsvTable.Iris.Features);

        Assert.Contains(rugged.Warnings, warning => warning.Contains("better ones may be left. Fit the first few models with ten restarts each", StringComparison.Ordinal));
        Assert.DoesNotContain(smooth.Warnings, warning => warning.Contains("better ones may be left", StringComparison.Ordinal));
    }

    [Fact]
    public void Search_WinnerWithWarnings_RepeatsThem()
    {
        // Seven parameters for six rows.
        double[,] rows = { { 0, 1 }, { 1, 3 }, { 2, 2 }, { 10, 11 }, { 12, 10 }, { 11, 13 } };
        var options = new GaussianMixtureSearchOptions { MinimumComponentCount = 2, MaximumComponentCount = 2, CovarianceStructures = [CovarianceStructure.Tied] };

        MixtureSearchResult result = GaussianMixture.Search(rows, options);

        string[] ofWinner = [.. result.Warnings.Where(warning => warning.StartsWith("Of the winner: ", StringComparison.Ordinal))];
        Assert.NotEmpty(ofWinner);
        Assert.Equal(result.Model.Report!.Warnings, [.. ofWinner.Select(warning => warning["Of the winner: ".Length..]), .. result.Warnings.Except(ofWinner)]);
    }

    // Who has only the model, in a pipeline or from a file, reads nothing else.
    [Fact]
    public void Search_WhatItHasToSay_StandsInTheReportOfTheWinnerAndIsSavedWithIt()
    {
        double[,] rows = CsvTable.Faithful.Features;
        MixtureSearchResult result = GaussianMixture.Search(rows, new GaussianMixtureSearchOptions { MaximumComponentCount = 2, CovarianceStructures = [CovarianceStructure.Full] });
        using var file = new MemoryStream();
        result.Model.Save(file);
        file.Position = 0;

        const string Edge = "The best model has as many components as were tried, 2.";
        Assert.Single(result.Warnings, warning => warning.StartsWith(Edge, StringComparison.Ordinal));
        Assert.Single(result.Model.Report!.Warnings, warning => warning.StartsWith(Edge, StringComparison.Ordinal));
        Assert.Single(GaussianMixtureModel.Load(file).Report!.Warnings, warning => warning.StartsWith(Edge, StringComparison.Ordinal));
        Assert.DoesNotContain(result.Ranking[1].Model!.Report!.Warnings, warning => warning.StartsWith(Edge, StringComparison.Ordinal));
    }

    [Fact]
    public void Search_NoListOfStructures_NamesTheOption()
    {
        double[,] rows = { { 0, 1 }, { 1, 3 }, { 2, 2 } };
        ArgumentNullException ofGaussians = Assert.Throws<ArgumentNullException>(() => GaussianMixture.Search(rows, new GaussianMixtureSearchOptions { CovarianceStructures = null! }));
        ArgumentNullException ofAnalyzers = Assert.Throws<ArgumentNullException>(() => FactorAnalyzerMixture.Search(rows, new FactorAnalyzerMixtureSearchOptions { SpecificVarianceStructures = null! }));
        Assert.Equal(("CovarianceStructures", "SpecificVarianceStructures"), (ofGaussians.ParamName, ofAnalyzers.ParamName));
    }

    private static MixtureSearchResult Result(params MixtureCandidate[] candidates) => new(candidates, MixtureCriterion.Bayesian, [], [], []);

    private static MixtureCandidate Candidate(int componentCount, double bic) => new(componentCount, CovarianceStructure.Full)
    {
        Model = GaussianMixtureModel.FromParameters([1], new double[,] { { 0 } }, [new double[,] { { 1 } }]),
        Criteria = new MixtureCriteria
        {
            RowCount = 1,
            RowWeightTotal = 1,
            FreeParameterCount = 2,
            LogLikelihood = -bic / 2,
            ClassificationEntropy = 0,
            ClassificationLoss = 0,
        },
    };
    /// <summary>Who prints a search and the report of its winner read twice what is missing.</summary>
    [Theory]
    [InlineData("plain")]
    [InlineData("noise")]
    [InlineData("factors")]
    public void ToString_RowsWithHoles_LeavesToTheReportWhatIsMissing(string kind)
    {
        var random = new Random(3);
        double[,] rows = new double[80, 3];
        for (int i = 0; i < 80; i++)
        {
            for (int j = 0; j < 3; j++) rows[i, j] = i % 10 == j ? double.NaN : random.NextDouble() + random.NextDouble();
        }

        (string text, IReadOnlyList<string> warnings, FitReport report) = kind == "factors"
            ? Tell(FactorAnalyzerMixture.Search(rows, new FactorAnalyzerMixtureSearchOptions { MaximumComponentCount = 2, MaximumFactorCount = 1 }))
            : Tell(GaussianMixture.Search(rows, new GaussianMixtureSearchOptions { MaximumComponentCount = 2, NoiseComponent = kind == "noise", CovarianceStructures = [CovarianceStructure.Full, CovarianceStructure.Diagonal] }));

        const string Missing = "24 values are missing (NaN) in 24 of 80 rows";
        Assert.Single($"{text}\n{report}".Split('\n'), line => line.Contains(Missing, StringComparison.Ordinal));
        Assert.Single(report.Warnings, warning => warning.StartsWith(Missing, StringComparison.Ordinal));
        Assert.Single(warnings, warning => warning.StartsWith("Of the winner: " + Missing, StringComparison.Ordinal));

        static (string Text, IReadOnlyList<string> Warnings, FitReport Report) Tell<T>(MixtureRanking<T> search)
            where T : SearchedMixture =>
            (search.ToString(), search.Warnings, search is MixtureSearchResult gaussians ? gaussians.Model.Report! : ((FactorAnalyzerSearchResult)(object)search).Model.Report!);
    }

    /// <summary>A model whose later fit is beyond double precision in the units of the data was kept, and had a reason for there being none.</summary>
    [Fact]
    public void Make_LaterFitBeyondDoublePrecision_KeepsTheModelAndHasNoFailure()
    {
        // The variances of values of this size are below the smallest number, in the units of the data.
        double[,] rows = new double[60, 1];
        for (int i = 0; i < 60; i++) rows[i, 0] = 1e-165 * (i + (i % 2 * 100));
        var options = new GaussianMixtureSearchOptions { MinimumComponentCount = 2, MaximumComponentCount = 2, CovarianceStructures = [CovarianceStructure.Full] };
        GaussianMixtureOptions fit = options.FitOptions(2, CovarianceStructure.Full);
        using var time = new TimeLimit(null, options.Clock, CancellationToken.None);
        SearchData data = SearchData.Prepare(GaussianMixture.Copy(rows, null), options, fit, time, CancellationToken.None);
        using var fits = new HypothesisFits(data.Scaled, fit, CancellationToken.None);
        Assert.True(fits.TryImprove(fits.Start(MixtureStart.KMeansPlusPlus, 1)));
        var cell = new SearchCell(MixtureCandidate.CreateAll(options, 1)[0], fit, data, options.CovarianceStructures) { Current = fits.Best };
        var models = new SearchModels(data);
        using var budget = new FitBudget(fit, CancellationToken.None);

        models.Make(cell, budget, CancellationToken.None);
        Assert.Contains("beyond double precision", cell.Candidate.Failure, StringComparison.Ordinal);
        Assert.Null(cell.Candidate.Model);

        GaussianMixtureModel model = GaussianMixtureModel.FromParameters([0.5, 0.5], new double[,] { { 0 }, { 1 } }, [new double[,] { { 1 } }, new double[,] { { 1 } }]);
        cell.Accept(model);
        models.Make(cell, budget, CancellationToken.None);

        Assert.Same(model, cell.Candidate.Model);
        Assert.Null(cell.Candidate.Failure);
    }
}
