namespace Microsoft.ML.Mixture;

/// <summary>A component that may be added to a mixture.</summary>
/// <param name="Source">The component whose shape it has.</param>
/// <param name="Centre">Its mean, in units in which that component is a standard Gaussian, shape D.</param>
/// <param name="Scale">Its covariance over that of the component.</param>
/// <param name="Weight">Its weight, those of all others being one together.</param>
/// <param name="LogLikelihood">The log-likelihood of the rows with it.</param>
internal sealed record InsertedComponent(int Source, double[] Centre, double Scale, double Weight, double LogLikelihood)
{
    private const double Near = 0.25;

    /// <summary>Whether the other is hardly another one.</summary>
    public bool IsLike(InsertedComponent other)
    {
        if (other.Source != Source || other.Scale > 2 * Scale || Scale > 2 * other.Scale) return false;
        double distance = Centre.Zip(other.Centre, (one, another) => (one - another) * (one - another)).Sum();
        return distance < Near * Math.Min(Scale, other.Scale);
    }
}
