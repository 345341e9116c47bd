using Microsoft.ML.Mixture;

namespace Microsoft.ML.Trainers;

/// <summary>What all trainers of mixtures ask of their options.</summary>
internal static class TrainerOptionChecks
{
    public static void Columns(string featureColumnName, string? exampleWeightColumnName)
    {
        if (string.IsNullOrWhiteSpace(featureColumnName))
        {
            throw new ArgumentException("The option FeatureColumnName is empty. Name the column that holds the features.", nameof(featureColumnName));
        }

        if (exampleWeightColumnName is not null && string.IsNullOrWhiteSpace(exampleWeightColumnName))
        {
            throw new ArgumentException(
                "The option ExampleWeightColumnName is empty. Name the column that holds the weights, or pass null for weights of one.", nameof(exampleWeightColumnName));
        }
    }

    public static void Structure(CovarianceStructure? structure)
    {
        if (structure is null)
        {
            throw new ArgumentNullException(nameof(structure), $"The option CovarianceStructure is null. Pass one of {string.Join(", ", CovarianceStructure.BuiltIn)}.");
        }
    }

    public static void Common(int maximumNumberOfIterations, double optimizationTolerance, int numberOfRestarts, int? numberOfThreads)
    {
        MixtureOptions.Check(maximumNumberOfIterations >= 0, "MaximumNumberOfIterations", maximumNumberOfIterations, "at least 0");
        NotNegative(optimizationTolerance, "OptimizationTolerance");
        MixtureOptions.Check(numberOfRestarts >= 1, "NumberOfRestarts", numberOfRestarts, "at least 1");
        MixtureOptions.Check(numberOfThreads is null or >= 1, "NumberOfThreads", numberOfThreads ?? 0, "at least 1, or null for all processors");
    }

    /// <summary>What options must be where a search chooses.</summary>
    /// <param name="with">Where that is, for messages.</param>
    /// <param name="maximumNumberOfIterations">As in the options.</param>
    /// <param name="optimizationTolerance">As in the options.</param>
    /// <param name="cancellationBehavior">As in the options.</param>
    /// <param name="accelerate">As in the options.</param>
    public static void Search(string with, int maximumNumberOfIterations, double optimizationTolerance, CancellationBehavior cancellationBehavior, bool accelerate)
    {
        MixtureOptions.Check(maximumNumberOfIterations >= 1, "MaximumNumberOfIterations", maximumNumberOfIterations, $"at least 1 {with}");
        MixtureOptions.Check(optimizationTolerance > 0, "OptimizationTolerance", optimizationTolerance, $"above 0 {with}");
        if (cancellationBehavior != CancellationBehavior.Throw)
        {
            throw new ArgumentException(
                $"The option CancellationBehavior must be {CancellationBehavior.Throw} {with}; use TimeBudget to end a search with the best model so far.", nameof(cancellationBehavior));
        }

        if (!accelerate) throw new ArgumentException($"The option Accelerate must be true {with}: it leads to the same maxima.", nameof(accelerate));
    }

    public static void Range(string minimumName, int minimum, string maximumName, int maximum)
    {
        MixtureOptions.Check(minimum >= 1, minimumName, minimum, "at least 1");
        MixtureOptions.Check(maximum >= minimum, maximumName, maximum, $"at least {minimumName}, {minimum}");
    }

    public static void NotNegative(double value, string option) => MixtureOptions.Check(value >= 0 && double.IsFinite(value), option, value, "a finite number, at least 0");

    public static void Budget(TimeSpan? timeBudget, CancellationBehavior cancellationBehavior)
    {
        MixtureOptions.Check(timeBudget is null || timeBudget > TimeSpan.Zero, "TimeBudget", timeBudget ?? default, "more than zero, or null for no limit");
        MixtureOptions.Check(Enum.IsDefined(cancellationBehavior), "CancellationBehavior", (int)cancellationBehavior, "one of CancellationBehavior");
    }
}
