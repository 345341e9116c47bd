using System.Text.Json;

namespace Microsoft.ML.Mixture;

/// <summary>One run of scikit-learn's BayesianGaussianMixture out of a variational_*.json; the README of tests/golden says what is in it.</summary>
internal sealed class VariationalReference
{
    private static readonly string[] _files = ["faithful", "iris", "wine_scaled", "diabetes_reaven_miller"];
    private static readonly string[] _types = ["full", "tied", "diag", "spherical"];

    private readonly JsonElement _result;
    private readonly int _dimension;

    private VariationalReference(JsonElement root, string run)
    {
        string[] parts = run.Split('/');
        Type = parts[2];
        IsProcess = parts[0] == "dirichlet_process";
        _result = root.GetProperty("results").GetProperty(run);
        _dimension = root.GetProperty("d").GetInt32();
        ComponentCount = root.GetProperty("K").GetInt32();
        double[,] rows = CsvTable.Load(root.GetProperty("dataset").GetString()!).Select([.. root.GetProperty("columns").EnumerateArray().Select(column => column.GetString()!)]);
        Rows = root.GetProperty("scaled").GetBoolean() ? CsvTable.Standardise(rows) : rows;
        Start = MixtureStart.FromLabels([.. root.GetProperty("start_labels_0based").EnumerateArray().Select(label => label.GetInt32())]);
        JsonElement prior = _result.GetProperty("prior");
        Prior = new TextbookPrior(
            IsProcess, prior.GetProperty("weight_concentration").GetDouble(), prior.GetProperty("mean_precision").GetDouble(), Json.Vector(prior.GetProperty("mean")),
            prior.GetProperty("degrees_of_freedom").GetDouble(), Matrix(prior.GetProperty("covariance")), prior.GetProperty("reg_covar").GetDouble());
    }

    public string Type { get; }

    public bool IsProcess { get; }

    public int ComponentCount { get; }

    public double[,] Rows { get; }

    public MixtureStart Start { get; }

    public TextbookPrior Prior { get; }

    /// <summary>The lower bounds after each step, as scikit-learn counts them.</summary>
    public double[] LowerBounds => Json.Vector(_result.GetProperty("lower_bounds"));

    public double[] Weights => Json.Vector(_result.GetProperty("weights"));

    /// <summary>log r(i,k) of the first rows at the end.</summary>
    public double[,] LogResponsibilities => Json.Matrix(_result.GetProperty("log_responsibilities_of_first_rows"));

    public VariationalParameters First => new(_result.GetProperty("after_step_1"), this);

    public VariationalParameters Final => new(_result, this);

    public static TheoryData<string, string> Cases() => Cases("default", "own");

    /// <summary>The runs with some priors only.</summary>
    public static TheoryData<string, string> Cases(params string[] priors)
    {
        var cases = new TheoryData<string, string>();
        foreach (string file in _files)
        {
            foreach (string weights in new[] { "dirichlet_distribution", "dirichlet_process" })
            {
                foreach (string type in _types)
                {
                    foreach (string prior in priors) cases.Add(file, $"{weights}/{prior}/{type}");
                }
            }
        }

        return cases;
    }

    public static VariationalReference Load(string file, string run)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(CsvTable.PathOf($"variational_{file}.json")));
        return new VariationalReference(document.RootElement.Clone(), run);
    }

    /// <summary>The same priors and steps.</summary>
    public BayesianGaussianMixtureOptions Options(int iterations) => new()
    {
        ComponentCount = ComponentCount,
        CovarianceStructure = ScikitLearnReference.Structure(Type),
        WeightPrior = IsProcess ? MixtureWeightPrior.DirichletProcess : MixtureWeightPrior.Dirichlet,
        WeightConcentrationPrior = Prior.Concentration,
        MeanPrecisionPrior = Prior.MeanPrecision,
        MeanPrior = Prior.Mean,
        DegreesOfFreedomPrior = Prior.DegreesOfFreedom,
        CovariancePrior = Prior.Covariance,
        CovarianceFloor = Prior.Floor,
        Start = Start,
        MaximumIterations = iterations,
        Tolerance = 0,
        ThreadCount = 1,
    };

    // A matrix, a diagonal or one variance.
    private double[,] Matrix(JsonElement stored)
    {
        if (stored.ValueKind == JsonValueKind.Array && stored[0].ValueKind == JsonValueKind.Array) return Json.Matrix(stored);
        double[,] matrix = new double[_dimension, _dimension];
        for (int j = 0; j < _dimension; j++) matrix[j, j] = stored.ValueKind == JsonValueKind.Array ? stored[j].GetDouble() : stored.GetDouble();
        return matrix;
    }

    /// <summary>The parameters of a posterior.</summary>
    internal sealed class VariationalParameters(JsonElement element, VariationalReference reference)
    {
        public double[] WeightConcentrations => Json.Vector(reference.IsProcess ? element.GetProperty("weight_concentration")[0] : element.GetProperty("weight_concentration"));

        public double[] RemainderConcentrations => reference.IsProcess ? Json.Vector(element.GetProperty("weight_concentration")[1]) : [];

        public double[] MeanPrecisions => Json.Vector(element.GetProperty("mean_precision"));

        public double[,] Means => Json.Matrix(element.GetProperty("means"));

        public double[] DegreesOfFreedom => element.GetProperty("degrees_of_freedom") is { ValueKind: JsonValueKind.Array } each
            ? Json.Vector(each) : [.. Enumerable.Repeat(element.GetProperty("degrees_of_freedom").GetDouble(), reference.ComponentCount)];

        public double[][,] Covariances => [.. Enumerable.Range(0, reference.ComponentCount)
            .Select(k => reference.Matrix(reference.Type == "tied" ? element.GetProperty("covariances") : element.GetProperty("covariances")[k]))];
    }
}
