using CsCheck;
using MathNet.Numerics.LinearAlgebra;

namespace Microsoft.ML.Mixture.Laws.Tests;

/// <summary>What the fourteen structures promise: what is common to the components, and that nothing within the structure is more likely.</summary>
[Trait("Kind", "Law")]
public class StructureLaws
{
    // Scatter matrices of shapes and sizes from alike to very different.
    private static readonly Gen<(int Components, int Dimension, int Seed, double Spread)> _scatters =
        Gen.Select(Gen.Int[1, 5], Gen.Int[1, 6], Gen.Int[0, int.MaxValue], Gen.OneOf(0.1, 1, 3));

    private static readonly Gen<CovarianceStructure> _structure = MixtureCase.Structure;
    private static readonly Gen<CovarianceStructure> _lettered = Gen.OneOf(MixtureCase.Lettered);

    [Fact]
    public void Codes_OfBuiltIn_AreTheFourteenOfMclustAndFindThem()
    {
        string[] codes = ["EEE", "EEI", "EEV", "EII", "EVE", "EVI", "EVV", "VEE", "VEI", "VEV", "VII", "VVE", "VVI", "VVV"];

        Assert.Equal(codes, MixtureCase.Lettered.Select(structure => structure.Code).Order(StringComparer.Ordinal));
        Assert.All(codes, code => Assert.Equal(code, CovarianceStructure.FromCode(code).Code));
        Assert.Same(CovarianceStructure.TiedShape, CovarianceStructure.FromCode("vev"));
        Assert.Same(CovarianceStructure.Full, CovarianceStructure.FromCode("VVV"));
        Assert.Same(CovarianceStructure.Tied, CovarianceStructure.FromCode("EEE"));
        Assert.Same(CovarianceStructure.Diagonal, CovarianceStructure.FromCode("VVI"));
        Assert.Same(CovarianceStructure.Spherical, CovarianceStructure.FromCode("VII"));
        string message = Assert.Throws<ArgumentException>(() => CovarianceStructure.FromCode("VIV")).Message;
        Assert.EndsWith("what mclust calls E and V, of one feature, is EII and VII. (Parameter 'code')", message, StringComparison.Ordinal);
        Assert.Contains("'VIV'", message, StringComparison.Ordinal);
        Assert.Contains(" VVV, EEE, VVI, VII, EII, EEI, VEI, EVI, VEE, EVE, VVE, EEV, VEV, EVV; ", message, StringComparison.Ordinal);
    }

    // The letters count: a volume or one each, D - 1 proportions or as many each, D (D - 1) / 2 angles or as many each.
    [Fact]
    public void FreeParameterCount_AnyStructure_IsThatOfItsLetters() => Gen.Select(_lettered, Gen.Int[1, 9], Gen.Int[1, 20]).Sample((structure, components, dimension) =>
    {
        int Times(char letter) => letter switch { 'I' => 0, 'E' => 1, _ => components };
        string code = structure.Code!;
        Assert.Equal(
            Times(code[0]) + (Times(code[1]) * (dimension - 1)) + (Times(code[2]) * (dimension * (dimension - 1) / 2)), structure.FreeParameterCount(components, dimension));
    });

    [Fact]
    public void Estimate_AnyStructure_HasInCommonWhatItSays() => Gen.Select(_scatters, _lettered).Sample(
        (size, structure) =>
        {
            var problem = new Problem(size.Components, size.Dimension, size.Seed, size.Spread);
            StructureAssert.Holds(structure, [.. problem.Estimate(structure).Select(matrix => matrix.ToArray())]);
        },
        iter: 1000);

    [Fact]
    public void Estimate_AnyStructure_IsNotBelowTheTextbook()
    {
        var wells = new OtherWells();
        Gen.Select(_scatters, _structure).Sample(
            (size, structure) =>
            {
                var problem = new Problem(size.Components, size.Dimension, size.Seed, size.Spread);
                Matrix<double>[] estimate = problem.Estimate(structure);
                double reached = problem.Deviance(estimate);

                // From its own axes the textbook's iterations find nothing better, and from those of all rows nothing either.
                foreach (Matrix<double> axes in new[] { TextbookStructures.AxesOf(estimate), TextbookStructures.AxesOf(problem.Scatters) })
                {
                    double expected = problem.Deviance(TextbookStructures.Estimate(structure, problem.Counts, problem.Scatters, axes));
                    bool holds = reached <= expected + (MixtureCase.Tolerance(structure, 1e-10) * (1 + Math.Abs(expected)));
                    Assert.True(!wells.AreTheSame(structure, holds) || holds, $"{structure}: {reached:R} above {expected:R}");
                    if (structure.Code is not ("EVE" or "VVE")) Assert.True(reached >= expected - (1e-10 * (1 + Math.Abs(expected))), $"{structure}: {reached:R} below {expected:R}");
                }
            },
            iter: 500);
        wells.AssertRare();
    }

