using Microsoft.ML.Mixture.ModelFiles;

namespace Microsoft.ML;

/// <summary>Checks the model files of ML.NET before they are loaded.</summary>
public static class ModelFile
{
    /// <inheritdoc cref="Verify(string, ModelFileLimits)" />
    /// <remarks>The limits are the defaults of <see cref="ModelFileLimits"/>.</remarks>
    public static void Verify(string path) => Verify(path, new ModelFileLimits());

    /// <inheritdoc cref="Verify(Stream, ModelFileLimits)" />
    /// <remarks>The limits are the defaults of <see cref="ModelFileLimits"/>.</remarks>
    public static void Verify(Stream stream) => Verify(stream, new ModelFileLimits());

    /// <summary>Checks that a model file is complete, undamaged and of bounded size. Call it before <c>mlContext.Model.Load</c>.</summary>
    /// <param name="path">The path of a zip file that <c>mlContext.Model.Save</c> wrote.</param>
    /// <param name="limits">What to accept.</param>
    /// <exception cref="FormatException">The file is damaged, exceeds a limit, or is not built the way ML.NET builds it.</exception>
    /// <remarks>See <see cref="Verify(Stream, ModelFileLimits)"/> for what is checked and what is not.</remarks>
    public static void Verify(string path, ModelFileLimits limits)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(limits);
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        try
        {
            Verify(stream, limits);
        }
        catch (FormatException exception)
        {
            throw new FormatException($"{exception.Message} (File: {path})", exception);
        }
    }

    /// <summary>Checks that a model file is complete, undamaged and of bounded size. Call it before <c>mlContext.Model.Load</c>.</summary>
    /// <param name="stream">
    /// A readable, seekable stream that is the whole file, whatever its position is. The position is the same afterwards, unless
    /// the stream itself fails.
    /// </param>
    /// <param name="limits">What to accept.</param>
    /// <exception cref="FormatException">The file is damaged, exceeds a limit, or is not built the way ML.NET builds it.</exception>
    /// <exception cref="ArgumentException"><paramref name="stream"/> is not readable or not seekable.</exception>
    /// <remarks>
    /// What it promises, if it returns:
    /// <list type="bullet">
    /// <item>Every byte of the file belongs to exactly one record of the zip archive. Nothing is hidden before, between or after
    /// them, in comments, in extra fields, or behind the end of compressed data.</item>
    /// <item>The two descriptions that a zip holds of each entry agree. Every entry was expanded once, and has the length and the
    /// CRC-32 that they state.</item>
    /// <item>No two names are equal, or differ only by case or by the kind of slash. No name is rooted, climbs with "..", or holds a
    /// colon or a control character.</item>
    /// <item>The file keeps to <paramref name="limits"/>.</item>
    /// <item>Every part that Microsoft.ML.Mixture wrote into a <c>Model.key</c> entry has the SHA-256 that was written with it, and
    /// this version can read it.</item>
    /// </list>
    /// So a file in which one bit has changed is rejected, or gives ML.NET the same names and contents as before. A chance of 1 in
    /// 2^32, that of a CRC-32, remains for the parts that other libraries wrote.
    /// <para>
    /// What it does not promise: that the author is honest. <c>Model.Load</c> trusts the file. The file names assemblies, which
    /// ML.NET loads, and the sizes of arrays, which ML.NET allocates; whoever writes a file can also write the right checksums. Load
    /// files only from authors you trust.
    /// </para>
    /// <para>
    /// It is stricter than zip readers are. It takes what ML.NET itself writes, on Windows, on Unix and to streams without seeking,
    /// but not an archive that another tool packed again with extra fields or comments, and not ZIP64, which ML.NET needs only
    /// beyond 4 GiB.
    /// </para>
    /// <para>
    /// A file can change between this call and <c>Model.Load</c>. To exclude that, open it once and hand the same stream to both.
    /// Memory: a few buffers of 64 KiB and the central directory, whatever sizes the file declares.
    /// </para>
    /// </remarks>
    public static void Verify(Stream stream, ModelFileLimits limits)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(limits);
        if (!stream.CanRead || !stream.CanSeek)
        {
            throw new ArgumentException(
                "The stream must be readable and seekable. Copy it into a MemoryStream or a file first.", nameof(stream));
        }

        long position = stream.Position;
        try
        {
            foreach (ZipEntryRecord entry in ZipStructure.Read(stream, limits))
                ZipEntryContent.Check(stream, entry);
        }
        finally
        {
            stream.Position = position;
        }
    }
}
