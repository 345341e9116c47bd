using System.Globalization;
using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>From a model and its rows to the standard errors of its parameters.</summary>
internal static class StandardErrorCalculation
{
    private const int MostParameters = 2000;
    private const double LargestDistance = 0.1;
    private const double FewestRowsOfParameter = 5;

    // No maximum with a positive weight has fewer, of the weight of the lightest.
    private const double LeastRows = 0.1;

    // Below this share of what was there before, or of what the rows of a component give, information is rounding.
    private const double LeastPivot = 1e-11;

    public static MixtureStandardErrors Run(GaussianMixtureModel model, RowSource source, double priorStrength, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(source);
        Check(model, source, priorStrength);
        TrainingRows rows = TrainingRows.Inspect(source, usesHoles: true, cancellationToken);
        CheckWeights(model, rows);
        for (int j = 0; j < model.Dimension; j++)
        {
            if (rows.Minimum[j] != rows.Maximum[j]) continue;
            throw new ArgumentException(
                $"Feature {j} is {rows.Minimum[j].ToString("G9", CultureInfo.InvariantCulture)} in all rows, so that its variance has no standard error. Fit the model without it.");
        }

        // The prior is the one at whose maximum the model is, or nearest to it.
        MixtureStandardErrors? nearest = null;
        InvalidOperationException? failure = null;
        foreach (CovarianceRegularization prior in GaussianFit.PriorsOf(rows, model, priorStrength, cancellationToken))
        {
            try
            {
                MixtureStandardErrors errors = Compute(model, rows, prior, cancellationToken);
                if (nearest is null || errors.DistanceFromMaximum < nearest.DistanceFromMaximum) nearest = errors;
                if (nearest.DistanceFromMaximum <= LargestDistance) break;
            }
            catch (InvalidOperationException exception)
            {
                failure ??= exception;
            }
        }

        return nearest ?? throw failure!;
    }

    private static MixtureStandardErrors Compute(GaussianMixtureModel model, TrainingRows rows, CovarianceRegularization prior, CancellationToken cancellationToken)
    {
        var information = new ObservedInformation(model);
        information.Add(rows, cancellationToken);
        information.AddPrior(prior);
        double[] factor = Factor(information, out double[] scales);
        cancellationToken.ThrowIfCancellationRequested();

        double[] gradient = [.. information.Gradient.Zip(scales, (value, scale) => value * scale)];
        Solve(factor, gradient);
        double distance = Norm(gradient);
        double[][] parameters = Parameters(model, information);
        double[] noise = new double[model.HasNoise ? scales.Length : 0];
        for (int c = 0; c < information.FirstMean && model.HasNoise; c++) noise[c] = Math.Sqrt(model.NoiseWeight) * information.WeightBasis[^1][c] * scales[c];
        Solve(factor, noise);
        double[] deviations = new double[parameters.Length], covariance = new double[parameters.Length * parameters.Length];
        for (int a = 0; a < parameters.Length; a++)
        {
            double[] row = parameters[a];
            for (int c = 0; c < row.Length; c++) row[c] *= scales[c];
            Solve(factor, row);
            deviations[a] = Norm(row);
            for (int b = 0; b <= a; b++) covariance[(a * parameters.Length) + b] = covariance[(b * parameters.Length) + a] = Covariance(row, parameters[b], deviations[a], deviations[b]);
            cancellationToken.ThrowIfCancellationRequested();
        }

        return new MixtureStandardErrors(
            model, information.Coordinates.IsDiagonal, deviations, covariance, distance, Array.AsReadOnly(Warnings(model, information, WarningOf(distance), covariance).ToArray()))
        {
            NoiseWeight = Norm(noise),
        };

        string? WarningOf(double fromMaximum)
        {
            if (!(fromMaximum > LargestDistance)) return null;
            double strength = prior.PriorCount * model.ComponentCount / rows.RowWeightTotal;
            return GaussianFit.FeatureThatFollows(rows, model, strength, cancellationToken) is { } feature
                ? $"Feature {feature} follows from others, so that there is a direction in which no row varies and the likelihood has no maximum: covariances between these features say nothing there. "
                    + "Fit the model without it to have those of a maximum."
                : Text($"The model is {fromMaximum:G2} standard errors away from a maximum for these rows, weights and covariance prior, so that its standard errors are those of ")
                    + "another point. Pass those of the fit, and fit with a smaller Tolerance.";
        }
    }

