using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.Judging.Tests;

[Trait("Kind", "Recovery")]
public class GaussianityTests
{
    /// <summary>The number of data sets; the environment variable MIXTURE_NIGHTLY makes it ten times as many.</summary>
    private static readonly int _sets = Environment.GetEnvironmentVariable("MIXTURE_NIGHTLY") is null ? 120 : 1200;

    /// <summary>Of Gaussian data of one to three components, apart or not, at most 5 % may lead to any finding; about 2 % do.</summary>
    [Theory]
    [InlineData("VVV", 2)]
    [InlineData("VVV", 5)]
    [InlineData("EEE", 3)]
    [InlineData("VVI", 3)]
    [InlineData("VII", 5)]
    public void CheckGaussianity_OfGaussianData_FindsNothingInNineteenOfTwenty(string code, double apart)
    {
        var findings = new List<string>();
        int alarms = 0;
        for (int seed = 0; seed < _sets; seed++)
        {
            var random = new Random(seed);
            int components = random.Next(1, 4), dimension = random.Next(1, 5), count = components * random.Next(40, 200);
            double[,] rows = new double[count, dimension];
            for (int i = 0; i < count; i++)
            {
                double shared = code[2] == 'I' ? 0 : MixtureCase.Normal(random) / 2;
                for (int j = 0; j < dimension; j++) rows[i, j] = (apart * (i % components) * (j % 2 == 0 ? 1 : -1)) + shared + MixtureCase.Normal(random);
            }

            GaussianityCheck check = Fit(rows, components, CovarianceStructure.FromCode(code)).CheckGaussianity(rows);
            if (!check.IsConsistent) alarms++;
            findings.AddRange(check.Findings);
        }

        // 5 % with three binomial standard deviations.
        double most = (0.05 * _sets) + (3 * Math.Sqrt(0.05 * 0.95 * _sets));
        Assert.True(alarms <= most, $"{alarms} of {_sets} data sets: {string.Join('\n', findings)}");
    }

    /// <summary>All values of a feature are sorted, and that of all features could not be stopped.</summary>
    [Fact]
    [Trait("Kind", "Degenerate")]
    public void CheckGaussianity_CancelledOnceTheRowsAreRead_Stops()
    {
        using var source = new CancellationTokenSource();
        GaussianMixtureModel model = GaussianMixtureModel.FromParameters([1], new double[,] { { 0, 0 } }, [new double[,] { { 1, 0 }, { 0, 1 } }]);

        // Names are asked for when all rows have been read.
        Assert.Throws<OperationCanceledException>(
            () => model.CheckGaussianity(model.Sample(100, 1), featureNames: new CancellingNames(source), cancellationToken: source.Token));
    }

    /// <summary>Of components that share variances, or have few rows for their features, too; fits begin at the components that the rows were drawn from.</summary>
    [Theory]
    [InlineData("EII", 15, 100)]
    [InlineData("EEE", 15, 100)]
    [InlineData("EEI", 6, 40)]
    [InlineData("VVI", 15, 100)]
    public void CheckGaussianity_OfManyGaussianComponents_FindsNothingInNineteenOfTwenty(string code, int dimension, int componentRows)
    {
        const int Components = 8;
        var findings = new List<string>();
        int alarms = 0;
        for (int seed = 0; seed < _sets; seed++)
        {
            var random = new Random(seed);
            double[,] rows = new double[Components * componentRows, dimension];
            int[] labels = [.. Enumerable.Range(0, rows.GetLength(0)).Select(i => i % Components)];
            for (int i = 0; i < labels.Length; i++)
            {
                for (int j = 0; j < dimension; j++) rows[i, j] = (((labels[i] >> (j % 3)) & 1) * 12) + MixtureCase.Normal(random);
            }

            var options = new GaussianMixtureOptions
            {
                ComponentCount = Components,
                CovarianceStructure = CovarianceStructure.FromCode(code),
                ThreadCount = 1,
                Start = MixtureStart.FromLabels(labels),
            };
            GaussianityCheck check = GaussianMixture.Fit(rows, options).CheckGaussianity(rows);
            if (!check.IsConsistent) alarms++;
            findings.AddRange(check.Findings);
        }

        double most = (0.05 * _sets) + (3 * Math.Sqrt(0.05 * 0.95 * _sets));
        Assert.True(alarms <= most, $"{alarms} of {_sets} data sets: {string.Join('\n', findings)}");
    }

