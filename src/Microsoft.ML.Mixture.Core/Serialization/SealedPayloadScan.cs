namespace Microsoft.ML.Mixture.Serialization;

/// <summary>Finds the envelopes inside a longer stream, such as an entry of an ML.NET model file.</summary>
internal static class SealedPayloadScan
{
    /// <summary>Reads a stream to its end and checks every envelope in it, in constant memory.</summary>
    /// <param name="stream">The stream. Its reads should be cheap, because single bytes are asked for.</param>
    /// <returns>The number of envelopes found.</returns>
    /// <exception cref="FormatException">An envelope is truncated, damaged or needs a newer library.</exception>
    internal static int CheckAll(Stream stream)
    {
        int found = 0;
        int matched = 0;
        for (int value = stream.ReadByte(); value >= 0; value = stream.ReadByte())
        {
            if (value == SealedPayload.Magic[matched])
                matched++;
            else
                matched = value == SealedPayload.Magic[0] ? 1 : 0;
            if (matched == SealedPayload.Magic.Length)
            {
                SealedPayload.CheckAfterMagic(stream);
                found++;
                matched = 0;
            }
        }

        return found;
    }
}
