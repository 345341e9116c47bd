using System.Numerics.Tensors;
using MathNet.Numerics.Random;
using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>Makes first mixtures of some rows, by a <see cref="StartKind"/>.</summary>
internal sealed class StartGroups : IDisposable
{
    /// <summary>The steps of <see cref="LeaveRowsOut"/>, each of which is a pass. More of them lead to no better maxima.</summary>
    public const int StepsWithoutRows = 6;

    private const int MostRowsOfTree = 96;
    private const double MostOperationsOfTree = 1e6;

    // Of each coordinate and group, for k-means, and of each share that is drawn.
    private const double OperationsOfKMeans = 12;
    private const double OperationsOfDraw = 25;

    // A fit that only leads to another one: in nats per unit of row weight, and in steps.
    private const double ToleranceOfSimplerFit = 1e-3;
    private const int MostStepsOfSimplerFit = 60;
    private const double MostCostOfSimplerPass = 4;

    // Multiples of it, without their whole part, fill the numbers from 0 to 1 evenly.
    private const double GoldenRatio = 0.6180339887498949;

    // Slices are from it to one more wide, so that none is next to empty.
    private const double NarrowestSlice = 0.2;

    // Of a component. Where there are fewer, likelier mixtures are farther from the groups that rows come from.
    private const double FewestRowsOfFeature = 4.5;

    // What the first groups show of the features, the second ones show better.
    private const int RoundsOfRegrouping = 2;

    private readonly StartContext _context;
    private readonly RowSource _rows;
    private readonly RunMemory _memory;
    private readonly StartPoints _points;
    private readonly StartPoints? _withoutCategories;
    private readonly Dictionary<double[], KMeansGroups> _groups = [];
    private readonly double[] _centres;
    private readonly Dictionary<ComponentFamily, RunMemory> _memoriesOfSimplerFits = [];
    private List<(ComponentFamily Family, double Cost)>? _simplerFamilies;
    private double[]? _regrouped;
    private KMeansGroups? _regroupedGroups;
    private int _regroupings;
    private bool[]? _noise;
    private double[]? _weights;
    private int _fewerGroups;
    private PointMassGroups? _atMasses;
    private int _turn;
    private readonly MixtureShares _shares;
    private readonly int? _threadCount;

    /// <summary>Takes rows.</summary>
    /// <param name="context">What starts are made from.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="memory">What starts are made in; components are taken from it.</param>
    public StartGroups(StartContext context, RowSource rows, RunMemory memory)
    {
        (_context, _rows, _memory, _threadCount) = (context, rows, memory, context.ThreadCount);
        _points = StartPoints.Standardise(rows, context.Moments, context.CancellationToken);
        _withoutCategories = _points.Without(Category.FindAll(rows, context.CancellationToken).Select(category => category.Feature));
        _shares = new MixtureShares(rows, context.ComponentCount);
        _centres = new double[context.ComponentCount * rows.Dimension];
        About = context.Family.CreateAbout(context.ComponentCount, rows.Dimension, _centres);
    }

    /// <summary>Takes the rows of other groups, for another thread.</summary>
    /// <param name="others">The other ones, without noise.</param>
    /// <param name="memory">What starts are made in; of that thread alone.</param>
    public StartGroups(StartGroups others, RunMemory memory)
    {
        (_context, _rows, _memory) = (others._context, others._rows, memory);
        (_points, _withoutCategories, _centres, About) = (others._points, others._withoutCategories, others._centres, others.About);
        _shares = new MixtureShares(_rows, _context.ComponentCount);
        _simplerFamilies = [.. others.SimplerFamilies];
        _threadCount = 1;

        // Nothing is left to be made of what threads share.
        _ = _points.Whitened;
        _ = _withoutCategories?.Whitened;
    }

    /// <summary>The rows as points.</summary>
    public StartPoints Points => _points;

    /// <summary>
    /// The points to group next: in turn those without categories, if some features are, and those with all features. Where a category is constant within a group, nothing
    /// else counts any more, and EM does not leave that again.
    /// </summary>
    public StartPoints PointsInTurn() => _withoutCategories is not null && _turn++ % 2 == 0 ? _withoutCategories : _points;

