using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

// What an application does that only scores: it knows ML.NET, the path of a model and that of some rows, and nothing about the model's
// parts. Rows are lines of numbers between commas, for the column 'Features'.
var context = new MLContext();
var model = context.Model.Load(args[0], out var inputSchema);
foreach (var transformer in model as IEnumerable<ITransformer> ?? [model])
{
    Console.WriteLine($"transformer {transformer.GetType().FullName}");
}

foreach (var column in model.GetOutputSchema(inputSchema))
{
    Console.WriteLine($"column {column.Name} {column.Type}");
}

if (args.Length < 2) return;
var definition = SchemaDefinition.Create(typeof(InputRow));
definition[nameof(InputRow.Features)].ColumnType = inputSchema[nameof(InputRow.Features)].Type;
var rows = File.ReadLines(args[1]).Select(line => new InputRow { Features = [.. line.Split(',').Select(text => float.Parse(text, CultureInfo.InvariantCulture))] });
var scored = model.Transform(context.Data.LoadFromEnumerable(rows, definition));
foreach (var row in context.Data.CreateEnumerable<OutputRow>(scored, reuseRowObject: false))
{
    var numbers = row.Score.Concat(row.Probability).Append(row.LogLikelihood);
    Console.WriteLine($"row {row.PredictedLabel} {string.Join(' ', numbers.Select(number => BitConverter.SingleToUInt32Bits(number).ToString("X8", CultureInfo.InvariantCulture)))}");
}

internal sealed class InputRow
{
    public float[] Features { get; set; } = [];
}

internal sealed class OutputRow
{
    public uint PredictedLabel { get; set; }

    public float[] Score { get; set; } = [];

    public float[] Probability { get; set; } = [];

    public float LogLikelihood { get; set; }
}
