using System.Globalization;
using System.Runtime.ExceptionServices;

namespace Microsoft.ML.Mixture;

/// <summary>How well mixtures foresee rows that they were not fitted to.</summary>
/// <remarks>
/// Source: Smyth (2000), Model selection for probabilistic clustering using cross-validated likelihood, Stat. Comput. 10(1), 63-72,
/// doi:10.1023/A:1008940618127.
/// </remarks>
public sealed class MixtureCrossValidation
{
    // Fits to more than so many values gain as much from threads of their own, and need memory.
    private const long MostValuesAtOnce = 1_000_000;

    internal MixtureCrossValidation(double[] logLikelihoods, double[] rowWeights)
    {
        FoldLogLikelihoods = Array.AsReadOnly(logLikelihoods);
        FoldRowWeights = Array.AsReadOnly(rowWeights);
        LogLikelihood = logLikelihoods.Sum();
        RowWeightTotal = rowWeights.Sum();
    }

    /// <summary>For each fold the sum over its rows of weight times log p(x) under the model that the other folds give, in nats.</summary>
    public IReadOnlyList<double> FoldLogLikelihoods { get; }

    /// <summary>For each fold the sum of the row weights.</summary>
    public IReadOnlyList<double> FoldRowWeights { get; }

    /// <summary>The sum of the row weights.</summary>
    public double RowWeightTotal { get; }

    /// <summary>The sum of <see cref="FoldLogLikelihoods"/>: a total over all rows. Higher is better, as of any log-likelihood.</summary>
    public double LogLikelihood { get; }

    /// <summary>The log-likelihood per unit of row weight.</summary>
    public double AverageLogLikelihood => LogLikelihood / RowWeightTotal;

    /// <summary>-2 LogLikelihood: the criterion, on the scale of AIC and BIC; lower is better.</summary>
    public double Deviance => -2 * LogLikelihood;

    /// <summary>The models of the folds, as long as a search has not compared its first two; null else.</summary>
    internal HeldOutModels? Models { get; set; }

    /// <summary>The result in words, in the invariant culture. The text may change between versions.</summary>
    /// <returns>A line of the log-likelihood of rows left out, and how far the folds differ.</returns>
    public override string ToString()
    {
        double[] averages = [.. FoldLogLikelihoods.Zip(FoldRowWeights, (sum, weight) => sum / weight)];
        return string.Create(
            CultureInfo.InvariantCulture,
            $"Log-likelihood of rows left out {LogLikelihood:F4} ({AverageLogLikelihood:F4} per unit of weight; {averages.Min():F4} to {averages.Max():F4} over {averages.Length} folds), deviance {Deviance:F2} (lower is better).");
    }

    /// <summary>Cross-validates mixtures of any family.</summary>
    /// <param name="source">All rows.</param>
    /// <param name="options">How each is fitted. Their time budget is that of all folds together.</param>
    /// <param name="foldCount">The number of folds.</param>
    /// <param name="fit">Fits to some of the rows.</param>
    /// <param name="cancellationToken">Stops the passes over the rows.</param>
    internal static MixtureCrossValidation Run<T>(RowSource source, T options, int foldCount, Func<RowSource, T, MixtureModel> fit, CancellationToken cancellationToken)
        where T : MixtureOptions
    {
        using var time = new TimeLimit(options.TimeBudget, options.Clock, cancellationToken);
        if (options.Start is ResponsibilitiesStart)
        {
            throw new ArgumentException(
                "The start has an entry for every row, but cross-validation fits to parts of the rows. Start from parameters or a model, or leave the start out.");
        }

        if (options is GaussianMixtureOptions { InitialNoise: not null })
        {
            throw new ArgumentException(
                $"The option {nameof(GaussianMixtureOptions.InitialNoise)} has an entry for every row, but cross-validation fits to parts of the rows. Leave it out, and each fit finds out which of its rows are noise.");
        }

        TrainingRows training = TrainingRows.Inspect(source, options.ComponentCount, usesHoles: true, options.FeatureName, cancellationToken);
        RowFolds folds = RowFolds.Deal(source, training, foldCount, options.Seed, cancellationToken);
        double[] logLikelihoods = new double[foldCount], weights = new double[foldCount];
        var models = new MixtureModel[foldCount];
        void Judge(int fold, T how)
        {
            TimeSpan? left = time.Left;
            MixtureModel? model = left <= TimeSpan.Zero ? null : fit(folds.Others(fold), (T)how.Within(left));

            // A model without a single iteration says nothing of what a fit foresees.
            if (model is null || model.Report is { StopReason: StopReason.TimeBudget, IterationCount: 0 })
            {
                throw new MixtureFitException(
                    $"The time budget of {options.TimeBudget} ended after {fold} of {foldCount} folds, and all are needed. Raise it, or ask for fewer folds.");
            }

            MixtureCriteria criteria = MixtureCriteria.Compute(model, folds.HeldOut(fold, cancellationToken), cancellationToken);
            (logLikelihoods[fold], weights[fold], models[fold]) = (criteria.LogLikelihood, criteria.RowWeightTotal, model);
        }

        int threads = (long)training.Source.RowCount * source.Dimension > MostValuesAtOnce || options.TimeBudget is not null || options.Progress is not null
            ? 1 : Math.Min(foldCount, options.ThreadCount ?? Environment.ProcessorCount);
        if (threads == 1)
        {
            for (int fold = 0; fold < foldCount; fold++) Judge(fold, options);
        }
        else
        {
            JudgeAtOnce(foldCount, threads, fold => Judge(fold, (T)options.OnOneThread()));
        }

        return new MixtureCrossValidation(logLikelihoods, weights) { Models = new HeldOutModels(folds, models) };
    }

    // Where several folds fail, the first of them says why, whichever thread was faster.
    private static void JudgeAtOnce(int foldCount, int threads, Action<int> judge)
    {
        var failures = new ExceptionDispatchInfo?[foldCount];
        using var team = new WorkerTeam(threads);
        team.Run(foldCount, (fold, _) =>
        {
            if (Array.Exists(failures[..fold], failure => failure is not null)) return;
            try
            {
                judge(fold);
            }
            catch (Exception exception)
            {
                failures[fold] = ExceptionDispatchInfo.Capture(exception);
            }
        });
        Array.Find(failures, failure => failure is not null)?.Throw();
    }
}
