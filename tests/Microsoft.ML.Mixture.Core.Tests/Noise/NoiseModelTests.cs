using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.Noise.Tests;

/// <summary>What a model with noise says of rows, of parts of rows and of itself.</summary>
public class NoiseModelTests
{
    private const double Weight = 0.25;
    private static readonly double[] _lower = [-6, -8, 1];
    private static readonly double[] _upper = [10, 4, 31];

    private static readonly GaussianMixtureModel _gaussians = GaussianMixtureModel.FromParameters(
        [0.3, 0.7], new double[,] { { 0, 0, 12 }, { 4, -2, 20 } },
        [new double[,] { { 1, 0.5, 0.2 }, { 0.5, 2, -0.4 }, { 0.2, -0.4, 3 } }, new double[,] { { 2, -0.6, 0 }, { -0.6, 1, 0.3 }, { 0, 0.3, 1.5 } }]);

    private static readonly GaussianMixtureModel _model = _gaussians.WithNoise(Weight, _lower, _upper);

    [Theory]
    [InlineData(50, "In as few as 50 rows it often takes ordinary rows")]
    [InlineData(1104, "where 2 components of this structure cannot follow them")]
    public void Fit_NoiseWithAGoodPartOfTheRows_IsWarnedOf(int count, string expected)
    {
        double[,] rows = count == 50 ? new double[50, 2] : CsvTable.Load("chevron.csv").Select("x", "y");
        var random = new Random(1);
        for (int i = 0; i < 50 && count == 50; i++) (rows[i, 0], rows[i, 1]) = (MixtureCase.Normal(random), MixtureCase.Normal(random));

        GaussianMixtureModel model = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = count == 50 ? 1 : 2, NoiseComponent = true });

        Assert.True(model.NoiseWeight > 0.2, $"The noise has {model.NoiseWeight}.");
        Assert.Contains(expected, model.Report!.Warnings.Single(text => text.StartsWith("The noise has ", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    /// <summary>Noise that had taken half of two rings, which five components cannot follow, was told by a calibration alone.</summary>
    [Theory]
    [InlineData(0.8, true)]
    [InlineData(0.2, false)]
    public void Fit_ManyRows_IsWarnedOfNoiseThatHasMoreThanAQuarterOfThem(double share, bool isWarned)
    {
        var random = new Random(3);
        double[,] rows = new double[600, 2];
        for (int i = 0; i < 600; i++)
        {
            for (int j = 0; j < 2; j++) rows[i, j] = i < share * 600 ? 40 * random.NextDouble() : 10 + (20 * (i % 2)) + (MixtureCase.Normal(random) / 2);
        }

        GaussianMixtureModel model = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 2, NoiseComponent = true });

        Assert.Equal(isWarned, model.NoiseWeight > 0.25);
        Assert.Equal(isWarned, model.Report!.Warnings.Any(text => text.StartsWith("The noise has ", StringComparison.Ordinal)));
    }

    /// <summary>A model of the first could be saved but not loaded, and the second was said to start too far from the data.</summary>
    [Theory]
    [InlineData(-2000)]
    [InlineData(2000)]
    public void Fit_NoiseOfADensityBeyondDoublePrecision_SaysSo(double logDensity)
    {
        double[,] rows = { { 0, 0 }, { 4, 0.5 }, { 1, 1 }, { 2, 2 }, { 3, 0 } };

        string message = Assert.Throws<ArgumentException>(() => GaussianMixture.Fit(rows, new GaussianMixtureOptions { NoiseComponent = true, NoiseLogDensity = logDensity })).Message;

        Assert.Equal(
            FormattableString.Invariant($"The option NoiseLogDensity is {logDensity}, but no box of such a density has sides in double precision. Give minus the logarithm of the volume over which the noise is spread; that of these rows is -2.08."),
            message);
    }

    /// <summary>Noise that is denser than the groups takes nearly all rows, so that the other weights add up to next to nothing.</summary>
    [Fact]
    public void Fit_FromModelThatIsNearlyAllNoise_GoesOn()
    {
        double[,] rows = CsvTable.Iris.Features;
        var options = new GaussianMixtureOptions { ComponentCount = 2, NoiseComponent = true, NoiseLogDensity = 20, MaximumIterations = 30, Seed = 1 };
        GaussianMixtureModel first = GaussianMixture.Fit(rows, options);
        Assert.True(first.NoiseWeight > 0.999999, $"the noise has {first.NoiseWeight:R}");
        options.Start = MixtureStart.FromModel(first);

        GaussianMixtureModel second = GaussianMixture.Fit(rows, options);

        Assert.True(second.Report!.ObjectiveHistory[^1] >= first.Report!.ObjectiveHistory[^1] - 1e-9);
    }

    /// <summary>Far from all Gaussians the noise has all the weight, and what was left without it had weights that were no numbers.</summary>
    [Fact]
    public void WithoutNoise_NoiseHasAllTheWeight_LeavesEqualWeights()
    {
        GaussianMixtureModel model = GaussianMixtureModel.FromParameters([0.3, 0.7], new double[,] { { 0, 0 }, { 5, 5 } }, [new double[,] { { 1, 0 }, { 0, 1 } }]).WithNoise(0.1, [-1e4, -1e4], [1e4, 1e4]);
        GaussianMixtureModel given = model.Conditional(5000, double.NaN);
        Assert.Equal((1, 0), (given.NoiseWeight, given.Weights.Sum()));

        GaussianMixtureModel gaussians = given.WithoutNoise();

        Assert.Equal([0.5, 0.5], gaussians.Weights);
        Assert.Equal([2.5], gaussians.OverallMean);
        Assert.Equal(gaussians.LogDensity(1), given.WithNoise(0, [0], [1]).LogDensity(1));
    }

    [Fact]
    [Trait("Kind", "Reference")]
    public void LogDensity_OfRowsWithAndWithoutHoles_IsThatOfGaussiansAndBox()
    {
        var random = new Random(4);
        for (int row = 0; row < 200; row++)
        {
            double[] values = [.. Enumerable.Range(0, 3).Select(j => _lower[j] + (random.NextDouble() * (_upper[j] - _lower[j])))];
            int[] observed = [.. Enumerable.Range(0, 3).Where(_ => random.NextDouble() < 0.7)];
            double[] holed = [.. values.Select((value, j) => observed.Contains(j) ? value : double.NaN)];
            double box = observed.Sum(j => -Math.Log(_upper[j] - _lower[j]));
            double ofGaussians = observed.Length == 0 ? 0 : _gaussians.Marginal(observed).LogDensity([.. observed.Select(j => values[j])]);
            double expected = Math.Log(((1 - Weight) * Math.Exp(ofGaussians)) + (Weight * Math.Exp(box)));
            Closeness.Absolute(expected, _model.LogDensity(holed), 1e-12, $"Log-density of row {row}");
            double[] shares = _model.Responsibilities(holed);
            Closeness.Absolute(Weight * Math.Exp(box - expected), shares[2], 1e-12, $"Share of the noise in row {row}");
            Assert.Equal(Array.IndexOf(shares, shares.Max()), _model.Predict(holed));
            if (observed.Length > 0) Closeness.Absolute(expected, _model.Marginal(observed).LogDensity([.. observed.Select(j => values[j])]), 1e-12, $"Marginal of row {row}");
        }
    }

    [Fact]
    [Trait("Kind", "Degenerate")]
    public void Predict_OfRowBeyondDoublePrecision_IsNoise()
    {
        Assert.Equal(2, _model.Predict(1e200, 0, 0));
        Assert.Equal(Math.Log(Weight) + _model.NoiseLogDensity, _model.LogDensity(1e200, 0, 0));
        Assert.Equal([0.0, 0.0, 1.0], _model.Responsibilities(1e200, 0, 0));
        Assert.Equal(-1, _model.Predict(double.PositiveInfinity, 0, 0));
        Assert.Equal(Math.Log(0), _gaussians.NoiseLogDensity);
        Assert.Same(_gaussians, _gaussians.WithoutNoise());
        Closeness.ToScale(_gaussians.Weights, _model.WithoutNoise().Weights, 1e-15, "Weights without noise");
    }

    [Fact]
    [Trait("Kind", "Recovery")]
    public void Sample_OfManyRows_HasTheMomentsOfTheMixture()
    {
        const int Count = 40_000;
        double[,] rows = _model.Sample(Count, seed: 5);
        IReadOnlyList<double> mean = _model.OverallMean;
        ReadOnlyMatrix covariance = _model.OverallCovariance;
        for (int a = 0; a < 3; a++)
        {
            double average = Enumerable.Range(0, Count).Average(i => rows[i, a]);
            Closeness.Absolute(mean[a], average, 5 * Math.Sqrt(covariance[a, a] / Count), $"Mean of feature {a}");
            for (int b = 0; b <= a; b++)
            {
                double product = Enumerable.Range(0, Count).Average(i => (rows[i, a] - mean[a]) * (rows[i, b] - mean[b]));
                Closeness.Absolute(covariance[a, b], product, 12 * Math.Sqrt(covariance[a, a] * covariance[b, b] / Count), $"Covariance of {a} and {b}");
            }
        }
    }

    [Fact]
    [Trait("Kind", "Law")]
    public void Fill_WithNoise_IsTheMeanOfTheConditional()
    {
        double[] row = [3, double.NaN, double.NaN], filled = new double[3], deviations = new double[3];
        _model.CreateFiller().Fill(row, filled, deviations);
        GaussianMixtureModel conditional = _model.Conditional(row);
        Closeness.ToScale(conditional.OverallMean, filled[1..], 1e-12, "Filled values");
        Closeness.Absolute(1, conditional.Weights.Sum() + conditional.NoiseWeight, 1e-14, "Sum of the weights given the first feature");
        for (int a = 0; a < 2; a++) Closeness.Relative(Math.Sqrt(conditional.OverallCovariance[a, a]), deviations[a + 1], 1e-10, $"Deviation {a}");

        double[] draw = new double[3];
        MissingValueFiller filler = _model.CreateFiller();
        double sum = 0;
        for (int seed = 0; seed < 4_000; seed++)
        {
            filler.Draw(row, draw, seed);
            sum += draw[2];
        }

        Closeness.Absolute(filled[2], sum / 4_000, 5 * deviations[2] / Math.Sqrt(4_000), "Mean of the draws");
    }

    [Fact]
    [Trait("Kind", "Persistence")]
    public void Load_OfSavedModelWithNoise_GivesTheSameBits()
    {
        double[,] rows = _model.Sample(400, 2);
        GaussianMixtureModel fitted = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 2, NoiseComponent = true });
        foreach (GaussianMixtureModel model in (GaussianMixtureModel[])[_model, fitted])
        {
            using var stream = new MemoryStream();
            model.Save(stream);
            stream.Position = 0;
            GaussianMixtureModel loaded = GaussianMixtureModel.Load(stream);
            MixtureAssert.SameBits(model, loaded);
            Assert.Equal(
                MixtureAssert.Bits([model.NoiseWeight, model.NoiseLogDensity, .. model.OverallMean, model.Report?.NoiseEffectiveCount ?? 0]),
                MixtureAssert.Bits([loaded.NoiseWeight, loaded.NoiseLogDensity, .. loaded.OverallMean, loaded.Report?.NoiseEffectiveCount ?? 0]));
            Assert.Equal(model.FreeParameterCount, loaded.FreeParameterCount);
            for (int i = 0; i < 40; i++)
            {
                double[] row = [rows[i, 0], i % 3 == 0 ? double.NaN : rows[i, 1], rows[i, 2]];
                Assert.Equal(MixtureAssert.Bits([model.LogDensity(row), .. model.Responsibilities(row)]), MixtureAssert.Bits([loaded.LogDensity(row), .. loaded.Responsibilities(row)]));
            }

            using var again = new MemoryStream();
            loaded.Save(again);
            Assert.Equal(stream.ToArray(), again.ToArray());
        }
    }

    [Fact]
    [Trait("Kind", "Law")]
    public void Fit_FromModelWithNoise_GoesOnWhereItEnded()
    {
        double[,] rows = _model.Sample(500, 9);
        var options = new GaussianMixtureOptions { ComponentCount = 2, NoiseComponent = true, Tolerance = 1e-10 };
        GaussianMixtureModel first = GaussianMixture.Fit(rows, options);
        options.Start = MixtureStart.FromModel(first);
        GaussianMixtureModel second = GaussianMixture.Fit(rows, options);
        Closeness.Relative(first.Report!.LogLikelihood, second.Report!.LogLikelihoodHistory[0], 1e-12, "Log-likelihood at the start");
        Closeness.Absolute(first.NoiseWeight, second.NoiseWeight, 1e-3, "Weight of the noise");
        Assert.Contains("noise: ", second.Report.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Kind", "Law")]
    public void Criteria_CountNoiseAndItsVolume()
    {
        double[,] rows = _model.Sample(300, 11);
        GaussianMixtureModel found = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 2, NoiseComponent = true });
        GaussianMixtureModel given = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 2, NoiseComponent = true, NoiseLogDensity = -9 });

        // Two means, two covariances, one weight; then weight and volume, or the weight alone.
        Assert.Equal(6 + 12 + 1 + 2, found.Report!.FreeParameterCount);
        Assert.Equal(6 + 12 + 1 + 1, given.Report!.FreeParameterCount);
        Closeness.Absolute(-9, given.NoiseLogDensity, 1e-13, "Log-density given");
        MixtureCriteria criteria = found.CriteriaOf(rows);
        Closeness.Relative(found.Report.BayesianInformationCriterion, criteria.BayesianInformationCriterion, 1e-10, "BIC");
        double loss = Enumerable.Range(0, 300).Sum(i => -Math.Log(found.Responsibilities(MixtureAssert.RowOf(rows, i)).Max()));
        Closeness.Relative(criteria.BayesianInformationCriterion + (2 * loss), criteria.IntegratedCompletedLikelihood, 1e-10, "ICL");
    }

    [Fact]
    [Trait("Kind", "Degenerate")]
    public void Fit_WithOptionsThatMakeNoSense_SaysWhich()
    {
        double[,] rows = _model.Sample(50, 1);
        Assert.Contains("NoiseComponent is false", Fails(new GaussianMixtureOptions { NoiseLogDensity = -3 }), StringComparison.Ordinal);
        Assert.Contains("NoiseLogDensity is NaN", Fails(new GaussianMixtureOptions { NoiseComponent = true, NoiseLogDensity = double.NaN }), StringComparison.Ordinal);
        Assert.Contains("has 2 entries, but there are 50 rows", Fails(new GaussianMixtureOptions { NoiseComponent = true, InitialNoise = [true, false] }), StringComparison.Ordinal);
        Assert.Contains(
            "marks 50 of 50 rows as noise", Fails(new GaussianMixtureOptions { NoiseComponent = true, InitialNoise = [.. Enumerable.Repeat(true, 50)] }), StringComparison.Ordinal);

        // The marks were left aside without a word.
        Assert.Contains(
            "InitialNoise marks rows, but Start gives parameters",
            Fails(new GaussianMixtureOptions { ComponentCount = _model.ComponentCount, NoiseComponent = true, InitialNoise = new bool[50], Start = MixtureStart.FromModel(_model) }), StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => _gaussians.WithNoise(0.1, [0, 0], [1, 1]));
        Assert.Throws<ArgumentException>(() => _gaussians.WithNoise(0.1, [0, 0, 0], [1, 0, 1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => _gaussians.WithNoise(1, _lower, _upper));

        string Fails(GaussianMixtureOptions options) => Assert.ThrowsAny<ArgumentException>(() => GaussianMixture.Fit(rows, options)).Message;
    }

    [Fact]
    [Trait("Kind", "Degenerate")]
    public void Fit_OfConstantAndCopiedColumns_LeavesNoiseToStrayRows()
    {
        double[,] sample = _gaussians.Sample(300, 3), rows = new double[310, 5];
        for (int i = 0; i < 310; i++)
        {
            for (int j = 0; j < 3; j++) rows[i, j] = i < 300 ? sample[i, j] : 100 * Math.Sin((7 * i) + (3 * j) + 1);
            (rows[i, 3], rows[i, 4]) = (5, 2 * rows[i, 0]);
        }

        GaussianMixtureModel model = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 2, NoiseComponent = true });
        Assert.InRange(model.NoiseWeight, 5.0 / 310, 30.0 / 310);
        Assert.True(double.IsFinite(model.NoiseLogDensity));
    }

    [Fact]
    [Trait("Kind", "Recovery")]
    public void Fit_WithStrayRows_KeepsBothGroupsAsNoFitWithoutNoiseDoes()
    {
        int with = 0, without = 0;
        for (int seed = 0; seed < 20; seed++)
        {
            double[,] rows = Stray(seed);
            with += FindsBoth(rows, seed, noise: true) ? 1 : 0;
            without += FindsBoth(rows, seed, noise: false) ? 1 : 0;
        }

        Assert.True(with == 20 && without <= 2, $"Both groups were found in {with} of 20 data sets with noise, and in {without} without.");
    }

    // Two groups five standard deviations apart, and far away fifteen rows in a loose cloud.
    private static double[,] Stray(int seed)
    {
        var random = new Random(seed);
        double[,] rows = new double[315, 2];
        for (int i = 0; i < 315; i++)
        {
            double spread = i < 300 ? 1 : 12;
            rows[i, 0] = (i < 300 ? 5 * (i % 2) : 60) + (spread * MixtureCase.Normal(random));
            rows[i, 1] = (i < 300 ? 0 : 40) + (spread * MixtureCase.Normal(random));
        }

        return rows;
    }

    private static bool FindsBoth(double[,] rows, int seed, bool noise)
    {
        GaussianMixtureModel model = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 2, NoiseComponent = noise, Seed = seed });
        return Enumerable.Range(0, 2).All(group => Enumerable.Range(0, 2).Any(
            k => Math.Abs(model.Means[k, 0] - (5 * group)) < 1 && Math.Abs(model.Means[k, 1]) < 1 && model.Covariances[k][0, 0] < 3));
    }
}
