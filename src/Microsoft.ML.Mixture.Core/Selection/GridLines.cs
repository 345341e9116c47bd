using System.Globalization;
using MathNet.Numerics.Random;

namespace Microsoft.ML.Mixture;

/// <summary>Components of a winner that lie along lines of the grid on which values stand that are rounded or counted.</summary>
/// <remarks>
/// Rounding adds a twelfth of the squared distance between values to a variance. A component with hardly more has taken such a line for a group, or has a group of ratings that agree; its covariance
/// does not tell which. Moving the values at random by up to half the distance undoes the rounding: groups are still groups then, and lines are none. So the winner and the best model without such
/// components are taken on to rows that are moved, and compared there.
/// </remarks>
/// <param name="data">The rows of the search.</param>
/// <param name="options">Those of the search.</param>
/// <param name="time">The time of the search: where it ends, nothing is found.</param>
/// <param name="cancelled">The caller's token.</param>
internal sealed class GridLines(SearchData data, GaussianMixtureSearchOptions options, TimeLimit time, CancellationToken cancelled)
{
    // Of a squared distance: what rounding adds to a variance, and what is hardly more.
    private const double ShareOfRounding = 1.0 / 12, LeastShare = 1.0 / 9;

    // A difference in BIC beyond doubt: Kass and Raftery (1995), doi:10.1080/01621459.1995.10476572, section 3.2.
    private const double Decisive = 10;

    // Of some hundred rows one move may differ from the next by as much.
    private const int MoveCount = 3;

    // Rows and steps that are enough.
    private const int MostRows = 16384, MostSteps = 100;
    private const int MostNamed = 5;

    private readonly double[] _spacings = [.. data.Scaled.SharedValues?.Spacings.Select(spacing => double.ScaleB(spacing, -data.Scaled.Exponent)) ?? []];

    // What takes more than the model itself has BIC in its place.
    private MixtureCriterion Criterion => options.Criterion == MixtureCriterion.CrossValidation ? MixtureCriterion.Bayesian : options.Criterion;

    /// <summary>Looks at a winner.</summary>
    /// <param name="ranking">The winner and the models behind it.</param>
    /// <returns>What to beware of; null for nothing.</returns>
    public string? Find(IReadOnlyList<MixtureCandidate> ranking)
    {
        MixtureCandidate winner = ranking[0];
        int[] components = winner.IsDoubtful ? [] : [.. Enumerable.Range(0, winner.ComponentCount).Where(k => LinesOf(winner.Model!, k).Any())];
        if (components.Length == 0) return null;
        MixtureCandidate? other = ranking.FirstOrDefault(candidate => !candidate.IsDoubtful && !Enumerable.Range(0, candidate.ComponentCount).Any(k => LinesOf(candidate.Model!, k).Any()));
        if (other is null) return null;
        try
        {
            RowSource rows = SelectedRowSource.Spread(data.Unscaled.Source, MostRows);
            double gain = Enumerable.Range(0, MoveCount).Select(move => Move(rows, unchecked(options.Seed + move))).Average(moved => ValueOn(moved, winner) - ValueOn(moved, other));
            return gain >= Decisive ? Tell(winner, components, other, gain) : null;
        }
        // Of so few rows a feature may be observed in fewer than a fit takes.
        catch (Exception exception) when (exception is MixtureFitException or ArgumentException || (exception is OperationCanceledException && !cancelled.IsCancellationRequested))
        {
            return null;
        }
    }

    // The features in which the rest of a component, beside what the other features tell, is hardly more than rounding.
    private IEnumerable<int> LinesOf(GaussianMixtureModel model, int component) => Enumerable.Range(0, _spacings.Length).Where(j =>
    {
        if (_spacings[j] == 0) return false;
        if (model.Components.Shape != CovarianceShape.Full) return model.Components.CovarianceOf(component, j, j) < LeastShare * _spacings[j] * _spacings[j];
        double precision = 0;
        for (int l = j; l < _spacings.Length; l++) precision += model.PrecisionsCholesky[component][j, l] * model.PrecisionsCholesky[component][j, l];
        return precision * LeastShare * _spacings[j] * _spacings[j] > 1;
    });