    /// <summary>Says whose turn it is where there are several ways.</summary>
    public void BeginTurn(int turn) => _turn = turn;

    /// <summary>Components without parameters, of the family and size of those to be started.</summary>
    public MixtureComponents About { get; }

    /// <summary>Roughly how many operations a pass over the rows takes, with its M-step.</summary>
    public double Operations => OperationsOf(About);

    /// <summary>Roughly how many operations it takes to make a start, without passes over the rows that are counted: most are of k-means, and of a tree.</summary>
    public double OperationsBefore(StartStep step)
    {
        double coordinates = (double)_rows.RowCount * _points.Dimension, ofGroups = OperationsOfKMeans * _context.ComponentCount * coordinates;
        return step switch
        {
            { Move: StartMove.Regroup } => RoundsOfRegrouping * ofGroups,
            { Move: StartMove.Shake or StartMove.Jostle } or { Kind: StartKind.RandomResponsibilities } => _rows.RowCount * OperationsOfDraw * _context.ComponentCount,
            { Move: not null } => 2 * OperationsOfKMeans * coordinates,
            { Kind: StartKind.RandomRows or StartKind.WhitenedRandomRows } => 2 * _context.ComponentCount * coordinates,
            { Kind: StartKind.Hierarchical } => Math.Min(MostOperationsOfTree, HierarchicalGroups.Operations(Math.Min(MostRowsOfTree, _rows.RowCount), _points.Dimension)),
            _ => ofGroups,
        };
    }

    /// <summary>Whether some of the rows are at values that many share, and can be a group of their own.</summary>
    public bool HavePointMasses => AtMasses.CanBeGroup(_context.ComponentCount);

    /// <summary>Makes the rows at values that many share those of a component alone.</summary>
    public void GiveMassesTo(int component, double[] shares)
    {
        int count = _context.ComponentCount;
        for (int i = 0; i < AtMasses.Marks.Count; i++)
        {
            if (!AtMasses.Marks[i]) continue;
            shares.AsSpan(i * count, count).Clear();
            shares[(i * count) + component] = 1;
        }
    }

    /// <summary>Families with fewer parameters than that of the components, and what a pass of theirs costs: one of the components' own is 1.</summary>
    public IReadOnlyList<(ComponentFamily Family, double Cost)> SimplerFamilies => _simplerFamilies ??=
    [
        .. _context.Family.SimplerFamilies(_context.ComponentCount, _context.Dimension)
            .Select(family => (Family: family, Cost: OperationsOf(family.CreateAbout(_context.ComponentCount, _context.Dimension, _centres)) / Operations))
            .Where(simpler => simpler.Cost <= MostCostOfSimplerPass),
    ];

    /// <summary>How many directions to leave out of every second grouping, for all groups may be long along them: with more rows than features, they do not outweigh what tells groups apart.</summary>
    public int FactorCount => _points.HaveCorrelations ? 0 : _context.Family.FactorCount;

    public CancellationToken CancellationToken => _context.CancellationToken;

    /// <summary>Lets no group have rows that are marked as noise, and others again that were before.</summary>
    /// <param name="noise">The marks; null for none.</param>
    public void LeaveOut(bool[]? noise)
    {
        if (_noise is not null) _weights!.CopyTo(_points.Weights, 0);
        _noise = noise;
        if (noise is null) return;
        _weights ??= [.. _points.Weights];
        for (int i = 0; i < noise.Length; i++)
        {
            if (noise[i]) _points.Weights[i] = 0;
        }
    }

    /// <summary>The M-step of groups drawn at random.</summary>
    public bool TryStart(StartKind kind, Xoshiro256StarStar random, out MixtureState state, out DegenerateComponent? failure) =>
        kind == StartKind.Hierarchical ? TryHierarchical(random, out state, out failure) : TryStart(kind == StartKind.RandomResponsibilities ? RandomShares(random) : Shares(Labels(kind, random)), out state, out failure);

