namespace Microsoft.ML.Mixture;

/// <summary>Starts with the parameters of a mixture of factor analysers.</summary>
internal sealed class FactorParametersStart(FactorAnalyzerMixtureModel model) : MixtureStart
{
    internal override bool IsRandom => false;

    internal override StartOutcome Create(StartAttempt attempt)
    {
        StartContext context = attempt.Context;
        if (context.Family is not FactorAnalyzerFamily family)
        {
            throw new ArgumentException($"A start from factor analysers does not fit the family '{context.Family.Name}'. Start from labels or responsibilities.");
        }

        if (model.ComponentCount != context.ComponentCount || model.Dimension != context.Dimension || model.FactorCount != family.FactorCount)
        {
            throw new ArgumentException(
                $"The start has {Counted.Of(model.ComponentCount, "component")} with {Counted.Of(model.FactorCount, "factor")} in {Counted.Of(model.Dimension, "dimension")}, but {Counted.Of(context.ComponentCount, "component")} with "
                + $"{Counted.Of(family.FactorCount, "factor")} are asked for and the rows have {Counted.Of(context.Dimension, "feature")}. Give the start as many of each.");
        }

        int exponent = context.Scaled.Exponent;
        double[] means = [.. model.Components.Means.ToArray().Select(value => double.ScaleB(value, exponent))];
        double[] loadings = [.. model.Components.CopyLoadings().Select(value => double.ScaleB(value, exponent))];
        double[] variances = [.. model.Components.SpecificVariances.ToArray().Select(value => double.ScaleB(value, 2 * exponent))];
        bool created = FactorAnalyzerComponents.TryCreate(family, context.Dimension, means, loadings, variances, out FactorAnalyzerComponents components, out DegenerateComponent? failure);
        return StartOutcome.Of(created, new MixtureState([.. model.Weights], components), failure);
    }
}
