using System.Text.Json;
using CsCheck;

namespace Microsoft.ML.Mixture.Judging.Tests;

[Trait("Kind", "Golden")]
public class ClusteringAgreementTests
{
    private static readonly Gen<(int Label, int Cluster)[]> _pairs = Gen.Select(Gen.Int[0, 4], Gen.Int[0, 6], (label, cluster) => (label, cluster)).Array[2, 40];

    [Fact]
    public void Measures_OfManyLabelings_MatchScikitLearn()
    {
        JsonElement[] cases = [.. JudgingReference.Section("agreement").EnumerateArray()];
        Assert.Equal(17, cases.Length);
        foreach (JsonElement one in cases)
        {
            int[] labels = JudgingReference.Integers(one.GetProperty("labels")), clusters = JudgingReference.Integers(one.GetProperty("clusters"));
            JsonElement given = one.GetProperty("row_weights");
            double[]? weights = given.ValueKind == JsonValueKind.Null ? null : Json.Vector(given);
            string name = one.GetProperty("name").GetString()!;

            Closeness.Absolute(one.Number("adjusted_rand"), ClusteringAgreement.AdjustedRandIndex(labels, clusters, weights), 1e-12, $"ARI of {name}");
            Closeness.Absolute(one.Number("nmi_arithmetic"), ClusteringAgreement.NormalizedMutualInformation(labels, clusters, weights), 1e-12, $"NMI of {name}");
            Closeness.Absolute(one.Number("matched_accuracy"), ClusteringAgreement.MatchedAccuracy(labels, clusters, weights), 1e-12, $"Accuracy of {name}");
        }
    }

    [Theory]
    [InlineData("iris", "Species")]
    [InlineData("digits_1797x64", "digit")]
    public void Measures_OfKMeans_MatchScikitLearn(string data, string label)
    {
        JsonElement result = JudgingReference.Load("kmeans_and_metrics.json").GetProperty("results").GetProperty(data);
        int[] labels = CsvTable.Load(data + ".csv").Labels(label), clusters = JudgingReference.Integers(result.GetProperty("labels_0based"));

        Closeness.Absolute(result.Number("adjusted_rand"), ClusteringAgreement.AdjustedRandIndex(labels, clusters), 1e-12, "ARI");
        Closeness.Absolute(result.Number("nmi_arithmetic"), ClusteringAgreement.NormalizedMutualInformation(labels, clusters), 1e-12, "NMI");
    }

    [Fact]
    [Trait("Kind", "Law")]
    public void AdjustedRandIndex_OfAnyLabeling_IsThatOfCountedPairs() => _pairs.Sample(pairs =>
    {
        double together = 0, byLabel = 0, byCluster = 0, all = 0;
        for (int i = 0; i < pairs.Length; i++)
        {
            for (int other = 0; other < i; other++)
            {
                bool label = pairs[i].Label == pairs[other].Label, cluster = pairs[i].Cluster == pairs[other].Cluster;
                (all, byLabel, byCluster, together) = (all + 1, byLabel + (label ? 1 : 0), byCluster + (cluster ? 1 : 0), together + (label && cluster ? 1 : 0));
            }
        }

        double expected = byLabel * byCluster / all, most = (byLabel + byCluster) / 2;
        double naive = most == expected ? 1 : (together - expected) / (most - expected);
        Assert.Equal(naive, ClusteringAgreement.AdjustedRandIndex(Labels(pairs), Clusters(pairs)), 1e-12);
    });

    [Fact]
    [Trait("Kind", "Law")]
    public void MatchedAccuracy_OfAnyLabeling_IsTheBestOfAllMatchings() => _pairs.Sample(
        pairs =>
        {
            // Labels from 0 to 4 to different clusters from 0 to 6.
            int best = 0;
            Try(0, 0, 0);
            Assert.Equal((double)best / pairs.Length, ClusteringAgreement.MatchedAccuracy(Labels(pairs), Clusters(pairs)), 1e-12);

            void Try(int label, int used, int hits)
            {
                best = Math.Max(best, hits);
                if (label > 4) return;
                for (int cluster = 0; cluster <= 6; cluster++)
                {
                    if ((used >> cluster & 1) == 0) Try(label + 1, used | (1 << cluster), hits + pairs.Count(pair => pair == (label, cluster)));
                }
            }
        },
        iter: 20);

