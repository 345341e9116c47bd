using Microsoft.ML;
using Microsoft.ML.Mixture;
using Microsoft.ML.Trainers;

namespace Snippets;

/// <summary>Of how-many-components.md, variational-bayes.md and many-features.md.</summary>
internal static class HowManySnippets
{
    public static void Search()
    {
        var ml = new MLContext();
        IDataView eruptions = Eruptions.Load(ml);
        #region search
        IDataView data = ml.Transforms.Concatenate("Features", "Duration", "Waiting").Fit(eruptions).Transform(eruptions);
        GaussianMixtureSearchResult search = ml.Clustering.SearchGaussianMixture(data);
        Console.WriteLine(search);
        IDataView scored = search.Transformer.Transform(data);
        #endregion
        Console.WriteLine(scored.Schema.Count);
    }

    public static void SearchByCompletedLikelihood()
    {
        var ml = new MLContext();
        IDataView data = Eruptions.Features(ml);
        #region completed
        var options = new GaussianMixtureSearchOptions { Criterion = MixtureCriterion.IntegratedCompletedLikelihood };
        Console.WriteLine(ml.Clustering.SearchGaussianMixture(data, options));
        #endregion
    }

    public static void SearchInPipeline()
    {
        var ml = new MLContext();
        #region auto
        var trainer = ml.Clustering.Trainers.GaussianMixture(new GaussianMixtureTrainer.Options
        {
            NumberOfComponents = GaussianMixtureTrainer.Auto,
            CovarianceStructure = CovarianceStructure.Auto,
        });
        #endregion
        Console.WriteLine(trainer.Fit(Eruptions.Features(ml)).Model.Search);
    }

    public static void OneMore()
    {
        var ml = new MLContext();
        IDataView data = Eruptions.Features(ml);
        #region bootstrap
        MixtureBootstrapSequence sequence = ml.Clustering.BootstrapSequenceGaussianMixture(data);
        Console.WriteLine(sequence);
        #endregion
    }

    public static void VariationalBayes()
    {
        var ml = new MLContext();
        IDataView data = Eruptions.Load(ml);
        #region bayesian
        var pipeline = ml.Transforms.Concatenate("Features", "Duration", "Waiting")
            .Append(ml.Clustering.Trainers.BayesianGaussianMixture());
        var model = pipeline.Fit(data);
        Console.WriteLine($"{model.LastTransformer.Model.NumberOfComponents} components in use");
        #endregion
    }

    public static void ManyFeatures()
    {
        var ml = new MLContext();
        #region factors
        var pipeline = ml.Transforms.Concatenate("Features", "Duration", "Waiting")
            .Append(ml.Clustering.Trainers.FactorAnalyzerMixture(numberOfComponents: 2, numberOfFactors: 1));
        #endregion
        Console.WriteLine(pipeline.Fit(Eruptions.Load(ml)).LastTransformer.Model);
    }
}
