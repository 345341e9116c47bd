namespace Microsoft.ML.Mixture;

/// <summary>Tests that measure time, memory or threads. Nothing of this project runs beside them.</summary>
[CollectionDefinition("Timed", DisableParallelization = true)]
public class TimedTests;
