using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Microsoft.ML.Mixture.Interop;

/// <summary>Finds the members of ML.NET that an assembly uses and that ML.NET does not make public.</summary>
internal static class HostMembers
{
    internal const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static
        | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<short, OpCode> _opCodes = typeof(OpCodes).GetFields()
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => code.Value);

    /// <summary>Returns the non-public members in the reference tables, resolved in the ML.NET that is loaded here.</summary>
    internal static SortedSet<string> UsedBy(Assembly assembly, List<string> problems)
    {
        using var file = new PEReader(File.OpenRead(assembly.Location));
        var reader = file.GetMetadataReader();
        var handles = reader.TypeReferences.Select(handle => (EntityHandle)handle)
            .Concat(reader.MemberReferences.Select(handle => (EntityHandle)handle));
        var used = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var handle in handles)
        {
            try
            {
                used.UnionWith(DescribeHidden(assembly.ManifestModule.ResolveMember(MetadataTokens.GetToken(handle))!));
            }
            catch (Exception exception) when (exception is BadImageFormatException or ArgumentException)
            {
                // A member of an open generic type: only the method that uses it knows the arguments, and it is read below.
            }
            catch (Exception exception) when (exception is MissingMemberException or TypeLoadException)
            {
                problems.Add($"{NameOf(reader, handle)} is used, but ML.NET has it no longer: {exception.Message}");
            }
        }

        if (problems.Count == 0)
        {
            used.UnionWith(assembly.GetTypes().SelectMany(UsesOf).Select(use => use.Member)
                .Where(member => member is not Type).SelectMany(DescribeHidden));
        }

        // A type that an attribute names stands in no table.
        used.UnionWith(assembly.GetCustomAttributesData().SelectMany(attribute => attribute.ConstructorArguments)
            .Select(argument => argument.Value).OfType<Type>().Where(IsHidden).Select(Describe));
        return used;
    }

    /// <summary>Returns each use of a non-public member that lies outside of a namespace, as "where: what".</summary>
    internal static List<string> UsedOutside(Assembly assembly, string namespaceName)
        => [.. from type in assembly.GetTypes()
               where type.Namespace != namespaceName
               from use in UsesOf(type)
               where IsHidden(use.Member)
               select $"{use.Where}: {Describe(use.Member)}"];

    /// <summary>Returns every member that ML.NET's assemblies declare, each with whether it is non-public.</summary>
    internal static Dictionary<string, bool> Stock()
    {
        Assembly[] stock = [typeof(ITransformer).Assembly, typeof(TransformsCatalog).Assembly];
        var all = new Dictionary<string, bool>(StringComparer.Ordinal);
        foreach (var type in stock.SelectMany(assembly => assembly.GetTypes()))
        {
            foreach (var member in type.GetMembers(Declared).Where(member => member is MethodBase or FieldInfo).Append(type))
            {
                all[Describe(member)] = IsHidden(member);
            }
        }

        return all;
    }

    private static IEnumerable<(string Where, MemberInfo Member)> UsesOf(Type type)
    {
        string where = type.FullName!;
        IEnumerable<Type> types = [.. type.GetInterfaces(), .. type.GetFields(Declared).Select(field => field.FieldType)];
        foreach (var used in type.BaseType is { } parent ? types.Append(parent) : types)
        {
            yield return (where, used);
        }

        var members = type.GetMembers(Declared).Append(type).ToList();
        foreach (var attribute in members.SelectMany(member => member.GetCustomAttributesData()))
        {
            yield return (where, attribute.Constructor);
        }

        foreach (var method in members.OfType<MethodBase>())
        {
            where = $"{type.FullName}.{method.Name}";
            foreach (var used in method.GetParameters().Select(parameter => parameter.ParameterType)
                .Concat(method is MethodInfo { ReturnType: { } result } ? [result] : [])
                .Concat(method.GetMethodBody()?.LocalVariables.Select(local => local.LocalType) ?? []))
            {
                yield return (where, used);
            }

            foreach (int token in TokensIn(method.GetMethodBody()?.GetILAsByteArray() ?? []))
            {
                yield return (where, type.Module.ResolveMember(
                    token, type.GetGenericArguments(), method.IsGenericMethod ? method.GetGenericArguments() : null)!);
            }
        }
    }

    private static IEnumerable<int> TokensIn(byte[] code)
    {
        for (int at = 0; at < code.Length;)
        {
            var operation = _opCodes[code[at] == 0xFE ? (short)((0xFE << 8) | code[at + 1]) : code[at]];
            at += operation.Size;
            if (operation.OperandType is OperandType.InlineMethod or OperandType.InlineField or OperandType.InlineType or OperandType.InlineTok)
            {
                yield return BitConverter.ToInt32(code, at);
            }

            at += operation.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, at)),
                _ => 4,
            };
        }
    }

    // Of a constructed member, the definition: its type arguments stand in the tables themselves.
    private static IEnumerable<string> DescribeHidden(MemberInfo member)
        => IsHidden(member) && member.Module.ResolveMember(member.MetadataToken) is { } definition && IsHidden(definition)
            ? [Describe(definition)] : [];

    private static bool IsHidden(MemberInfo member) => member switch
    {
        Type { HasElementType: true } type => IsHidden(type.GetElementType()!),
        Type { IsGenericParameter: true } => false,
        Type { IsConstructedGenericType: true } type => IsHidden(type.GetGenericTypeDefinition()) || type.GetGenericArguments().Any(IsHidden),
        Type type => IsHost(type) && !type.IsVisible,
        MethodInfo { IsConstructedGenericMethod: true } method
            => IsHidden(method.GetGenericMethodDefinition()) || method.GetGenericArguments().Any(IsHidden),
        MethodBase method => IsHidden(method.DeclaringType!)
            || (IsHost(method.DeclaringType!) && !(method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly)),
        FieldInfo field => IsHidden(field.DeclaringType!)
            || (IsHost(field.DeclaringType!) && !(field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly)),
        _ => false,
    };

    private static bool IsHost(Type type) => type.Assembly.GetName().Name is { } name
        && name.StartsWith("Microsoft.ML.", StringComparison.Ordinal) && !name.StartsWith("Microsoft.ML.Mixture", StringComparison.Ordinal);

    private static string Describe(MemberInfo member) => member switch
    {
        Type type => type.FullName ?? type.Name,
        MethodBase method
            => $"{method.DeclaringType!.FullName}.{method.Name}({string.Join(", ", method.GetParameters().Select(parameter => parameter.ParameterType.Name))})",
        _ => $"{member.DeclaringType!.FullName}.{member.Name}",
    };

    private static string NameOf(MetadataReader reader, EntityHandle handle)
    {
        switch (handle.Kind)
        {
            case HandleKind.TypeReference:
                var type = reader.GetTypeReference((TypeReferenceHandle)handle);
                return $"{reader.GetString(type.Namespace)}.{reader.GetString(type.Name)}";
            case HandleKind.MemberReference:
                var member = reader.GetMemberReference((MemberReferenceHandle)handle);
                return $"{NameOf(reader, member.Parent)}.{reader.GetString(member.Name)}";
            default:
                return handle.Kind.ToString();
        }
    }
}
