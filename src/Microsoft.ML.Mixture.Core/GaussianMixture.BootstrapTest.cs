namespace Microsoft.ML.Mixture;

/// <content>Tests of the number of components by a parametric bootstrap.</content>
public static partial class GaussianMixture
{
    /// <summary>
    /// Tests whether rows need one component more than the options ask for, by the parametric bootstrap of the likelihood ratio.
    /// </summary>
    /// <param name="rows">N x D values, in feature units. A row with a NaN counts for what is observed of it.</param>
    /// <param name="options">K, the structure, and how many data sets to draw; null for 1 against 2 components and 199 data sets.</param>
    /// <param name="rowWeights">One weight a row, or null for weights of one. They count as repetitions: their sum, rounded, is the number of
    /// rows of the data sets that are drawn. Where that is more than there are rows, it takes at most 67 million values.</param>
    /// <param name="cancellationToken">Stops the test.</param>
    /// <returns>Both models, the statistic, its distribution under K components, and the p-value.</returns>
    /// <exception cref="ArgumentException">Rows, weights or options are not valid; the message says which, and what to do.</exception>
    /// <exception cref="MixtureFitException">K or K + 1 components could not be fitted to the rows.</exception>
    /// <exception cref="OperationCanceledException">The test was cancelled.</exception>
    /// <remarks>
    /// <para>
    /// The statistic is -2 log(lambda) = 2 (log-likelihood with K + 1 components - log-likelihood with K). It has no chi-square distribution, as
    /// the null hypothesis lies on the edge of the parameters. So B data sets are drawn from the fitted mixture of K components, with the holes of the
    /// rows, and the same two fits are made to each: p = (1 + number of statistics at least as large) / (B + 1). Where many are, it ends before; see
    /// <see cref="GaussianMixtureBootstrapOptions.ExceedanceCount"/>. Source: McLachlan (1987), On
    /// bootstrapping the likelihood ratio test statistic for the number of components in a normal mixture, Appl. Stat. 36(3), 318-324,
    /// doi:10.2307/2347790.
    /// </para>
    /// <para>
    /// The covariances of K + 1 components are drawn to those of K by a prior that is worth a hundredth of an average component, on the rows and the data sets alike, unless
    /// <see cref="GaussianMixtureBootstrapOptions.CovariancePriorStrength"/> is set. Without it the statistics of data sets are those of rows that lie close together by chance, and groups that overlap are seldom
    /// found. The statistic is somewhat below that of maximum likelihood then.
    /// </para>
    /// <para>
    /// K + 1 components have several starts: by k-means++ and at random, from each split of K, and from K with a component more where rows are denser than it
    /// says. All take a few steps, the better half goes on, and so on; the best runs to its end. K components start from those that a data set was drawn from, those
    /// of the rows as by default; and from K + 1 with one left out, so that neither side wins by a worse fit of the other. Cost: B + 1 times some 200 to
    /// 400 passes over the rows, data sets in parallel. Equal bit for bit for any number of threads.
    /// </para>
    /// </remarks>
    public static MixtureBootstrapTest BootstrapTest(
        double[,] rows, GaussianMixtureBootstrapOptions? options = null, double[]? rowWeights = null, CancellationToken cancellationToken = default) =>
        BootstrapTest(Copy(rows, rowWeights), options ?? new GaussianMixtureBootstrapOptions(), cancellationToken);

    /// <summary>Tests whether rows from any source need one component more, by the parametric bootstrap of the likelihood ratio.</summary>
    /// <param name="rows">The rows with their weights.</param>
    /// <param name="options">K, the structure, and how many data sets to draw.</param>
    /// <param name="cancellationToken">Stops the test.</param>
    /// <returns>Both models, the statistic, its distribution under K components, and the p-value.</returns>
    /// <exception cref="ArgumentException">Rows, weights or options are not valid; the message says which, and what to do.</exception>
    /// <exception cref="MixtureFitException">K or K + 1 components could not be fitted to the rows.</exception>
    /// <exception cref="OperationCanceledException">The test was cancelled.</exception>
    public static MixtureBootstrapTest BootstrapTest(RowSource rows, GaussianMixtureBootstrapOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(options);
        options = options.Clone();
        options.Validate();
        return GaussianMixtureBootstrap.Run(rows, options, cancellationToken);
    }

