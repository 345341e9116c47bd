using CsCheck;

namespace Microsoft.ML.Mixture.Laws.Tests;

/// <summary>What holds of whole fits: restarts, seeds, threads, saving, structures inside each other.</summary>
public class FitLaws
{
    [Fact]
    [Trait("Kind", "Law")]
    public void Responsibilities_OfEachRow_SumToOneAndPointToThePrediction() =>
        Gen.Select(MixtureCase.Any, MixtureCase.Structure, Gen.OneOf(1, 10, 1e6, 1e300)).Sample(
            (data, structure, stretch) =>
            {
                GaussianMixtureModel model = data.Fit(structure, 3);
                for (int i = 0; i < data.RowCount; i += 3)
                {
                    double[] row = [.. MixtureAssert.RowOf(data.Rows, i).Select(value => value * stretch)], responsibilities = model.Responsibilities(row);
                    Assert.All(responsibilities, share => Assert.InRange(share, 0, 1));
                    Assert.InRange(Math.Abs(responsibilities.Sum() - 1), 0, 4 * data.ComponentCount * MixtureCase.Epsilon);
                    Assert.Equal(Array.IndexOf(responsibilities, responsibilities.Max()), model.Predict(row));
                    Assert.False(double.IsNaN(model.LogDensity(row)));
                }
            },
            iter: MixtureCase.Cases);

    [Fact]
    [Trait("Kind", "Law")]
    public void Predict_Tie_GivesTheFirst()
    {
        GaussianMixtureModel model = GaussianMixtureModel.FromParameters([0.2, 0.4, 0.4], new double[,] { { 50 }, { -1 }, { 1 } }, [new double[,] { { 1 } }]);

        Assert.Equal(1, model.Predict(0));
        Assert.Equal([0, 0.5, 0.5], model.Responsibilities(0));
        Assert.Equal(0, GaussianMixtureModel.FromParameters([0.5, 0.5], new double[,] { { -1 }, { 1 } }, [new double[,] { { 1 } }]).Predict(0));
    }

    [Fact]
    [Trait("Kind", "Determinism")]
    public void Fit_ThenFromModel_EqualsOneLongFit() =>
        Gen.Select(MixtureCase.Any, MixtureCase.Structure, Gen.Int[1, 3], Gen.Int[0, 2], Gen.OneOf(0, 1e-6)).Where(t => t.Item1.ComponentCount > 1).Sample(
            (data, structure, first, second, prior) =>
            {
                GaussianMixtureModel half = data.Fit(structure, first, null, prior);
                GaussianMixtureModel rest = data.Fit(structure, second, MixtureStart.FromModel(half), prior), whole = data.Fit(structure, first + second, null, prior);
                Assert.Equal(MixtureAssert.Bits(MixtureAssert.Parameters(whole)), MixtureAssert.Bits(MixtureAssert.Parameters(rest)));
                Assert.Equal(MixtureAssert.Bits(whole.Report!.LogLikelihoodHistory.Skip(first)), MixtureAssert.Bits(rest.Report!.LogLikelihoodHistory));
            },
            iter: MixtureCase.Cases);

    [Fact]
    [Trait("Kind", "Law")]
    public void FromModel_OfAFixedPoint_Stays() =>
        Gen.Select(MixtureCase.Any, MixtureCase.Structure).Sample(
            (data, structure) =>
            {
                GaussianMixtureOptions options = data.Options(structure, 20_000);
                options.Tolerance = 1e-15;
                GaussianMixtureModel converged = GaussianMixture.Fit(data.Rows, options);
                options.Start = MixtureStart.FromModel(converged);
                options.MaximumIterations = 1;
                GaussianMixtureModel again = GaussianMixture.Fit(data.Rows, options);
                MixtureAssert.Close([converged.Report!.LogLikelihood], [again.Report!.LogLikelihood], 1e-10, "log-likelihood");
                Assert.Equal(converged.Report.LogLikelihood, again.Report.LogLikelihoodHistory[0]);
            },
            iter: MixtureCase.Cases / 2);

    [Fact]
    [Trait("Kind", "Persistence")]
    public void SaveAndLoad_AnyModel_PredictsTheSameBits() =>
        Gen.Select(MixtureCase.Any, MixtureCase.Structure, Gen.Int[0, 4]).Sample(
            (data, structure, iterations) =>
            {
                GaussianMixtureModel model = data.Fit(structure, iterations);
                byte[] bytes = Save(model);
                GaussianMixtureModel loaded = GaussianMixtureModel.Load(new MemoryStream(bytes));
                Assert.Equal(bytes, Save(loaded));
                MixtureAssert.SameBits(model, loaded);
                Assert.Equal(model.Report!.Warnings, loaded.Report!.Warnings);
                for (int i = 0; i < data.RowCount; i++)
                {
                    double[] row = MixtureAssert.RowOf(data.Rows, i);
                    Assert.Equal(model.LogDensity(row), loaded.LogDensity(row));
                    Assert.Equal(model.Responsibilities(row), loaded.Responsibilities(row));
                }
            },
            iter: MixtureCase.Cases);