    private static void Check(GaussianMixtureModel model, RowSource source, double covariancePriorStrength)
    {
        model.CheckFeatures(source, remedy: "Pass the rows to which it was fitted.");
        if (!(covariancePriorStrength >= 0) || double.IsInfinity(covariancePriorStrength))
        {
            throw new ArgumentOutOfRangeException(
                nameof(covariancePriorStrength), covariancePriorStrength,
                $"The covariance prior strength is {covariancePriorStrength.ToString(CultureInfo.InvariantCulture)}. Pass the one of the fit, a finite number of at least 0.");
        }

        if (!CovarianceStructure.BuiltIn.Contains(model.CovarianceStructure))
        {
            throw new NotSupportedException(
                $"The covariance structure '{model.CovarianceStructure.Name}' is not part of the library, so its free parameters are not known. "
                + $"Structures with standard errors: {string.Join(", ", CovarianceStructure.BuiltIn)}.");
        }

        bool isDiagonal = model.CovarianceStructure.Shape != CovarianceShape.Full;
        long ofMatrix = isDiagonal ? model.Dimension : model.Dimension * (model.Dimension + 1L) / 2;
        long count = (model.ComponentCount * (1L + model.Dimension)) + ((model.CovarianceStructure.IsShared ? 1 : model.ComponentCount) * ofMatrix);
        if (count > MostParameters)
        {
            throw new NotSupportedException(
                $"The {Counted.Of(model.ComponentCount, "component")} in {Counted.Of(model.Dimension, "feature")} have {count} weights, means and covariances, more than the {MostParameters} for which "
                + "the covariance of the estimates is computed. Take the standard errors of a model of fewer features or components, or repeat the fit on rows drawn from the model.");
        }

        if (model.Posterior is not null)
        {
            throw new NotSupportedException(
                "The model was fitted by variational Bayes, which finds no maximum of the likelihood, so it has no standard errors. Its posterior says how far its parameters may be off.");
        }
    }

    // A weight on its way to zero, which takes EM without end, is at the end of what is possible as well: the likelihood rises towards it.
    private static void CheckWeights(GaussianMixtureModel model, TrainingRows rows)
    {
        string? AtTheEnd(double weight) => weight * rows.RowWeightTotal >= LeastRows * rows.LightestWeight ? null : Text($"has the weight {weight:G2}, at the end of what is possible, where there are no standard errors.");
        if (model.HasNoise && AtTheEnd(model.NoiseWeight) is { } ofNoise) throw new InvalidOperationException($"The noise {ofNoise} Take the model without noise.");
        for (int k = 0; k < model.ComponentCount; k++)
        {
            if (AtTheEnd(model.Weights[k]) is { } ofComponent) throw new InvalidOperationException($"Component {k} {ofComponent} Fit fewer components.");
        }
    }

    // The Cholesky factor of the information scaled to a diagonal of one; the scales take steps in units of these to steps of the parameters.
    private static double[] Factor(ObservedInformation information, out double[] scales)
    {
        double[] matrix = information.Compute(), counts = information.EffectiveCounts;
        scales = new double[information.Length];
        for (int a = 0; a < scales.Length; a++)
        {
            double own = matrix[PackedTriangle.Index(a, a)];
            double length = a < information.FirstCovariance ? 1 : information.Coordinates.SquaredLength(a - information.FirstCovariance);
            if (!(own > LeastPivot * length * counts.Min()) || double.IsInfinity(own)) throw NotAtMaximum(information, a);
            scales[a] = 1 / Math.Sqrt(own);
            for (int b = 0; b <= a; b++) matrix[PackedTriangle.Index(a, b)] *= scales[a] * scales[b];
        }

        if (!Cholesky.TryFactorInPlace(matrix, scales.Length, out int failed)) throw NotAtMaximum(information, failed);
        for (int a = 0; a < scales.Length; a++)
        {
            double pivot = matrix[PackedTriangle.Index(a, a)];
            if (pivot * pivot < LeastPivot) throw NotAtMaximum(information, a);
        }

        return matrix;
    }

