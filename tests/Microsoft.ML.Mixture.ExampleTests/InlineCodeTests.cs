using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.Mixture.ExampleTests;

/// <summary>Code in the sentences of README.md and the guides is not compiled. What it names is public nevertheless, and belongs to what stands before its dot.</summary>
public sealed partial class InlineCodeTests
{
    private const BindingFlags Public = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.FlattenHierarchy;

    private static readonly Type[] _types = [.. new[] { typeof(GaussianMixture), typeof(GaussianMixtureTrainer) }.SelectMany(type => type.Assembly.GetExportedTypes())];
    private static readonly Type[] _others = [.. new[] { typeof(MLContext), typeof(IDataView), typeof(ClusteringMetrics), typeof(object) }.SelectMany(type => type.Assembly.GetExportedTypes())];

    [Fact]
    public void Document_CodeInASentence_NamesPublicMembers()
    {
        string[] spans = [.. TestResources.Documents.Select(document => TestResources.Fences().Replace(TestResources.Read(document), ""))
            .SelectMany(text => Spans().Matches(text).Select(match => match.Groups["code"].Value)).Distinct()];
        string[] unknown = [.. spans.Where(span => !span.StartsWith("Microsoft.", StringComparison.Ordinal) && Members().Matches(span).Any(match => !IsMember(match.Groups["owner"].Value, match.Groups["member"].Value)))];

        Assert.True(spans.Length > 100, $"Only {spans.Length} pieces of code were found.");
        Assert.True(unknown.Length == 0, $"No user can write {string.Join(", ", unknown)}.");
    }

    // What is none of the library's has no types here, and anything may be a member of it. Names of projects are no types.
    private static bool IsMember(string owner, string member)
    {
        Type[] owners = [.. _types.Where(type => NameOf(type) == owner), .. _types.SelectMany(type => type.GetMembers(Public)).Where(one => one.Name == owner).Select(TypeOf).OfType<Type>()];
        return owners.Length == 0 || owners.Any(type => type.IsGenericParameter || type.GetMember(member, Public).Length > 0) || HasExtension(member);
    }

    private static bool HasExtension(string name) => _types.Concat(_others).Where(type => type.IsAbstract && type.IsSealed)
        .SelectMany(type => type.GetMember(name, BindingFlags.Public | BindingFlags.Static)).Any(method => method.IsDefined(typeof(ExtensionAttribute), inherit: false));

    private static Type? TypeOf(MemberInfo member) => member switch
    {
        PropertyInfo property => property.PropertyType,
        FieldInfo field => field.FieldType,
        MethodInfo method => method.ReturnType,
        _ => null,
    };

    private static string NameOf(Type type) => type.Name.Split('`')[0];

    [GeneratedRegex("`(?<code>[^`\n]+)`")]
    private static partial Regex Spans();

    [GeneratedRegex(@"(?<owner>[A-Z]\w+)(\([^()]*\)|!)?(?=\.(?<member>[A-Z]\w+))")]
    private static partial Regex Members();
}