    [Fact]
    public void Estimate_Perturbed_IsNotMoreLikely()
    {
        var wells = new OtherWells();
        Gen.Select(_scatters, _lettered).Sample(
            (size, structure) =>
            {
                var problem = new Problem(size.Components, size.Dimension, size.Seed, size.Spread);
                Matrix<double>[] estimate = problem.Estimate(structure);
                double reached = problem.Deviance(estimate);
                var random = new Random(size.Seed);
                for (int trial = 0; trial < 20; trial++)
                {
                    double step = Math.Pow(10, -1 - (trial % 5));
                    double perturbed = problem.Deviance(Perturb(structure.Code!, estimate, step, random));
                    bool holds = reached <= perturbed + (1e-12 * (1 + Math.Abs(perturbed)));
                    Assert.True(!wells.AreTheSame(structure, holds) || holds, $"{structure}: {reached:R} above {perturbed:R} at a step of {step}");
                }
            },
            iter: 1000);
        wells.AssertRare();
    }

    [Fact]
    public void Estimate_CommonAxesOfTwoFeatures_IsTheBestOfAllAngles() => Gen.Select(_scatters, Gen.Bool).Sample(
        (size, tiesVolume) =>
        {
            var problem = new Problem(size.Components, 2, size.Seed, size.Spread);
            CovarianceStructure structure = tiesVolume ? CovarianceStructure.TiedVolumeAndOrientation : CovarianceStructure.TiedOrientation;
            Matrix<double>[] elsewhere = new Problem(size.Components, 2, size.Seed ^ 0x5555, size.Spread).Estimate(structure);
            double best = double.PositiveInfinity;
            for (int angle = 0; angle < 180; angle++)
            {
                (double sine, double cosine) = Math.SinCos(angle * Math.PI / 360);
                Matrix<double> axes = Matrix<double>.Build.DenseOfArray(new[,] { { cosine, -sine }, { sine, cosine } });
                Matrix<double>[] rotated = [.. problem.Scatters.Select(scatter => axes.Transpose() * scatter * axes)];
                best = Math.Min(best, TextbookStructures.Deviance(problem.Counts, rotated, TextbookStructures.Estimate(tiesVolume ? "EVI" : "VVI", problem.Counts, rotated, axes)));
            }

            foreach (Matrix<double>[]? current in new[] { null, elsewhere })
            {
                double reached = problem.Deviance(problem.Estimate(structure, current));
                Assert.True(reached <= (best / problem.Counts.Sum()) + 1e-11, $"{structure}: {reached:R}, and {best / problem.Counts.Sum():R} at an angle");
            }
        },
        iter: 300);

    [Fact]
    public void Estimate_FromCurrentCovariances_IsNeverBelowThem() => Gen.Select(_scatters, _structure).Sample(
        (size, structure) =>
        {
            if (structure.IsShared) return;
            var before = new Problem(size.Components, size.Dimension, size.Seed, size.Spread);
            var after = new Problem(size.Components, size.Dimension, size.Seed ^ 0x5555, size.Spread);
            Matrix<double>[] current = before.Estimate(structure), next = after.Estimate(structure, current), again = after.Estimate(structure, next);
            Assert.True(after.Deviance(next) <= after.Deviance(current) + (1e-12 * (1 + Math.Abs(after.Deviance(current)))), $"{structure} fell");
            Assert.True(after.Deviance(again) <= after.Deviance(next) + (1e-12 * (1 + Math.Abs(after.Deviance(next)))), $"{structure} fell in the second step");

            // The axes that a pair of them rotates to are not always the best there are.
            if (!structure.TiesOrientation || size.Dimension <= 2) Assert.Equal(after.Deviance(next), after.Deviance(again), 1e-11 * (1 + Math.Abs(after.Deviance(next))));

            // Its own estimate, as the scatter, is found again.
            var consistent = new Problem(after.Counts, next);
            double[] expected = [.. next.SelectMany(matrix => matrix.ToArray().Cast<double>())], actual = [.. consistent.Estimate(structure, next).SelectMany(matrix => matrix.ToArray().Cast<double>())];
            MixtureAssert.Close(expected, actual, 1e-10 * Math.Max(1, expected.Max()), "covariance");
        },
        iter: 1000);

