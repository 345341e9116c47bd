using System.Reflection;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.Mixture.Interop;

/// <summary>
/// ML.NET may change its internal members in any release. These tests tell at once which of those that we use are gone, and keep
/// the list of them, InternalMembers.txt, exact.
/// </summary>
public class InternalMembersTests
{
    private static readonly Assembly _adapter = typeof(GaussianMixtureTransformer).Assembly;

    [Fact]
    public void InternalMembers_OfMLNet_AreListedOnceWithAReasonAndExist()
    {
        var lines = ReadList();
        Assert.All(lines, line => Assert.False(string.IsNullOrWhiteSpace(line.Reason), $"{line.Member} has no reason."));
        Assert.Equal(lines.Count, lines.DistinctBy(line => line.Member).Count());
        var problems = Check(lines.Select(line => line.Member));
        Assert.True(problems.Count == 0, string.Join('\n', problems));
    }

    [Fact]
    public void Check_ListNamesABogusMember_NamesIt()
    {
        const string bogus = "Microsoft.ML.ModelSaveContext.SetTheory(VersionInfo)";
        string problem = Assert.Single(Check(ReadList().Select(line => line.Member).Append(bogus)));
        Assert.Contains(bogus, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_ListLacksAUsedMember_NamesIt()
    {
        var members = ReadList().Select(line => line.Member).ToList();
        Assert.NotEmpty(members);
        Assert.All(members, dropped =>
        {
            string problem = Assert.Single(Check(members.Where(member => member != dropped)));
            Assert.Contains(dropped, problem, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Check_ListNamesAnUnusedOrPublicMember_NamesIt()
    {
        string[] extra = ["Microsoft.ML.ModelSaveContext.SaveString(String)", "Microsoft.ML.ModelSaveContext.Dispose()"];
        var problems = Check(ReadList().Select(line => line.Member).Concat(extra));
        Assert.Equal(2, problems.Count);
        Assert.All(extra, member => Assert.Contains(problems, problem => problem.Contains(member, StringComparison.Ordinal)));
    }

    [Fact]
    public void InternalMembers_OfMLNet_AreUsedInTheInteropNamespaceOnly()
    {
        var uses = HostMembers.UsedOutside(_adapter, typeof(PipelinePersistence).Namespace!);
        Assert.True(uses.Count == 0, string.Join('\n', uses));
    }

    [Fact]
    public void UsedOutside_OtherNamespace_FindsTheUsesInInterop()
    {
        var uses = HostMembers.UsedOutside(_adapter, "Nowhere");
        Assert.Contains(uses, use => use.Contains("PipelinePersistence.Save: Microsoft.ML.ModelSaveContext.CheckAtModel()", StringComparison.Ordinal));
        Assert.Contains(uses, use => use.Contains("HostInternals.IsCanceled: Microsoft.ML.Runtime.ICancelable", StringComparison.Ordinal));
    }

    [Fact]
    public void UsedBy_AssemblyWithGenericCodeAndNoInternals_IsEmpty()
    {
        var problems = new List<string>();
        Assert.Empty(HostMembers.UsedBy(typeof(InternalMembersTests).Assembly, problems));
        Assert.Empty(problems);
        Assert.NotNull(Constant<int>.Getter("any"));
    }

    private static List<string> Check(IEnumerable<string> list)
    {
        var problems = new List<string>();
        var used = HostMembers.UsedBy(_adapter, problems);
        var stock = HostMembers.Stock();
        var listed = list.ToHashSet();
        problems.AddRange(used.Except(listed).Select(member => $"{member} is internal to ML.NET and used, but not in InternalMembers.txt."));
        foreach (string member in listed.Except(used))
        {
            problems.Add(!stock.TryGetValue(member, out bool hidden) ? $"{member} is in InternalMembers.txt, but not in ML.NET."
                : hidden ? $"{member} is in InternalMembers.txt, but not used."
                : $"{member} is in InternalMembers.txt, but public.");
        }

        return problems;
    }

    private static List<(string Member, string Reason)> ReadList()
    {
        using var stream = typeof(InternalMembersTests).Assembly.GetManifestResourceStream("InternalMembers.txt")!;
        using var reader = new StreamReader(stream);
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Where(line => !line.StartsWith('#'))
            .Select(line => line.Split(" | "))
            .Select(parts => (parts[0], parts.Length == 2 ? parts[1] : string.Empty))];
    }

    private static class Constant<T>
        where T : struct
    {
        internal static ValueGetter<KeyValuePair<T, TOther>> Getter<TOther>(TOther other)
            => (ref KeyValuePair<T, TOther> value) => value = new(default, other);
    }
}