    /// <summary>The M-step of given responsibilities, r(i,k) at [i * K + k].</summary>
    public bool TryStart(double[] shares, out MixtureState state, out DegenerateComponent? failure) =>
        _context.Maximization.TryMaximize(_rows, shares, _points.Centres(shares, _context.ComponentCount, _context.Moments), _memory, out state, out failure);

    /// <summary>Whether <see cref="LeaveRowsOut"/> can be asked for, and leads to groups.</summary>
    public bool CanLeaveRowsOut => About.CanLeaveRowsOut && _rows.RowCount >= FewestRowsOfFeature * _context.ComponentCount * _points.Dimension;

    /// <summary>
    /// Steps of EM in which, from the second on, each row has the responsibilities that it has under the mixture without it. With few rows for each parameter a row makes the component that it is given likely for
    /// itself, so that EM stays near the groups it starts from.
    /// </summary>
    /// <param name="state">The mixture; where steps end with a component without valid parameters, the last one before.</param>
    /// <param name="passes">The number of passes over the rows so far: raised by those that were needed.</param>
    public void LeaveRowsOut(ref MixtureState state, ref int passes)
    {
        int count = _context.ComponentCount;
        double[] shares = Responsibilities(state);
        for (int step = 0; step < StepsWithoutRows; step++)
        {
            double[] counts = new double[count];
            for (int at = 0; at < shares.Length; at++) counts[at % count] += _points.Weights[at / count] * shares[at];
            if (!TryStart(shares, out MixtureState next, out _)) return;
            _memory.Return(state.Components);
            state = next;
            passes++;
            if (step < StepsWithoutRows - 1) shares = _shares.WithoutEachRow(state, shares, counts, _context.CancellationToken);
        }
    }

    /// <summary>The M-step of the responsibilities under a fit of a family with fewer parameters.</summary>
    /// <param name="simpler">One of <see cref="SimplerFamilies"/>.</param>
    /// <param name="kind">How that fit groups rows when it starts.</param>
    /// <param name="random">Draws the groups.</param>
    /// <param name="progress">Is told of its steps; null for nobody.</param>
    /// <param name="passes">The number of passes over the rows so far: raised by those that were needed, or would cost as much.</param>
    /// <param name="state">The mixture.</param>
    /// <param name="failure">Why there is none.</param>
    public bool TryStart(
        (ComponentFamily Family, double Cost) simpler, StartKind kind, Xoshiro256StarStar random, Action<FitHistory>? progress, ref int passes, out MixtureState state, out DegenerateComponent? failure)
    {
        if (!_memoriesOfSimplerFits.TryGetValue(simpler.Family, out RunMemory? memory))
        {
            _memoriesOfSimplerFits[simpler.Family] = memory = new RunMemory(_rows, _context.Rows.RowWeightTotal, _threadCount);
        }

        double[] shares = Shares(Labels(kind, random));
        double[] centres = _points.Centres(shares, _context.ComponentCount, _context.Moments);
        if (!_context.MaximizationOf(simpler.Family).TryMaximize(_rows, shares, centres, memory, out state, out failure)) return false;
        MixtureComponents first = state.Components;
        double weight = TensorPrimitives.Sum(_points.Weights);
        var rule = new StoppingRule(Math.Min(MostStepsOfSimplerFit, _context.MaximumIterations), ToleranceOfSimplerFit, weight);
        MixtureFit fit = ExpectationMaximization.Run(
            state, memory.Step(state.Components), rule, new Acceleration(), progress, _context.CancellationToken, _context.Budget, memory);
        if (!ReferenceEquals(first, fit.Components)) memory.Return(first);
        passes += 2 + (int)Math.Ceiling(fit.PassCount * simpler.Cost);
        failure = fit.Failure;
        bool started = failure is null && double.IsFinite(fit.Objective)
            && TryStart(Responsibilities(fit.ToState()), out state, out failure);
        memory.Return(fit.Components);
        return started;
    }

