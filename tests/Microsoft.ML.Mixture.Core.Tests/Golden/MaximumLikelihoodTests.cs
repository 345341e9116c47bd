namespace Microsoft.ML.Mixture;

/// <summary>
/// Maxima of the likelihood that mclust and an independent EM from very many starts agree on, and closed forms of a single component.
/// </summary>
[Trait("Kind", "Golden")]
public class MaximumLikelihoodTests
{
    private const double Tolerance = 1e-9;
    private const double ParameterTolerance = 1e-10;
    private const int ExtraSteps = 300;

    // L = -(n/2) (D log 2 pi + log det S + D), with S the covariance of all rows in the shape of the structure.
    [Theory]
    [InlineData("faithful", "full", -1289.7967450526)]
    [InlineData("faithful", "tied", -1289.7967450526)]
    [InlineData("faithful", "diag", -1516.7058266183)]
    [InlineData("faithful", "spherical", -2003.9520365845)]
    [InlineData("iris", "full", -379.9146301223)]
    [InlineData("iris", "tied", -379.9146301223)]
    [InlineData("iris", "diag", -741.0175351853)]
    [InlineData("iris", "spherical", -889.5161307078)]
    [InlineData("diabetes", "full", -2540.6640423633)]
    [InlineData("diabetes", "tied", -2540.6640423633)]
    [InlineData("diabetes", "diag", -2748.9435422373)]
    [InlineData("diabetes", "spherical", -2918.9919917413)]
    public void LogLikelihood_OfOneComponent_IsTheClosedForm(string data, string type, double expected)
    {
        GaussianMixtureModel model = GaussianMixture.Fit(
            Rows(data),
            new GaussianMixtureOptions { CovarianceStructure = ScikitLearnReference.Structure(type), CovariancePriorStrength = 0 });

        Closeness.Relative(expected, model.Report!.LogLikelihood, Tolerance, "Log-likelihood");
        Assert.Equal(StopReason.Converged, model.Report.StopReason);
        Assert.InRange(model.Report.IterationCount, 0, 1);
    }

    [Theory]
    [InlineData("faithful", 2, "full", -1130.2639601847)]
    [InlineData("faithful", 2, "tied", -1140.1867594371)]
    [InlineData("faithful", 2, "diag", -1147.8063525378)]
    [InlineData("faithful", 2, "spherical", -1709.5292821774)]
    [InlineData("faithful", 3, "tied", -1126.3159278234)]
    [InlineData("faithful", 3, "spherical", -1637.4344179986)]
    [InlineData("iris", 2, "full", -214.3547043705)]
    [InlineData("iris", 2, "tied", -296.4475747693)]
    [InlineData("iris", 2, "diag", -386.1853469345)]
    [InlineData("iris", 2, "spherical", -478.5590957691)]
    [InlineData("iris", 3, "full", -180.1854771313)]
    [InlineData("iris", 3, "tied", -256.3540431256)]
    [InlineData("iris", 3, "spherical", -384.3140950608)]
    [InlineData("eruptions", 2, "full", -276.3600404957)]
    [InlineData("waiting", 2, "full", -1034.0017498316)]
    public void LogLikelihood_OfTheBestOfSomeStarts_IsTheKnownMaximum(string data, int componentCount, string type, double expected)
    {
        GaussianMixtureModel model = FitAndPolish(data, componentCount, type);

        Closeness.Relative(expected, model.Report!.LogLikelihood, Tolerance, "Log-likelihood");
    }

    // Best values known, from mclust's start or a few thousand others; better maxima may exist.
    [Theory]
    [InlineData("faithful", 3, "full", -1119.64465537)]
    [InlineData("faithful", 3, "diag", -1128.55253316)]
    [InlineData("iris", 3, "diag", -307.1775715980)]
    [InlineData("diabetes", 2, "full", -2355.6384759478)]
    [InlineData("diabetes", 2, "tied", -2468.2607642171)]
    [InlineData("diabetes", 2, "diag", -2456.8662674245)]
    [InlineData("diabetes", 2, "spherical", -2637.3146078036)]
    [InlineData("diabetes", 3, "full", -2295.0934557248)]
    [InlineData("diabetes", 3, "tied", -2409.0800129459)]
    [InlineData("diabetes", 3, "diag", -2353.1772913548)]
    [InlineData("diabetes", 3, "spherical", -2559.1309729600)]
    public void LogLikelihood_OfTheBestOfSomeStarts_IsNotBelowOtherSystems(string data, int componentCount, string type, double reached)
    {
        GaussianMixtureModel model = FitAndPolish(data, componentCount, type);

        Closeness.AtLeast(reached, model.Report!.LogLikelihood, Tolerance * Math.Abs(reached), "Log-likelihood");
    }

