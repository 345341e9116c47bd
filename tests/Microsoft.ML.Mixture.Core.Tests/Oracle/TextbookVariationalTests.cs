namespace Microsoft.ML.Mixture;

/// <summary>The library does, step by step, what <see cref="TextbookVariationalMixture"/> does.</summary>
[Trait("Kind", "Reference")]
public class TextbookVariationalTests
{
    private const int Steps = 4;

    public static TheoryData<int, string, bool> Cases()
    {
        var cases = new TheoryData<int, string, bool>();
        for (int seed = 0; seed < 6; seed++)
        {
            foreach (string structure in new[] { "full", "tied", "diag", "spherical" }) cases.Add(seed, structure, seed % 2 == 0);
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void BoundAndPosterior_OfEveryStep_AreTheTextbooks(int seed, string structure, bool isProcess)
    {
        var problem = new VariationalProblem(seed, structure, isProcess, hasHoles: false);
        CompareWithTextbook(problem);
    }

    [Theory]
    [InlineData(10, "diag", true)]
    [InlineData(11, "diag", false)]
    [InlineData(12, "spherical", true)]
    [InlineData(13, "spherical", false)]
    public void BoundAndPosterior_OfRowsWithHoles_AreTheTextbooks(int seed, string structure, bool isProcess)
    {
        // The first step of a start has no posterior to fill holes by, so the start is taken from the library.
        var problem = new VariationalProblem(seed, structure, isProcess, hasHoles: true);
        CompareWithTextbook(problem);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Bound_OfOneComponent_IsTheEvidence(int dimension)
    {
        var random = new Random(dimension);
        double[,] rows = new double[40, dimension];
        for (int i = 0; i < 40; i++)
        {
            for (int j = 0; j < dimension; j++) rows[i, j] = 3 + (0.5 * j) + (j > 0 ? 0.7 * rows[i, j - 1] : 0) + Laws.Tests.MixtureCase.Normal(random);
        }

        GaussianMixtureModel model = BayesianGaussianMixture.Fit(rows, new BayesianGaussianMixtureOptions
        {
            ComponentCount = 1,
            WeightPrior = MixtureWeightPrior.Dirichlet,
            MeanPrecisionPrior = 0.3,
            DegreesOfFreedomPrior = dimension + 1.5,
        });

        // With one component the posterior is exact, and the evidence the product of Student densities of each row given those before it.
        GaussianMixturePrior prior = model.Posterior!.Prior;
        double beta = prior.MeanPrecision, nu = prior.DegreesOfFreedom, evidence = 0;
        double[] mean = [.. prior.Mean];
        double[,] scatter = prior.Covariance.ToArray();
        for (int i = 0; i < 40; i++)
        {
            double[] offset = [.. mean.Select((value, j) => rows[i, j] - value)];
            double degrees = nu + 1 - dimension;
            double[,] shape = Textbook.Times(scatter, (beta + 1) / (beta * degrees));
            evidence += Textbook.LogGamma((degrees + dimension) / 2) - Textbook.LogGamma(degrees / 2) - (0.5 * dimension * Math.Log(degrees * Math.PI))
                - (0.5 * Textbook.LogDeterminant(shape)) - (0.5 * (degrees + dimension) * Math.Log(1 + (Textbook.Quadratic(Textbook.Inverse(shape), offset) / degrees)));
            for (int a = 0; a < dimension; a++)
            {
                for (int b = 0; b < dimension; b++) scatter[a, b] += beta / (beta + 1) * offset[a] * offset[b];
                mean[a] += offset[a] / (beta + 1);
            }

            (beta, nu) = (beta + 1, nu + 1);
        }

        Closeness.Relative(evidence, model.Report!.EvidenceLowerBound, 1e-11, "Evidence");
    }

    private static void CompareWithTextbook(VariationalProblem problem)
    {
        var textbook = new TextbookVariationalMixture(problem.Rows, problem.RowWeights, problem.Type, problem.ComponentCount, problem.Prior);
        GaussianMixtureModel start = problem.Fit(0);
        if (problem.HasHoles)
        {
            ScikitLearnVariationalTests.Load(textbook, start.Posterior!);
        }
        else
        {
            textbook.Responsibilities = problem.Responsibilities;
            textbook.Maximize();
        }

        GaussianMixtureModel end = problem.Fit(Steps);
        for (int t = 0; t <= Steps; t++)
        {
            GaussianMixturePosterior posterior = problem.Fit(t).Posterior!;
            Closeness.ToScale(textbook.Counts, posterior.EffectiveCounts, 1e-9, $"Counts after step {t}");
            Closeness.ToScale(textbook.Means.SelectMany(mean => mean), posterior.Means.ToArray().Cast<double>(), 1e-9, $"Means after step {t}");
            Closeness.ToScale(textbook.Covariances, posterior.Covariances, 1e-8, $"Covariances after step {t}");
            textbook.Expect();
            Closeness.Relative(textbook.Bound(), end.Report!.EvidenceLowerBoundHistory[t], 1e-10, $"Evidence lower bound after step {t}");
            textbook.Maximize();
        }
    }
}

/// <summary>Random rows, weights, responsibilities and priors, drawn from a seed.</summary>
internal sealed class VariationalProblem
{
    public VariationalProblem(int seed, string type, bool isProcess, bool hasHoles)
    {
        var random = new Random(seed);
        (Type, HasHoles) = (type, hasHoles);
        ComponentCount = random.Next(1, 6);
        int dimension = random.Next(1, 6), count = random.Next(30, 90);
        Rows = [.. Enumerable.Range(0, count).Select(i => Enumerable.Range(0, dimension)
            .Select(j => hasHoles && dimension > 1 && j == i % (dimension + 2) ? double.NaN : (3 * (i % 3)) + (0.1 * j) + Laws.Tests.MixtureCase.Normal(random)).ToArray())];
        RowWeights = [.. Rows.Select(_ => 0.25 + (2 * random.NextDouble()))];
        Responsibilities = [.. Rows.Select(_ =>
        {
            double[] shares = [.. Enumerable.Range(0, ComponentCount).Select(_ => Math.Pow(random.NextDouble(), 3) + 0.01)];
            return shares.Select(share => share / shares.Sum()).ToArray();
        })];
        double[,] covariance = new double[dimension, dimension];
        for (int i = 0; i < dimension; i++)
        {
            for (int j = 0; j < dimension; j++) covariance[i, j] = (i == j ? 1 + random.NextDouble() : 0.3) * (j + 1) * (i + 1);
        }

        Prior = new TextbookPrior(
            isProcess, 0.1 + random.NextDouble(), 0.1 + random.NextDouble(), [.. Enumerable.Range(0, dimension).Select(_ => 4 * random.NextDouble())],
            dimension - 0.5 + (3 * random.NextDouble()), covariance, hasHoles ? 0 : random.Next(2) * 0.01);
    }

    public string Type { get; }

    public bool HasHoles { get; }

    public int ComponentCount { get; }

    public double[][] Rows { get; }

    public double[] RowWeights { get; }

    public double[][] Responsibilities { get; }

    public TextbookPrior Prior { get; }

    public GaussianMixtureModel Fit(int iterations)
    {
        double[,] shares = new double[Rows.Length, ComponentCount];
        for (int i = 0; i < Rows.Length; i++)
        {
            for (int k = 0; k < ComponentCount; k++) shares[i, k] = Responsibilities[i][k];
        }

        var options = new BayesianGaussianMixtureOptions
        {
            ComponentCount = ComponentCount,
            CovarianceStructure = ScikitLearnReference.Structure(Type),
            WeightPrior = Prior.IsProcess ? MixtureWeightPrior.DirichletProcess : MixtureWeightPrior.Dirichlet,
            WeightConcentrationPrior = Prior.Concentration,
            MeanPrecisionPrior = Prior.MeanPrecision,
            MeanPrior = Prior.Mean,
            DegreesOfFreedomPrior = Prior.DegreesOfFreedom,
            CovariancePrior = Prior.Covariance,
            CovarianceFloor = Prior.Floor,
            Start = MixtureStart.FromResponsibilities(shares),
            MaximumIterations = iterations,
            Tolerance = 0,
        };
        return BayesianGaussianMixture.Fit(new ArrayRowSource<double>(Rows.SelectMany(row => row).ToArray(), Rows[0].Length, RowWeights), options, default);
    }
}
