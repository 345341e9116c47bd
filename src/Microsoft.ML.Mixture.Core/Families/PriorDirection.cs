using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>Of a component that of the directions in which a feature leaves all others, inverse(Sigma) e(j), in which the prior and the floor add the largest share of the variance.</summary>
/// <param name="Feature">The feature.</param>
/// <param name="Variance">Its variance beside all others.</param>
/// <param name="Added">What the prior and the floor add to that.</param>
/// <param name="OfFloor">What of that is the floor's.</param>
/// <param name="PriorVariance">The variance of a row of the prior in this direction.</param>
internal readonly record struct PriorDirection(int Feature, double Variance, double Added, double OfFloor, double PriorVariance)
{
    // A component is not narrow where all variances are more than this share of those of all rows.
    private const double SmallVariance = 0.01;

    /// <summary>The share of the variance that is added.</summary>
    public double Share => Added / Variance;

    /// <summary>Whether rows have no spread of their own there, beside what is added; see <see cref="CovarianceRegularization.LeavesSpread"/>.</summary>
    public bool IsWithoutSpread => !CovarianceRegularization.LeavesSpreadBeside(Added, Variance, PriorVariance);

    /// <summary>Finds it, of a component with a full covariance.</summary>
    /// <param name="components">The components.</param>
    /// <param name="component">Which of them.</param>
    /// <param name="prior">A prior that is a diagonal matrix.</param>
    /// <param name="count">The total responsibility of the component.</param>
    /// <param name="averageCount">That of one of average size.</param>
    /// <returns>The direction; null where nothing is added, or where components have a volume in common and this one is wide.</returns>
    /// <remarks>
    /// Components with a volume in common widen one whose rows lie in a plane as far as they are narrower themselves, and so its own covariance is asked. Axes in common need not lie along a plane, and leave it
    /// wide then. Cost: D^3 multiplications.
    /// </remarks>
    public static PriorDirection? Find(GaussianComponents components, int component, CovarianceRegularization prior, double count, double averageCount)
    {
        int dimension = components.Dimension;
        bool tiesShape = components.Family.Structure.TiesShape;
        double[] inverse = new double[PackedTriangle.Length(dimension)], precisions = new double[dimension];
        if (!tiesShape && !double.IsNaN(components.OwnVariance(component, 0)))
        {
            if (!IsNarrow(components, component, prior)) return null;
            components.OwnCovariance(component).CopyTo(inverse);
            if (!Cholesky.TryFactorInPlace(inverse, dimension, out _)) return null;
            Cholesky.InvertInPlace(inverse, dimension);
        }
        else
        {
            components.CopyInverseFactor(component, inverse);
        }

        double rows = tiesShape ? averageCount : count, share = prior.PriorCount / (rows + prior.PriorCount);
        PriorDirection? largest = null;
        for (int j = 0; j < dimension; j++)
        {
            Array.Clear(precisions);
            for (int m = j; m < dimension; m++) Lanes.AddScaled(inverse.AsSpan(PackedTriangle.Index(m, 0), m + 1), inverse[PackedTriangle.Index(m, j)], precisions.AsSpan(0, m + 1));
            double added = 0, ofFloor = 0, priorVariance = 0, precision = precisions[j];
            for (int i = 0; i < dimension; i++)
            {
                double part = precisions[i] / precision, squared = part * part;
                priorVariance += prior.PriorVariances[i] * squared;
                added += ((share * prior.PriorVariances[i]) + prior.Floor) * squared;
                ofFloor += prior.Floor * squared;
            }

            var direction = new PriorDirection(j, 1 / precision, added, ofFloor, priorVariance);
            if (direction.Share > (largest?.Share ?? 0)) largest = direction;
        }

        return largest;
    }

    // Whether a feature hardly varies beside the features before it, as the last of those that make a plane does.
    private static bool IsNarrow(GaussianComponents components, int component, CovarianceRegularization prior)
    {
        ReadOnlySpan<double> factor = components.Factor(component);
        for (int j = 0; j < components.Dimension; j++)
        {
            double deviation = factor[PackedTriangle.Index(j, j)];
            if (deviation * deviation <= SmallVariance * prior.PriorVariances[j]) return true;
        }

        return false;
    }
}
