namespace Microsoft.ML.Mixture;

/// <summary>One start of a fit.</summary>
/// <param name="Context">What it has in common with the others.</param>
/// <param name="Seed">The seed of its draws.</param>
/// <param name="Index">Its number, counted from zero.</param>
internal sealed record StartAttempt(StartContext Context, int Seed, int Index)
{
    /// <summary>A start of a fit, with a seed of its own.</summary>
    public static StartAttempt Of(StartContext context, int index) => new(context, unchecked(context.Options.Seed + (index * SeedSteps.OfRestart)), index);

    /// <summary>The same attempt, with a part of the time of the fit; itself if there is no limit.</summary>
    public StartAttempt Within(TimeLimit? part) => part is null ? this : this with { Context = Context with { CancellationToken = part.Token } };

    /// <summary>What it has found so far, where it runs on samples.</summary>
    public ReachedMixture Reached { get; } = new();
}
