namespace Microsoft.ML.Mixture;

/// <summary>One pass over rows that collects what their components look like.</summary>
internal sealed class GaussianityPass
{
    private const double LeastResponsibility = 1e-14;

    // Beyond so many sets of missing features all are forgotten: rows that lack the same stand side by side.
    private const int MostPatterns = 64;

    private readonly GaussianMixtureModel _model;
    private readonly List<GaussianMixtureModel?> _marginals = [];
    private readonly double[]?[] _quantiles;
    private readonly double[] _row;
    private readonly double[] _whitened;
    private readonly double[] _responsibilities;
    private readonly List<double>[] _values;

    // Of the rows with these values, where rows do not weigh the same.
    private readonly List<double>[]? _weights;
    private readonly bool[] _isConstant;

    // That of the mean weight: in units of its power of two the squares of weights are numbers, and no digit of a ratio changes.
    private readonly int _weightExponent;

    // Whether draws from the mixture stand for missing values.
    private readonly bool _fillsIn;
    private MissingValueFiller? _filler;
    private HolePatterns _patterns;

    private GaussianityPass(GaussianMixtureModel model, bool[] isConstant, TrainingRows rows, bool fillsIn = false)
    {
        _fillsIn = fillsIn;
        _weightExponent = Math.ILogB(rows.RowWeightTotal / rows.Source.RowCount);
        _isConstant = isConstant;
        _model = model;
        _patterns = new HolePatterns(model.Dimension);
        _quantiles = new double[]?[model.Dimension + 1];
        _row = new double[model.Dimension];
        _whitened = new double[model.Dimension];
        _responsibilities = new double[model.ShareCount];
        Components = [.. Enumerable.Range(0, model.ComponentCount).Select(k => new ComponentSums(model, k, isConstant.Count(constant => !constant)))];
        _values = [.. Enumerable.Range(0, model.Dimension).Select(_ => new List<double>())];
        if (!rows.AreWeightsEqual) _weights = [.. _values.Select(_ => new List<double>())];
    }

    public ComponentSums[] Components { get; }

    public int RowCount { get; private set; }

    public int IncompleteRowCount { get; private set; }

    public static GaussianityCheck Run(
        GaussianMixtureModel model, RowSource rows, IReadOnlyList<string>? featureNames, double falseAlarmRate, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(rows);
        MixtureOptions.Check(falseAlarmRate is > 0 and < 1, nameof(falseAlarmRate), falseAlarmRate, "above 0 and below 1");
        model.CheckFeatures(rows, nameof(rows));
        var names = new GaussianMixtureOptions { FeatureNames = featureNames };
        TrainingRows training = TrainingRows.InspectUpTo(1, rows, usesHoles: true, names.FeatureName, cancellationToken, needsAllFeatures: false);

        // A feature that no row shows has no spread either.
        var pass = new GaussianityPass(model, [.. training.Minimum.Select((least, j) => !(least < training.Maximum[j]))], training);
        pass.Read(training.Source, cancellationToken);
        ComponentGaussianity[] components = [.. pass.Components.Select(sums => sums.Finish(names.FeatureName))];
        var verdict = new GaussianityVerdict(model, falseAlarmRate);
        for (int k = 0; k < components.Length; k++) verdict.Judge(components[k], pass.Components[k]);
        for (int j = 0; j < model.Dimension; j++)
        {
            // To sort the values of all features may take as long as to read them.
            cancellationToken.ThrowIfCancellationRequested();
            pass.JudgeValues(verdict, j, names.FeatureName(j));
        }

        // What rows are a selection of shows as well where nothing is missing any more.
        GaussianityVerdict? filledIn = pass.IncompleteRowCount == 0 ? null : pass.JudgeFilledIn(training, new GaussianityVerdict(model, falseAlarmRate), names.FeatureName, cancellationToken);
        IReadOnlyList<GaussianityFinding> found = verdict.Findings(filledIn, out int withdrawn);
        return new GaussianityCheck
        {
            RowCount = pass.RowCount,
            IncompleteRowCount = pass.IncompleteRowCount,
            FalseAlarmRate = falseAlarmRate,
            Components = Array.AsReadOnly(components),
            Findings = [.. found.Select(finding => finding.Text)],
            Found = found,
            WithdrawnCount = withdrawn,
        };
    }

