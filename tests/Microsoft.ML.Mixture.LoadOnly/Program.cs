using Microsoft.ML;

// What an application does that only scores: it knows ML.NET and the path of a model, and nothing about the model's parts.
var model = new MLContext().Model.Load(args[0], out var inputSchema);
foreach (var transformer in model as IEnumerable<ITransformer> ?? [model])
{
    Console.WriteLine($"transformer {transformer.GetType().FullName}");
}

foreach (var column in model.GetOutputSchema(inputSchema))
{
    Console.WriteLine($"column {column.Name} {column.Type}");
}
