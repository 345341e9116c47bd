namespace Microsoft.ML.Mixture;

/// <summary>Components that tell what of a row with holes follows from what is observed; <see cref="GaussianRegressions"/> keeps it.</summary>
internal interface IHoleRegressions
{
    /// <summary>Changes with the parameters.</summary>
    long Version { get; }

    /// <summary>The number of sets of numbers for one combination of holes: one, or one a component.</summary>
    int MatrixCount { get; }

    /// <summary>Whether <see cref="ComputeRegressions"/> does another thing than <see cref="ComputeRegression"/> for each set, as it may of few features.</summary>
    bool AreComputedTogether => false;

    /// <summary>The number of doubles that <see cref="ComputeRegression"/> writes.</summary>
    int RegressionLength(int missingCount, int observedCount);

    /// <summary>The most doubles of work memory that <see cref="ComputeRegression"/> needs, whatever is missing.</summary>
    int RegressionWorkLength { get; }

    /// <summary>Computes what is to be kept of one combination of holes.</summary>
    void ComputeRegression(int matrix, ReadOnlySpan<int> missing, ReadOnlySpan<int> observed, Span<double> destination, Span<double> work);

    /// <summary>The same for all sets of numbers, one after the other.</summary>
    void ComputeRegressions(ReadOnlySpan<int> missing, ReadOnlySpan<int> observed, Span<double> destination, Span<double> work)
    {
        int length = RegressionLength(missing.Length, observed.Length);
        for (int matrix = 0; matrix < MatrixCount; matrix++) ComputeRegression(matrix, missing, observed, destination.Slice(matrix * length, length), work);
    }
}
