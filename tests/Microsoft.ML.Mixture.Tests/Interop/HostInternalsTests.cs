using System.Reflection;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mixture.Interop;

public class HostInternalsTests
{
    [Fact]
    public void GetEnvironment_TrainersOfAnyCatalog_IsTheOneOfTheirContext()
    {
        var context = new MLContext();
        var environment = HostInternals.GetEnvironment(context.Clustering.Trainers);
        Assert.Same(((IHostEnvironment)context).ComponentCatalog, environment.ComponentCatalog);
        Assert.Same(environment, HostInternals.GetEnvironment(context.AnomalyDetection.Trainers));
        Assert.NotSame(environment, HostInternals.GetEnvironment(new MLContext().Clustering.Trainers));
    }

    [Fact]
    public void GetEnvironment_Null_Throws()
        => Assert.Throws<ArgumentNullException>(() => HostInternals.GetEnvironment(null!));

    [Fact]
    public void CreateColumn_Key_HasEveryPartGiven()
    {
        var annotations = new SchemaShape([HostInternals.CreateColumn(
            "Kind", SchemaShape.Column.VectorKind.Scalar, TextDataViewType.Instance, isKey: false)]);
        var column = HostInternals.CreateColumn(
            "Label", SchemaShape.Column.VectorKind.Vector, NumberDataViewType.UInt32, isKey: true, annotations);
        Assert.Equal("Label", column.Name);
        Assert.Equal(SchemaShape.Column.VectorKind.Vector, column.Kind);
        Assert.Equal(NumberDataViewType.UInt32, column.ItemType);
        Assert.True(column.IsKey);
        Assert.Same(annotations, column.Annotations);
        Assert.Empty(annotations[0].Annotations);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void CreateTrainerInfo_Flags_AreKept(bool normalization, bool caching)
    {
        var info = HostInternals.CreateTrainerInfo(normalization, caching);
        Assert.Equal(normalization, info.NeedNormalization);
        Assert.Equal(caching, info.WantCaching);
    }

    [Fact]
    public void IsCanceled_ContextCancelled_ReachesItsHosts()
    {
        var context = new MLContext();
        var environment = HostInternals.GetEnvironment(context.Clustering.Trainers);
        var host = environment.Register("GaussianMixture");
        Assert.False(HostInternals.IsCanceled(environment));
        Assert.False(HostInternals.IsCanceled(host));
        typeof(MLContext).GetMethod("CancelExecution", BindingFlags.Instance | BindingFlags.NonPublic)!.Invoke(context, null);
        Assert.True(HostInternals.IsCanceled(environment));
        Assert.True(HostInternals.IsCanceled(host));
    }
}