    [Fact]
    [Trait("Kind", "Determinism")]
    public void Fit_AnyNumberOfThreads_GivesTheSameBits()
    {
        foreach (CovarianceStructure structure in CovarianceStructure.BuiltIn)
        {
            // Enough that several threads get chunks: rows times statistics above two million for every structure.
            var data = new MixtureCase(4, 6, structure.Shape == CovarianceShape.Full ? 5_000 : 20_000, 5);
            double[] weights = [.. Enumerable.Range(0, data.RowCount).Select(i => 0.5 + (i % 7))];
            long statistics = 5 + (4 * (6 + structure.Shape switch { CovarianceShape.Full => 21, CovarianceShape.Diagonal => 6, _ => 1 }));
            Assert.True(data.RowCount * statistics > 2_000_000, "too little work for threads");
            GaussianMixtureModel Fit(int threads, MixtureStart start)
            {
                GaussianMixtureOptions options = data.Options(structure, 4, start, 1e-6);
                options.ThreadCount = threads;
                return GaussianMixture.Fit(data.Rows, options, weights);
            }

            foreach (MixtureStart start in new[] { data.Start(), MixtureStart.KMeansPlusPlus, MixtureStart.FromLabels(data.Labels) })
            {
                GaussianMixtureModel expected = Fit(1, start);
                foreach (int threads in new[] { 3, 16 }) MixtureAssert.SameBits(expected, Fit(threads, start));
            }
        }
    }

    [Fact]
    [Trait("Kind", "Determinism")]
    public void Fit_SameSeed_GivesTheSameBitsAndAnySeedTheSameMaximum() =>
        Gen.Select(Gen.Int[1, 3], Gen.Int[1, 4], Gen.Int[0, int.MaxValue], MixtureCase.Structure, Gen.Int).Sample(
            (components, dimension, seed, structure, fitSeed) =>
            {
                var data = new MixtureCase(components, dimension, 50, seed);
                for (int i = 0; i < data.RowCount; i++)
                {
                    for (int j = 0; j < dimension; j++) data.Rows[i, j] += 40 * (i % components);
                }

                GaussianMixtureOptions options = data.Options(structure, 2000, MixtureStart.KMeansPlusPlus, 1e-6);
                options.Tolerance = 1e-13;
                GaussianMixtureModel other = GaussianMixture.Fit(data.Rows, options);
                options.Seed = fitSeed;
                GaussianMixtureModel first = GaussianMixture.Fit(data.Rows, options), second = GaussianMixture.Fit(data.Rows, options);
                MixtureAssert.SameBits(first, second);
                MixtureAssert.Close([other.Report!.LogLikelihood], [first.Report!.LogLikelihood], 1e-9, "log-likelihood");
            },
            iter: MixtureCase.Cases);

    [Theory]
    [Trait("Kind", "Law")]
    [InlineData("spherical", 13)]
    [InlineData("diagonal", 21)]
    [InlineData("tied", 26)]
    [InlineData("full", 41)]
    [InlineData("tied-spherical", 12)]
    [InlineData("tied-diagonal", 16)]
    [InlineData("tied-shape-diagonal", 17)]
    [InlineData("tied-volume-diagonal", 20)]
    [InlineData("tied-shape-and-orientation", 27)]
    [InlineData("tied-volume-and-orientation", 30)]
    [InlineData("tied-orientation", 31)]
    [InlineData("tied-volume-and-shape", 36)]
    [InlineData("tied-shape", 37)]
    [InlineData("tied-volume", 40)]
    public void FreeParameterCount_FiveFeaturesTwoComponents_IsTheKnownNumber(string name, int expected)
    {
        var data = new MixtureCase(2, 5, 50, 3);
        FitReport report = data.Fit(CovarianceStructure.BuiltIn.Single(structure => structure.Name == name), 2).Report!;

        Assert.Equal(expected, report.FreeParameterCount);
        Assert.Equal((-2 * report.LogLikelihood) + (2 * expected), report.AkaikeInformationCriterion, 1e-9);
        Assert.Equal((-2 * report.LogLikelihood) + (expected * Math.Log(100)), report.BayesianInformationCriterion, 1e-9);
    }

    [Fact]
    [Trait("Kind", "Law")]
    public void WiderStructure_FromTheNarrowerOptimum_IsAtLeastAsLikely() =>
        Gen.Select(MixtureCase.Any, Gen.OneOf(Nested())).Sample(
            (data, pair) =>
            {
                (CovarianceStructure narrow, CovarianceStructure wide) = pair;
                GaussianMixtureOptions options = data.Options(narrow, 200);
                GaussianMixtureModel smaller = GaussianMixture.Fit(data.Rows, options);
                options = data.Options(wide, 20, MixtureStart.FromModel(smaller));
                IReadOnlyList<double> history = GaussianMixture.Fit(data.Rows, options).Report!.LogLikelihoodHistory;
                Assert.Equal(smaller.Report!.LogLikelihood, history[0], 1e-9 * (1 + Math.Abs(history[0])));
                Assert.All(history, value => Assert.True(value >= smaller.Report.LogLikelihood - (1e-12 * (1 + Math.Abs(value)))));
            },
            iter: MixtureCase.Cases);

