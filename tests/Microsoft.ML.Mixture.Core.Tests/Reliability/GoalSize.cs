namespace Microsoft.ML.Mixture.Reliability.Tests;

/// <summary>How large the tests of the reliability goals are: everyday, or with the environment variable MIXTURE_NIGHTLY as at night.</summary>
internal static class GoalSize
{
    public static bool IsNightly { get; } = Environment.GetEnvironmentVariable("MIXTURE_NIGHTLY") is not null;

    public static int Of(int everyday, int nightly) => IsNightly ? nightly : everyday;
}
