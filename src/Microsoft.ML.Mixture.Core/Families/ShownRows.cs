namespace Microsoft.ML.Mixture;

/// <summary>What the rows of components show of each feature, where some are missing.</summary>
internal sealed class ShownRows
{
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

    /// <summary>As how many rows without holes those of a component count for the feature of which they tell the least.</summary>
    public double Least(int component) => _shown.Length == 0 ? _rows[component] : _shown[component].Min();

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
        if (sums.Min() * _dimension >= 2 * _parameters) return null;
        int feature = Array.IndexOf(sums, sums.Min());
        return $"All components rest on too little of {_family.FeatureName(feature)}: {sums[feature]}.";
    }
}