    [Fact]
    [Trait("Kind", "Law")]
    public void RestartCount_Many_KeepsTheBestRunWhole() =>
        Gen.Select(Gen.Int[2, 5], Gen.Int[1, 3], Gen.Int[0, int.MaxValue], MixtureCase.Structure, Gen.Int[2, 5]).Sample(
            (components, dimension, seed, structure, restarts) =>
            {
                var data = new MixtureCase(components, dimension, 20, seed);
                GaussianMixtureOptions options = data.Options(structure, 6, MixtureStart.KMeansPlusPlus, 1e-6);
                options.ComponentCount = components + 1;
                GaussianMixtureModel? before = null;
                for (int count = 1; count <= restarts; count++)
                {
                    options.RestartCount = count;
                    GaussianMixtureModel best = GaussianMixture.Fit(data.Rows, options);

                    // One start more is never worse, and parameters and history come from one run. Spurious components count before the objective.
                    if (before is not null)
                    {
                        int spurious = best.Report!.SpuriousComponentCount;
                        Assert.InRange(spurious, 0, before.Report!.SpuriousComponentCount);
                        if (spurious == before.Report.SpuriousComponentCount) Assert.True(best.Report.ObjectiveHistory[^1] >= before.Report.ObjectiveHistory[^1]);
                    }

                    GaussianMixtureOptions evaluation = data.Options(structure, 0, MixtureStart.FromModel(best), 1e-6);
                    evaluation.ComponentCount = components + 1;
                    Assert.Equal(GaussianMixture.Fit(data.Rows, evaluation).Report!.LogLikelihood, best.Report!.LogLikelihood);
                    before = best;
                }
            },
            iter: MixtureCase.Cases);

    [Fact]
    [Trait("Kind", "Law")]
    public void Fit_AnyStart_ChangesNoneOfItsArguments() =>
        Gen.Select(MixtureCase.Any, MixtureCase.Structure, Gen.Int[0, 2]).Sample(
            (data, structure, kind) =>
            {
                double[,] rows = (double[,])data.Rows.Clone(), means = (double[,])data.StartMeans.Clone(), responsibilities = new double[data.RowCount, data.ComponentCount];
                double[] rowWeights = [.. Enumerable.Repeat(1.5, data.RowCount)], weights = [.. Enumerable.Repeat(1.0 / data.ComponentCount, data.ComponentCount)];
                double[,] covariance = new double[data.Dimension, data.Dimension];
                for (int j = 0; j < data.Dimension; j++) covariance[j, j] = 2;
                for (int i = 0; i < data.RowCount; i++) responsibilities[i, data.Labels[i]] = 1;
                int[] labels = [.. data.Labels];
                MixtureStart start = kind switch
                {
                    0 => MixtureStart.FromParameters(weights, means, [covariance]),
                    1 => MixtureStart.FromLabels(labels),
                    _ => MixtureStart.FromResponsibilities(responsibilities),
                };
                GaussianMixtureOptions options = data.Options(structure, 3, start);
                GaussianMixtureModel first = GaussianMixture.Fit(rows, options, rowWeights);
                Assert.Equal(data.Rows.Cast<double>(), rows.Cast<double>());
                Assert.Equal(data.StartMeans.Cast<double>(), means.Cast<double>());
                Assert.Equal(data.Labels, labels);
                Assert.All(rowWeights, weight => Assert.Equal(1.5, weight));
                Assert.All(weights, weight => Assert.Equal(1.0 / data.ComponentCount, weight));
                Assert.Equal((3, 0.0, data.ComponentCount, 0), (options.MaximumIterations, options.Tolerance, options.ComponentCount, options.Seed));

                // The start keeps copies.
                Array.Clear(means);
                Array.Clear(weights);
                Array.Clear(labels);
                Array.Clear(responsibilities);
                Array.Clear(covariance);
                MixtureAssert.SameBits(first, GaussianMixture.Fit(rows, options, rowWeights));
            },
            iter: MixtureCase.Cases);

    // A structure contains another if none of its letters is stricter: I is stricter than E, and E than V.
    private static (CovarianceStructure Narrow, CovarianceStructure Wide)[] Nested()
    {
        static bool Contains(CovarianceStructure wide, CovarianceStructure narrow) =>
            wide != narrow && Enumerable.Range(0, 3).All(at => "IEV".IndexOf(wide.Code![at], StringComparison.Ordinal) >= "IEV".IndexOf(narrow.Code![at], StringComparison.Ordinal));
        (CovarianceStructure Narrow, CovarianceStructure Wide)[] pairs =
            [.. MixtureCase.Lettered.SelectMany(narrow => MixtureCase.Lettered.Where(wide => Contains(wide, narrow)).Select(wide => (narrow, wide)))];
        Assert.Equal(13 + 6, pairs.Count(pair => pair.Narrow.Code == "EII" || pair.Narrow.Code == "VII"));
        return pairs;
    }

    private static byte[] Save(GaussianMixtureModel model)
    {
        var stream = new MemoryStream();
        model.Save(stream);
        return stream.ToArray();
    }
}
