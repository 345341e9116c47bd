namespace Microsoft.ML.Mixture;

/// <summary>What the rows of components show of each feature, where some are missing.</summary>
internal sealed class ShownRows
{
    // A component of which rows tell less than this share of what they would without holes may have closed in on a direction that few of them show.
    private const double LeastShare = 0.5;

    private readonly GaussianFamily _family;
    private readonly int _dimension;
    private readonly long _parameters;
    private readonly double[] _rows;
    private readonly double[][] _shown;

    public ShownRows(GaussianComponents components, GaussianFamily family, ReadOnlySpan<double> effectiveCounts, double rowsOfUnitWeight)
    {
        (_family, _dimension) = (family, components.Dimension);
        _parameters = components.FreeParameterCount + components.ComponentCount - 1;
        _rows = new double[effectiveCounts.Length];
        _shown = new double[family.HasHoles ? _rows.Length : 0][];
        for (int k = 0; k < _rows.Length; k++)
        {
            _rows[k] = effectiveCounts[k] * rowsOfUnitWeight;
            if (!family.HasHoles) continue;
            _shown[k] = new double[components.Shape.DiagonalLength(_dimension)];
            components.InformationOf(k, effectiveCounts[k], _shown[k]);
            for (int j = 0; j < _shown[k].Length; j++) _shown[k][j] *= rowsOfUnitWeight;
        }
    }

    /// <summary>Whether those of a component tell of some feature no more than too few rows without holes.</summary>
    public bool AreTooFew(int component, double fewest) => _shown.Length > 0 && Least(component) < Needed(fewest, Least(component), _rows[component]);

    /// <summary>A sentence on a component that rests on too few of them.</summary>
    public string WhyTooFew(int component)
    {
        int feature = Array.IndexOf(_shown[component], Least(component));
        return $"Component {component} rests on {Counted.Of(_rows[component], "row")}, which for want of missing values tell no more of {_family.FeatureName(feature)} than {Counted.Of(Least(component), "row")} without holes would.";
    }

    /// <summary>A sentence on shapes in common that rest on too few of all rows; null if there are enough.</summary>
    public string? WhyTooFewForAll()
    {
        if (_shown.Length == 0) return null;
        double[] sums = [.. Enumerable.Range(0, _shown[0].Length).Select(j => _shown.Sum(ofComponent => ofComponent[j]))];
        if (sums.Min() >= Needed(2.0 * _parameters / _dimension, sums.Min(), _rows.Sum())) return null;
        int feature = Array.IndexOf(sums, sums.Min());
        return $"All components rest on too little of {_family.FeatureName(feature)}: {sums[feature]}.";
    }

    private static double Needed(double fewest, double shown, double rows) => shown < LeastShare * rows ? 2 * fewest : fewest;

    private double Least(int component) => _shown[component].Min();
}
