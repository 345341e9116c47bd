namespace Microsoft.ML.Mixture;

/// <summary>The posterior of a fit whose components share something, as if each covariance were that of its own rows, next to no prior included.</summary>
internal static class FreeCovariances
{
    /// <summary>Whether the covariance of a component depends on its rows alone, or is the one of all rows.</summary>
    public static bool Has(CovarianceStructure structure) =>
        structure.IsShared || structure == CovarianceStructure.Full || structure == CovarianceStructure.Diagonal || structure == CovarianceStructure.Spherical;

    /// <summary>Takes one pass over the rows.</summary>
    /// <param name="posterior">The posterior.</param>
    /// <param name="scaled">The rows.</param>
    /// <param name="prior">A prior that is next to none.</param>
    /// <param name="threadCount">The most threads; null for all processors.</param>
    /// <param name="cancellationToken">Stops the pass.</param>
    /// <returns>Null where some covariance is not positive definite in double precision.</returns>
    public static VariationalGaussians? Of(VariationalGaussians posterior, ScaledRows scaled, NormalWishartPrior prior, int? threadCount, CancellationToken cancellationToken)
    {
        GaussianComponents all = posterior.Gaussians;
        CovarianceStructure structure = all.Shape == CovarianceShape.Full ? CovarianceStructure.Full : all.Shape == CovarianceShape.Diagonal ? CovarianceStructure.Diagonal : CovarianceStructure.Spherical;
        var gaussians = new GaussianFamily(structure, CovarianceRegularization.None(all.Dimension), origin: scaled.Moments.Means, hasHoles: scaled.HasHoles, prior: prior);
        if (!GaussianComponents.TryCreate(gaussians, all.Dimension, all.Shape, isShared: false, all.Means, all.Covariances, out GaussianComponents same, out _, cancellationToken)) return null;
        double total = scaled.Rows.RowWeightTotal;
        var mixture = new MixtureState([.. posterior.Counts.ToArray().Select(count => count / total)], same);
        var family = new VariationalFamily(gaussians, WeightPosterior.Create(MixtureWeightPrior.Dirichlet, concentration: 1));
        return family.TryAdopt(mixture, scaled.Rows, threadCount, cancellationToken, out VariationalGaussians free, out _) ? free : null;
    }
}
