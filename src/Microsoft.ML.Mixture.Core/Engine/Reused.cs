namespace Microsoft.ML.Mixture;

/// <summary>An object that steps of EM on one thread use one after the other, so that they allocate nothing.</summary>
/// <typeparam name="T">The kind of the object, of which a thread keeps one.</typeparam>
internal static class Reused<T>
    where T : class
{
    // In doubles. More is not kept, for threads live on after a fit.
    private const int MostKept = 1 << 16;

    [ThreadStatic]
    private static T? _free;

    /// <summary>What was given back last, which is the caller's now; null if there is nothing.</summary>
    public static T? Take()
    {
        T? taken = _free;
        _free = null;
        return taken;
    }

    /// <summary>Whether an object that holds so many doubles is kept.</summary>
    public static bool Keeps(int length) => length <= MostKept;

    /// <summary>Gives an object back that nobody needs any more.</summary>
    /// <param name="value">The object.</param>
    /// <param name="length">The number of doubles that it holds.</param>
    public static void Return(T value, int length)
    {
        if (Keeps(length)) _free = value;
    }
}
