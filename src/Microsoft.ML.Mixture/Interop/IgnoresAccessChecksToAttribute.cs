using System.Runtime.CompilerServices;

[assembly: IgnoresAccessChecksTo("Microsoft.ML.Core")]
[assembly: IgnoresAccessChecksTo("Microsoft.ML.Data")]

namespace System.Runtime.CompilerServices;

/// <summary>
/// Lets this assembly call the internal members of the named assembly. The runtime knows the attribute by its name, and the base
/// library does not declare it.
/// </summary>
/// <param name="assemblyName">The simple name of the assembly whose internal members are called.</param>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
internal sealed class IgnoresAccessChecksToAttribute(string assemblyName) : Attribute
{
    /// <summary>The simple name of the assembly whose internal members are called.</summary>
    public string AssemblyName { get; } = assemblyName;
}
