using System.Globalization;
using System.Text;

namespace SegmentImage;

/// <summary>An image in the format PPM (P6): a header in plain text, then three bytes a pixel.</summary>
public sealed class Photograph
{
    private readonly byte[] _colours;

    private Photograph(int width, int height, byte[] colours) => (Width, Height, _colours) = (width, height, colours);

    public int Width { get; }

    public int Height { get; }

    public static Photograph Load(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        string[] header = Encoding.ASCII.GetString(file, 0, 64).Split((char[])[' ', '\n'], 5);
        int begin = header.Take(4).Sum(part => part.Length + 1);
        return new Photograph(int.Parse(header[1], CultureInfo.InvariantCulture), int.Parse(header[2], CultureInfo.InvariantCulture), file[begin..]);
    }

    public IEnumerable<Pixel> Pixels()
    {
        for (int at = 0; at < Width * Height; at++)
        {
            yield return new Pixel { Features = [at % Width, at / Width, _colours[3 * at], _colours[(3 * at) + 1], _colours[(3 * at) + 2]] };
        }
    }
}