    [Fact]
    [Trait("Kind", "Law")]
    public void Measures_WithWeights_AreThoseOfRowsRepeated() => _pairs.Where(pairs => pairs.Length > 3).Sample(pairs =>
    {
        double[] weights = [.. pairs.Select((_, i) => (double)(i % 4))];
        (int Label, int Cluster)[] repeated = [.. pairs.SelectMany((pair, i) => Enumerable.Repeat(pair, i % 4))];
        Assert.Equal(ClusteringAgreement.AdjustedRandIndex(Labels(repeated), Clusters(repeated)), ClusteringAgreement.AdjustedRandIndex(Labels(pairs), Clusters(pairs), weights), 1e-12);
        Assert.Equal(
            ClusteringAgreement.NormalizedMutualInformation(Labels(repeated), Clusters(repeated)),
            ClusteringAgreement.NormalizedMutualInformation(Labels(pairs), Clusters(pairs), weights), 1e-12);
        Assert.Equal(ClusteringAgreement.MatchedAccuracy(Labels(repeated), Clusters(repeated)), ClusteringAgreement.MatchedAccuracy(Labels(pairs), Clusters(pairs), weights), 1e-12);
    });

    [Fact]
    [Trait("Kind", "Law")]
    public void AdjustedRandIndex_WithWeights_CountsPairsAsRowsWouldOnAverageThatAreRepeatedAtRandom() =>
        Gen.Select(_pairs, Gen.Double[0.01, 3.5].Array[40, 40], (pairs, weights) => (Pairs: pairs, Weights: weights[..pairs.Length])).Sample(drawn =>
        {
            ((int Label, int Cluster)[] pairs, double[] weights) = drawn;
            double together = 0, byLabel = 0, byCluster = 0, all = 0;
            for (int i = 0; i < pairs.Length; i++)
            {
                for (int other = 0; other < i; other++) Count(weights[i] * weights[other], pairs[i].Label == pairs[other].Label, pairs[i].Cluster == pairs[other].Cluster);

                // As many rows as the whole number below, or with the probability of what is left over one more.
                double below = Math.Floor(weights[i]), above = weights[i] - below;
                Count(((1 - above) * (below * (below - 1) / 2)) + (above * ((below + 1) * below / 2)), true, true);
            }

            double expected = byLabel * byCluster / all, index = ClusteringAgreement.AdjustedRandIndex(Labels(pairs), Clusters(pairs), weights);
            double most = (byLabel + byCluster) / 2;
            Assert.Equal(most - expected < 1e-9 * all ? 1 : (together - expected) / (most - expected), index, 1e-9);
            Assert.InRange(index, -1, 1);

            void Count(double pair, bool label, bool cluster)
            {
                all += pair;
                byLabel += label ? pair : 0;
                byCluster += cluster ? pair : 0;
                together += label && cluster ? pair : 0;
            }
        });