    [Theory]
    [InlineData("EII", 1)]
    [InlineData("VVI", 1)]
    [InlineData("EEE", 3)]
    public void CheckGaussianity_OfAnyStructure_HasMardiasSkewnessOfTheRows(string code, int components)
    {
        var random = new Random(5);
        double[,] rows = new double[40 * components, 3];
        for (int i = 0; i < rows.GetLength(0); i++)
        {
            double shared = MixtureCase.Normal(random);
            for (int j = 0; j < 3; j++) rows[i, j] = (50 * (i % components)) + shared + ((1 + j + (i % components)) * MixtureCase.Normal(random));
        }

        GaussianMixtureModel model = Fit(rows, components, CovarianceStructure.FromCode(code));
        GaussianityCheck check = model.CheckGaussianity(rows);

        for (int group = 0; group < components; group++)
        {
            double[,] own = Repeat(rows, i => i % components == group ? 1 : 0);
            Closeness.Relative(Textbook.Mardia(own).Skewness, check.Components[model.Predict(own[0, 0], own[0, 1], own[0, 2])].Skewness, 1e-9, "Skewness");
        }
    }

    // However many rows there are, and whatever other components.
    [Theory]
    [InlineData(50, 1)]
    [InlineData(500, 1)]
    [InlineData(5_000, 1)]
    [InlineData(1_000, 3)]
    public void CheckGaussianity_OfValuesOnAGridOfHalfADeviation_SaysSo(int count, int components)
    {
        IReadOnlyList<string> coarse = FindingsOfRounded(count, components, 0.5), fine = FindingsOfRounded(count, components, 0.1);

        Assert.Contains(coarse, finding => finding.StartsWith("Feature 0 takes only ", StringComparison.Ordinal) && finding.EndsWith("and a Gaussian takes none twice.", StringComparison.Ordinal));
        Assert.Empty(fine);
    }

    private static IReadOnlyList<string> FindingsOfRounded(int count, int components, double step)
    {
        var random = new Random(1);
        double[,] rows = new double[count, 1];
        for (int i = 0; i < count; i++) rows[i, 0] = (i % components * 20) + (step * Math.Round(MixtureCase.Normal(random) / step));
        return Fit(rows, components, CovarianceStructure.Full).CheckGaussianity(rows).Findings;
    }

    /// <summary>Of 200 rows of a component in two features; the share that is found of 40 data sets is stated in the documentation.</summary>
    [Theory]
    [InlineData("t with 3 degrees of freedom", "heavier tails than a Gaussian", 38)]
    [InlineData("t with 5 degrees of freedom", "heavier tails than a Gaussian", 26)]
    [InlineData("gamma of shape 4", "is skewed to the right", 38)]
    [InlineData("exponential", "is skewed to the right", 40)]
    [InlineData("uniform", "lighter tails than a Gaussian", 40)]
    public void CheckGaussianity_OfAComponentThatIsNone_SaysWhatItIs(string kind, string words, int fewest)
    {
        int found = 0, blamed = 0;
        for (int seed = 0; seed < 40; seed++)
        {
            var random = new Random(seed);
            double[,] rows = new double[400, 2];
            for (int i = 0; i < 400; i++)
            {
                for (int j = 0; j < 2; j++) rows[i, j] = i % 2 == 0 ? MixtureCase.Normal(random) : 12 + Draw(kind, random);
            }

            GaussianMixtureModel model = Fit(rows, 2, CovarianceStructure.Full);
            int odd = model.Predict(12, 12);
            IReadOnlyList<string> findings = model.CheckGaussianity(rows).Findings;
            if (findings.Any(finding => finding.Contains(words, StringComparison.Ordinal) && finding.Contains($"omponent {odd}", StringComparison.Ordinal))) found++;
            if (findings.Any(finding => finding.Contains($"omponent {1 - odd}", StringComparison.Ordinal))) blamed++;
        }

        Assert.True(found >= fewest, $"Found in {found} of 40.");
        Assert.True(blamed <= 8, $"The Gaussian component was blamed in {blamed} of 40.");
    }

