namespace Microsoft.ML.Mixture.Engine.Tests;

public class CutOffRunTests
{
    // It was the model of a race that had found far better ones, with a component that is flat.
    [Theory]
    [Trait("Kind", "Budget")]
    [InlineData(StopReason.TimeBudget, false)]
    [InlineData(StopReason.Cancelled, false)]
    [InlineData(StopReason.Converged, true)]
    public void IsBetterThan_ARunOfNoStepsWhereTheOtherIsUnsound_OnlyIfItHasNotBeenCutOff(StopReason reason, bool isExpected)
    {
        var components = new GaussianComponents(new GaussianFamily(CovarianceStructure.Diagonal, CovarianceRegularization.None(1)), 1, 1);
        MixtureFit unsound = Run(-10, StopReason.Converged), sound = Run(-100, reason);
        unsound.Spurious = [new DegenerateComponent(0, "It is flat.") { IsFlat = true }];

        Assert.Equal(isExpected, sound.IsBetterThan(unsound));

        MixtureFit Run(double logLikelihood, StopReason why)
        {
            var history = new FitHistory();
            history.Add(logLikelihood, 0);
            return new MixtureFit([1], components, 1, history, [1], [1], why);
        }
    }
}
