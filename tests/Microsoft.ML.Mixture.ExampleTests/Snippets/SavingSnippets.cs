using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace Snippets;

internal static class SavingSnippets
{
    public static void ReadParameters()
    {
        var ml = new MLContext();
        Save(ml);
        ITransformer loaded = ml.Model.Load("mixture.zip", out _);
        #region loaded
        GaussianMixtureTransformer transformer = loaded as GaussianMixtureTransformer
            ?? ((IEnumerable<ITransformer>)loaded).OfType<GaussianMixtureTransformer>().Single();
        var mixture = transformer.Model;
        #endregion
        Assert.Equal(2, mixture.NumberOfComponents);
    }

    public static void Verify()
    {
        Save(new MLContext());
        #region verify
        var ml = new MLContext();
        using FileStream file = File.OpenRead("mixture.zip");
        ModelFile.Verify(file);
        ITransformer loaded = ml.Model.Load(file, out _);
        #endregion
        Assert.True(loaded.IsRowToRowMapper);
    }

    public static void LoadFromStranger()
    {
        var ml = new MLContext();
        using (FileStream saved = File.Create("mixture.bin")) Fit(ml).LastTransformer.Model.Save(saved);
        #region stranger
        using FileStream file = File.OpenRead("mixture.bin");
        GaussianMixtureModelParameters mixture = GaussianMixtureModelParameters.Load(file);
        var transformer = new GaussianMixtureTransformer(ml, mixture, "Features");
        #endregion
        Assert.NotNull(transformer.Transform(Eruptions.Features(ml)).Schema.GetColumnOrNull("PredictedLabel"));
    }

    private static void Save(MLContext ml) => ml.Model.Save(Fit(ml), Eruptions.Load(ml).Schema, "mixture.zip");

    private static TransformerChain<GaussianMixtureTransformer> Fit(MLContext ml) =>
        ml.Transforms.Concatenate("Features", "Duration", "Waiting").Append(ml.Clustering.Trainers.GaussianMixture(numberOfComponents: 2)).Fit(Eruptions.Load(ml));
}