    /// <summary>Responsibilities of groups by k-means++ and k-means on features in units of their spread within given groups.</summary>
    /// <param name="shares">Those of the given groups, r(i,k) at [i * K + k].</param>
    /// <param name="random">Draws the groups.</param>
    public double[] Regroup(double[] shares, Xoshiro256StarStar random)
    {
        StartPoints points = PointsInTurn();
        int axes = _regroupings++ % 2 == 0 ? FactorCount : 0;
        _regrouped ??= new double[points.Standardised.Length];
        if (_context.Noise is not null) LeaveOut(MostlyNoise(shares));
        for (int round = 0; round < RoundsOfRegrouping; round++)
        {
            points.InUnitsWithin(shares, _context.ComponentCount, axes, _regrouped);
            if (_regroupedGroups is null) _regroupedGroups = Groups(_regrouped, _context.ComponentCount);
            else _regroupedGroups.Take(_regrouped, points.Weights);
            _regroupedGroups.Find(random);
            shares = Shares(_regroupedGroups.Labels);
        }

        if (_context.Noise is not null) LeaveOut(null);
        return shares;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (RunMemory memory in _memoriesOfSimplerFits.Values) memory.Dispose();
    }

    public int[] Labels(StartKind kind, Xoshiro256StarStar random)
    {
        if (kind == StartKind.RandomDirection) return Slices(random);
        if (kind == StartKind.FewerGroups) return FewerGroups(random);
        if (kind == StartKind.PointMasses) return AtMasses.Find(_context.ComponentCount, random, CancellationToken);
        StartPoints inTurn = PointsInTurn();

        // All points without correlation are equally far apart where they are no more than features.
        bool isWhitened = kind is StartKind.WhitenedKMeans or StartKind.WhitenedRandomRows && inTurn.HaveCorrelations;
        double[] points = isWhitened ? inTurn.Whitened : kind == StartKind.WithoutFactors ? inTurn.WithoutLeadingAxes(FactorCount) : inTurn.Standardised;
        if (!_groups.TryGetValue(points, out KMeansGroups? groups)) _groups[points] = groups = Groups(points, _context.ComponentCount);
        if (_context.Noise is not null) groups.SetWeights(_points.Weights);
        if (kind is StartKind.RandomRows or StartKind.WhitenedRandomRows)
        {
            groups.SeedAtRandom(random);
            return groups.Labels;
        }

        groups.Find(random);
        return groups.Labels;
    }

    /// <summary>r(i,k) at [i * K + k] under a mixture, one pass over the rows.</summary>
    /// <param name="state">The mixture.</param>
    /// <param name="logJoint">Receives ln(pi(k) f(k)(x(i))) in the same order; empty if it is not wanted.</param>
    /// <param name="logNoise">Receives the same of the noise, row by row; empty if there is none, or it is not wanted.</param>
    public double[] Responsibilities(MixtureState state, Span<double> logJoint = default, Span<double> logNoise = default) =>
        _shares.Under(state, logJoint, logNoise, _context.CancellationToken);

    // From 2 to K - 1, spread evenly on a logarithmic scale, each by both distances.
    private int[] FewerGroups(Xoshiro256StarStar random)
    {
        double place = _fewerGroups / 2 * GoldenRatio % 1;
        int count = Math.Max(1, (int)(2 * Math.Pow(0.5 * _context.ComponentCount, place)));
        StartPoints inTurn = PointsInTurn();
        double[] points = _fewerGroups++ % 2 == 0 || !inTurn.HaveCorrelations ? inTurn.Standardised : inTurn.Whitened;
        KMeansGroups groups = Groups(points, count);
        groups.Find(random);
        return groups.Labels;
    }

    private PointMassGroups AtMasses => _atMasses ??= new PointMassGroups(_rows, _points.Standardised, _points.Weights, CancellationToken);

    private double OperationsOf(MixtureComponents about) => (_rows.RowCount * (double)ExpectedStatistics.Length(about)) + about.MaximizationOperations
        + (Math.Min(_context.Rows.Missing?.PatternCount ?? 0, _rows.RowCount) * about.OperationsOfPattern(_context.Rows.Missing?.AverageMissing ?? 0));

    private KMeansGroups Groups(double[] points, int count) => new(points, _points.Weights, _points.Dimension, count, _context.CancellationToken);

