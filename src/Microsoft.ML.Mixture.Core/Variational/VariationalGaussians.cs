namespace Microsoft.ML.Mixture;

/// <summary>The variational posterior of a Gaussian mixture, as components of the EM loop.</summary>
/// <remarks>
/// <para>
/// The posterior q(pi) times the product of q(mu(k), Lambda(k)), with
/// <code>
///   q(Lambda(k)) = Wishart(W(k), nu(k)),   q(mu(k) | Lambda(k)) = N(m(k), inverse(beta(k) Lambda(k))),   C(k) = inverse(nu(k) W(k))
/// </code>
/// gives a row in component k the expected log-density
/// <code>
///   E[log p(x | k)] = log N(x; m(k), C(k)) + 1/2 ( E[log det Lambda(k)] + log det C(k) - D / beta(k) )
/// </code>
/// a Gaussian density but for a constant, which goes with E[log pi(k)] in the place of the logarithm of the weight. So densities, statistics, bounds and rows
/// with holes are those of <see cref="GaussianComponents"/>. What a pass sums up as the log-likelihood is the part of the evidence lower bound that the rows
/// give, with the responsibilities that maximise it; <see cref="LogPrior"/> is the rest, the negative divergence of the posterior from the prior.
/// </para>
/// <para>
/// A covariance structure restricts the C(k), and where it shares one matrix it shares nu too. Within it, the bound as a function of
/// (C, nu) is a sum of - 1/2 sum over k of (n(k) log det C(k) + trace(inverse(C(k)) A(k))) and of a function of nu that is largest at nu(k) = n(k),
/// or at their mean where nu is shared, with n(k) = nu0 + N(k) and A(k) = V + the scatter of rows and prior mean about m(k). So structures estimate from A and n
/// what they estimate from scatter and counts elsewhere.
/// </para>
/// </remarks>
internal sealed class VariationalGaussians : MixtureComponents
{
    // In rows: components that die need not stand in order.
    private const double LeastDifference = 0.01;

    private readonly VariationalFamily _family;
    private readonly double[] _counts;
    private readonly double[] _logWeights;
    private readonly double[] _work;

    // The logarithm may be taken of these, even where nothing belongs to a component.
    private readonly double[] _smoothedWeights;
    private readonly int[] _order;
    private double _logPrior;
    private int _orderChanges;

    public VariationalGaussians(VariationalFamily family, GaussianComponents gaussians)
    {
        _family = family;
        Gaussians = gaussians;
        _counts = new double[gaussians.ComponentCount];
        _logWeights = new double[gaussians.ComponentCount];
        _smoothedWeights = new double[gaussians.ComponentCount];
        _order = new int[gaussians.ComponentCount];
        _work = new double[gaussians.Dimension];
    }

    /// <summary>N(m(k), C(k)).</summary>
    public GaussianComponents Gaussians { get; }

    /// <summary>N(k), from which all other parameters but m(k) and C(k) follow.</summary>
    public ReadOnlySpan<double> Counts => _counts;

    public override int ComponentCount => Gaussians.ComponentCount;

    public override int Dimension => Gaussians.Dimension;

    public override long FreeParameterCount => Gaussians.FreeParameterCount;

    public override int StatisticsLength => Gaussians.StatisticsLength;

    public override double LogPrior => _logPrior;

    public override bool ObjectiveMayFall => _family.Prior.RowVariance > 0;

    internal override double MaximizationOperations => Gaussians.MaximizationOperations;

    internal override double OperationsOfPattern(double missing) => Gaussians.OperationsOfPattern(missing);

    internal override double HastyMaximizationOperations => Gaussians.HastyMaximizationOperations;

    internal override int ConstantStatisticsLength => Gaussians.ConstantStatisticsLength;

    internal override object? ConstantStatisticsKey => Gaussians.ConstantStatisticsKey;

    public override int ScratchLength(int stride) => Gaussians.ScratchLength(stride);

    public override void LogDensities(RowBlock rows, Span<double> logDensities, Span<double> scratch) => Gaussians.LogDensities(rows, logDensities, scratch);

    public override void Accumulate(RowBlock rows, ReadOnlySpan<double> responsibilities, Span<double> statistics, Span<double> scratch) =>
        Gaussians.Accumulate(rows, responsibilities, statistics, scratch);

    public override MixtureComponents CreateEmpty() => new VariationalGaussians(_family, (GaussianComponents)Gaussians.CreateEmpty());

    public override bool TryMaximize(
        ReadOnlySpan<double> effectiveCounts, ReadOnlySpan<double> statistics, MixtureComponents destination, out DegenerateComponent? failure) =>
        TryMaximizeTogether(effectiveCounts, statistics, destination, team: null, CancellationToken.None, out failure);

