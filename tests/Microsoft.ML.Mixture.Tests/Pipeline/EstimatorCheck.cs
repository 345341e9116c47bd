using System.Globalization;
using System.Reflection;
using Microsoft.ML.Data;

namespace Microsoft.ML.Mixture.Tests;

/// <summary>
/// What ML.NET's own TestEstimatorCore asks of every estimator, of which no package exists. Where ML.NET compares with a tolerance, this
/// compares bits.
/// </summary>
internal sealed class EstimatorCheck(MLContext context)
{
    private static readonly MethodInfo _createShape = typeof(SchemaShape).GetMethod("Create", BindingFlags.Static | BindingFlags.NonPublic, [typeof(DataViewSchema)])!;

    private delegate string Cell();

    /// <summary>Runs all checks.</summary>
    /// <param name="estimator">The estimator.</param>
    /// <param name="validFit">Data to fit to.</param>
    /// <param name="validTransform">Other data that a fitted transformer takes, and that one could fit to as well.</param>
    /// <param name="invalid">Data that are good for nothing.</param>
    /// <param name="validFitOnly">Data to fit to that the transformer does not take.</param>
    public void Run(IEstimator<ITransformer> estimator, IDataView validFit, IDataView validTransform, IDataView[] invalid, IDataView validFitOnly)
    {
        // 1, 2: the promise before there are data.
        SchemaShape promised = estimator.GetOutputSchema(Shape(validFit.Schema));
        foreach (IDataView data in invalid)
        {
            MustFail(() => estimator.GetOutputSchema(Shape(data.Schema)));
            MustFail(() => estimator.Fit(data));
        }

        foreach (IDataView data in new[] { validTransform, validFitOnly })
        {
            estimator.GetOutputSchema(Shape(data.Schema));
            estimator.Fit(data);
        }

        // 3: save and load.
        ITransformer transformer = estimator.Fit(validFit);
        using var stream = new MemoryStream();
        context.Model.Save(transformer, validFit.Schema, stream);
        stream.Position = 0;
        ITransformer loaded = context.Model.Load(stream, out DataViewSchema loadedInputSchema);
        AssertSameSchemas(validFit.Schema, loadedInputSchema);

        // 4, 5: schemas and row mappers.
        DataViewSchema delivered = transformer.GetOutputSchema(validFit.Schema);
        AssertSameSchemas(delivered, loaded.GetOutputSchema(validFit.Schema));
        foreach (ITransformer candidate in new[] { transformer, loaded })
        {
            Assert.True(candidate.IsRowToRowMapper);
            IRowToRowMapper mapper = candidate.GetRowToRowMapper(validFit.Schema);
            Assert.Same(validFit.Schema, mapper.InputSchema);
            AssertSameSchemas(delivered, mapper.OutputSchema);

            // 6: transformed data.
            AssertSameSchemas(delivered, candidate.Transform(validFit).Schema);
        }

        // 8, 9: values.
        foreach (IDataView data in new[] { validFit, validTransform })
        {
            AssertSameValues(transformer.Transform(data), loaded.Transform(data));
            AssertSameSchemas(transformer.GetOutputSchema(data.Schema), loaded.Transform(data).Schema);
        }

        foreach (IDataView data in (IDataView[])[.. invalid, validFitOnly])
        {
            foreach (ITransformer candidate in new[] { transformer, loaded })
            {
                MustFail(() => candidate.GetOutputSchema(data.Schema));
                MustFail(() => candidate.Transform(data));
                MustFail(() => candidate.GetRowToRowMapper(data.Schema));
            }
        }

        // 10: promised and delivered, both ways.
        AssertSameShapes(promised, Shape(delivered));

        // 11.
        (loaded as IDisposable)?.Dispose();
        (transformer as IDisposable)?.Dispose();
    }

    public static SchemaShape Shape(DataViewSchema schema) => (SchemaShape)_createShape.Invoke(null, [schema])!;

    /// <summary>Each row's columns as one text that keeps every bit, in the order of the rows' identities or of the cursor.</summary>
    public static string[] ReadRows(IDataView data, params DataViewSchema.Column[] columns)
    {
        using DataViewRowCursor cursor = data.GetRowCursor(columns);
        Assert.Same(data.Schema, cursor.Schema);
        Cell[] cells = [.. columns.Select(column => CreateCell(cursor, column))];
        var rows = new List<string>();
        while (cursor.MoveNext()) rows.Add(string.Join(';', cells.Select(cell => cell())));
        return [.. rows];
    }

    /// <summary>Reads the value of a column as a text that keeps every bit.</summary>
    public static Func<string> CellReader(DataViewRow row, DataViewSchema.Column column) => new(CreateCell(row, column));