    // With w (w - 1) / 2 for the pairs of a weight w it was -2 at a half.
    [Fact]
    public void AdjustedRandIndex_OfWeightsBelowOne_IsThatOfPairsOfDifferentRowsInAnyUnits()
    {
        int[] labels = [0, 0, 1, 1, 2, 2], clusters = [0, 0, 1, 1, 2, 1];
        double unweighted = ClusteringAgreement.AdjustedRandIndex(labels, clusters);
        foreach (double weight in new[] { 1, 0.5, 0.1, 1e-9, 1e-300 })
        {
            Assert.Equal(unweighted, ClusteringAgreement.AdjustedRandIndex(labels, clusters, [weight, weight, weight, weight, weight, weight]), 1e-12);
        }

        ArgumentException large = Assert.Throws<ArgumentException>(() => ClusteringAgreement.AdjustedRandIndex(labels, clusters, [1, 1, 1, 1, 1, 1e200]));
        Assert.Contains("Divide them by a constant", large.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Measures_OfTextLabels_CompareGroupsAndNotNames()
    {
        string[] species = ["a", "a", "b", "b"];
        Assert.Equal(1, ClusteringAgreement.AdjustedRandIndex(species, new[] { 2, 2, 7, 7 }));
        Assert.Equal(1, ClusteringAgreement.MatchedAccuracy(species, new[] { 'x', 'x', 'y', 'y' }));
        Assert.Equal(0.75, ClusteringAgreement.MatchedAccuracy(species, new[] { 1, 1, 2, 3 }));
    }

    [Fact]
    public void Measures_OfBadInput_SayWhatIsWrong()
    {
        ArgumentException counts = Assert.Throws<ArgumentException>(() => ClusteringAgreement.AdjustedRandIndex(new[] { 1, 2 }, new[] { 1 }));
        Assert.Contains("There are 2 labels for 1 cluster. Pass one", counts.Message, StringComparison.Ordinal);
        ArgumentException weights = Assert.Throws<ArgumentException>(() => ClusteringAgreement.MatchedAccuracy(new[] { 1, 2 }, new[] { 1, 2 }, [1.0, double.NaN]));
        Assert.Contains("Row 1 has the weight NaN", weights.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => ClusteringAgreement.NormalizedMutualInformation(Array.Empty<int>(), Array.Empty<int>()));
        Assert.Throws<ArgumentNullException>(() => ClusteringAgreement.AdjustedRandIndex<int, int>(null!, [1]));
    }

    [Fact]
    public void Measures_OfANullAmongLabels_SayWhereItIs()
    {
        string[] labels = ["a", "b", null!, "a"];
        int[] clusters = [0, 1, 1, 0];
        Func<IReadOnlyList<double>?, double>[] measures =
        [
            weights => ClusteringAgreement.AdjustedRandIndex(labels, clusters, weights),
            weights => ClusteringAgreement.NormalizedMutualInformation(labels, clusters, weights),
            weights => ClusteringAgreement.MatchedAccuracy(labels, clusters, weights),
        ];
        foreach (Func<IReadOnlyList<double>?, double> measure in measures)
        {
            ArgumentException error = Assert.Throws<ArgumentException>("labels", () => measure(null));
            Assert.StartsWith("The entry of labels at row 2 is null. Leave out rows without one, give them a weight of zero, or give them a value of their own, such as an empty text.", error.Message, StringComparison.Ordinal);
            Assert.Equal(1, measure([1, 1, 0, 1]));
        }

        Assert.StartsWith(
            "The entry of clusters at row 2 is null.", Assert.Throws<ArgumentException>("clusters", () => ClusteringAgreement.AdjustedRandIndex(clusters, labels)).Message, StringComparison.Ordinal);
    }

    /// <summary>Shares that vanish beside the others made the information no number, and so did an infinite sum.</summary>
    [Fact]
    public void Measures_OfWeightsThatHaveHardlyAnythingInCommon_AreNumbersOrSayWhatToDo()
    {
        int[] labels = [0, 0, 1, 1, 2], clusters = [0, 1, 1, 1, 2];
        Assert.Equal(
            ClusteringAgreement.NormalizedMutualInformation(labels[..4], clusters[..4]), ClusteringAgreement.NormalizedMutualInformation(labels, clusters, [1e300, 1e300, 1e300, 1e300, 1e-300]), 1e-12);
        Assert.Equal(1, ClusteringAgreement.NormalizedMutualInformation(labels, clusters, [1e-300, 1e-300, 1e-300, 1e-300, 1e300]));
        Assert.Equal(0.75, ClusteringAgreement.MatchedAccuracy(labels, clusters, [1e300, 1e300, 1e300, 1e300, 1e-300]), 1e-12);
        double[] large = [1e308, 1e308, 1e308, 1, 1];
        foreach (Func<double> measure in (Func<double>[])[() => ClusteringAgreement.NormalizedMutualInformation(labels, clusters, large), () => ClusteringAgreement.MatchedAccuracy(labels, clusters, large)])
        {
            Assert.Contains("The sum of the row weights is infinite", Assert.Throws<ArgumentException>(() => measure()).Message, StringComparison.Ordinal);
        }
    }

    /// <summary>The cells of the pairs and of the table were added in different orders, and the share could be above one by rounding.</summary>
    [Fact]
    public void MatchedAccuracy_OfWeightsNextToNothingElsewhere_IsNotAboveOne()
    {
        var random = new Random(1);
        for (int test = 0; test < 200; test++)
        {
            int[] labels = [.. Enumerable.Range(0, 200).Select(i => i < 5 ? i : random.Next(5))];
            int[] clusters = [.. labels.Select((label, i) => i < 5 ? ((3 * i) + 1) % 5 : ((2 * label) + 3) % 5)];
            Assert.InRange(ClusteringAgreement.MatchedAccuracy(labels, clusters, [.. labels.Select((_, i) => i < 5 ? 1e-20 : random.NextDouble())]), 1 - 1e-12, 1);
        }
    }

    [Fact]
    public void Measures_OfATableThatNoArrayHolds_SayWhatToPass()
    {
        int[] numbers = [.. Enumerable.Range(0, 46_342)];
        ArgumentException error = Assert.Throws<ArgumentException>(() => ClusteringAgreement.AdjustedRandIndex(numbers, numbers));
        Assert.Contains("46342 labels in 46342 clusters", error.Message, StringComparison.Ordinal);
    }

    private static int[] Labels((int Label, int Cluster)[] pairs) => [.. pairs.Select(pair => pair.Label)];

    private static int[] Clusters((int Label, int Cluster)[] pairs) => [.. pairs.Select(pair => pair.Cluster)];
}
