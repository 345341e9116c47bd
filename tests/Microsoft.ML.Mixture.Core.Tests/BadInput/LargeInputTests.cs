using Microsoft.ML.Mixture.Reliability.Tests;

namespace Microsoft.ML.Mixture.BadInput.Tests;

/// <summary>Sizes that an array, a number of 32 bits or a stack does not hold are told or work; they never wrap around to small ones.</summary>
[Trait("Kind", "Degenerate")]
public class LargeInputTests
{
    // In 32 bits 65,536 x 65,537 / 2 is 32,768.
    [Theory]
    [InlineData(46_341)]
    [InlineData(65_536)]
    public void Fit_FullMatricesThatNoArrayHolds_SaysWhatToAskFor(int dimension)
    {
        double[,] rows = Rows(3, dimension);
        ArgumentException ofFit = Assert.ThrowsAny<ArgumentException>(() => GaussianMixture.Fit(rows, 1));
        ArgumentException ofVariational = Assert.ThrowsAny<ArgumentException>(() => BayesianGaussianMixture.Fit(rows, new BayesianGaussianMixtureOptions { ComponentCount = 1 }));
        Assert.Contains($"of 1 component in {dimension} features take more numbers than an array holds. Choose", ofFit.Message, StringComparison.Ordinal);
        Assert.Contains($"over {dimension} features takes more numbers than an array holds. Pass fewer", ofVariational.Message, StringComparison.Ordinal);
    }

    /// <summary>In 32 bits 2^21 rows times 2^11 components are none, and what was thrown spoke of an index.</summary>
    [Fact]
    public void Shares_OfMoreRowsAndComponentsThanAnArrayHolds_AreRefusedInWordsAndBoundsLeftOut()
    {
        const int RowCount = 1 << 21, ComponentCount = 1 << 11;
        double[,] rows = Rows(3, 1);
        var options = new GaussianMixtureOptions { ComponentCount = 1 };
        ScaledRows scaled = GaussianFit.Prepare(GaussianMixture.Copy(rows, null), options, CancellationToken.None);

        var error = Assert.Throws<ArgumentException>(() => new SearchGrouping(scaled.Rows.Source, new int[RowCount], ComponentCount, scaled.Moments, CancellationToken.None));

        Assert.StartsWith("The start would have a share of 2097152 rows for 2048 components each, more numbers than an array holds. Pass fewer rows ", error.Message, StringComparison.Ordinal);
        MixtureComponents components = GaussianFit.Family(scaled, options).CreateAbout(ComponentCount, 1, new double[ComponentCount]);
        Assert.Null(components.CreateBounds(RowCount));
        Assert.NotNull(components.CreateBounds(3));
    }

    [Fact]
    public void SquareMatrix_ThatNoArrayHolds_IsRefusedInWords()
    {
        double[,] rows = Rows(3, 65_536);
        var options = new GaussianMixtureOptions { CovarianceStructure = CovarianceStructure.Diagonal };
        GaussianMixtureModel model = GaussianMixture.Fit(rows, options);
        Action[] actions = [() => _ = model.Covariances, () => _ = model.OverallCovariance, () => FactorAnalyzerMixture.Fit(rows, 1, 1).Covariance(0)];
        Assert.All(actions, action => Assert.Contains("for 65536 features has more numbers than an array holds", Assert.Throws<NotSupportedException>(action).Message, StringComparison.Ordinal));
    }

    [Fact]
    public void NoiseAndGaussianity_OfMoreFeaturesThanAMatrixHas_DoWithoutOne()
    {
        double[,] rows = Rows(12, 65_536);
        var options = new GaussianMixtureOptions { CovarianceStructure = CovarianceStructure.Diagonal, NoiseComponent = true };

        GaussianMixtureModel model = GaussianMixture.Fit(rows, options);

        Assert.NotNull(model.Noise);
        Assert.NotNull(model.CheckGaussianity(rows));
    }

