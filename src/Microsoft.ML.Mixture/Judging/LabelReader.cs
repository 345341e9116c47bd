using Microsoft.ML.Data;

namespace Microsoft.ML.Trainers;

/// <summary>Reads labels of any type as numbers: equal labels get the same, counted from zero in the order in which they come.</summary>
internal static class LabelReader
{
    /// <summary>What stands for a row without a label.</summary>
    public const int None = -1;

    /// <summary>Whether labels of a type can be told apart.</summary>
    public static bool Reads(DataViewType type) => type is KeyDataViewType or TextDataViewType or BooleanDataViewType or NumberDataViewType;

    /// <summary>Makes a reader of the current row.</summary>
    public static Func<int> Create(DataViewRow row, DataViewSchema.Column column)
    {
        if (column.Type is TextDataViewType) return Create<ReadOnlyMemory<char>, string>(row, column, text => text.IsEmpty ? null : text.ToString());
        bool isKey = column.Type is KeyDataViewType;
        return Type.GetTypeCode(column.Type.RawType) switch
        {
            TypeCode.Boolean => Create<bool, object>(row, column, value => value),
            TypeCode.Single => Create<float, object>(row, column, value => float.IsNaN(value) ? null : value),
            TypeCode.Double => Create<double, object>(row, column, value => double.IsNaN(value) ? null : value),
            TypeCode.SByte => Create<sbyte, object>(row, column, value => value),
            TypeCode.Int16 => Create<short, object>(row, column, value => value),
            TypeCode.Int32 => Create<int, object>(row, column, value => value),
            TypeCode.Int64 => Create<long, object>(row, column, value => value),
            TypeCode.Byte => Create<byte, object>(row, column, value => isKey && value == 0 ? null : value),
            TypeCode.UInt16 => Create<ushort, object>(row, column, value => isKey && value == 0 ? null : value),
            TypeCode.UInt32 => Create<uint, object>(row, column, value => isKey && value == 0 ? null : value),
            _ => Create<ulong, object>(row, column, value => isKey && value == 0 ? null : value),
        };
    }

    private static Func<int> Create<T, TLabel>(DataViewRow row, DataViewSchema.Column column, Func<T, TLabel?> read)
        where TLabel : class
    {
        var numbers = new Dictionary<TLabel, int>();
        ValueGetter<T> getter = row.GetGetter<T>(column);
        T value = default!;
        return () =>
        {
            getter(ref value);
            if (read(value) is not { } label) return None;
            numbers.TryAdd(label, numbers.Count);
            return numbers[label];
        };
    }
}
