using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mixture.Interop;

/// <summary>
/// The few things that a trainer must ask of ML.NET and that ML.NET offers to its own assemblies only. Nothing outside of this
/// namespace uses internal members.
/// </summary>
internal static class HostInternals
{
    /// <summary>
    /// Returns the environment behind a trainer catalog, such as <see cref="ClusteringCatalog.Trainers"/>.
    /// </summary>
    /// <param name="catalog">The catalog that an extension method was called on.</param>
    /// <returns>The environment of the catalog's <see cref="MLContext"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="catalog"/> is null.</exception>
    internal static IHostEnvironment GetEnvironment(TrainCatalogBase.CatalogInstantiatorBase catalog)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return ((IInternalCatalog)catalog).Environment;
    }

    /// <summary>Returns the environment behind the transforms catalog.</summary>
    /// <param name="catalog">The catalog that an extension method was called on.</param>
    internal static IHostEnvironment GetTransformsEnvironment(TransformsCatalog catalog) => ((IInternalCatalog)catalog).Environment;

    /// <summary>
    /// Describes a column that an estimator will produce. <see cref="SchemaShape"/> is public; its columns have no public constructor.
    /// </summary>
    /// <param name="name">The column's name.</param>
    /// <param name="kind">Whether the column is a scalar or a vector.</param>
    /// <param name="itemType">The type of one item, never itself a key or a vector.</param>
    /// <param name="isKey">Whether the items are keys whose raw type is <paramref name="itemType"/>.</param>
    /// <param name="annotations">The annotations that the column will carry; null for none.</param>
    internal static SchemaShape.Column CreateColumn(
        string name, SchemaShape.Column.VectorKind kind, DataViewType itemType, bool isKey, SchemaShape? annotations = null)
        => new(name, kind, itemType, isKey, annotations);

    /// <summary>
    /// Describes a trainer that neither calibrates nor validates, as <see cref="Trainers.ITrainerEstimator{TTransformer, TModel}.Info"/> asks.
    /// </summary>
    /// <param name="normalization">Whether the trainer profits from normalized features.</param>
    /// <param name="caching">Whether the trainer passes over its input more than once.</param>
    internal static TrainerInfo CreateTrainerInfo(bool normalization, bool caching)
        => new(normalization: normalization, caching: caching);

    /// <summary>
    /// Says whether the user has cancelled the work of an environment. ML.NET's own check, which throws, is internal as well.
    /// </summary>
    /// <param name="environment">The environment of a catalog, or a host registered with it.</param>
    internal static bool IsCanceled(IHostEnvironment environment) => environment is ICancelable { IsCanceled: true };

    /// <summary>Says whether a data view holds its rows in memory, as <see cref="DataOperationsCatalog.Cache"/> makes it.</summary>
    /// <param name="data">The data view.</param>
    internal static bool IsCache(IDataView data) => data is CacheDataView;
}
