using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.Mixture.Tests;

[Trait("Kind", "Pipeline")]
public class EstimatorCheckTests
{
    public static TheoryData<string> Structures => [.. CovarianceStructure.BuiltIn.Select(structure => structure.Name)];

    [Theory]
    [MemberData(nameof(Structures))]
    public void GaussianMixture_EveryStructure_PassesTheChecksOfMlNet(string structure)
    {
        var context = new MLContext(seed: 1);
        var estimator = context.Clustering.Trainers.GaussianMixture(new GaussianMixtureTrainer.Options
        {
            NumberOfComponents = 3,
            CovarianceStructure = CovarianceStructure.BuiltIn.Single(known => known.Name == structure),
        });
        IDataView flowers = TestData.IrisFeatures(context);
        IDataView onlyFeatures = context.Transforms.SelectColumns("Features").Fit(flowers).Transform(flowers);
        IDataView threeFeatures = Select(context, flowers, nameof(Flower.SepalLength), nameof(Flower.SepalWidth), nameof(Flower.PetalLength));
        IDataView doubles = context.Transforms.Conversion.ConvertType("Features", outputKind: DataKind.Double).Fit(flowers).Transform(flowers);
        IDataView scalar = context.Transforms.CopyColumns("Features", nameof(Flower.PetalWidth)).Fit(flowers).Transform(flowers);

        new EstimatorCheck(context).Run(estimator, flowers, onlyFeatures, [TestData.Iris(context), doubles, scalar], threeFeatures);
    }

    [Fact]
    public void GaussianMixture_InAChainBehindConcatenate_PassesTheChecksOfMlNet()
    {
        var context = new MLContext(seed: 1);
        IDataView flowers = TestData.Iris(context);
        ITransformer features = TestData.FlowerFeatures(context).Fit(flowers);
        IDataView transformed = features.Transform(flowers);
        var estimator = context.Transforms.Concatenate("Both", "Features", nameof(Flower.PetalWidth))
            .Append(context.Clustering.Trainers.GaussianMixture("Both", numberOfComponents: 2));

        new EstimatorCheck(context).Run(
            estimator, transformed, context.Data.TakeRows(transformed, 100), [flowers], Select(context, transformed, nameof(Flower.SepalLength), nameof(Flower.SepalWidth)));
    }

    [Fact]
    public void OutputSchema_NamesTypesAndAnnotations_AreThoseOfAClusteringTrainer()
    {
        var context = new MLContext(seed: 1);
        IDataView flowers = TestData.IrisFeatures(context);

        DataViewSchema schema = context.Clustering.Trainers.GaussianMixture(numberOfComponents: 3).Fit(flowers).GetOutputSchema(flowers.Schema);

        DataViewSchema kMeans = context.Clustering.Trainers.KMeans(numberOfClusters: 3).Fit(flowers).GetOutputSchema(flowers.Schema);
        Assert.Equal(
            [.. flowers.Schema.Select(column => column.Name), "PredictedLabel", "Score", "Probability", "LogLikelihood"], schema.Select(column => column.Name));
        var vector = new VectorDataViewType(NumberDataViewType.Single, 3);
        Assert.Equal(new KeyDataViewType(typeof(uint), 3), schema["PredictedLabel"].Type);
        Assert.Equal(vector, schema["Score"].Type);
        Assert.Equal(vector, schema["Probability"].Type);
        Assert.Equal(NumberDataViewType.Single, schema["LogLikelihood"].Type);
        Assert.Equal(kMeans["PredictedLabel"].Type, schema["PredictedLabel"].Type);
        Assert.Equal(kMeans["Score"].Type, schema["Score"].Type);
        foreach (string name in new[] { "PredictedLabel", "Score", "Probability", "LogLikelihood" })
        {
            Assert.Equal("Clustering", Annotation<ReadOnlyMemory<char>>(schema[name], "ScoreColumnKind").ToString());
            Assert.Equal(name, Annotation<ReadOnlyMemory<char>>(schema[name], "ScoreValueKind").ToString());
            Assert.Equal(1u, Annotation<uint>(schema[name], "ScoreColumnSetId"));
            Assert.Equal(3, schema[name].Annotations.Schema.Count);
            Assert.Equal(
                kMeans["Score"].Annotations.Schema.Select(kind => (kind.Name, kind.Type)).OrderBy(kind => kind.Name), schema[name].Annotations.Schema.Select(kind => (kind.Name, kind.Type)).OrderBy(kind => kind.Name));
        }
    }

    [Fact]
    public void OutputSchema_BehindAnotherScorer_HasASetOfItsOwnAndHidesTheEarlierColumns()
    {
        var context = new MLContext(seed: 1);
        IDataView flowers = TestData.IrisFeatures(context);
        var trainer = context.Clustering.Trainers.GaussianMixture(numberOfComponents: 2);

        IDataView scored = context.Clustering.Trainers.KMeans(numberOfClusters: 3).Append(trainer).Fit(flowers).Transform(flowers);

        Assert.Equal(2, scored.Schema.Count(column => column.Name == "Score"));
        Assert.Equal(2, ((VectorDataViewType)scored.Schema["Score"].Type).Size);
        Assert.Equal(2u, Annotation<uint>(scored.Schema["Score"], "ScoreColumnSetId"));
        IDataView alone = trainer.Fit(flowers).Transform(flowers);
        Assert.Equal(TestData.Bits(alone, "PredictedLabel", "Score", "Probability"), TestData.Bits(scored, "PredictedLabel", "Score", "Probability"));
    }

    [Fact]
    public void Info_OfTheTrainer_AsksForNothing()
    {
        TrainerInfo info = new MLContext().Clustering.Trainers.GaussianMixture().Info;

        Assert.False(info.NeedNormalization);
        Assert.False(info.WantCaching);
    }

    private static IDataView Select(MLContext context, IDataView data, params string[] columns) =>
        context.Transforms.Concatenate("Features", columns).Fit(data).Transform(data);

    private static T Annotation<T>(DataViewSchema.Column column, string kind)
    {
        T value = default!;
        column.Annotations.GetValue(kind, ref value);
        return value;
    }
}
