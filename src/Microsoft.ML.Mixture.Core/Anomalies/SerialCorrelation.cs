using System.Globalization;

namespace Microsoft.ML.Mixture;

/// <summary>How far training rows that follow each other are alike, as the readings of a sensor are: the correlation of their log-densities with those of the rows before them.</summary>
/// <remarks>
/// Log-densities count by their ranks among the rows of their component, for rows that are sorted by group are not alike otherwise. Where the order tells nothing each order of ranks is as likely, so that the
/// correlation over n rows has a standard deviation of about one over the root of n. A row that equals the one before it is left out, as copies are held out together.
/// </remarks>
/// <param name="Correlation">The correlation.</param>
/// <param name="RowCount">Of how many rows.</param>
internal sealed record SerialCorrelation(double Correlation, int RowCount)
{
    // More rows tell it no better than it is needed.
    private const int MostRows = 20_000;

    // So many standard deviations are beyond chance; less correlation hardly changes the rate of alarms.
    private const double LeastDeviations = 4.5;
    private const double LeastCorrelation = 0.3;

    /// <summary>What to say.</summary>
    public string Warning => string.Create(
        CultureInfo.InvariantCulture,
        $"Training rows that follow each other are alike: over {Counted.Of(RowCount, "row")} the log-density correlates by {Correlation:F2} with that of the row before, and by {LeastDeviations / Math.Sqrt(RowCount):F2} at most by chance. If they follow each other in time, they tell less than so many independent rows, and rows that are held out at random lie between those that are fitted, so that later rows may raise several times as many alarms as were asked for. Hold out the last rows (HoldOutLastRows of the trainer, CalibrateAnomalies(rows, rate) on arrays), which mends a part of it, and train on a longer time. If they are only sorted, nothing is wrong: shuffle them to be sure.");

    /// <summary>Looks at training rows in their order, of a great many at the first.</summary>
    /// <param name="model">The Gaussians.</param>
    /// <param name="rows">The rows; those that lack something or have no weight are left out.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <returns>Null if they are no more alike than by chance, or hardly.</returns>
    public static SerialCorrelation? Find(GaussianMixtureModel model, RowSource rows, CancellationToken cancellationToken)
    {
        int dimension = rows.Dimension;
        MixtureScorer scorer = model.CreateScorer();
        List<int> components = [];
        List<double> densities = [];
        double[] row = new double[dimension], before = new double[dimension];
        RowSource first = rows.RowCount <= MostRows ? rows : new SelectedRowSource(rows, [.. Enumerable.Range(0, MostRows)]);
        foreach (RowBlock block in new RowBlocks(first, cancellationToken))
        {
            for (int i = 0; i < block.RowCount; i++)
            {
                if (!(block.Weights[i] > 0)) continue;
                for (int j = 0; j < dimension; j++) row[j] = block.Values[(j * block.Stride) + i];
                if (Array.Exists(row, double.IsNaN) || (densities.Count > 0 && row.AsSpan().SequenceEqual(before))) continue;
                scorer.Score(row);
                if (scorer.Component < 0) continue;
                components.Add(scorer.Component);
                densities.Add(scorer.LogDensity);
                (row, before) = (before, row);
            }
        }

        SerialCorrelation found = Of(densities, components);
        return found.Correlation > LeastCorrelation && found.Correlation * Math.Sqrt(found.RowCount) > LeastDeviations ? found : null;
    }

    private static SerialCorrelation Of(List<double> densities, List<int> components)
    {
        double[] places = new double[densities.Count];
        foreach (IGrouping<int, int> component in Enumerable.Range(0, places.Length).GroupBy(i => components[i]))
        {
            int[] sorted = [.. component.OrderBy(i => densities[i])];
            for (int rank = 0; rank < sorted.Length; rank++) places[sorted[rank]] = ((rank + 0.5) / sorted.Length) - 0.5;
        }

        double squares = places.Sum(place => place * place), products = 0;
        for (int i = 1; i < places.Length; i++) products += places[i] * places[i - 1];
        return new SerialCorrelation(squares > 0 ? products / squares : 0, places.Length);
    }
}
