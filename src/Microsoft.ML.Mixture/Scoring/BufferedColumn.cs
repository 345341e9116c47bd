using System.Reflection;
using Microsoft.ML.Data;

namespace Microsoft.ML.Trainers;

/// <summary>The values of a column of the input, of the rows that were read ahead.</summary>
internal abstract class BufferedColumn
{
    // What is assumed of a vector whose length its type does not tell.
    private const int UnknownLength = 1024;

    /// <summary>Whether values of a column can be kept beyond their row, as ML.NET's own caches keep them.</summary>
    public static bool IsPossible(DataViewSchema.Column column) => column.Type is PrimitiveDataViewType or VectorDataViewType;

    /// <summary>About how many values a row of a column has.</summary>
    public static long LengthOf(DataViewSchema.Column column) => column.Type is VectorDataViewType vector ? (vector.Size > 0 ? vector.Size : UnknownLength) : 1;

    /// <summary>Makes room for values of a column.</summary>
    public static BufferedColumn Create(DataViewRow input, DataViewSchema.Column column, int capacity)
    {
        Type type = column.Type is VectorDataViewType vector
            ? typeof(BufferedVectors<>).MakeGenericType(vector.ItemType.RawType)
            : typeof(BufferedValues<>).MakeGenericType(column.Type.RawType);

        // What the input throws is thrown as it is.
        return (BufferedColumn)Activator.CreateInstance(
            type, BindingFlags.Public | BindingFlags.Instance | BindingFlags.DoNotWrapExceptions, binder: null, [input, column, capacity], culture: null)!;
    }

    /// <summary>Reads the value of the input's current row into a place.</summary>
    public abstract void Read(int place);

    /// <summary>Makes a getter of the value in the place that some scoring is at.</summary>
    public abstract Delegate GetGetter(BlockScoring scoring);
}

/// <summary>The values of a column of scalars.</summary>
internal sealed class BufferedValues<T>(DataViewRow input, DataViewSchema.Column column, int capacity) : BufferedColumn
{
    private readonly ValueGetter<T> _source = input.GetGetter<T>(column);
    private readonly T[] _values = new T[capacity];

    public override void Read(int place) => _source(ref _values[place]);

    public override Delegate GetGetter(BlockScoring scoring) => (ValueGetter<T>)((ref T value) => value = _values[scoring.Place]);
}

/// <summary>The values of a column of vectors, whose memory is used again and again.</summary>
internal sealed class BufferedVectors<T>(DataViewRow input, DataViewSchema.Column column, int capacity) : BufferedColumn
{
    private readonly ValueGetter<VBuffer<T>> _source = input.GetGetter<VBuffer<T>>(column);
    private readonly VBuffer<T>[] _values = new VBuffer<T>[capacity];

    /// <summary>The value in a place, which is not to be changed.</summary>
    public ref readonly VBuffer<T> this[int place] => ref _values[place];

    public override void Read(int place) => _source(ref _values[place]);

    public override Delegate GetGetter(BlockScoring scoring) => (ValueGetter<VBuffer<T>>)((ref VBuffer<T> value) => _values[scoring.Place].CopyTo(ref value));
}
