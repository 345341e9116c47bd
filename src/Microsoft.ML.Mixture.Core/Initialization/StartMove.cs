namespace Microsoft.ML.Mixture;

/// <summary>What a move does to a mixture.</summary>
internal enum StartMove
{
    /// <summary>Two components become one, and a third becomes two.</summary>
    MergeAndSplit,

    /// <summary>Two components become one, and that two in another way.</summary>
    SplitAnew,

    /// <summary>A component goes, its rows go to where they are likely without it, and one that its rows do not fit becomes two.</summary>
    Relocate,

    /// <summary>The same of a runner-up, if there is one near the best: what leads to a better one may be two moves away from that, with a worse one between.</summary>
    RelocateRunnerUp,

    /// <summary>The same of the best in order: the component goes first that is missed least, and the one is split first that its rows fit least.</summary>
    Exchange,

    /// <summary>All rows are grouped anew, by k-means on features in units of their spread within components: those count most by which components differ. Of factor analysers of many features every second time without the directions along which components are long.</summary>
    Regroup,

    /// <summary>Some rows go to components drawn at random.</summary>
    Reassign,

    /// <summary>All responsibilities change a little, which leads away from where the objective is level but no maximum.</summary>
    Shake,

    /// <summary>All responsibilities change a little as a multiple of themselves, which leads away from a saddle but keeps what is small.</summary>
    Jostle,

    /// <summary>A component goes, and its rows go to where they are likely without it: each in turn, the one first that is missed least.</summary>
    LeaveOut,

    /// <summary>Two components become one: every pair in turn, the one first whose rows tell the two apart least.</summary>
    Merge,

    /// <summary>A component becomes two, if one is empty; if not, two others become one for it.</summary>
    Split,

    /// <summary>A component, each in turn, leaves its rows to the others, and gets those at values that many share.</summary>
    GatherMasses,

    /// <summary>A component leaves its rows to the others or to the noise, and gets rows of the noise that lie close together.</summary>
    FromNoise,
}
