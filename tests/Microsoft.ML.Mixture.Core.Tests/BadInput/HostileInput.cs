using System.Globalization;
using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.BadInput.Tests;

/// <summary>A data set that asks for trouble, and what a user must be told about it.</summary>
/// <param name="Name">What is the matter.</param>
/// <param name="Rows">The rows.</param>
/// <param name="ComponentCount">K.</param>
/// <param name="RowWeights">One a row, or null.</param>
/// <param name="Outcome">What must be said of it.</param>
internal sealed record HostileInput(string Name, double[,] Rows, int ComponentCount, double[]? RowWeights, HostileOutcome Outcome)
{
    private static readonly (string Name, HostileOutcome Outcome)[] _classes =
    [
        ("constant column", HostileOutcome.Warns("is constant")),
        ("all columns but one constant", HostileOutcome.Warns("is constant")),
        ("copied column", HostileOutcome.Warns("is a copy of")),
        ("sum of columns", HostileOutcome.Warns("is a linear combination of")),
        ("sum of columns but for rounding", HostileOutcome.Warns("is a linear combination of")),
        ("all rows equal", HostileOutcome.Throws("differ from each other")),
        ("two distinct rows", HostileOutcome.Throws("differ from each other")),
        ("five distinct rows", HostileOutcome.WarnsIfFree("too few for a covariance of its own|next to no spread|overlap nearly entirely")),
        ("more features than rows", HostileOutcome.WarnsIfFull("features but only")),
        ("as many components as rows", HostileOutcome.WarnsIfFree("too few for a covariance of its own|next to no spread")),
        ("more components than rows", HostileOutcome.Throws("Ask for at most")),
        ("a component for every three rows", HostileOutcome.WarnsIf("full diagonal", "too few for a covariance of its own|next to no spread|free parameters for")),
        ("three rows far away", HostileOutcome.Model),
        ("a row at 1e8", HostileOutcome.Warns("far from all others")),
        ("a row at 1e30", HostileOutcome.Warns("far from all others")),
        ("a row at 1e200", HostileOutcome.Throws("too far apart for double precision")),
        ("missing cells", HostileOutcome.Warns("values are missing (NaN)")),
        ("an infinite cell", HostileOutcome.Throws("must be finite")),
        ("far from zero", HostileOutcome.Model),
        ("tiny numbers", HostileOutcome.Model),
        ("huge numbers", HostileOutcome.Model),
        ("columns 1e160 apart in size", HostileOutcome.Throws("Scale the features")),
        ("categories as zeros and ones", HostileOutcome.Warns("is a linear combination of")),
        ("weights from 1e-300 to 1e300", HostileOutcome.Warns("hold nearly all the weight")),
    ];

    public static int ClassCount => _classes.Length;