    /// <summary>Tests K against K + 1 components, then K + 1 against K + 2, and so on until one component more is not called for.</summary>
    /// <param name="rows">N x D values, in feature units. A row with a NaN counts for what is observed of it.</param>
    /// <param name="options">The first K, the structure, and how many data sets to draw; null to begin with 1 against 2 components.</param>
    /// <param name="level">A p-value above it ends the sequence: above 0 and below 1.</param>
    /// <param name="maximumComponentCount">The largest K + 1 to try.</param>
    /// <param name="rowWeights">One weight a row, or null for weights of one.</param>
    /// <param name="cancellationToken">Stops the tests.</param>
    /// <returns>The tests in their order, with the number of components that they come to.</returns>
    /// <exception cref="ArgumentException">Rows, weights or options are not valid; the message says which, and what to do.</exception>
    /// <exception cref="MixtureFitException">So many components could not be fitted to the rows.</exception>
    /// <exception cref="OperationCanceledException">The tests were cancelled.</exception>
    /// <remarks>
    /// The level is that of each test. The answer is above the true K with about that probability, for it takes a false rejection there. No test ends so early that it
    /// would decide otherwise with all data sets: <see cref="GaussianMixtureBootstrapOptions.ExceedanceCount"/> is raised where that is needed.
    /// </remarks>
    public static MixtureBootstrapSequence BootstrapSequence(
        double[,] rows, GaussianMixtureBootstrapOptions? options = null, double level = 0.05, int maximumComponentCount = 9, double[]? rowWeights = null,
        CancellationToken cancellationToken = default) =>
        BootstrapSequence(Copy(rows, rowWeights), options ?? new GaussianMixtureBootstrapOptions(), level, maximumComponentCount, cancellationToken);

    /// <summary>Tests K against K + 1 components of rows from any source, and goes on until one component more is not called for.</summary>
    /// <param name="rows">The rows with their weights.</param>
    /// <param name="options">The first K, the structure, and how many data sets to draw.</param>
    /// <param name="level">A p-value above it ends the sequence: above 0 and below 1.</param>
    /// <param name="maximumComponentCount">The largest K + 1 to try.</param>
    /// <param name="cancellationToken">Stops the tests.</param>
    /// <returns>The tests in their order, with the number of components that they come to.</returns>
    /// <exception cref="ArgumentException">Rows, weights or options are not valid; the message says which, and what to do.</exception>
    /// <exception cref="MixtureFitException">So many components could not be fitted to the rows.</exception>
    /// <exception cref="OperationCanceledException">The tests were cancelled.</exception>
    public static MixtureBootstrapSequence BootstrapSequence(
        RowSource rows, GaussianMixtureBootstrapOptions options, double level, int maximumComponentCount, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        MixtureOptions.Check(level is > 0 and < 1, nameof(level), level, "above 0 and below 1");
        MixtureOptions.Check(
            maximumComponentCount > options.ComponentCount, nameof(maximumComponentCount), maximumComponentCount, $"above the {nameof(options.ComponentCount)} of the options, {options.ComponentCount}");
        var tests = new List<MixtureBootstrapTest>();
        options = options.Clone();
        if (options.ExceedanceCount is { } enough) options.ExceedanceCount = Math.Max(enough, (int)Math.Ceiling(level * (options.ReplicateCount + 1.0)));
        for (; options.ComponentCount < maximumComponentCount; options.ComponentCount++)
        {
            tests.Add(BootstrapTest(rows, options, cancellationToken));
            if (tests[^1].PValue > level) break;
        }

        return new MixtureBootstrapSequence(tests, level);
    }
}
