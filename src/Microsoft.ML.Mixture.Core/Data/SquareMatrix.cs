namespace Microsoft.ML.Mixture;

/// <summary>Arrays for matrices of features by features.</summary>
internal static class SquareMatrix
{
    /// <summary>The largest D for which D x D, and the length of a triangle of D rows, is a number of 32 bits that an array may have for its length.</summary>
    public const int LargestDimension = 46_340;

    /// <summary>Of so many features at most, rows of a matrix stand on the stack, which threads have a megabyte of and less; beside more of them, memory for a row is nothing.</summary>
    public const int MostOnStack = 2048;

    /// <summary>Makes a matrix of zeros, D x D.</summary>
    /// <exception cref="NotSupportedException">There are too many features.</exception>
    public static double[] Create(int dimension)
    {
        Check(dimension);
        return new double[dimension * dimension];
    }

    /// <summary>Throws where there are too many features for any such matrix.</summary>
    /// <exception cref="NotSupportedException">There are too many features.</exception>
    public static void Check(int dimension)
    {
        if (dimension <= LargestDimension) return;
        throw new NotSupportedException(
            $"This takes a matrix of features by features, which for {dimension} features has more numbers than an array holds. Pass at most {LargestDimension} features, or fit factor analysers, which do without.");
    }
}