    [Fact]
    public void Estimate_OneComponentOrOneFeature_IsThatOfTheFullOrTiedOrDiagonalStructure() => Gen.Select(_scatters, _lettered, Gen.Bool).Sample(
        (size, structure, oneComponent) =>
        {
            string code = structure.Code!;
            if (oneComponent)
            {
                var problem = new Problem(1, size.Dimension, size.Seed, size.Spread);
                string same = code[1] == 'I' ? "VII" : code[2] == 'I' ? "VVI" : "VVV";
                Compare(problem.Estimate(CovarianceStructure.FromCode(same)), problem.Estimate(structure));
            }
            else
            {
                var problem = new Problem(size.Components, 1, size.Seed, size.Spread);
                Compare(problem.Estimate(CovarianceStructure.FromCode(code[0] == 'E' ? "EEE" : "VVV")), problem.Estimate(structure));
            }

            static void Compare(Matrix<double>[] expected, Matrix<double>[] actual) =>
                Assert.All(expected.Zip(actual), pair => Assert.True((pair.First - pair.Second).L2Norm() <= 1e-12 * pair.First.L2Norm()));
        });

    [Fact]
    public void Estimate_CountsTimesPowerOfTwo_IsTheSameBitForBit() => Gen.Select(_scatters, _structure, Gen.Int[-300, 300]).Sample(
        (size, structure, exponent) =>
        {
            var problem = new Problem(size.Components, size.Dimension, size.Seed, size.Spread);
            double factor = double.ScaleB(1, exponent);
            var scaled = new Problem([.. problem.Counts.Select(count => count * factor)], [.. problem.Scatters.Select((scatter, k) => scatter / problem.Counts[k])]);
            var same = new Problem(problem.Counts, [.. problem.Scatters.Select((scatter, k) => scatter / problem.Counts[k])]);
            Assert.Equal(
                MixtureAssert.Bits(same.Estimate(structure).SelectMany(matrix => matrix.ToArray().Cast<double>())),
                MixtureAssert.Bits(scaled.Estimate(structure).SelectMany(matrix => matrix.ToArray().Cast<double>())));
        });

    // A step within the structure: volumes, shapes and axes move by about as much as the step says, together where they are common.
    private static Matrix<double>[] Perturb(string code, Matrix<double>[] covariances, double step, Random random)
    {
        int dimension = covariances[0].RowCount;
        double[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => step * MixtureCase.Normal(random))];
        Matrix<double> Rotation()
        {
            Matrix<double> skew = Matrix<double>.Build.Dense(dimension, dimension), identity = Matrix<double>.Build.DenseIdentity(dimension);
            for (int i = 0; i < dimension; i++)
            {
                for (int j = 0; j < i; j++)
                {
                    skew[i, j] = 0.5 * step * MixtureCase.Normal(random);
                    skew[j, i] = -skew[i, j];
                }
            }

            return (identity - skew).Inverse() * (identity + skew);
        }

        double[] volumes = Draw(covariances.Length), shape = Draw(dimension);
        Matrix<double> rotation = Rotation(), commonAxes = TextbookStructures.AxesOf(covariances);
        var result = new Matrix<double>[covariances.Length];
        for (int k = 0; k < covariances.Length; k++)
        {
            Matrix<double> axes = code[2] switch
            {
                'I' => Matrix<double>.Build.DenseIdentity(dimension),
                'E' => commonAxes,
                _ => covariances[k].Evd(Symmetricity.Symmetric).EigenVectors,
            };
            Vector<double> variances = (axes.Transpose() * covariances[k] * axes).Diagonal();
            double[] proportions = code[1] switch { 'I' => new double[dimension], 'E' => shape, _ => Draw(dimension) };
            double mean = proportions.Average();
            for (int j = 0; j < dimension; j++) variances[j] *= Math.Exp(proportions[j] - mean + volumes[code[0] == 'E' ? 0 : k]);
            if (code[2] != 'I') axes = (code[2] == 'E' ? rotation : Rotation()) * axes;
            result[k] = axes * Matrix<double>.Build.DenseOfDiagonalVector(variances) * axes.Transpose();
        }