    public static void AssertSameSchemas(DataViewSchema expected, DataViewSchema actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        foreach (DataViewSchema.Column column in expected)
        {
            DataViewSchema.Column other = actual[column.Index];
            Assert.Equal(column.Name, other.Name);
            Assert.Equal(column.Type, other.Type);
            Assert.Equal(column.IsHidden, other.IsHidden);
            Assert.Equal(expected[column.Name].Index, actual[column.Name].Index);
            Assert.Equal(
                column.Annotations.Schema.Select(kind => (kind.Name, kind.Type)).OrderBy(kind => kind.Name), other.Annotations.Schema.Select(kind => (kind.Name, kind.Type)).OrderBy(kind => kind.Name));
            VBuffer<float> unread = default;
            Assert.ThrowsAny<Exception>(() => other.Annotations.GetValue("PurpleDragonScales", ref unread));
            if (column.Annotations.Schema.GetColumnOrNull("SlotNames") is null) continue;
            VBuffer<ReadOnlyMemory<char>> names = default, otherNames = default;
            column.GetSlotNames(ref names);
            other.GetSlotNames(ref otherNames);
            Assert.Equal(names.DenseValues().Select(name => name.ToString()), otherNames.DenseValues().Select(name => name.ToString()));
        }
    }

    private static void AssertSameValues(IDataView expected, IDataView actual)
    {
        string[] ids = ReadIds(expected);
        Assert.Equal(ids, ReadIds(actual));
        Assert.Equal(ids.Length, ids.Distinct().Count());
        var subsets = new List<Func<DataViewSchema.Column, bool>> { _ => true, column => column.Index % 2 == 0, column => column.Index % 2 == 1 };
        subsets.AddRange(Enumerable.Range(0, expected.Schema.Count).Select(index => (Func<DataViewSchema.Column, bool>)(column => column.Index == index)));
        foreach (Func<DataViewSchema.Column, bool> isActive in subsets)
        {
            string[] rows = ReadRows(expected, [.. expected.Schema.Where(isActive)]);
            Assert.Equal(ids.Length, rows.Length);
            Assert.Equal(rows, ReadRows(actual, [.. actual.Schema.Where(isActive)]));
        }
    }

    internal static string[] ReadIds(IDataView data)
    {
        using DataViewRowCursor cursor = data.GetRowCursor([]);
        ValueGetter<DataViewRowId> getId = cursor.GetIdGetter();
        var ids = new List<string>();
        DataViewRowId id = default;
        while (cursor.MoveNext())
        {
            getId(ref id);
            ids.Add(id.ToString());
        }

        return [.. ids];
    }

    private static void AssertSameShapes(SchemaShape promised, SchemaShape delivered) => Assert.Equal(Lines(promised), Lines(delivered));

    private static string[] Lines(SchemaShape shape) =>
    [
        .. shape.Select(column => $"{column.Name}: {column.Kind} of {column.ItemType}, key {column.IsKey} [{string.Join(" | ", Lines(column.Annotations))}]")
            .Order(StringComparer.Ordinal),
    ];

    private static void MustFail(Action action)
    {
        Exception? exception = Record.Exception(action);
        if (exception is TargetInvocationException { InnerException: { } inner }) exception = inner;
        Assert.True(exception is ArgumentOutOfRangeException or InvalidOperationException, $"Expected a schema mismatch, but got: {exception}");
    }

    private static Cell CreateCell(DataViewRow row, DataViewSchema.Column column) => column.Type.RawType switch
    {
        Type type when type == typeof(float) => CreateCell<float>(row, column, Text),
        Type type when type == typeof(double) => CreateCell<double>(row, column, value => BitConverter.DoubleToUInt64Bits(value).ToString("X16", CultureInfo.InvariantCulture)),
        Type type when type == typeof(bool) => CreateCell<bool>(row, column, value => value.ToString()),
        Type type when type == typeof(uint) => CreateCell<uint>(row, column, value => value.ToString(CultureInfo.InvariantCulture)),
        Type type when type == typeof(ReadOnlyMemory<char>) => CreateCell<ReadOnlyMemory<char>>(row, column, value => value.ToString()),
        Type type when type == typeof(VBuffer<float>) => CreateCell<VBuffer<float>>(row, column, value => string.Join(',', value.DenseValues().Select(Text))),
        Type type => throw new NotSupportedException($"Columns of {type} are not compared yet."),
    };

    private static Cell CreateCell<T>(DataViewRow row, DataViewSchema.Column column, Func<T, string> text)
    {
        ValueGetter<T> getter = row.GetGetter<T>(column);
        T value = default!;
        return () =>
        {
            getter(ref value);
            return text(value);
        };
    }

    private static string Text(float value) => BitConverter.SingleToUInt32Bits(value).ToString("X8", CultureInfo.InvariantCulture);
}
