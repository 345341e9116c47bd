using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.Mixture;

namespace Microsoft.ML.Trainers;

/// <summary>The rows of an evaluation that count.</summary>
internal sealed class EvaluatedRows
{
    private const int RowsBetweenChecks = 1024;

    private readonly EvaluatedColumns _columns;
    private readonly List<int> _clusters = [];
    private readonly List<int> _labels = [];
    private readonly List<float> _weights = [];
    private readonly List<float> _values = [];
    private double _logLikelihood;
    private int _incomplete;
    private int _incompleteOfClusters;
    private int _leftOut;

    private readonly int _mostRows;

    private EvaluatedRows(EvaluatedColumns columns, int mostValues) => (_columns, _mostRows) = (columns, mostValues / Math.Max(1, columns.Dimension));

    // Labels count from one.
    private int? NoiseCluster => (int?)_columns.NoiseLabel - 1;

    /// <summary>Reads them, at most as many values as one array holds.</summary>
    public static EvaluatedRows Read(IDataView data, EvaluatedColumns columns, CancellationToken cancellationToken) => Read(data, columns, Array.MaxLength, cancellationToken);

    /// <summary>The same with another limit, for tests.</summary>
    internal static EvaluatedRows Read(IDataView data, EvaluatedColumns columns, int mostValues, CancellationToken cancellationToken)
    {
        var rows = new EvaluatedRows(columns, mostValues);
        using DataViewRowCursor cursor = data.GetRowCursor(columns.All);
        rows.Read(cursor, cancellationToken);
        if (rows._clusters.Count == 0)
        {
            throw new ArgumentException(
                $"There is no row to evaluate: {rows._leftOut} have no cluster in the column '{columns.Clusters.Name}' or nothing observed, and any others a weight of zero. Pass scored data.");
        }

        return rows;
    }

    public MixtureMetrics Evaluate(int? silhouetteSampleSize, int seed, CancellationToken cancellationToken)
    {
        double total = _weights.Sum(weight => (double)weight);
        int[] labeled = [.. Enumerable.Range(0, _labels.Count).Where(i => _labels[i] != LabelReader.None)];
        int[] labels = [.. labeled.Select(i => _labels[i])], clusters = [.. labeled.Select(i => _clusters[i])];
        double[] weights = [.. labeled.Select(i => (double)_weights[i])];

        // What is far from everything, and from other noise, is no cluster of which distances tell anything.
        int[] separated = [.. _clusters.Select(cluster => cluster == NoiseCluster ? -1 : cluster)];
        int complete = _columns.Features is null ? 0 : separated.Count(cluster => cluster >= 0) - _incompleteOfClusters;
        double silhouette = double.NaN, squares = double.NaN;
        if (complete > 0)
        {
            var source = new ArrayRowSource<float>(_values.ToArray(), _columns.Dimension, _weights.ToArray());
            squares = ClusterSeparation.WithinClusterSumOfSquares(source, separated, cancellationToken);
            silhouette = ClusterSeparation.Silhouette(source, separated, silhouetteSampleSize, seed, cancellationToken);
        }

        return new MixtureMetrics
        {
            RowCount = _clusters.Count,
            LeftOutRowCount = _leftOut,
            IncompleteRowCount = _incomplete,
            LabeledRowCount = labeled.Length,
            SilhouetteRowCount = double.IsNaN(silhouette) ? 0 : Math.Min(complete, silhouetteSampleSize ?? ClusterSeparation.SampleSizeOf(_columns.Dimension)),
            RowWeightTotal = total,
            NoiseRowCount = _clusters.Count(cluster => cluster == NoiseCluster),
            ClusterCount = separated.Distinct().Count(cluster => cluster >= 0),
            AverageLogLikelihood = _columns.LogLikelihoods is null ? double.NaN : _logLikelihood / total,
            Silhouette = silhouette,
            WithinClusterSumOfSquares = squares,
            AdjustedRandIndex = labeled.Length == 0 ? double.NaN : ClusteringAgreement.AdjustedRandIndex(labels, clusters, weights),
            NormalizedMutualInformation = labeled.Length == 0 ? double.NaN : ClusteringAgreement.NormalizedMutualInformation(labels, clusters, weights),
            MatchedAccuracy = labeled.Length == 0 ? double.NaN : ClusteringAgreement.MatchedAccuracy(labels, clusters, weights),
        };
    }

    private void Read(DataViewRowCursor cursor, CancellationToken cancellationToken)
    {
        ValueGetter<uint> getCluster = cursor.GetGetter<uint>(_columns.Clusters);
        ValueGetter<float>? getLogLikelihood = _columns.LogLikelihoods is { } logLikelihoods ? cursor.GetGetter<float>(logLikelihoods) : null;
        ValueGetter<float>? getWeight = _columns.Weights is { } weights ? cursor.GetGetter<float>(weights) : null;
        ValueGetter<VBuffer<float>>? getFeatures = _columns.Features is { } features ? cursor.GetGetter<VBuffer<float>>(features) : null;
        Func<int>? getLabel = _columns.Labels is { } labels ? LabelReader.Create(cursor, labels) : null;
        VBuffer<float> buffer = default;
        float[] row = new float[_columns.Dimension];
        while (cursor.MoveNext())
        {
            if (cursor.Position % RowsBetweenChecks == 0) cancellationToken.ThrowIfCancellationRequested();
            float weight = 1, logLikelihood = 0;
            uint cluster = 0;
            getWeight?.Invoke(ref weight);
            if (!(weight >= 0) || float.IsInfinity(weight))
            {
                string text = weight.ToString("G9", CultureInfo.InvariantCulture);
                throw new ArgumentException($"Row {cursor.Position} has the weight {text}, but a weight must be a finite number that is not negative. Correct the column '{_columns.Weights!.Value.Name}'.");
            }

            if (weight == 0) continue;
            getCluster(ref cluster);
            if (getFeatures is not null)
            {
                getFeatures(ref buffer);
                CursorRows.CheckLength(buffer.Length, row.Length, cursor.Position, _columns.Features!.Value.Name);
                buffer.CopyTo(row);
            }

            if (cluster == 0 || (row.Length > 0 && Array.TrueForAll(row, float.IsNaN)))
            {
                _leftOut++;
                continue;
            }

            CheckFinite(row, cursor.Position);
            if (_clusters.Count == _mostRows)
            {
                string without = row.Length == 0 ? string.Empty : ", or leave out the features, and with them silhouette and sum of squares";
                throw new ArgumentException($"There are more than {Counted.Of(_mostRows, "row")} of {Counted.Of(row.Length, "feature")}, the most that one array holds. Evaluate a sample of the rows{without}.");
            }

            getLogLikelihood?.Invoke(ref logLikelihood);
            _logLikelihood += (double)weight * logLikelihood;
            _clusters.Add((int)(cluster - 1));
            _weights.Add(weight);
            _values.AddRange(row);
            _labels.Add(getLabel?.Invoke() ?? LabelReader.None);
            if (!Array.Exists(row, float.IsNaN)) continue;
            _incomplete++;
            if (cluster != _columns.NoiseLabel) _incompleteOfClusters++;
        }
    }

    // A row is named as it stands in the data, of which some may be left out. Mixtures give no cluster to such rows, others may.
    private static void CheckFinite(float[] row, long position)
    {
        int infinite = Array.FindIndex(row, float.IsInfinity);
        if (infinite < 0) return;
        throw new ArgumentException(FormattableString.Invariant(
            $"Feature {infinite} of row {position} is {row[infinite]}, but features must be finite. Remove the row or replace the value, by NaN if it is missing."));
    }
}
