namespace Microsoft.ML.Mixture;

/// <summary>By what models are compared. Of each criterion lower is better.</summary>
public enum MixtureCriterion
{
    /// <summary>BIC: finds how many components the density needs; see <see cref="MixtureCriteria.BayesianInformationCriterion"/>.</summary>
    Bayesian = 0,

    /// <summary>ICL: finds how many clusters stand apart; see <see cref="MixtureCriteria.IntegratedCompletedLikelihood"/>.</summary>
    IntegratedCompletedLikelihood = 1,

    /// <summary>AIC, which tends to more components than BIC; see <see cref="MixtureCriteria.AkaikeInformationCriterion"/>.</summary>
    Akaike = 2,

    /// <summary>-2 times the log-likelihood of rows left out, which costs as many searches as there are folds and one more; see <see cref="MixtureCrossValidation.Deviance"/>.</summary>
    CrossValidation = 3,
}
