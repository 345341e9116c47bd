using System.Globalization;

namespace Microsoft.ML.Mixture;

/// <summary>What the rows of components tell where some of their values are missing: as how many whole rows they count, see <see cref="GaussianComponents.InformationOf"/>.</summary>
internal sealed class ShownRows
{
    /// <summary>So many values are asked for a parameter at least: criteria are made for many.</summary>
    public const double ValuesOfParameter = 2;

    // Of a direction of which rows tell a small share of what whole ones would, one has to fear that a component has closed in on the few that show it. They are to be more, up to so many times.
    private const double MostTimes = 2;

    private readonly GaussianComponents _components;
    private readonly GaussianFamily _family;
    private readonly double[] _weights;
    private readonly double[] _rows;
    private readonly double[][] _shown;

    public ShownRows(GaussianComponents components, GaussianFamily family, ReadOnlySpan<double> effectiveCounts, ReadOnlySpan<double> rowCounts)
    {
        (_components, _family, _weights) = (components, family, effectiveCounts.ToArray());
        int count = family.HasHoles ? effectiveCounts.Length : 0;
        (_rows, _shown) = (new double[count], new double[count][]);
        for (int k = 0; k < count; k++)
        {
            _rows[k] = rowCounts[k];
            double[] shown = _shown[k] = new double[components.Shape.DiagonalLength(components.Dimension)];
            components.InformationOf(k, effectiveCounts[k], shown);
            double rowsOfUnitWeight = effectiveCounts[k] > 0 ? rowCounts[k] / effectiveCounts[k] : 0;
            for (int j = 0; j < shown.Length; j++) shown[j] *= rowsOfUnitWeight;
        }
    }

    /// <summary>Tells of a component of which the rows, though many enough, show too little of some feature; null if they show enough.</summary>
    /// <param name="component">The component.</param>
    /// <param name="fewest">How many whole rows it needs.</param>
    /// <param name="judgement">What fewer are too few for.</param>
    public DegenerateComponent? JudgeComponent(int component, double fewest, string judgement)
    {
        if (_rows.Length == 0) return null;
        (double shown, string ofFeature) = Least(_shown[component]);
        if (shown >= Needed(fewest, shown, _rows[component])) return null;
        double? owed = Owed(component, fewest);
        return new DegenerateComponent(
            component, $"Component {component} rests on {Counted.Of(_rows[component], "row")}, but so much is missing in them that they tell as much{ofFeature} as {Whole(shown)}, {judgement}. {Remedy}.")
        {
            // Another place would hardly be better.
            HasManyRows = shown >= fewest,
            Owed = owed,
            IsBounded = owed is not null,
        };
    }

    // What rows that are too few may add to the likelihood, where the component has closed in on them; of a feature that none shows nothing. By the variances of features beside those before them: in one
    // direction all are narrow beside all others. Without a prior there is no bound.
    private double? Owed(int component, double fewest)
    {
        double[] priorVariances = _family.RegularizationOf(component).PriorVariances, shown = _shown[component];
        ReadOnlySpan<double> factor = _components.Factor(component);
        double owed = 0;
        for (int j = 0; j < priorVariances.Length; j++)
        {
            double rows = shown[Math.Min(j, shown.Length - 1)], deviation = factor[_components.Shape.Index(j, j)];
            if (rows >= Needed(fewest, rows, _rows[component])) continue;
            if (!(priorVariances[j] > 0)) return null;
            owed += rows * Math.Max(0, 0.5 * Math.Log(priorVariances[j] / (deviation * deviation)));
        }

        return _components.ComponentCount > 1 && PooledGaussian.Owed(_components, _weights, component) is { } ofPooled ? Math.Min(owed, ofPooled) : owed;
    }

    /// <summary>Tells of all components if their parameters are many beside what all rows show of some feature; null if they are not, or would be many beside as many whole rows.</summary>
    public DegenerateComponent? JudgeAll()
    {
        double rows = _rows.Sum(), parameters = (double)(_components.FreeParameterCount + _components.ComponentCount - 1) / _components.Dimension, fewest = ValuesOfParameter * parameters;
        if (rows < fewest) return null;
        (double shown, string ofFeature) = Least([.. Enumerable.Range(0, _shown[0].Length).Select(j => _shown.Sum(ofComponent => ofComponent[j]))]);
        if (shown >= Needed(fewest, shown, rows)) return null;
        string ofModel = parameters.ToString("G3", CultureInfo.InvariantCulture);
        return new DegenerateComponent(
            0, $"So much is missing that all rows together tell as much{ofFeature} as {Whole(shown)}, too few for the {ofModel} parameters that the model has for each feature: "
                + $"likelihood and BIC mean little. {Remedy}.")
        {
            HasManyRows = true,
            IsOfAll = true,
        };
    }

    private string Remedy => _components.ComponentCount > 1
        ? "Ask for fewer components or for a structure with fewer parameters, or drop features that are often missing" : "Ask for a structure with fewer parameters, or drop features that are often missing";

    private static string Whole(double rows) => Counted.Of(rows, "row") + " of which nothing is missing";

    private static double Needed(double fewest, double shown, double rows) => fewest * Math.Min(MostTimes, rows / shown);

    // Of spheres there is one number, of no feature.
    private (double Shown, string OfFeature) Least(double[] shown)
    {
        double least = shown.Min();
        return (least, _components.Shape == CovarianceShape.Spherical ? string.Empty : $" of {_family.FeatureName(Array.IndexOf(shown, least))}");
    }
}