    /// <summary>Makes one.</summary>
    /// <param name="kind">From 0 to <see cref="ClassCount"/> - 1.</param>
    /// <param name="rowCount">About how many rows.</param>
    /// <param name="seed">Draws them.</param>
    public static HostileInput Create(int kind, int rowCount, int seed)
    {
        (string name, HostileOutcome outcome) = _classes[kind];
        var random = new Random(seed + (1000 * kind));
        int dimension = name == "more features than rows" ? rowCount + 5 : 3, components = 3;
        double[,] rows = new double[rowCount, dimension];
        double[]? weights = null;
        for (int i = 0; i < rowCount; i++)
        {
            for (int j = 0; j < dimension; j++) rows[i, j] = (4 * (i % 3 == j % 3 ? 1 : 0)) + MixtureCase.Normal(random);
        }

        void Column(int j, Func<int, double> value)
        {
            for (int i = 0; i < rowCount; i++) rows[i, j] = value(i);
        }

        void Cells(Func<double, double> value)
        {
            for (int at = 0; at < rows.Length; at++) rows[at / dimension, at % dimension] = value(rows[at / dimension, at % dimension]);
        }

        switch (name)
        {
            case "constant column":
                Column(1, _ => 5.5);
                break;
            case "all columns but one constant":
                Column(0, _ => -3);
                Column(2, _ => 0);
                break;
            case "copied column":
                Column(2, i => (2 * rows[i, 0]) - 7);
                break;
            case "sum of columns":
                Column(2, i => rows[i, 0] + rows[i, 1]);
                break;
            case "sum of columns but for rounding":
                Column(2, i => rows[i, 0] + rows[i, 1] + (1e-9 * MixtureCase.Normal(random)));
                break;
            case "all rows equal":
                Cells(_ => 2.5);
                break;
            case "two distinct rows" or "five distinct rows":
                int distinct = name[0] == 't' ? 2 : 5;
                for (int j = 0; j < dimension; j++) Column(j, i => rows[i % distinct, j]);
                break;
            case "as many components as rows":
                (rows, rowCount) = (First(rows, 30), Math.Min(rowCount, 30));
                components = rowCount;
                break;
            case "more components than rows":
                components = rowCount + 1;
                break;
            case "a component for every three rows":
                (rows, rowCount) = (First(rows, 90), Math.Min(rowCount, 90));
                components = rowCount / 3;
                break;
            case "three rows far away":
                for (int i = 0; i < 3; i++) rows[i, 0] += 60;
                break;
            case "a row at 1e8" or "a row at 1e30" or "a row at 1e200":
                rows[rowCount / 2, 1] = double.Parse(name[9..], CultureInfo.InvariantCulture);
                break;
            case "missing cells":
                Cells(value => random.NextDouble() < 0.1 ? double.NaN : value);
                break;
            case "an infinite cell":
                rows[rowCount - 1, 2] = double.NegativeInfinity;
                break;
            case "far from zero":
                Cells(value => value + 1e8);
                break;
            case "tiny numbers":
                Cells(value => value * 1e-150);
                break;
            case "huge numbers":
                Cells(value => value * 1e150);
                break;
            case "columns 1e160 apart in size":
                Column(0, i => rows[i, 0] * 1e-80);
                Column(2, i => rows[i, 2] * 1e80);
                break;
            case "categories as zeros and ones":
                for (int j = 0; j < dimension; j++) Column(j, i => (i / 2) % 3 == j ? 1 : 0);
                break;
            case "weights from 1e-300 to 1e300":
                weights = [.. Enumerable.Range(0, rowCount).Select(i => Math.Pow(10, -300 + (600.0 * i / (rowCount - 1))))];
                break;
        }

        return new HostileInput(name, rows, components, weights, outcome);
    }

    private static double[,] First(double[,] rows, int most)
    {
        double[,] first = new double[Math.Min(most, rows.GetLength(0)), rows.GetLength(1)];
        Array.Copy(rows, first, first.Length);
        return first;
    }
}

/// <summary>What a user must be told: alternatives are separated by a bar; nothing if the model alone is right.</summary>
/// <param name="IsError">Whether the fit is to be refused.</param>
/// <param name="Text">What the message or a warning says.</param>
/// <param name="Structures">Where a warning is due: in all structures, full ones, or those with a covariance of its own for each component.</param>
internal sealed record HostileOutcome(bool IsError, string Text, string Structures)
{
    public static HostileOutcome Model { get; } = new(false, string.Empty, string.Empty);

    public static HostileOutcome Throws(string text) => new(true, text, "full tied diagonal spherical");

    public static HostileOutcome Warns(string text) => new(false, text, "full tied diagonal spherical");

    public static HostileOutcome WarnsIf(string structures, string text) => new(false, text, structures);

    public static HostileOutcome WarnsIfFull(string text) => WarnsIf("full tied", text);

    public static HostileOutcome WarnsIfFree(string text) => WarnsIf("full diagonal spherical", text);

    public bool IsSaidBy(IEnumerable<string> messages) => messages.Any(message => Text.Split('|').Any(part => message.Contains(part, StringComparison.Ordinal)));
}