    private GaussianityVerdict JudgeFilledIn(TrainingRows rows, GaussianityVerdict verdict, Func<int, string> featureName, CancellationToken cancellationToken)
    {
        var pass = new GaussianityPass(_model, _isConstant, rows, fillsIn: true);
        pass.Read(rows.Source, cancellationToken);
        foreach (ComponentSums sums in pass.Components) verdict.Judge(sums.Finish(featureName), sums);
        return verdict;
    }

    private void Read(RowSource rows, CancellationToken cancellationToken)
    {
        MixtureScorer scorer = _model.CreateScorer();
        foreach (RowBlock block in new RowBlocks(rows, cancellationToken))
        {
            for (int i = 0; i < block.RowCount; i++)
            {
                for (int j = 0; j < _row.Length; j++) _row[j] = block.Values[(j * block.Stride) + i];
                if (_fillsIn) FillIn();
                scorer.Score(_row);
                scorer.CopyResponsibilities(_responsibilities);
                Add(Math.ScaleB(block.Weights[i], -_weightExponent));
            }
        }
    }

    private void FillIn()
    {
        if (!Array.Exists(_row, double.IsNaN)) return;
        FindPattern();
        _filler ??= _model.CreateFiller();
        _filler.Draw(_row, _whitened, seed: RowCount);
        _whitened.CopyTo(_row, 0);
    }

    private int FindPattern()
    {
        if (_patterns.Count > MostPatterns)
        {
            _patterns = new HolePatterns(_model.Dimension);
            _marginals.Clear();
            _filler = null;
        }

        return _patterns.Find(_row);
    }

    private void JudgeValues(GaussianityVerdict verdict, int feature, string name)
    {
        double[] values = [.. _values[feature]];
        double[]? weights = _weights?[feature].ToArray();
        if (weights is null) Array.Sort(values);
        else Array.Sort(values, weights);
        verdict.JudgeValues(feature, name, values, weights);
    }

    private void Add(double weight)
    {
        RowCount++;
        if (Array.Exists(_row, double.IsNaN)) IncompleteRowCount++;
        for (int j = 0; j < _row.Length; j++)
        {
            if (!_fillsIn && !double.IsNaN(_row[j]))
            {
                _values[j].Add(_row[j]);
                _weights?[j].Add(weight);
            }

            // A feature without spread tells nothing of a shape.
            if (_isConstant[j]) _row[j] = double.NaN;
        }

        int pattern = FindPattern();
        ReadOnlySpan<int> observed = _patterns.Observed(pattern);
        int count = observed.Length;
        if (count == 0) return;
        while (_marginals.Count <= pattern) _marginals.Add(null);
        GaussianMixtureModel marginal = _marginals[pattern] ??= pattern == HolePatterns.Complete ? _model : _model.Marginal(observed);
        double[] quantiles = _quantiles[count] ??= [.. GaussianityCheck.TailLevels.Select(level => GaussianityCheck.Quantile(level, count))];
        for (int k = 0; k < Components.Length; k++)
        {
            double responsibility = _responsibilities[k];
            if (responsibility < LeastResponsibility) continue;
            Whiten(marginal, k, observed);
            Components[k].Add(_whitened.AsSpan(0, count), quantiles, weight, responsibility);
            foreach (int j in observed) Components[k].Features[j].Add(_row[j], weight, responsibility);
        }
    }

    private void Whiten(GaussianMixtureModel marginal, int component, ReadOnlySpan<int> observed)
    {
        ReadOnlySpan<double> mean = marginal.Means.Row(component);
        GaussianComponents components = marginal.Components;
        if (components.Shape != CovarianceShape.Full)
        {
            ReadOnlySpan<double> stored = components.InverseFactors[(components.IsShared ? 0 : component * components.Shape.Length(observed.Length))..];
            for (int a = 0; a < observed.Length; a++) _whitened[a] = stored[components.Shape.Index(a, a)] * (_row[observed[a]] - mean[a]);
            return;
        }

        ReadOnlyMatrix upper = marginal.PrecisionsCholesky[component];
        for (int c = 0; c < observed.Length; c++) _whitened[c] = 0;
        for (int a = 0; a < observed.Length; a++)
        {
            double distance = _row[observed[a]] - mean[a];
            ReadOnlySpan<double> factors = upper.Row(a);
            for (int c = a; c < observed.Length; c++) _whitened[c] += factors[c] * distance;
        }
    }
}
