using System.Diagnostics;

namespace Microsoft.ML.Mixture.Numerics.Tests;

public class HardwareIndependenceTests
{
    private static readonly Lazy<string[]> _reference = new(() => Run([]));

    [Theory]
    [Trait("Kind", "Determinism")]
    [InlineData("Vector512=False", "DOTNET_EnableAVX512F", "DOTNET_EnableAVX512")]
    [InlineData("Vector512=False", "DOTNET_EnableAVX2")]
    [InlineData("Vector512=False Vector256=False Vector128=False", "DOTNET_EnableHWIntrinsic")]
    public void Kernels_WithoutAnInstructionSet_GiveTheSameBits(string left, params string[] switchedOff)
    {
        string[] actual = Run(switchedOff);

        Assert.Equal(15, actual.Length);
        Assert.Equal(_reference.Value[1..], actual[1..]);
        Assert.StartsWith(left, actual[0], StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Kind", "Determinism")]
    public void Kernels_WithoutTieredCompilation_GiveTheSameBits() => Assert.Equal(_reference.Value, Run(["DOTNET_TieredCompilation"]));

    private static string[] Run(string[] switchedOff)
    {
        string host = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        var start = new ProcessStartInfo(host, [Path.Combine(AppContext.BaseDirectory, "Microsoft.ML.Mixture.KernelSmoke.dll")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string name in switchedOff) start.Environment[name] = "0";
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors.Result);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }
}
