namespace Microsoft.ML.Mixture;

/// <summary>
/// What runs of EM on the same rows use one after the other, so that many short runs on few rows are not mostly a matter of allocation.
/// </summary>
/// <param name="rows">The rows.</param>
/// <param name="rowWeightTotal">The sum of their weights.</param>
/// <param name="threadCount">The number of threads; null for all processors.</param>
internal sealed class RunMemory(RowSource rows, double rowWeightTotal, int? threadCount) : IDisposable
{
    private readonly Stack<MixtureComponents> _free = new();
    private readonly HashSet<MixtureComponents> _kept = [];
    private ExpectationStep? _step;

    /// <summary>The expectation step for a run of such components. It is valid until the next one is asked for.</summary>
    public ExpectationStep Step(MixtureComponents components)
    {
        if (_step is not null && _step.TryBegin(components)) return _step;
        _step?.Dispose();
        return _step = new ExpectationStep(rows, components, rowWeightTotal, threadCount);
    }

    /// <summary>Components without parameters. All that are asked for here are of one family and size, until <see cref="Clear"/>.</summary>
    public MixtureComponents Take(MixtureComponents like) => _free.TryPop(out MixtureComponents? components) ? components : like.CreateEmpty();

    /// <summary>Takes back components that <see cref="Take"/> has given and that nobody needs any more.</summary>
    public void Return(MixtureComponents components)
    {
        if (!_kept.Contains(components)) _free.Push(components);
    }

    /// <summary>Takes no such components back from now on, for others have them as well.</summary>
    public void Keep(MixtureComponents components) => _kept.Add(components);

    /// <summary>Forgets components that were given back, before a run of another family.</summary>
    public void Clear() => _free.Clear();

    /// <inheritdoc/>
    public void Dispose() => _step?.Dispose();
}
