// Segments a photograph: pixels that are alike in colour and near each other belong together. Probabilities tell where borders are blurred.
// The photograph is "China" by danielbuechele, Flickr 6061409035, CC BY 2.0, here the means of 4 x 4 pixels.

using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Trainers;
using SegmentImage;

const int Segments = 4;
const int CellWidth = 2, CellHeight = 4;
const string Marks = "#%-.";

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var ml = new MLContext();
Photograph photograph = Photograph.Load(Path.Combine(AppContext.BaseDirectory, "pagoda.ppm"));
IDataView pixels = ml.Data.LoadFromEnumerable(photograph.Pixels());

var transformer = ml.Clustering.Trainers.GaussianMixture(numberOfComponents: Segments).Fit(pixels);
GaussianMixtureModelParameters mixture = transformer.Model;
Segment[] segments = [.. ml.Data.CreateEnumerable<Segment>(transformer.Transform(pixels), reuseRowObject: false)];

// From dark to bright.
int[] order = [.. Enumerable.Range(0, Segments).OrderBy(k => mixture.Means[k, 2] + mixture.Means[k, 3] + mixture.Means[k, 4])];
Console.WriteLine($"{photograph.Width} x {photograph.Height} pixels in {Segments} segments: {mixture.Report!.StopReason}");
Console.WriteLine("           share   column      row      red    green     blue");
for (int mark = 0; mark < Segments; mark++)
{
    int k = order[mark];
    string means = string.Concat(Enumerable.Range(0, 5).Select(j => $"{mixture.Means[k, j],9:F0}"));
    Console.WriteLine($"  {Marks[mark]}    {mixture.Weights[k],8:F2}{means}");
}

double unclear = segments.Average(segment => segment.Probability.Max() < 0.9 ? 100.0 : 0);
Console.WriteLine($"Unclear: {unclear:F0} % of the pixels belong to no segment with a probability of 0.9.");
for (int top = 0; top + CellHeight <= photograph.Height; top += CellHeight)
{
    var line = new char[photograph.Width / CellWidth];
    for (int cell = 0; cell < line.Length; cell++)
    {
        int[] votes = new int[Segments];
        for (int i = 0; i < CellWidth * CellHeight; i++)
        {
            int at = ((top + (i / CellWidth)) * photograph.Width) + (cell * CellWidth) + (i % CellWidth);
            votes[Array.IndexOf(order, (int)segments[at].PredictedLabel - 1)]++;
        }

        line[cell] = Marks[Array.IndexOf(votes, votes.Max())];
    }

    Console.WriteLine(new string(line));
}
