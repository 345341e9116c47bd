using MathNet.Numerics.Random;

namespace Microsoft.ML.Mixture;

/// <summary>Mixtures that might have been fitted in place of one: to data sets drawn from it, of as many rows with as many missing values.</summary>
/// <remarks>
/// A refit starts with the parameters of the mixture and has its structure, and its noise or variational prior. How far the refits make rows of the mixture look less ordinary
/// than their own is how far the mixture makes rows of the truth look so: a parametric bootstrap.
/// </remarks>
internal static class EstimationRefits
{
    /// <summary>More than this many rows for each free parameter tell the parameters so well that no more than some hundredths of the false alarms are due to them.</summary>
    public const double RowsOfKnownParameter = 500;

    // How many false alarms a mixture raises differs from one data set to the next, relatively, by about the root of one to three parameters a row.
    private const double RefitsOfParameter = 1200;
    private const int FewestRefits = 4;
    private const int FewestWanted = 10;
    private const int MostRefits = 100;

    // Multiply-adds: about a second, and half a minute.
    private const double ManyOperations = 1e9;
    private const double TooManyOperations = 3e10;
    private const double StepsOfRefit = 20;

    // For each set of missing features.
    private const double CubesOfPattern = 5;

    // Of what a data set tells of its parameters, in nats, a refit leaves so much.
    private const double ToleranceOfParameter = 0.01;
    private const double MostTolerance = 1e-3;
    private const int MostIterations = 100;
    private const int RowsOfCheck = 1024;

    /// <summary>How many refits a mixture takes, if nothing is said: none if it was not fitted, to a great many rows, or at a cost beyond reason.</summary>
    public static int CountFor(GaussianMixtureModel model)
    {
        if (model.Report is null || HasKnownParameters(model)) return 0;
        double rows = RowCountOf(model), features = model.Dimension;
        double ofRow = model.ComponentCount * (model.Components.Shape == CovarianceShape.Full ? features * (features + 5) : 4 * features);
        double patterns = Math.Min(model.Report.IncompleteRowCount, Math.Pow(2, features));
        double ofPattern = model.ComponentCount * CubesOfPattern * features * features * features;
        double operations = (StepsOfRefit * ((ofRow * rows) + (ofPattern * patterns))) + (ofRow * SimulatedReference.RowsOfRefit);
        double wanted = Math.Clamp(Math.Ceiling(RefitsOfParameter * model.Report.FreeParameterCount / rows), FewestWanted, MostRefits);
        int count = (int)Math.Min(wanted, Math.Max(FewestRefits, Math.Floor(ManyOperations / operations)));
        return count * operations > TooManyOperations ? 0 : count;
    }

    /// <summary>Whether so many rows were fitted that the parameters are as good as known.</summary>
    public static bool HasKnownParameters(GaussianMixtureModel model) => RowCountOf(model) > RowsOfKnownParameter * model.Report!.FreeParameterCount;

    /// <summary>How many rows a mixture was fitted to: weights above one count as repetitions.</summary>
    public static int RowCountOf(GaussianMixtureModel model) =>
        (int)Math.Min(int.MaxValue / model.Dimension, Math.Max(model.Report!.RowCount, Math.Round(model.Report.RowWeightTotal)));

    /// <summary>Draws data sets and fits to each. Some may not be possible to fit: they are left out.</summary>
    /// <param name="model">The mixture, with a report.</param>
    /// <param name="settings">How many data sets, and how to fit to them.</param>
    /// <param name="seed">The seed of the draws.</param>
    /// <param name="time">When it is over, there are no more; null for no limit.</param>
    /// <param name="count">To how many data sets was fitted: none, where the time is over after so few that they would tell nothing.</param>
    /// <param name="cancellationToken">Stops the fits.</param>
    /// <returns>The Gaussians of the refits.</returns>
    public static GaussianMixtureModel[] Run(GaussianMixtureModel model, RefitSettings settings, int seed, TimeLimit? time, out int count, CancellationToken cancellationToken)
    {
        var refits = new List<GaussianMixtureModel>(settings.Count);
        CancellationToken stopped = time?.Token ?? cancellationToken;
        for (count = 0; count < settings.Count && time is not { HasEnded: true }; count++)
        {
            try
            {
                refits.Add(Fit(model, Draw(model, unchecked(seed + ((count + 1) * SeedSteps.OfRound)), stopped), settings, stopped).WithoutNoise());
            }
            catch (OperationCanceledException) when (time is { HasEnded: true } && !cancellationToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception exception) when (exception is MixtureFitException or ArgumentException)
            {
                // Such as one with rows too few of which differ.
            }
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (count >= Math.Min(FewestRefits, settings.Count)) return [.. refits];
        count = 0;
        return [];
    }

    private static GaussianMixtureModel Fit(GaussianMixtureModel model, RowSource rows, RefitSettings settings, CancellationToken cancellationToken)
    {
        double tolerance = Math.Min(MostTolerance, ToleranceOfParameter * model.Report!.FreeParameterCount / rows.RowCount);
        if (model.Posterior?.Prior is { } prior)
        {
            return BayesianGaussianMixture.Fit(
                rows,
                new BayesianGaussianMixtureOptions
                {
                    ComponentCount = model.ComponentCount,
                    CovarianceStructure = model.CovarianceStructure,
                    WeightPrior = prior.WeightPrior,
                    WeightConcentrationPrior = prior.WeightConcentration,
                    MeanPrecisionPrior = prior.MeanPrecision,
                    MeanPrior = prior.Mean,
                    DegreesOfFreedomPrior = prior.DegreesOfFreedom,
                    CovariancePrior = prior.Covariance.ToArray(),
                    Start = MixtureStart.FromModel(model),
                    Tolerance = tolerance,
                    MaximumIterations = MostIterations,
                    ThreadCount = 1,
                },
                cancellationToken);
        }

        return GaussianMixture.Fit(
            rows,
            new GaussianMixtureOptions
            {
                ComponentCount = model.ComponentCount,
                CovarianceStructure = model.CovarianceStructure,
                CovariancePriorStrength = settings.PriorStrength,
                CovarianceFloor = settings.Floor,
                NoiseComponent = model.HasNoise,
                NoiseLogDensity = model.HasNoise ? model.NoiseLogDensity : null,
                Start = MixtureStart.FromModel(model),
                Tolerance = tolerance,
                MaximumIterations = MostIterations,
                ThreadCount = 1,
            },
            cancellationToken);
    }

    private static ArrayRowSource<double> Draw(GaussianMixtureModel model, int seed, CancellationToken cancellationToken)
    {
        FitReport report = model.Report!;
        int count = RowCountOf(model), dimension = model.Dimension;
        double incomplete = (double)report.IncompleteRowCount / report.RowCount;
        var random = new Xoshiro256StarStar(seed, threadSafe: false);
        double[] values = new double[count * dimension];
        for (int i = 0; i < count; i++)
        {
            if (i % RowsOfCheck == 0) cancellationToken.ThrowIfCancellationRequested();
            Span<double> row = values.AsSpan(i * dimension, dimension);
            model.Draw(random, row);
            if (incomplete == 0 || random.NextDouble() >= incomplete) continue;

            // Rows of which nothing was observed are not among those fitted.
            for (int j = 0; j < dimension; j++)
            {
                if (random.NextDouble() * report.IncompleteRowCount < report.MissingValueCounts[j] - report.MissingRowCount) row[j] = double.NaN;
            }
        }

        return new ArrayRowSource<double>(values, dimension);
    }
}
