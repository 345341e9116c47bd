namespace Microsoft.ML.Mixture;

/// <summary>A fit that led to no valid model; the message names the component, the cause and the remedy.</summary>
public sealed class MixtureFitException : InvalidOperationException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">The cause, the values and the remedy.</param>
    public MixtureFitException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception with a cause.</summary>
    /// <param name="message">The cause, the values and the remedy.</param>
    /// <param name="innerException">The cause.</param>
    public MixtureFitException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Makes the exception without a message.</summary>
    public MixtureFitException()
    {
    }
}