    private ArrayRowSource<double> Move(RowSource rows, int seed)
    {
        int dimension = rows.Dimension, first = 0;
        double[] values = new double[rows.RowCount * dimension], weights = new double[rows.RowCount];
        foreach (RowBlock block in new RowBlocks(rows, time.Token))
        {
            block.CopyRows(values.AsSpan(first * dimension));
            block.Weights[..block.RowCount].CopyTo(weights.AsSpan(first));
            first += block.RowCount;
        }

        var random = new Xoshiro256StarStar(seed, threadSafe: false);
        for (int at = 0; at < values.Length; at++) values[at] += _spacings[at % dimension] * (random.NextDouble() - 0.5);
        return new ArrayRowSource<double>(values, dimension, weights);
    }

    // What a model has come to after some steps from where it is.
    private double ValueOn(RowSource moved, MixtureCandidate candidate)
    {
        GaussianMixtureModel model = candidate.Model!;
        double[][,] covariances = [.. model.Covariances.Take(model.Components.IsShared ? 1 : model.ComponentCount).Select(covariance => covariance.ToArray())];
        foreach (double[,] covariance in covariances)
        {
            for (int j = 0; j < _spacings.Length; j++) covariance[j, j] += ShareOfRounding * _spacings[j] * _spacings[j];
        }

        GaussianMixtureOptions fit = options.FitOptions(candidate.ComponentCount, candidate.CovarianceStructure);
        (fit.MaximumIterations, fit.Tolerance) = (Math.Min(MostSteps, fit.MaximumIterations), Math.Max(MixtureOptions.DefaultTolerance, fit.Tolerance));
        fit.Start = model.HasNoise ? MixtureStart.FromParameters(model.Weights, model.NoiseWeight, model.Means.ToArray(), covariances) : MixtureStart.FromParameters(model.Weights, model.Means.ToArray(), covariances);
        MixtureCriteria criteria = MixtureCriteria.Compute(GaussianFit.Run(moved, fit, time.Token), moved, time.Token);
        return new MixtureCandidate(candidate.ComponentCount, candidate.CovarianceStructure) { Criteria = criteria }.Value(Criterion);
    }

    private string Tell(MixtureCandidate winner, int[] components, MixtureCandidate other, double gain)
    {
        GaussianMixtureOptions named = options.FitOptions(winner.ComponentCount, winner.CovarianceStructure);
        int[] features = [.. components.SelectMany(k => LinesOf(winner.Model!, k)).Distinct().Order()];
        string grid = string.Join(", ", features.Take(MostNamed).Select((j, at) => $"{named.FeatureNameWithin(j)} ({(at == 0 ? "values " : string.Empty)}{_spacings[j].ToString("G3", CultureInfo.InvariantCulture)} apart)"));
        string more = components.Length > MostNamed ? $" and {components.Length - MostNamed} more" : string.Empty;
        string which = components.Length == winner.ComponentCount ? "Every component" : components.Length == 1 ? $"Component {components[0]}" : $"Each of components {string.Join(", ", components.Take(MostNamed))}{more}";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{which} of the winner is in some direction hardly wider than rounding alone makes it, in {grid}{(features.Length > MostNamed ? " and so on" : string.Empty)}: it lies along a line of the grid of values. On rows that are moved at random by up to half the distance between values, where groups are still groups and lines are none, {other}, the first of the ranking without such components ({MixtureSearchTable.Name(options.Criterion)} {other.Value(options.Criterion):F1}), is better by {gain:F0} in {MixtureSearchTable.Name(Criterion)}. Take that one, or search over values that are rounded less or moved so.");
    }
}
