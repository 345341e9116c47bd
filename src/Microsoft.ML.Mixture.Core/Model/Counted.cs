using System.Globalization;

namespace Microsoft.ML.Mixture;

/// <summary>Numbers with what they count, in messages and tables.</summary>
internal static class Counted
{
    /// <summary>Such as "1 row" and "2 rows".</summary>
    /// <param name="count">How many.</param>
    /// <param name="noun">What one of them is called; the plural adds an s.</param>
    public static string Of(long count, string noun) => string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? noun : noun + "s")}");
}