    [Theory]
    [InlineData("VVI")]
    [InlineData("VII")]
    public void Score_FarRowOfMoreFeaturesThanAMatrixHas_IsOfTheNearestComponent(string code)
    {
        const int Dimension = 65_536;
        GaussianMixtureModel model = TwoComponents(Dimension, code);
        double[] row = new double[Dimension];
        Array.Fill(row, 1e200);

        Assert.Equal(1, model.Predict(row));
        row[7] = double.NaN;
        Assert.Equal(1, model.Predict(row));
    }

    [Fact]
    public void FillIn_MoreFeaturesThanAMatrixHas_Works()
    {
        const int Dimension = 65_536;
        GaussianMixtureModel model = TwoComponents(Dimension, "VVI");
        double[] row = new double[Dimension], filled = new double[Dimension];
        (row[3], row[9]) = (double.NaN, double.NaN);

        model.CreateFiller().Draw(row, filled, seed: 1);

        Assert.All([filled[3], filled[9]], value => Assert.InRange(Math.Abs(value), 1e-6, 5));
        Assert.Equal([0.0, 0.0], model.Conditional(row).Means.Row(0).ToArray());
    }

    // A triangle of so many features is 100 MB.
    [Fact]
    public void RowWithHoles_WithoutCorrelations_TakesNoMemoryForThem()
    {
        const int Dimension = 5_000;
        GaussianMixtureModel model = TwoComponents(Dimension, "VVI");
        double[] row = new double[Dimension], filled = new double[Dimension];
        row[3] = double.NaN;
        double[] far = [.. Enumerable.Repeat(1e200, Dimension)];
        Action[] actions =
        [
            () => model.LogDensity(row), () => model.Predict(far), () => model.CreateFiller().Fill(row, filled), () => model.CreateFiller().Draw(row, filled, seed: 1),
            () => model.Conditional(row),
        ];
        foreach (Action action in actions)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            action();
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10_000_000);
        }
    }

    [Fact]
    public void Fit_ManyFeaturesOnASmallStack_Works()
    {
        GaussianMixtureModel? model = null;
        double[,] rows = Rows(257, 20_000);
        var options = new GaussianMixtureOptions { CovarianceStructure = CovarianceStructure.Spherical, ThreadCount = 1 };
        var thread = new Thread(() => model = GaussianMixture.Fit(rows, options), maxStackSize: 256 * 1024);

        thread.Start();
        thread.Join();

        Assert.Equal(20_000, model!.Dimension);
    }

    // A stack that overflows takes the process with it. Of structures that are iterated so many components take long.
    [Theory]
    [InlineData("EVI")]
    [InlineData("EEV")]
    [InlineData("EVV")]
    public void Estimate_ManyComponentsOnASmallStack_Works(string code)
    {
        const int Count = 40_000;
        CovarianceStructure structure = CovarianceStructure.FromCode(code);
        int length = structure.Shape.Length(2);
        double[] scatter = new double[Count * length], covariances = new double[Count * length];
        for (int k = 0; k < Count; k++) (scatter[k * length], scatter[((k + 1) * length) - 1]) = (1 + (k % 3), 2 + (k % 2));
        var thread = new Thread(
            () => structure.Estimate(new CovarianceScatter(structure.Shape, 2, [.. Enumerable.Repeat(3.0, Count)], scatter), covariances), maxStackSize: 256 * 1024);

        thread.Start();
        thread.Join();

        for (int k = 0; k < Count; k++) Assert.True(covariances[k * length] > 0 && covariances[((k + 1) * length) - 1] > 0, $"Component {k} has no variance.");
    }

    [Fact]
    public void Fit_LabelsOfMoreSharesThanAnArrayHolds_SaysWhatToAskFor()
    {
        const int Count = 46_341;
        var options = new GaussianMixtureOptions { ComponentCount = Count, CovarianceStructure = CovarianceStructure.Spherical, Start = MixtureStart.FromLabels([.. Enumerable.Range(0, Count)]) };
        ArgumentException error = Assert.ThrowsAny<ArgumentException>(() => GaussianMixture.Fit(Rows(Count, 1), options));
        Assert.Contains("46341 rows for 46341 components", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Calibrate_HeldOutRowsThatNoArrayHolds_SaysWhatToPass()
    {
        GaussianMixtureModel model = GaussianMixture.Fit(Rows(3, 46_341), new GaussianMixtureOptions { CovarianceStructure = CovarianceStructure.Spherical });
        ArgumentException error = Assert.ThrowsAny<ArgumentException>(() => AnomalyCalibration.HoldOut(model, new EmptyRows(46_341, 46_341), 0.01, seed: 0, new RefitSettings(0)));
        Assert.Contains("46341 rows of 46341 features", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Silhouette_SumsThatNoArrayHolds_SaysWhatToPass()
    {
        ArgumentException error = Assert.ThrowsAny<ArgumentException>(
            () => ClusterSeparation.Silhouette(Rows(46_341, 1), [.. Enumerable.Range(0, 46_341)], sampleSize: 50_000));
        Assert.Contains("46341 rows in 46341 clusters", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WithinClusterSumOfSquares_MeansThatNoArrayHolds_SaysWhatToPass()
    {
        ArgumentException error = Assert.ThrowsAny<ArgumentException>(
            () => ClusterSeparation.WithinClusterSumOfSquares(new ZeroRows(46_341, 46_341), [.. Enumerable.Range(0, 46_341)], CancellationToken.None));
        Assert.Contains("46341 clusters in 46341 features", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Warnings_MoreMissingValuesThanAnInt32Counts_CountThem()
    {
        TrainingRows rows = TrainingRows.Inspect(GaussianMixture.Copy(new double[,] { { 1, double.NaN }, { double.NaN, 2 }, { 3, 4 } }, null), usesHoles: true, CancellationToken.None);
        Array.Fill(rows.Missing!.CellCounts, int.MaxValue);

        Assert.StartsWith("4294967294 values are missing", MissingValueWarnings.Collect(rows, rows.Missing, new MixtureOptions(), hasFreeCovariances: false).First(), StringComparison.Ordinal);
    }

    // 2^29 values are 2^32 bytes. At night only: it takes nine gigabytes.
    [Fact]
    public void Copy_ValuesOfMoreBytesThanAnInt32Counts_CopiesAll()
    {
        if (!GoalSize.IsNightly) return;
        double[,] rows = new double[1 << 29, 1];
        (rows[0, 0], rows[(1 << 29) - 1, 0]) = (1, 2);

        ArrayRowSource<double> copy = GaussianMixture.Copy(rows, null);

        double[] ends = new double[2], weights = new double[1];
        copy.Read(0, 1, ends, 1, weights);
        copy.Read((1 << 29) - 1, 1, ends.AsSpan(1), 1, weights);
        Assert.Equal([1, 2], ends);
    }

    private static GaussianMixtureModel TwoComponents(int dimension, string code)
    {
        CovarianceStructure structure = CovarianceStructure.FromCode(code);
        double[] means = [.. Enumerable.Range(0, 2 * dimension).Select(at => at < dimension ? 0.0 : 1)], covariances = [.. Enumerable.Range(0, 2 * structure.Shape.Length(dimension)).Select(at => at < structure.Shape.Length(dimension) ? 1.0 : 4)];
        Assert.True(GaussianMixtureModel.TryCreate([0.5, 0.5], dimension, structure, means, covariances, null, out GaussianMixtureModel? model, out _));
        return model!;
    }

    private static double[,] Rows(int count, int dimension)
    {
        var random = new Random(1);
        double[,] rows = new double[count, dimension];
        for (int i = 0; i < count; i++)
        {
            for (int j = 0; j < dimension; j++) rows[i, j] = random.NextDouble();
        }

        return rows;
    }

    private sealed class EmptyRows(int rowCount, int dimension) : RowSource
    {
        public override int Dimension => dimension;

        public override int RowCount => rowCount;

        public override void Read(int firstRow, int rowCount, Span<double> values, int stride, Span<double> weights) => Assert.Fail("No row is to be read.");
    }

    private sealed class ZeroRows(int rowCount, int dimension) : RowSource
    {
        public override int Dimension => dimension;

        public override int RowCount => rowCount;

        public override void Read(int firstRow, int rowCount, Span<double> values, int stride, Span<double> weights)
        {
            values.Clear();
            weights[..rowCount].Fill(1);
        }
    }
}
