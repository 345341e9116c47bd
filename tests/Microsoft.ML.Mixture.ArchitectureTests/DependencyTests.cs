using System.Reflection;
using System.Xml.Linq;
using Microsoft.ML.Mixture.Numerics;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.Mixture.ArchitectureTests;

[Trait("Kind", "Architecture")]
public class DependencyTests
{
    private const string Numerics = "Microsoft.ML.Mixture.Numerics";
    private const string Core = "Microsoft.ML.Mixture.Core";
    private const string Adapter = "Microsoft.ML.Mixture";

    private static readonly string[] _ours = [Numerics, Core, Adapter];

    [Fact]
    public void Numerics_References_NothingButTheBaseLibrary()
    {
        Assert.All(References(typeof(Cholesky)), IsBaseLibrary);
        Assert.Empty(ProjectReferences(Numerics));
        Assert.Empty(PackageReferences(Numerics));
    }

    [Fact]
    public void Core_References_NumericsAndNoMlNet()
    {
        string[] references = [.. References(typeof(GaussianMixtureModel)).Where(name => !IsOfTheBaseLibrary(name))];

        Assert.Contains(Numerics, references);
        Assert.All(references, name => Assert.Contains(name, new[] { Numerics, "MathNet.Numerics", "System.Numerics.Tensors" }));
        Assert.Equal([Numerics], ProjectReferences(Core));
        Assert.DoesNotContain(PackageReferences(Core), IsMlNet);
    }

    [Fact]
    public void Adapter_References_CoreAndMlNet()
    {
        string[] references = References(typeof(GaussianMixtureTrainer));

        Assert.Contains(Core, references);
        Assert.Contains(references, IsMlNet);
        Assert.DoesNotContain("MathNet.Numerics", references);
        Assert.Equal([Core], ProjectReferences(Adapter));
    }

    [Fact]
    public void Sources_NameMlNet_InTheAdapterOnly()
    {
        foreach (string path in Repository.Files("src").Where(path => path.EndsWith(".csproj", StringComparison.Ordinal)))
        {
            string project = Path.GetFileNameWithoutExtension(path);
            Assert.Equal(project == Adapter, PackageReferences(project).Any(IsMlNet));
        }
    }

    [Fact]
    public void Layers_OfTheLibrary_AreExactlyTheKnownOnes() => Assert.Equal(
        _ours.Order(), Repository.Files("src").Where(path => path.EndsWith(".csproj", StringComparison.Ordinal)).Select(path => Path.GetFileNameWithoutExtension(path)).Order());

    [Fact]
    public void Kernels_OfNumerics_KnowNothingOfMixtures()
    {
        // Words of the layer above, in names of types and members.
        string[] words = ["Mixture", "Component", "Responsib", "Expectation", "Maximiz", "Gaussian", "Start", "Fit", "Iteration"];
        const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;
        IEnumerable<string> names = typeof(Cholesky).Assembly.GetTypes().Where(type => type.Namespace == Numerics)
            .SelectMany(type => type.GetMembers(Declared).Select(member => member.Name).Prepend(type.Name));

        Assert.All(names, name => Assert.DoesNotContain(words, word => name.Contains(word, StringComparison.Ordinal)));
        Assert.All(
            Repository.Files($"src/{Numerics}").Where(path => path.EndsWith(".cs", StringComparison.Ordinal)),
            path => Assert.DoesNotContain("using Microsoft.ML", Repository.Read(path), StringComparison.Ordinal));
    }

    [Fact]
    public void InternalsOfMlNet_AreTouchedInTheInteropFolderOnly()
    {
        string[] markers = ["IgnoresAccessChecksTo", "LoadableClass", "VersionInfo", "ICancelable", "IInternalCatalog", "ModelLoadContext", "SignatureLoadModel"];
        foreach (string path in Repository.Files("src").Where(path => path.EndsWith(".cs", StringComparison.Ordinal) && !path.Contains("/Interop/", StringComparison.Ordinal)))
        {
            string text = Repository.Read(path);
            Assert.All(markers, marker => Assert.False(text.Contains(marker, StringComparison.Ordinal), $"{path} names {marker}."));
        }
    }

    [Fact]
    public void LoadOnly_Code_NamesNoPartOfTheLibrary() => Assert.All(
        Repository.Files("tests/Microsoft.ML.Mixture.LoadOnly").Where(path => path.EndsWith(".cs", StringComparison.Ordinal)),
        path => Assert.DoesNotContain("mixture", Repository.Read(path), StringComparison.OrdinalIgnoreCase));

    [Fact]
    public void CovarianceStructures_OfCore_AreAllBuiltIn()
    {
        Type[] structures = [.. typeof(CovarianceStructure).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(CovarianceStructure)) && !type.IsAbstract && !IsWayToAnother(type))];

        Assert.Equal(structures.OrderBy(type => type.Name), CovarianceStructure.BuiltIn.Select(structure => structure.GetType()).OrderBy(type => type.Name));
        Assert.Equal(structures.Length, CovarianceStructure.BuiltIn.Select(structure => structure.Name).Distinct().Count());
        Assert.All(CovarianceStructure.BuiltIn, structure => Assert.Equal(structure.Name.ToLowerInvariant(), structure.Name));
    }

    // What is made of a structure is another way to estimate it, and stands in no model.
    private static bool IsWayToAnother(Type type) => type.GetConstructors().Any(constructor => constructor.GetParameters().Any(parameter => parameter.ParameterType == typeof(CovarianceStructure)));

    private static string[] References(Type type) => [.. type.Assembly.GetReferencedAssemblies().Select(name => name.Name!)];

    private static void IsBaseLibrary(string name) => Assert.True(IsOfTheBaseLibrary(name), name);

    private static bool IsOfTheBaseLibrary(string name) =>
        name is "System.Runtime" or "netstandard" || (name.StartsWith("System.", StringComparison.Ordinal) && name != "System.Numerics.Tensors");

    private static bool IsMlNet(string name) => (name == "Microsoft.ML" || name.StartsWith("Microsoft.ML.", StringComparison.Ordinal)) && !_ours.Contains(name);

    private static IEnumerable<string> ProjectReferences(string project) => Items(project, "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path.Replace('\\', '/')));

    private static IEnumerable<string> PackageReferences(string project) => Items(project, "PackageReference");

    private static IEnumerable<string> Items(string project, string kind) => XDocument.Parse(Repository.Read($"src/{project}/{project}.csproj"))
        .Descendants(kind).Select(item => item.Attribute("Include")!.Value);
}
