using Microsoft.ML.Trainers;

namespace OldFaithful;

/// <summary>A mixture as a table.</summary>
public static class MixtureTable
{
    public static void Print(string title, IReadOnlyList<string> features, GaussianMixtureModelParameters mixture)
    {
        int width = features.Max(feature => feature.Length) + 2;
        Console.WriteLine(title);
        Console.WriteLine(new string('-', title.Length));
        for (int k = 0; k < mixture.NumberOfComponents; k++)
        {
            Console.WriteLine($"Component {k + 1}: weight {mixture.Weights[k]:F4}");
            Console.WriteLine($"  {"",-10}{"mean",10}   covariance");
            for (int i = 0; i < features.Count; i++)
            {
                string row = string.Concat(Enumerable.Range(0, features.Count).Select(j => $"{mixture.Covariances[k][i, j],10:F4}"));
                Console.WriteLine($"  {features[i].PadRight(width)}{mixture.Means[k, i],10:F4}   {row}");
            }
        }

        Console.WriteLine();
        Console.WriteLine($"Log-likelihood {mixture.LogLikelihood:F4} ({mixture.AverageLogLikelihood:F4} a row), BIC {mixture.BayesianInformationCriterion:F2} (lower is better)");
        Console.WriteLine($"Stopped after {mixture.Report!.IterationCount} iterations: {mixture.Report.StopReason}");
        foreach (string warning in mixture.Report.Warnings) Console.WriteLine($"Warning: {warning}");
    }
}
