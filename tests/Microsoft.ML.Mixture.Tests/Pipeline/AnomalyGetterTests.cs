using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.Mixture.Tests;

/// <summary>A prediction engine makes all columns active and calls the getters of some: what they do not need is not computed.</summary>
[Trait("Kind", "Pipeline")]
public sealed class AnomalyGetterTests
{
    private readonly MLContext _context = new(seed: 1);

    [Fact]
    public void Contributions_NobodyReads_AreNotComputed()
    {
        GaussianMixtureModel model = GaussianMixtureModel.FromParameters([1], new double[1, 64], [Identity(64)]);
        IDataView data = Rows([.. Enumerable.Range(0, 4).Select(i => new float[64])], 64);
        DataViewSchema schema = Transformer(model).GetOutputSchema(data.Schema);
        using DataViewRowCursor cursor = Transformer(model).Transform(data).GetRowCursor(schema);
        ValueGetter<float> getScore = cursor.GetGetter<float>(schema["Score"]);
        ValueGetter<VBuffer<float>> getContributions = cursor.GetGetter<VBuffer<float>>(schema["FeatureContributions"]);
        float score = 0;
        VBuffer<float> contributions = default;
        Assert.True(cursor.MoveNext());
        getScore(ref score);

        // Where they come from is made when they are read, and not before.
        Assert.InRange(AllocatedBy(() => getScore(ref score)), 0, 1000);
        Assert.True(cursor.MoveNext());
        Assert.InRange(AllocatedBy(() => getScore(ref score)), 0, 1000);
        Assert.InRange(AllocatedBy(() => getContributions(ref contributions)), 64 * 3 * sizeof(double), long.MaxValue);
        Assert.True(cursor.MoveNext());
        Assert.InRange(AllocatedBy(() => getContributions(ref contributions)), 0, 1000);
    }

    [Fact]
    public void Getters_CalledInAnyOrder_TellOfTheRowWhereTheCursorStands()
    {
        double[,] covariance = { { 2, 1 }, { 1, 3 } };
        GaussianMixtureModel model = GaussianMixtureModel.FromParameters([0.4, 0.6], new double[,] { { 0, 0 }, { 5, 5 } }, [covariance, covariance]);
        float[][] rows = [[0, 1], [4, float.NaN], [9, -3], [5, 6], [float.PositiveInfinity, 2]];
        GaussianMixtureAnomalyTransformer transformer = Transformer(model);
        IDataView scored = transformer.Transform(Rows(rows, 2));
        AnomalyScorer scorer = transformer.Calibration.CreateScorer();
        using DataViewRowCursor cursor = scored.GetRowCursor(scored.Schema);
        ValueGetter<bool> getLabel = cursor.GetGetter<bool>(scored.Schema["PredictedLabel"]);
        ValueGetter<float> getDensity = cursor.GetGetter<float>(scored.Schema["LogLikelihood"]);
        ValueGetter<VBuffer<float>> getContributions = cursor.GetGetter<VBuffer<float>>(scored.Schema["FeatureContributions"]);
        VBuffer<float> contributions = default;
        for (int i = 0; i < rows.Length; i++)
        {
            Assert.True(cursor.MoveNext());
            double[] row = [.. rows[i].Select(value => (double)value)];
            scorer.Score(row);
            for (int read = 0; read < 2; read++)
            {
                if (i % 2 == read) CheckContributions(row);
                bool label = false;
                float density = 0;
                getLabel(ref label);
                getDensity(ref density);
                Assert.Equal((scorer.IsAnomaly, (float)scorer.LogDensity), (label, density));
            }
        }

        void CheckContributions(double[] row)
        {
            getContributions(ref contributions);
            foreach (FeatureContribution expected in model.FeatureContributions(row))
            {
                Assert.Equal(double.IsInfinity(expected.Contribution) ? float.MaxValue : (float)expected.Contribution, contributions.GetItemOrDefault(expected.Feature));
            }
        }
    }

    private static long AllocatedBy(Action action)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static double[,] Identity(int dimension)
    {
        double[,] matrix = new double[dimension, dimension];
        for (int j = 0; j < dimension; j++) matrix[j, j] = 1;
        return matrix;
    }

    private IDataView Rows(float[][] rows, int dimension)
    {
        var schema = SchemaDefinition.Create(typeof(Measured));
        schema[nameof(Measured.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, dimension);
        return _context.Data.LoadFromEnumerable(rows.Select(row => new Measured { Features = row }), schema);
    }

    private GaussianMixtureAnomalyTransformer Transformer(GaussianMixtureModel model) =>
        new(_context, new GaussianMixtureModelParameters(model), model.CalibrateAnomalies(0.05, 1000, refitCount: 0));

    private sealed class Measured
    {
        public float[] Features { get; set; } = [];
    }
}