    [Fact]
    public void CheckGaussianity_OfOneComponent_HasMardiasMomentsAndThoseOfEachFeature()
    {
        double[,] rows = CsvTable.Iris.Features;
        GaussianMixtureModel model = GaussianMixture.Fit(rows, new GaussianMixtureOptions { CovariancePriorStrength = 0 });

        ComponentGaussianity component = model.CheckGaussianity(rows).Components.Single();

        (double skewness, double kurtosis) = Textbook.Mardia(rows);
        Closeness.Relative(skewness, component.Skewness, 1e-9, "Skewness");
        Closeness.Relative(kurtosis, component.Kurtosis, 1e-9, "Kurtosis");
        Assert.Equal(24, component.ExpectedKurtosis, 1e-12);
        Assert.Equal(150, component.EffectiveCount, 1e-9);
        foreach (FeatureGaussianity feature in component.Features)
        {
            double[] values = [.. Enumerable.Range(0, 150).Select(i => rows[i, feature.Feature])];
            (skewness, kurtosis) = Textbook.Moments(values);
            Closeness.Absolute(skewness, feature.Skewness, 1e-9, "Skewness");
            Closeness.Relative(kurtosis, feature.Kurtosis, 1e-9, "Kurtosis");
            Closeness.Absolute(0, feature.Shift, 1e-9, "Shift");
            Closeness.Relative(1, feature.VarianceRatio, 1e-9, "Variance");
            double mean = values.Average(), variance = values.Average(value => Math.Pow(value - mean, 2));
            Assert.Equal(values.Count(value => Math.Pow(value - mean, 2) / variance > 2.705543454095404) / 150.0, feature.TailShares[1], 1e-12);
        }
    }

    [Fact]
    public void CheckGaussianity_WithWeights_WeighsShares_AndCountsRowsWithCaution()
    {
        var data = new MixtureCase(2, 2, 100, 5);
        GaussianMixtureModel model = Fit(data.Rows, 2, CovarianceStructure.Full);
        double[] weights = [.. Enumerable.Range(0, data.RowCount).Select(i => (double)(i % 3))];
        double[,] repeated = Repeat(data.Rows, i => i % 3);

        GaussianityCheck one = model.CheckGaussianity(data.Rows, weights), other = model.CheckGaussianity(repeated);

        for (int k = 0; k < 2; k++)
        {
            Closeness.ToScale(other.Components[k].TailShares, one.Components[k].TailShares, 1e-12, "Shares");
            Closeness.Relative(other.Components[k].Kurtosis, one.Components[k].Kurtosis, 1e-9, "Kurtosis");
            Closeness.Relative(other.Components[k].Skewness, one.Components[k].Skewness, 1e-9, "Skewness");

            // Rows that come twice tell no more than once.
            Assert.True(one.Components[k].EffectiveCount < other.Components[k].EffectiveCount);
        }
    }

    // Squares of such weights are beyond double precision.
    [Theory]
    [InlineData(600)]
    [InlineData(-600)]
    public void CheckGaussianity_WeightsFarFromOne_CountByTheirRatios(int exponent)
    {
        var data = new MixtureCase(2, 2, 100, 5);
        GaussianMixtureModel model = Fit(data.Rows, 2, CovarianceStructure.Full);
        double[] weights = [.. Enumerable.Range(0, data.RowCount).Select(i => (double)(i % 3))];

        GaussianityCheck expected = model.CheckGaussianity(data.Rows, weights), actual = model.CheckGaussianity(data.Rows, [.. weights.Select(weight => Math.ScaleB(weight, exponent))]);

        Assert.Equal(expected.ToString(), actual.ToString());
        Assert.Equal(expected.Components.Select(component => component.EffectiveCount), actual.Components.Select(component => component.EffectiveCount));
    }

