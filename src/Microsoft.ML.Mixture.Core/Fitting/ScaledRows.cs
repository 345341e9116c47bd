namespace Microsoft.ML.Mixture;

/// <summary>Rows after a first look, in units in which nothing overflows and a power of two in the data changes no bit of a fit.</summary>
/// <param name="Rows">The rows, times 2^Exponent.</param>
/// <param name="Moments">Their means and variances.</param>
/// <param name="Exponent">The exponent.</param>
internal sealed record ScaledRows(TrainingRows Rows, FeatureMoments Moments, int Exponent)
{
    /// <summary>Features that follow from others; none if nobody has looked.</summary>
    public FeatureDependencies Dependencies { get; private init; } = FeatureDependencies.None;

    /// <summary>Values that many rows share; none if nobody has looked.</summary>
    public IReadOnlyList<PointMass> PointMasses { get; private init; } = [];

    /// <summary>Features with few values; none if nobody has looked.</summary>
    public IReadOnlyList<Category> Categories { get; private init; } = [];

    /// <summary>How many rows share values, and how far apart these are; null if nobody has looked.</summary>
    public SharedValues? SharedValues { get; private init; }

    /// <summary>The rows that the moments are of.</summary>
    public TrainingRows Measured => Some ?? Rows;

    private TrainingRows? Some { get; init; }

    public bool HasHoles => Rows.Source.Holes is not null;

    /// <summary>
    /// What to add to a sum of log-densities of the rows to have it in the units of the data: a density of rows that are 2^Exponent times as
    /// large is 2^-Exponent times as large for each feature.
    /// </summary>
    public double LogDensityShift => HasHoles ? Moments.ObservedWeight * ShiftOfCell : Rows.RowWeightTotal * (Rows.Source.Dimension * Exponent * Math.Log(2));

    private double ShiftOfCell => Exponent * Math.Log(2);

    /// <summary><see cref="LogDensityShift"/> with some more rows without holes.</summary>
    public double ShiftOf(double moreRows)
    {
        double shiftOfRow = Rows.Source.Dimension * Exponent * Math.Log(2);
        return HasHoles ? LogDensityShift + (moreRows * shiftOfRow) : (Rows.RowWeightTotal + moreRows) * shiftOfRow;
    }

    /// <summary>The same rows with the moments of some of them, among which features may follow from others that do not over all, or the other way round.</summary>
    public ScaledRows MeasuredBy(TrainingRows some, FeatureMoments moments) => this with { Moments = moments, Some = some, Dependencies = FeatureDependencies.None };

    /// <summary>Looks for features that follow from others.</summary>
    public ScaledRows FindDependencies(CancellationToken cancellationToken) => this with { Dependencies = FeatureDependencies.Find(Measured, Moments, cancellationToken) };

    /// <summary>Looks for values that many rows share, for features with few values, for how many rows share a value at all, and for rows that are copies of each other.</summary>
    public ScaledRows FindRepeatedValues(CancellationToken cancellationToken) => this with
    {
        Rows = CopiedRows.Find(Rows.Source, cancellationToken) is { } copies ? Rows.Mark(copies) : Rows,
        PointMasses = PointMass.FindAllToTell(Rows.Source, cancellationToken),
        Categories = Category.FindAll(Rows.Source, cancellationToken),
        SharedValues = SharedValues.Find(Rows.Source, cancellationToken),
    };

    /// <summary>Looks for features that follow from others, unless the time is over.</summary>
    public ScaledRows FindDependencies(FitBudget budget) => budget.WithinTime(FindDependencies, this);

    /// <summary>Looks for values that repeat, unless the time is over.</summary>
    public ScaledRows FindRepeatedValues(FitBudget budget) => budget.WithinTime(FindRepeatedValues, this);
}
