using System.Text.Json;

namespace Microsoft.ML.Mixture;

/// <summary>One file of tests/golden that scikit-learn's results stand in; the README there says what is in it.</summary>
internal sealed class ScikitLearnReference
{
    private readonly JsonElement _root;
    private readonly int _dimension;

    private ScikitLearnReference(JsonElement root)
    {
        _root = root;
        _dimension = root.GetProperty("d").GetInt32();
        ComponentCount = root.GetProperty("K").GetInt32();
        CovarianceFloor = root.GetProperty("settings").GetProperty("reg_covar").GetDouble();
        double[,] rows = CsvTable.Load(root.GetProperty("dataset").GetString()!)
            .Select([.. root.GetProperty("columns").EnumerateArray().Select(column => column.GetString()!)]);
        Rows = root.TryGetProperty("scaled", out JsonElement scaled) && scaled.GetBoolean() ? CsvTable.Standardise(rows) : rows;
    }

    public int ComponentCount { get; }

    public double CovarianceFloor { get; }

    public double[,] Rows { get; }

    /// <summary>The names of all files and covariance types.</summary>
    public static TheoryData<string, string> Cases()
    {
        var cases = new TheoryData<string, string>();
        foreach (string path in Directory.EnumerateFiles(CsvTable.PathOf(string.Empty), "sklearn_*.json").Order(StringComparer.Ordinal))
        {
            foreach (string type in new[] { "full", "tied", "diag", "spherical" }) cases.Add(Path.GetFileNameWithoutExtension(path), type);
        }

        return cases;
    }

    public static ScikitLearnReference Load(string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(CsvTable.PathOf(name + ".json")));
        return new ScikitLearnReference(document.RootElement.Clone());
    }

    public static CovarianceStructure Structure(string type) => type switch
    {
        "full" => CovarianceStructure.Full,
        "tied" => CovarianceStructure.Tied,
        "diag" => CovarianceStructure.Diagonal,
        _ => CovarianceStructure.Spherical,
    };

    public ScikitLearnFit Fit(string type) => new(_root.GetProperty("results").GetProperty(type), type, ComponentCount, _dimension);

    public MixtureStart Start(string type) => _root.TryGetProperty("start_labels_0based", out JsonElement labels)
        ? MixtureStart.FromLabels([.. labels.EnumerateArray().Select(label => label.GetInt32())])
        : MixtureStart.FromPrecisions(Json.Vector(_root.GetProperty("weights_init")), Json.Matrix(_root.GetProperty("means_init")), Fit(type).PrecisionsInit);
}

/// <summary>The run of one covariance type.</summary>
internal sealed class ScikitLearnFit(JsonElement result, string type, int componentCount, int dimension)
{
    public int IterationCount => result.GetProperty("iterations").GetInt32();

    public double[] LowerBounds => Json.Vector(result.GetProperty("lower_bounds"));

    public double LogLikelihood => result.GetProperty("final_total_loglik").GetDouble();

    public double Aic => result.GetProperty("aic").GetDouble();

    public double Bic => result.GetProperty("bic").GetDouble();

    public long ParameterCount => result.GetProperty("n_parameters").GetInt64();

    public double[] ScoreSamples => Json.Vector(result.GetProperty("score_samples"));

    public double[,] Responsibilities => Json.Matrix(result.GetProperty("responsibilities"));

    public int[] Labels => [.. result.GetProperty("labels_0based").EnumerateArray().Select(label => label.GetInt32())];

    public double[][,] PrecisionsInit => Expand(result.GetProperty("precisions_init"));

    public double[][,] PrecisionsCholesky => Expand(result.GetProperty("precisions_cholesky"));

    public ScikitLearnParameters First => Parameters(result.GetProperty("after_iteration_1"));

    public ScikitLearnParameters Final => Parameters(result);

    private ScikitLearnParameters Parameters(JsonElement element) => new(
        Json.Vector(element.GetProperty("weights")), Json.Matrix(element.GetProperty("means")), Expand(element.GetProperty("covariances")));

    // K matrices, whatever the type stores.
    private double[][,] Expand(JsonElement stored) => [.. Enumerable.Range(0, componentCount).Select(k => type switch
    {
        "full" => Json.Matrix(stored[k]),
        "tied" => Json.Matrix(stored),
        "diag" => Diagonal(j => stored[k][j].GetDouble()),
        _ => Diagonal(_ => stored[k].GetDouble()),
    })];

    private double[,] Diagonal(Func<int, double> entry)
    {
        double[,] matrix = new double[dimension, dimension];
        for (int j = 0; j < dimension; j++) matrix[j, j] = entry(j);
        return matrix;
    }
}

/// <summary>Weights, means and one covariance a component.</summary>
internal sealed record ScikitLearnParameters(double[] Weights, double[,] Means, double[][,] Covariances);

/// <summary>Arrays out of JSON.</summary>
internal static class Json
{
    public static double[] Vector(JsonElement element) => [.. element.EnumerateArray().Select(value => value.GetDouble())];

    public static double[,] Matrix(JsonElement element)
    {
        double[,] matrix = new double[element.GetArrayLength(), element[0].GetArrayLength()];
        int i = 0;
        foreach (JsonElement row in element.EnumerateArray())
        {
            int j = 0;
            foreach (JsonElement value in row.EnumerateArray()) matrix[i, j++] = value.GetDouble();
            i++;
        }

        return matrix;
    }
}
