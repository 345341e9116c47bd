using System.Globalization;

namespace Microsoft.ML.Mixture;

/// <summary>Numbers with what they count, in messages and tables.</summary>
internal static class Counted
{
    private const double NextToNothing = 5e-4;

    /// <summary>Such as "1 row" and "2 rows".</summary>
    /// <param name="count">How many.</param>
    /// <param name="noun">What one of them is called; the plural adds an s.</param>
    public static string Of(long count, string noun) => string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? noun : noun + "s")}");

    /// <summary>The same of a sum of weights, with three digits; "no row" for next to nothing.</summary>
    public static string Of(double count, string noun)
    {
        if (count < NextToNothing) return "no " + noun;
        string text = count.ToString("G3", CultureInfo.InvariantCulture);
        return $"{text} {(text == "1" ? noun : noun + "s")}";
    }

    /// <summary>The verb that goes with so many: "is" or "are".</summary>
    public static string Is(long count) => count == 1 ? "is" : "are";

    /// <summary>The same of what was: "was" or "were".</summary>
    public static string Was(long count) => count == 1 ? "was" : "were";
}
