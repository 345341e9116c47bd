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

    /// <summary>Refuses what makes no sense whether there is a search or not.</summary>
    /// <param name="criterion">As in the options.</param>
    /// <param name="ranges">Of numbers, by name.</param>
    public static void SearchValues(MixtureCriterion criterion, params ReadOnlySpan<(string MinimumName, int Minimum, string MaximumName, int Maximum)> ranges)
    {
        foreach ((string minimumName, int minimum, string maximumName, int maximum) in ranges)
        {
            MixtureOptions.Check(minimum >= 1, minimumName, minimum, "at least 1");
            if (maximum < 1) Range(minimumName, minimum, maximumName, maximum);
        }

        MixtureOptions.Check(Enum.IsDefined(criterion), "Criterion", (int)criterion, "one of MixtureCriterion");
    }

    /// <summary>Refuses the bounds of a number that no search chooses: whoever sets one wants a search.</summary>
    /// <param name="numberName">The option of the number.</param>
    /// <param name="number">The number.</param>
    /// <param name="auto">What to set it to for a search.</param>
    /// <param name="bounds">Where to begin and to end, by name, with the defaults.</param>
    public static void NoRange(string numberName, int number, string auto, params ReadOnlySpan<(string Name, int Value, int Default)> bounds)
    {
        foreach ((string name, int value, int ofDefault) in bounds)
        {
            if (value == ofDefault) continue;
            throw new ArgumentException($"The option {name} is {value}, but {numberName} is {number}, which would be fitted alone. Set {numberName} to {auto}, or leave {name} at {ofDefault}.", name);
        }
    }

    /// <summary>Refuses a criterion where there is one model.</summary>
    /// <param name="criterion">As in the options.</param>
    /// <param name="chosen">What a search could choose, two options.</param>
    public static void NoCriterion(MixtureCriterion criterion, string chosen)
    {
        const MixtureCriterion Default = MixtureCriterion.Bayesian;
        if (criterion == Default) return;
        throw new ArgumentException(
            $"The option Criterion is {criterion}, but neither {chosen} is Auto, so that one model would be fitted and none compared. Set one of them to Auto, or leave Criterion at {Default}.", nameof(criterion));
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