    internal override bool TryMaximizeTogether(
        ReadOnlySpan<double> effectiveCounts, ReadOnlySpan<double> statistics, MixtureComponents destination, WorkerTeam? team, CancellationToken cancellationToken,
        out DegenerateComponent? failure)
    {
        var next = (VariationalGaussians)destination;
        int[]? order = _family.SortsComponents ? next.Sort(effectiveCounts) : null;
        next.Gaussians.Order = order;
        next._orderChanges = _orderChanges + (order is null ? 0 : 1);
        if (!Gaussians.TryMaximizeTogether(effectiveCounts, statistics, next.Gaussians, team, cancellationToken, out failure)) return false;
        for (int k = 0; k < next._counts.Length; k++)
        {
            double count = effectiveCounts[order?[k] ?? k];
            next._counts[k] = count > GaussianLimits.EmptyCount ? count : 0;
        }

        next.Update();
        return true;
    }

    internal override void CopyLogWeights(ReadOnlySpan<double> weights, Span<double> logWeights) => _logWeights.CopyTo(logWeights);

    internal override void AccumulateChosen(
        RowBlock rows, ReadOnlySpan<int> components, Span<double> responsibilities, Span<double> statistics, Span<double> scratch) =>
        Gaussians.AccumulateChosen(rows, components, responsibilities, statistics, scratch);

    internal override void AccumulateConstant(RowBlock rows, Span<double> statistics, Span<double> scratch) => Gaussians.AccumulateConstant(rows, statistics, scratch);

    internal override ComponentBounds? CreateBounds(int blockCount) => Gaussians.CreateBounds(blockCount) is { } bounds ? new VariationalBounds(bounds) : null;

    internal override ParameterSteps? Compare(MixtureState before, MixtureState middle, MixtureState after) =>
        ((VariationalGaussians)before.Components)._orderChanges == _orderChanges ? Gaussians.Compare(Plain(before), Plain(middle), Plain(after)) : null;

    // Any counts, means and covariances are a posterior; a step too far is undone where it lowers the bound.
    internal override bool TryExtrapolate(
        MixtureState before, MixtureState middle, MixtureState after, double step, MixtureState destination, CancellationToken cancellationToken)
    {
        var result = (VariationalGaussians)destination.Components;
        var plain = new MixtureState(destination.Weights, result.Gaussians);
        if (!Gaussians.TryExtrapolate(Plain(before), Plain(middle), Plain(after), step, plain, cancellationToken)) return false;
        double concentration = _family.Weights.Concentration, total = 0;
        foreach (double count in _counts) total += count;
        for (int k = 0; k < result._counts.Length; k++)
        {
            result._counts[k] = Math.Max(0, (destination.Weights[k] * (total + (ComponentCount * concentration))) - concentration);
        }

        result._orderChanges = _orderChanges;
        result.Update();
        return true;
    }

    // Large components first. To exchange two neighbours of a and b rows that have c rows behind them raises the bound by
    // log( (alpha0 + b + c) / (alpha0 + a + c) ). Null if they stand so.
    private int[]? Sort(ReadOnlySpan<double> counts)
    {
        bool isSorted = true;
        for (int k = 0; k < counts.Length; k++)
        {
            _order[k] = k;
            for (int at = k; at > 0 && counts[_order[at]] > counts[_order[at - 1]] + LeastDifference; at--)
            {
                (_order[at], _order[at - 1]) = (_order[at - 1], _order[at]);
                isSorted = false;
            }
        }

        return isSorted ? null : _order;
    }

    private static MixtureState Plain(MixtureState state)
    {
        var components = (VariationalGaussians)state.Components;
        return new MixtureState(components._smoothedWeights, components.Gaussians);
    }

    private void Update()
    {
        NormalWishartPrior prior = _family.Prior;
        int dimension = Dimension, length = Gaussians.Shape.Length(dimension);
        double total = 0, trace = 0;
        foreach (double count in _counts) total += count;
        _logPrior = _family.Weights.Update(_counts, _logWeights);
        for (int k = 0; k < _counts.Length; k++)
        {
            double beta = prior.MeanPrecision + _counts[k];
            double nu = prior.DegreesOfFreedom + (Gaussians.IsShared ? total / _counts.Length : _counts[k]);
            double logDeterminant = (-2 * Gaussians.LogConstant(k)) - (dimension * Math.Log(2 * Math.PI));
            double shift = NormalWishartPrior.LogDeterminantShift(dimension, nu);
            ReadOnlySpan<double> inverse = Gaussians.InverseFactors.Slice(Gaussians.IsShared ? 0 : k * length, length);
            if (k == 0 || !Gaussians.IsShared) trace = prior.Trace(Gaussians.Shape, inverse, _work);
            double distance = Gaussians.SquaredDistance(k, prior.Mean);
            double pull = prior.MeanPrecision / beta;
            _smoothedWeights[k] = (_counts[k] + _family.Weights.Concentration) / (total + (_counts.Length * _family.Weights.Concentration));
            _logWeights[k] += 0.5 * (shift - (dimension / beta));
            _logPrior += 0.5 * ((dimension * (Math.Log(pull) + 1 - pull)) - (prior.MeanPrecision * distance));
            _logPrior += prior.LogNormalizer - NormalWishartPrior.LogWishartNormalizer(dimension, nu, -logDeterminant - (dimension * Math.Log(nu)))
                + (0.5 * (((prior.DegreesOfFreedom - nu) * (shift - logDeterminant)) - trace + (nu * dimension)));
        }
    }
}