    // The tree of a few rows, and the M-step of these alone, in which the others have no shares.
    private bool TryHierarchical(Xoshiro256StarStar random, out MixtureState state, out DegenerateComponent? failure)
    {
        int dimension = _points.Dimension, count = _context.ComponentCount, size = Math.Min(MostRowsOfTree, HierarchicalGroups.MostPoints(dimension, MostOperationsOfTree));
        int[] sample = [.. Enumerable.Range(0, _rows.RowCount).Where(i => _points.Weights[i] > 0)];
        if (sample.Length > size)
        {
            for (int i = 0; i < size; i++)
            {
                int other = i + (int)(random.NextDouble() * (sample.Length - i));
                (sample[i], sample[other]) = (sample[other], sample[i]);
            }

            sample = sample[..size];
            Array.Sort(sample);
        }

        // Where nearly all rows are noise, so few are left.
        if (sample.Length < count) return TryStart(StartKind.KMeans, random, out state, out failure);
        double[] all = PointsInTurn().Standardised, points = new double[sample.Length * dimension];
        for (int i = 0; i < sample.Length; i++) all.AsSpan(sample[i] * dimension, dimension).CopyTo(points.AsSpan(i * dimension));
        var tree = new HierarchicalGroups(points, Array.ConvertAll(sample, i => _points.Weights[i]), dimension, _context.CancellationToken);
        if (tree.PointCount < count) return TryStart(StartKind.KMeans, random, out state, out failure);
        int[] labels = tree.Labels(count);
        double[] shares = StartShares.Create(_rows.RowCount, count);
        for (int i = 0; i < sample.Length; i++) shares[(sample[i] * count) + labels[i]] = 1;
        return TryStart(shares, out state, out failure);
    }

    private double[] Shares(int[] labels)
    {
        int count = _context.ComponentCount;
        double[] shares = StartShares.Create(labels.Length, count);
        for (int i = 0; i < labels.Length; i++) shares[(i * count) + labels[i]] = _noise is not null && _noise[i] ? 0 : 1;
        return shares;
    }

    // Uniform on the simplex: shares of logarithms of uniform numbers.
    private double[] RandomShares(Xoshiro256StarStar random)
    {
        int count = _context.ComponentCount;
        double[] shares = StartShares.Create(_rows.RowCount, count);
        for (int at = 0; at < shares.Length; at++) shares[at] = 1 - random.NextDouble();
        TensorPrimitives.Log(shares, shares);
        for (int at = 0; at < shares.Length; at += count)
        {
            Span<double> own = shares.AsSpan(at, count);
            if (_noise is not null && _noise[at / count]) own.Clear();
            else TensorPrimitives.Divide(own, TensorPrimitives.Sum(own), own);
        }

        return shares;
    }

    private bool[] MostlyNoise(double[] shares)
    {
        bool[] marks = new bool[_rows.RowCount];
        for (int i = 0; i < marks.Length; i++) marks[i] = InitialNoise.Left(shares.AsSpan(i * _context.ComponentCount, _context.ComponentCount)) > 0.5;
        return marks;
    }

    private int[] Slices(Xoshiro256StarStar random)
    {
        int dimension = _points.Dimension, count = _context.ComponentCount;
        double[] direction = new double[dimension], places = new double[_rows.RowCount];
        for (int j = 0; j < dimension; j++) direction[j] = RandomDraws.Normal(random);
        double[] points = PointsInTurn().Whitened;
        int[] order = new int[_rows.RowCount], labels = new int[_rows.RowCount];
        double total = 0;
        for (int i = 0; i < order.Length; i++)
        {
            order[i] = i;
            total += _points.Weights[i];
            places[i] = Lanes.Dot(points.AsSpan(i * dimension, dimension), direction);
        }

        Array.Sort(places, order);
        double[] ends = new double[count];
        double sum = 0;
        for (int k = 0; k < count; k++) ends[k] = sum += NarrowestSlice + random.NextDouble();
        double before = 0;
        int label = 0;
        foreach (int i in order)
        {
            while (label < count - 1 && before > total * ends[label] / sum) label++;
            labels[i] = label;
            before += _points.Weights[i];
        }

        return labels;
    }
}
