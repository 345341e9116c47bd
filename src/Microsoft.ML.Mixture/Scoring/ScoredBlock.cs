using Microsoft.ML.Data;
using Microsoft.ML.Mixture;

namespace Microsoft.ML.Trainers;

/// <summary>The features of some rows and what a mixture makes of them.</summary>
internal sealed class ScoredBlock(ScoringMapper mapper, int capacity)
{
    private readonly int _dimension = mapper.Model.Dimension;
    private readonly float[] _rows = new float[mapper.Model.Dimension * capacity];

    /// <summary>What the mixture made of the rows when they were scored.</summary>
    public BlockScorer Scorer { get; } = new(mapper.Model, capacity);

    /// <summary>Takes the features of a row into a place of the block.</summary>
    /// <param name="features">The features.</param>
    /// <param name="place">The place, counted from zero.</param>
    /// <param name="position">The position of the row in its cursor, for messages.</param>
    /// <exception cref="InvalidOperationException">The row does not have as many features as the mixture.</exception>
    public void Set(in VBuffer<float> features, int place, long position)
    {
        if (features.Length != _dimension)
        {
            throw new InvalidOperationException(
                $"Row {position} has {Counted.Of(features.Length, "value")} in the feature column '{mapper.Input.Name}', but the mixture has {Counted.Of(_dimension, "feature")}. "
                + "Give every row as many as the column's type says.");
        }

        features.CopyTo(_rows.AsSpan(place * _dimension, _dimension));
    }

    /// <summary>Scores the rows in the first places.</summary>
    public void Score(int count) => Scorer.Score<float>(_rows.AsSpan(0, count * _dimension));
}
