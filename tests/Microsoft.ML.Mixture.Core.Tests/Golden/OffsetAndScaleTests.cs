namespace Microsoft.ML.Mixture;

/// <summary>The units of the data and where its zero lies make no difference to the answer.</summary>
[Trait("Kind", "Law")]
public class OffsetAndScaleTests
{
    private const string Faithful = "faithful";
    private const string Iris = "iris";

    public static TheoryData<string, string> Cases => new()
    {
        { Faithful, "full" }, { Faithful, "tied" }, { Faithful, "diag" }, { Faithful, "spherical" },
        { Iris, "full" }, { Iris, "tied" }, { Iris, "diag" }, { Iris, "spherical" },
    };

    public static TheoryData<string, string, int> PowersOfTwo
    {
        get
        {
            var cases = new TheoryData<string, string, int>();
            foreach (object[] row in Cases)
            {
                foreach (int power in new[] { -500, -300, -1, 1, 300, 500 }) cases.Add((string)row[0], (string)row[1], power);
            }

            return cases;
        }
    }

    // At 1e8 the last bit of a value of unit spread is worth 1.5e-8.
    [Theory]
    [MemberData(nameof(Cases))]
    public void Fit_OfDataFarFromZero_GivesTheSameLikelihoodAndIterations(string data, string type)
    {
        double[,] rows = CsvTable.Standardise(Rows(data));
        foreach (double offset in new[] { 1e3, 1e6, 1e8 })
        {
            FitReport near = Fit(data, type, rows).Report!, far = Fit(data, type, Map(rows, value => value + offset)).Report!;

            Closeness.Relative(near.LogLikelihood, far.LogLikelihood, 1e-6, $"Log-likelihood at {offset:E0}");

            // Far away rounding hides the last gains.
            Assert.InRange(far.IterationCount, near.IterationCount - 2, near.IterationCount + 2);
        }
    }

    [Theory]
    [MemberData(nameof(PowersOfTwo))]
    public void Responsibilities_OfDataTimesAPowerOfTwo_AreEqualBitForBit(string data, string type, int power)
    {
        double[,] rows = Rows(data), scaled = Map(rows, value => double.ScaleB(value, power));
        GaussianMixtureModel one = Fit(data, type, rows), other = Fit(data, type, scaled);

        Assert.Equal(one.Weights, other.Weights);
        Assert.Equal(Responsibilities(one, rows), Responsibilities(other, scaled));
    }

    [Theory]
    [MemberData(nameof(PowersOfTwo))]
    public void LogLikelihood_OfDataTimesAPowerOfTwo_IsShifted(string data, string type, int power)
    {
        double[,] rows = Rows(data);
        GaussianMixtureModel one = Fit(data, type, rows), other = Fit(data, type, Map(rows, value => double.ScaleB(value, power)));

        Assert.Equal(one.Report!.IterationCount, other.Report!.IterationCount);
        Closeness.Relative(
            one.Report.LogLikelihood - (rows.Length * power * Math.Log(2)), other.Report.LogLikelihood, 1e-13, "Log-likelihood");
        Assert.Equal(Map(one.Means.ToArray(), value => double.ScaleB(value, power)), other.Means.ToArray());
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Fit_OfVeryLargeAndVerySmallData_IsRight(string data, string type)
    {
        double[,] rows = Rows(data);
        GaussianMixtureModel one = Fit(data, type, rows);
        foreach (double factor in new[] { 1e150, 1e-150 })
        {
            double[,] scaled = Map(rows, value => value * factor);

            GaussianMixtureModel other = Fit(data, type, scaled);

            Closeness.Relative(
                one.Report!.LogLikelihood - (rows.Length * Math.Log(factor)), other.Report!.LogLikelihood, 1e-12, $"Log-likelihood at {factor:E0}");
            Closeness.ToScale(one.Weights, other.Weights, 1e-10, "Weights");
            Closeness.ToScale(Map(one.Means.ToArray(), value => value * factor), other.Means, 1e-10, "Means");
            for (int k = 0; k < one.ComponentCount; k++)
            {
                double[,] covariance = Map(one.Covariances[k].ToArray(), value => value * factor * factor);
                Closeness.ToScale(covariance, other.Covariances[k], 1e-9, "Covariance");
            }

            Closeness.ToScale(Responsibilities(one, rows), Responsibilities(other, scaled), 1e-9, "Responsibilities");
        }
    }

    private static double[,] Rows(string data) => data == Faithful ? CsvTable.Faithful.Features : CsvTable.Iris.Features;

    private static GaussianMixtureModel Fit(string data, string type, double[,] rows) => GaussianMixture.Fit(
        rows,
        new GaussianMixtureOptions
        {
            ComponentCount = data == Faithful ? 2 : 3,
            CovarianceStructure = ScikitLearnReference.Structure(type),
            Start = MixtureStart.FromLabels(Labels(data)),
        });

    private static int[] Labels(string data) => data == Iris
        ? CsvTable.Iris.Labels("Species")
        : [.. CsvTable.Faithful.Select("eruptions").Cast<double>().Select(value => value < 3 ? 0 : 1)];

    private static double[,] Map(double[,] values, Func<double, double> change)
    {
        double[,] result = new double[values.GetLength(0), values.GetLength(1)];
        for (int i = 0; i < values.GetLength(0); i++)
        {
            for (int j = 0; j < values.GetLength(1); j++) result[i, j] = change(values[i, j]);
        }

        return result;
    }

    private static double[] Responsibilities(GaussianMixtureModel model, double[,] rows)
    {
        double[] row = new double[rows.GetLength(1)];
        return [.. Enumerable.Range(0, rows.GetLength(0)).SelectMany(i =>
        {
            for (int j = 0; j < row.Length; j++) row[j] = rows[i, j];
            return model.Responsibilities(row);
        })];
    }
}