    // As printed by mclust, which stops early: its values are low in the last digits. VEV and VVE are special cases of the full structure.
    [Theory]
    [InlineData("faithful", 3, "tied", -1126.326, 11, -2314.316)]
    [InlineData("diabetes", 3, "full", -2295.118, 29, -4734.561)]
    [InlineData("iris", 2, "full", -215.726, 29, double.NaN)]
    [InlineData("banknote", 3, "full", -663.381409807133, 83, double.NaN)]
    [InlineData("waiting", 2, "full", -1034.002, 5, double.NaN)]
    public void LogLikelihood_ComparedWithPublishedValues_IsNotBelow(
        string data, int componentCount, string type, double printed, long parameterCount, double printedCriterion)
    {
        FitReport report = FitAndPolish(data, componentCount, type).Report!;

        Closeness.AtLeast(printed, report.LogLikelihood, 5e-4, "Log-likelihood");
        Assert.Equal(parameterCount, report.FreeParameterCount);
        if (!double.IsNaN(printedCriterion)) Closeness.AtLeast(printedCriterion, -report.BayesianInformationCriterion, 1e-3, "mclust's BIC");
    }

    [Theory]
    [InlineData(2, 574.017832)]
    [InlineData(3, 580.838907)]
    public void BayesianInformationCriterion_OfIrisFull_IsTheKnownValue(int componentCount, double expected) =>
        Closeness.Absolute(expected, FitAndPolish("iris", componentCount, "full").Report!.BayesianInformationCriterion, 1e-6, "BIC");

    [Theory]
    [InlineData("full", 0.3558729)]
    [InlineData("tied", 0.3592478)]
    [InlineData("diag", 0.3565167)]
    [InlineData("spherical", 0.3670506)]
    public void Weights_OfFaithful_AreTheKnownOnes(string type, double expected) =>
        Closeness.Absolute(expected, FitAndPolish("faithful", 2, type).Weights.Min(), 1e-7, "Weight");

    [Theory]
    [InlineData("faithful", "tied", 0.1686, 0.3564, 0.4750)]
    [InlineData("iris", "full", 0.2992, 0.3333, 0.3675)]
    public void Weights_OfThreeComponents_AreTheKnownOnes(string data, string type, double first, double second, double third)
    {
        double[] weights = [.. FitAndPolish(data, 3, type).Weights.Order()];

        Closeness.Absolute(first, weights[0], 1e-4, "Smallest weight");
        Closeness.Absolute(second, weights[1], 1e-4, "Weight in the middle");
        Closeness.Absolute(third, weights[2], 1e-4, "Largest weight");
    }

    // The fixed point of EM in 25-digit arithmetic. Printed values stop where the likelihood stands still: they hold seven digits.
    [Theory]
    [InlineData("eruptions", 0.34840463401475, 2.0186078170629, 4.2733434211919, 0.055517619184408, 0.19102419378623)]
    [InlineData("waiting", 0.36088607379017, 54.614856140623, 80.091069402734, 34.471217386482, 34.430307267164)]
    public void Parameters_OfOneFeature_AreTheKnownOnes(
        string data, double weight, double firstMean, double secondMean, double firstVariance, double secondVariance)
    {
        GaussianMixtureModel model = FitAndPolish(data, 2, "full");
        for (int step = 0; step < ExtraSteps; step++)
        {
            // Parameters settle later than the log-likelihood, which has stopped the run.
            model = GaussianMixture.Fit(Rows(data), Polish(2, "full", model, iterations: 1));
        }

        int first = model.Means[0, 0] < model.Means[1, 0] ? 0 : 1;

        Closeness.Relative(weight, model.Weights[first], ParameterTolerance, "Weight");
        Closeness.Relative(firstMean, model.Means[first, 0], ParameterTolerance, "First mean");
        Closeness.Relative(secondMean, model.Means[1 - first, 0], ParameterTolerance, "Second mean");
        Closeness.Relative(firstVariance, model.Covariances[first][0, 0], ParameterTolerance, "First variance");
        Closeness.Relative(secondVariance, model.Covariances[1 - first][0, 0], ParameterTolerance, "Second variance");
    }

    private static double[,] Rows(string data) => data switch
    {
        "faithful" => CsvTable.Faithful.Features,
        "iris" => CsvTable.Iris.Features,
        "diabetes" => CsvTable.Diabetes.Features,
        "banknote" => CsvTable.Banknote.Features,
        _ => CsvTable.Faithful.Select(data),
    };

    // The prior keeps the starts away from spikes; then it is taken away.
    private static GaussianMixtureModel FitAndPolish(string data, int componentCount, string type)
    {
        var options = new GaussianMixtureOptions
        {
            ComponentCount = componentCount,
            CovarianceStructure = ScikitLearnReference.Structure(type),
            RestartCount = 20,
            Seed = 1,
        };

        // k-means groups of these data always lead to lesser maxima; the classes lead to mclust's.
        if (data == "diabetes" && componentCount == 3 && type == "full") options.Start = MixtureStart.FromLabels(CsvTable.Diabetes.Labels("class"));
        return GaussianMixture.Fit(Rows(data), Polish(componentCount, type, GaussianMixture.Fit(Rows(data), options), 20_000));
    }

    private static GaussianMixtureOptions Polish(int componentCount, string type, GaussianMixtureModel start, int iterations) => new()
    {
        ComponentCount = componentCount,
        CovarianceStructure = ScikitLearnReference.Structure(type),
        CovariancePriorStrength = 0,
        Tolerance = 0,
        MaximumIterations = iterations,
        Start = MixtureStart.FromModel(start),
    };
}
