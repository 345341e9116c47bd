using System.Runtime.CompilerServices;
using MathNet.Numerics.Random;

namespace Microsoft.ML.Mixture;

/// <summary>Draws of which all draws of rows are made.</summary>
internal static class RandomDraws
{
    /// <summary>Draws a component, as often as its weight says.</summary>
    /// <param name="random">The random numbers, of which it takes one.</param>
    /// <param name="weights">The weights of the components.</param>
    /// <param name="noiseWeight">That of noise, whose number comes after those of the components.</param>
    public static int Component(Xoshiro256StarStar random, IReadOnlyList<double> weights, double noiseWeight = 0)
    {
        double target = random.NextDouble(), sum = 0;
        int component = 0;
        for (int k = 0; k <= weights.Count; k++)
        {
            double weight = k < weights.Count ? weights[k] : noiseWeight;
            if (weight <= 0) continue;
            component = k;
            sum += weight;
            if (sum > target) break;
        }

        return component;
    }

    /// <summary>Draws a number of the standard normal distribution.</summary>
    /// <remarks>Source: Box and Muller (1958), A note on the generation of random normal deviates, Ann. Math. Stat. 29(2), 610-611, doi:10.1214/aoms/1177706645.</remarks>
    public static double Normal(Xoshiro256StarStar random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    /// <summary>Draws some of many places, in their order: one at random out of each stretch, for to take every so manieth would see but one phase of what comes in turns.</summary>
    /// <param name="count">The number of places.</param>
    /// <param name="size">How many to draw, at most as many.</param>
    /// <param name="random">The random numbers, of which it takes one for each.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int[] OneOfEachStretch(int count, int size, Xoshiro256StarStar random)
    {
        int[] places = new int[size];
        for (long at = 0; at < size; at++)
        {
            long first = at * count / size, end = (at + 1) * count / size;
            places[at] = (int)(first + (long)(random.NextDouble() * (end - first)));
        }

        return places;
    }
}