        return result;
    }

    /// <summary>Counts and scatter matrices, as an M-step gets them.</summary>
    [Fact]
    public void Estimate_RoughlyFromOtherCovariances_StaysWithinTheStructureAndNeverLosesByIt() => Gen.Select(_scatters, _lettered).Sample(
        (size, structure) =>
        {
            var before = new Problem(size.Components, size.Dimension, size.Seed ^ 1, size.Spread);
            var problem = new Problem(size.Components, size.Dimension, size.Seed, size.Spread);
            Matrix<double>[] current = before.Estimate(structure);
            Matrix<double>[] rough = problem.Estimate(structure, current, isRough: true);
            StructureAssert.Holds(structure, [.. rough.Select(matrix => matrix.ToArray())]);
            double reached = problem.Deviance(rough), lost = problem.Deviance(current), exact = problem.Deviance(problem.Estimate(structure));
            Assert.True(reached <= lost + (1e-9 * (1 + Math.Abs(lost))), $"{structure}: {reached:R} above {lost:R}");
            if (structure.Code is not ("EVE" or "VVE")) Assert.Equal(exact, reached, 1e-9 * (1 + Math.Abs(exact)));

            // Steps from where the last has ended come to rest where turning the axes gains nothing any more.
            for (int step = 0; step < 20; step++) rough = problem.Estimate(structure, rough, isRough: true);
            double settled = problem.Deviance(rough), polished = problem.Deviance(problem.Estimate(structure, rough));
            Assert.True(settled <= polished + (1e-7 * (1 + Math.Abs(polished))) || structure.Code is "EVE" or "VVE", $"{structure}: {settled:R} above {polished:R}");
            Assert.True(settled <= reached + (1e-9 * (1 + Math.Abs(reached))));
        },
        iter: 300);

    // Estimates on one thread use the same memory.
    [Fact]
    [Trait("Kind", "Law")]
    public void Estimate_AfterAnyOther_IsTheSameToTheBit()
    {
        (CovarianceStructure Structure, int Components, int Dimension)[] cases =
            [.. CovarianceStructure.BuiltIn.SelectMany(structure => ((int, int)[])[(3, 4), (4, 3), (3, 4), (2, 1), (5, 6)], (structure, size) => (structure, size.Item1, size.Item2))];
        double[] Estimate(int at) =>
            [.. new Problem(cases[at].Components, cases[at].Dimension, seed: 3, spread: 1).Estimate(cases[at].Structure, isRough: true).SelectMany(matrix => matrix.Enumerate())];
        for (int at = 0; at < cases.Length; at++)
        {
            double[] alone = [];
            var thread = new Thread(() => alone = Estimate(at));
            thread.Start();
            thread.Join();
            Assert.Equal(alone, Estimate(at));
        }
    }

    private sealed class Problem
    {
        public Problem(double[] counts, Matrix<double>[] averages) => (Counts, Scatters) = (counts, [.. averages.Select((average, k) => average * counts[k])]);

        public Problem(int components, int dimension, int seed, double spread)
        {
            var random = new Random(seed);
            Matrix<double> common = Matrix<double>.Build.Dense(dimension, dimension, (_, _) => MixtureCase.Normal(random));
            Counts = [.. Enumerable.Range(0, components).Select(_ => Math.Exp(2 * MixtureCase.Normal(random)))];
            Scatters = [.. Enumerable.Range(0, components).Select(k =>
            {
                Matrix<double> own = Matrix<double>.Build.Dense(dimension, dimension, (_, _) => MixtureCase.Normal(random)), mix = common + (own * (spread / 3));
                return ((mix * mix.Transpose()) + (Matrix<double>.Build.DenseIdentity(dimension) * 0.05)) * Counts[k] * Math.Exp(spread * MixtureCase.Normal(random));
            })];
        }

        public double[] Counts { get; }

        public Matrix<double>[] Scatters { get; }

        public double Deviance(Matrix<double>[] covariances) => TextbookStructures.Deviance(Counts, Scatters, covariances) / Counts.Sum();

        public Matrix<double>[] Estimate(CovarianceStructure structure, Matrix<double>[]? current = null, bool isRough = false)
        {
            int dimension = Scatters[0].RowCount, length = structure.Shape.Length(dimension);
            double[] covariances = new double[structure.IsShared ? length : length * Counts.Length];
            double[] stored = [.. Scatters.SelectMany(scatter => Store(scatter, structure.Shape, isScatter: true))];
            double[] before = current is null ? [] : [.. current.SelectMany(covariance => Store(covariance, structure.Shape, isScatter: false))];
            structure.Estimate(new CovarianceScatter(structure.Shape, dimension, Counts, stored, before, isRough), covariances);
            return [.. Counts.Select((_, k) => Matrix<double>.Build.Dense(dimension, dimension, (i, j) =>
            {
                int at = structure.Shape.Index(Math.Max(i, j), Math.Min(i, j));
                return at < 0 ? 0 : covariances[(structure.IsShared ? 0 : k * length) + at];
            }))];
        }

        private static IEnumerable<double> Store(Matrix<double> matrix, CovarianceShape shape, bool isScatter)
        {
            if (shape == CovarianceShape.Spherical) return [isScatter ? matrix.Trace() : matrix[0, 0]];
            return Enumerable.Range(0, matrix.RowCount).SelectMany(i => Enumerable.Range(0, i + 1).Where(j => shape.Index(i, j) >= 0).Select(j => matrix[i, j]));
        }
    }
}