    // What the mixture expects was told by weight, and held against numbers of rows: rounded values of light rows were ties.
    [Fact]
    public void CheckGaussianity_RoundedValuesOfLightRows_AreNoTies()
    {
        var random = new Random(1);
        double[,] rows = new double[800, 1];
        double[] weights = new double[800];
        for (int i = 0; i < 800; i++) (rows[i, 0], weights[i]) = (Math.Round(MixtureCase.Normal(random), 1) + (i % 2 * 50), i % 2 == 0 ? 0.01 : 1);
        GaussianMixtureModel model = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 2 }, weights);

        Assert.Empty(model.CheckGaussianity(rows, weights).Findings);

        for (int i = 0; i < 120; i++) rows[i, 0] = 0.3 + (i % 2 * 50);
        Assert.StartsWith("Values of feature 0 repeat (ties): 0.3 in 7", Assert.Single(model.CheckGaussianity(rows, weights).Findings, finding => finding.Contains("ties", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    // Differences of large powers were next to nothing: variances of 896 or of none, and a kurtosis of -131069.
    [Theory]
    [InlineData(1e5)]
    [InlineData(1e7)]
    [InlineData(1e11)]
    public void CheckGaussianity_OfRowsFarFromTheModel_FindsTheDistanceAndNoShape(double distance)
    {
        var data = new MixtureCase(1, 2, 300, 4);
        GaussianMixtureModel model = Fit(data.Rows, 1, CovarianceStructure.Full);
        double deviation = Math.Sqrt(model.Covariances[0][0, 0]);
        double[,] far = (double[,])data.Rows.Clone();
        for (int i = 0; i < 300; i++) far[i, 0] += distance * deviation;

        GaussianityCheck check = model.CheckGaussianity(far), near = model.CheckGaussianity(data.Rows);

        FeatureGaussianity expected = near.Components[0].Features[0], actual = check.Components[0].Features[0];
        Closeness.Relative(distance, actual.Shift, 1e-6, "Shift");
        double tolerance = 1e-14 * distance;
        Closeness.Relative(expected.VarianceRatio, actual.VarianceRatio, tolerance, "Variance");
        Closeness.Absolute(expected.Skewness, actual.Skewness, tolerance, "Skewness");
        Closeness.Relative(expected.Kurtosis, actual.Kurtosis, tolerance, "Kurtosis");
        Assert.Equal(double.NaN, check.Components[0].Skewness);
        Assert.Single(check.Findings, finding => finding.StartsWith("Feature 0 of component 0 lies ", StringComparison.Ordinal));
        Assert.All(check.Findings, finding => Assert.True(finding.Contains(" tails ", StringComparison.Ordinal) || finding.Contains(" lies ", StringComparison.Ordinal), finding));
    }

    [Fact]
    public void CheckGaussianity_RowsWithHoles_CountForWhatIsObserved()
    {
        var random = new Random(3);
        double[,] rows = new double[600, 3];
        for (int i = 0; i < 600; i++)
        {
            for (int j = 0; j < 3; j++) rows[i, j] = random.NextDouble() < 0.2 ? double.NaN : (i % 2 * 8) + MixtureCase.Normal(random);
        }

        GaussianityCheck sound = Fit(rows, 2, CovarianceStructure.Full).CheckGaussianity(rows);
        for (int i = 0; i < 600; i += 2) rows[i, 1] *= Math.Abs(rows[i, 1]);
        GaussianMixtureModel model = Fit(rows, 2, CovarianceStructure.Full);
        GaussianityCheck odd = model.CheckGaussianity(rows, featureNames: ["a", "b", "c"]);

        Assert.Empty(sound.Findings);
        Assert.InRange(sound.IncompleteRowCount, 250, 340);
        Assert.Equal(sound.RowCount, 600 - Enumerable.Range(0, 600).Count(i => double.IsNaN(rows[i, 0]) && double.IsNaN(rows[i, 1]) && double.IsNaN(rows[i, 2])));
        Assert.All(sound.Components, component => Assert.InRange(component.ExpectedKurtosis, 3, 15));
        Assert.All(sound.Components, component => Assert.InRange(component.TailShares[1], 0.06, 0.14));
        Assert.Contains(odd.Findings, finding => finding.StartsWith($"Feature 1 ('b') of component {model.Predict(0, 0, 0)} has heavier tails than a Gaussian", StringComparison.Ordinal));
    }

    [Fact]
    public void CheckGaussianity_TiedCovarianceOfUnequalComponents_SaysWhichVariesMore()
    {
        var random = new Random(1);
        double[,] rows = new double[400, 2];
        for (int i = 0; i < 400; i++)
        {
            for (int j = 0; j < 2; j++) rows[i, j] = (i % 2 * 12) + ((1 + (i % 2)) * MixtureCase.Normal(random));
        }

        GaussianMixtureModel model = Fit(rows, 2, CovarianceStructure.Tied);
        IReadOnlyList<string> findings = model.CheckGaussianity(rows).Findings;

        int wide = model.Predict(12, 12);
        Assert.Contains(findings, finding => finding.StartsWith($"Feature 0 of component {wide} varies more than the model says: its variance is 1.", StringComparison.Ordinal));
        Assert.Contains(findings, finding => finding.StartsWith($"Feature 1 of component {1 - wide} varies less than the model says", StringComparison.Ordinal));
    }

    // A feature without spread tells nothing of a shape, and a row that shows no other one tells nothing at all.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void CheckGaussianity_RowOfConstantFeaturesAlone_SaysNothingOfTheShape(bool areAllConstant)
    {
        var random = new Random(1);
        double[,] rows = new double[61, 2];
        for (int i = 0; i < 61; i++) (rows[i, 0], rows[i, 1]) = (3, areAllConstant ? 5 : MixtureCase.Normal(random));
        rows[60, 1] = double.NaN;

        GaussianityCheck check = Fit(rows, 1, CovarianceStructure.Diagonal).CheckGaussianity(rows);

        Assert.Equal((61, 1), (check.RowCount, check.IncompleteRowCount));
        Assert.Equal(areAllConstant ? 0 : 60, check.Components[0].EffectiveCount, 9);
        Assert.Equal(areAllConstant ? 2 : 1, check.Findings.Count);
        Assert.Equal("Feature 0 takes a single value in 61 rows, and a Gaussian takes none twice.", check.Findings[0]);
        Assert.NotEmpty(check.ToString());
    }

    private static GaussianMixtureModel Fit(double[,] rows, int components, CovarianceStructure structure) => GaussianMixture.Fit(
        rows, new GaussianMixtureOptions { ComponentCount = components, CovarianceStructure = structure, ThreadCount = 1, RestartCount = 3 });

    private static double[,] Repeat(double[,] rows, Func<int, int> times)
    {
        int[] order = [.. Enumerable.Range(0, rows.GetLength(0)).SelectMany(i => Enumerable.Repeat(i, times(i)))];
        double[,] result = new double[order.Length, rows.GetLength(1)];
        for (int at = 0; at < order.Length; at++)
        {
            for (int j = 0; j < rows.GetLength(1); j++) result[at, j] = rows[order[at], j];
        }

        return result;
    }

    private static double Draw(string kind, Random random) => kind[0] switch
    {
        't' => Student(random, kind.Contains('3', StringComparison.Ordinal) ? 3 : 5),
        'g' => Enumerable.Range(0, 4).Sum(_ => -Math.Log(1 - random.NextDouble())) / 2,
        'e' => -Math.Log(1 - random.NextDouble()),
        _ => Math.Sqrt(12) * (random.NextDouble() - 0.5),
    };

    private static double Student(Random random, int freedom) =>
        MixtureCase.Normal(random) / Math.Sqrt(Enumerable.Range(0, freedom).Sum(_ => Math.Pow(MixtureCase.Normal(random), 2)) / freedom);

    private sealed class CancellingNames(CancellationTokenSource source) : IReadOnlyList<string>
    {
        public int Count => 2;

        public string this[int index]
        {
            get
            {
                source.Cancel();
                return $"name {index}";
            }
        }

        public IEnumerator<string> GetEnumerator() => Enumerable.Range(0, Count).Select(index => this[index]).GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