    private static InvalidOperationException NotAtMaximum(ObservedInformation information, int parameter) => new(
        $"The observed information is not positive definite: {information.Describe(parameter)} can move, with others, without a fall of the likelihood to the second order. Either the model "
        + "is not at a maximum for these rows, weights and covariance prior: pass those of the fit, and fit with a smaller Tolerance. Or the rows do not determine it: "
        + "ask for fewer components, or a structure with fewer parameters.");

    // The weights, means and covariances, as their derivatives by the free parameters.
    private static double[][] Parameters(GaussianMixtureModel model, ObservedInformation information)
    {
        CovarianceCoordinates coordinates = information.Coordinates;
        int dimension = model.Dimension;
        var parameters = new List<double[]>();
        for (int k = 0; k < model.ComponentCount; k++)
        {
            double[] own = New();
            for (int c = 0; c < information.FirstMean; c++) own[c] = Math.Sqrt(model.Weights[k]) * information.WeightBasis[k][c];
        }

        for (int k = 0; k < model.ComponentCount; k++)
        {
            for (int j = 0; j < dimension; j++) coordinates.Frames[k].AsSpan(j * dimension, dimension).CopyTo(New().AsSpan(information.FirstMean + (k * dimension)));
        }

        for (int k = 0; k < (model.CovarianceStructure.IsShared ? 1 : model.ComponentCount); k++)
        {
            double[] frame = coordinates.Frames[k];
            for (int i = 0; i < dimension; i++)
            {
                for (int j = coordinates.IsDiagonal ? i : 0; j <= i; j++)
                {
                    double[] own = New();
                    for (int a = 0; a < coordinates.Count; a++)
                    {
                        if (!coordinates.Moves(a, k)) continue;
                        foreach ((int u, int v, double value) in coordinates.Entries(a, k))
                        {
                            double product = frame[(i * dimension) + u] * frame[(j * dimension) + v];
                            if (u != v) product += frame[(i * dimension) + v] * frame[(j * dimension) + u];
                            own[information.FirstCovariance + a] += value * product;
                        }
                    }
                }
            }
        }

        return [.. parameters];

        double[] New()
        {
            parameters.Add(new double[information.Length]);
            return parameters[^1];
        }
    }

    private static IEnumerable<string> Warnings(GaussianMixtureModel model, ObservedInformation information, string? ofDistance, double[] covariance)
    {
        if (Array.Exists(covariance, double.IsInfinity))
        {
            yield return "Covariances of estimates are infinite where they are beyond double precision in the units of the data. Scale the features to read them; the standard errors are right.";
        }

        if (ofDistance is not null) yield return ofDistance;
        double[] counts = information.EffectiveCounts;
        IEnumerable<string> ofFew = SimilarWarnings.Tell<int>(
            [.. Enumerable.Range(0, counts.Length).Where(k => counts[k] < FewestRowsOfParameter * (model.Dimension + 1))],
            k => Text($"Component {k} has {counts[k]:F1} rows, too few for standard errors that hold with many rows: take them for a rough guide."),
            "component");
        foreach (string warning in ofFew) yield return warning;
    }

    // Replaces b by inverse(L) b.
    private static void Solve(double[] factor, double[] right)
    {
        for (int i = 0; i < right.Length; i++)
        {
            ReadOnlySpan<double> row = factor.AsSpan(PackedTriangle.Index(i, 0), i + 1);
            right[i] = (right[i] - Lanes.Dot(row[..i], right.AsSpan(0, i))) / row[i];
        }
    }

    // Without their lengths, sums of products do not become infinite before the result does.
    private static double Covariance(double[] first, double[] second, double firstLength, double secondLength)
    {
        double product = Lanes.Dot(first, second);
        if (double.IsFinite(product)) return product;
        double correlation = 0;
        for (int c = 0; c < first.Length; c++) correlation += first[c] / firstLength * (second[c] / secondLength);
        return correlation * firstLength * secondLength;
    }

    // Squares of covariances may be beyond double precision where these are not.
    private static double Norm(double[] vector)
    {
        double largest = vector.Length == 0 ? 0 : vector.Max(Math.Abs), sum = 0;
        if (largest == 0) return 0;
        foreach (double value in vector) sum += value / largest * (value / largest);
        return largest * Math.Sqrt(sum);
    }

    private static string Text(FormattableString text) => FormattableString.Invariant(text);
}
