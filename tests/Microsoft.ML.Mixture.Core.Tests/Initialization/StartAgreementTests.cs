namespace Microsoft.ML.Mixture.Initialization.Tests;

/// <summary>How many starts of a race count as having come to the best of them.</summary>
public class StartAgreementTests
{
    private const double Margin = 1;

    private static readonly StartStep _step = new(StartKind.KMeans);

    /// <summary>A run on a handful of rows, however likely, took the count of those that had come to the best maximum, and the report said that only one had.</summary>
    [Fact]
    public void Add_RunOnAHandfulOfRows_LeavesTheCountOfASoundOne()
    {
        var agreement = new StartAgreement(needed: 4, Margin);
        MixtureFit best = Fit(-100);
        agreement.Add(_step, best, best: null, isBetter: true);
        agreement.Add(_step, Fit(-100.5), best, isBetter: false);
        agreement.Add(_step, Fit(-120), best, isBetter: false);
        Assert.Equal((2, false), (agreement.Count, IsReached(agreement)));

        foreach (double objective in (double[])[-20, -100, -200]) agreement.Add(_step, Fit(objective, isSound: false), best, isBetter: false);

        Assert.Equal((2, false), (agreement.Count, IsReached(agreement)));
        agreement.Add(_step, Fit(-99.5), best, isBetter: true);
        agreement.Add(_step, Fit(-100), best, isBetter: false);
        Assert.Equal((4, true), (agreement.Count, IsReached(agreement)));
        agreement.Add(_step, Fit(-90), best, isBetter: true);
        Assert.Equal((1, false), (agreement.Count, IsReached(agreement)));
    }

    /// <summary>The first sound run takes the place of one on a handful of rows, and counts, though its objective is lower.</summary>
    [Fact]
    public void Add_SoundRunAfterOthers_IsTheFirstOfItsKind()
    {
        var agreement = new StartAgreement(needed: 2, Margin);
        MixtureFit spurious = Fit(-20, isSound: false), sound = Fit(-100);
        agreement.Add(_step, spurious, best: null, isBetter: true);
        agreement.Add(_step, Fit(-20, isSound: false), spurious, isBetter: false);
        Assert.Equal((2, false), (agreement.Count, IsReached(agreement)));

        agreement.Add(_step, sound, spurious, isBetter: true);
        Assert.Equal((1, false), (agreement.Count, IsReached(agreement)));
        agreement.Add(_step, Fit(-100), sound, isBetter: false);

        Assert.Equal((2, true), (agreement.Count, IsReached(agreement)));
    }

    /// <summary>A move that leads back counts for less, and twice as many are missing where that is asked for.</summary>
    [Fact]
    public void Missing_AfterAStartAndAMove_IsWhatTheyLeave()
    {
        var agreement = new StartAgreement(needed: 4, Margin);
        MixtureFit best = Fit(-100);
        agreement.Add(_step, best, best: null, isBetter: true);
        agreement.Add(new StartStep(StartMove.Relocate), Fit(-100), best, isBetter: false);
        agreement.Add(new StartStep(StartMove.SplitAnew), Fit(-100), best, isBetter: false);

        Assert.Equal(2.85, agreement.Missing(twice: false), 1e-12);
        Assert.Equal(6.85, agreement.Missing(twice: true), 1e-12);
    }

    private static bool IsReached(StartAgreement agreement) => agreement.Missing(twice: false) <= 0;

    private static MixtureFit Fit(double objective, bool isSound = true)
    {
        var history = new FitHistory();
        history.Add(objective, logPrior: 0);
        var components = new GaussianComponents(new GaussianFamily(CovarianceStructure.Full, CovarianceRegularization.None(1)), 2, 1);
        return new MixtureFit([0.5, 0.5], components, 10, history, [5, 5], [5, 5], StopReason.Converged) { Spurious = isSound ? [] : [DegenerateComponent.Empty(1)] };
    }
}
