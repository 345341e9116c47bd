using System.Globalization;

namespace Microsoft.ML.Mixture;

/// <summary>What fits of all Gaussian families do around EM: they look at the rows, find their scale, and say in the units of the data how it went.</summary>
internal sealed class FitPreparation
{
    // A factor of 2^1000 is still a normal number, and so is what it makes of any other.
    private const int LargestExponent = 1000;
    private const double LeastTolerance = 1e-9;
    private const double SmallestVariance = 1e-280;
    private const double ConstantRelativeVariance = 1e-6;

    private readonly MixtureOptions _options;

    private FitPreparation(MixtureOptions options, TrainingRows rows, FeatureMoments moments, int exponent)
    {
        _options = options;
        Rows = rows;
        Moments = moments;
        Exponent = exponent;
    }

    /// <summary>The rows, scaled.</summary>
    public TrainingRows Rows { get; }

    /// <summary>Means and variances of the features, scaled.</summary>
    public FeatureMoments Moments { get; }

    /// <summary>Rows are 2^Exponent times what they are in the data.</summary>
    public int Exponent { get; }

    /// <summary>Looks at all rows.</summary>
    /// <exception cref="ArgumentException">Rows or weights are not valid.</exception>
    public static FitPreparation Inspect(RowSource source, MixtureOptions options, CancellationToken cancellationToken)
    {
        TrainingRows rows = TrainingRows.Inspect(source, options.ComponentCount, usesHoles: true, options.FeatureName, cancellationToken);

        // In units in which the largest value is about one, nothing overflows, and a power of two in the data changes no bit of the fit.
        int exponent = rows.Magnitude == 0 ? 0 : Math.Clamp(-Math.ILogB(rows.Magnitude), -LargestExponent, LargestExponent);
        TrainingRows unscaled = rows;
        if (exponent != 0) rows = rows.Scale(exponent);
        FeatureMoments moments = FeatureMoments.Compute(rows, cancellationToken);
        CheckVariances(unscaled, moments, options);
        return new FitPreparation(options, rows, moments, exponent);
    }

    /// <summary>What keeps variances positive.</summary>
    /// <param name="priorStrength">The weight of the prior as a share of an average component.</param>
    /// <param name="floor">Added to every variance, in squared units of the data.</param>
    /// <param name="isSpherical">Whether features share their variance.</param>
    public CovarianceRegularization Regularize(double priorStrength, double floor, bool isSpherical)
    {
        floor = double.ScaleB(floor, 2 * Exponent);
        int dimension = Moments.Variances.Length;
        if (priorStrength == 0) return CovarianceRegularization.None(dimension) with { Floor = floor };
        double count = priorStrength * Rows.RowWeightTotal / _options.ComponentCount;

        // A constant feature has no scale but its own size. Its variance is the same in every component and says nothing about them.
        double[] constant = [.. Moments.Variances.Select((variance, j) => variance > 0 ? 0 : ConstantVariance(Moments.Means[j]))];
        bool allConstant = Array.TrueForAll(Moments.Variances, variance => variance == 0);
        if (isSpherical)
        {
            double[] mean = new double[dimension];
            Array.Fill(mean, (allConstant ? constant : Moments.Variances).Average());
            return new CovarianceRegularization(count, mean, allConstant ? constant : new double[dimension], floor);
        }

        return new CovarianceRegularization(count, [.. Moments.Variances.Zip(constant, (variance, own) => variance + own)], constant, floor);
    }

    /// <summary>How totals move with the units, where each component has a prior worth so many rows.</summary>
    public FitUnits Units(double priorCount)
    {
        // A density of rows that are 2^exponent times as large is 2^-exponent times as large for each feature. The prior counts as rows.
        double shiftOfCell = Exponent * Math.Log(2), shiftOfRow = Rows.Source.Dimension * Exponent * Math.Log(2);
        bool hasHoles = Rows.Source.Holes is not null;
        double shift = hasHoles ? Moments.ObservedWeight * shiftOfCell : Rows.RowWeightTotal * shiftOfRow;
        double ofPriors = priorCount * _options.ComponentCount;
        return new FitUnits(Exponent, shift, hasHoles ? shift + (ofPriors * shiftOfRow) : (Rows.RowWeightTotal + ofPriors) * shiftOfRow);
    }

    /// <summary>The report of a fit.</summary>
    public FitReport Report(MixtureFit fit, FitUnits units, IReadOnlyList<string> warnings) => new()
    {
        RowCount = Rows.Source.RowCount,
        MissingRowCount = Rows.MissingRowCount,
        IncompleteRowCount = Rows.Missing?.IncompleteRowCount ?? 0,
        MissingValueCounts = Rows.Missing is null ? [] : Array.AsReadOnly(Rows.Missing.CellCounts),
        MissingPatternCount = Math.Max(1, Rows.Missing?.PatternCount ?? 1),
        RowWeightTotal = Rows.RowWeightTotal,
        FreeParameterCount = fit.Components.FreeParameterCount + _options.ComponentCount - 1,
        StopReason = fit.StopReason,
        LogLikelihoodHistory = [.. fit.LogLikelihoodHistory.Select(value => value + units.LogLikelihoodShift)],
        ObjectiveHistory = [.. fit.ObjectiveHistory.Select(value => value + units.ObjectiveShift)],
        EffectiveCounts = fit.EffectiveCounts,
        SpuriousComponentCount = fit.Spurious.Count,
        StartObjectives = [.. fit.StartObjectives.Select(value => value + units.ObjectiveShift)],
        AgreeingStartCount = fit.StartObjectives.Count(value => value >= fit.Objective - (Math.Max(_options.Tolerance, LeastTolerance) * Rows.RowWeightTotal)),
        RemainingGain = fit.RemainingGain,
        Warnings = warnings,
    };

    private static double ConstantVariance(double value) => value == 0 ? ConstantRelativeVariance : ConstantRelativeVariance * value * value;

    // The rows in their own units: scaled, a small feature may have become constant.
    private static void CheckVariances(TrainingRows rows, FeatureMoments moments, MixtureOptions options)
    {
        for (int j = 0; j < moments.Variances.Length; j++)
        {
            double spread = rows.Maximum[j] - rows.Minimum[j];
            if (rows.Minimum[j] == rows.Maximum[j] || (moments.Variances[j] >= SmallestVariance && double.IsFinite(moments.Variances[j]))) continue;
            throw new ArgumentException(
                $"{options.FeatureName(j)} spans only {spread.ToString("G3", CultureInfo.InvariantCulture)} while other features reach "
                + $"{rows.Magnitude.ToString("G3", CultureInfo.InvariantCulture)}, too far apart for double precision. Scale the features to similar sizes.");
        }
    }
}
