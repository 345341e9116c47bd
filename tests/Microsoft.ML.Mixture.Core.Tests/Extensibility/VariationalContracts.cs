namespace Microsoft.ML.Mixture.Extensibility.Tests;

/// <summary>The variational posterior keeps the contract of a family.</summary>
public abstract class VariationalContract(CovarianceStructure structure, MixtureWeightPrior weights) : ComponentFamilyContract
{
    private protected override ComponentFamily CreateFamily()
    {
        double[] lower = [2, 0.3, 1, 0, 0.2, 1.5, 0.1, 0, 0, 1, 0, 0, 0.4, 0, 3];
        var prior = new NormalWishartPrior(0.5, [1, 2, 3, 2, 1], 6.5, lower, 0);
        return new VariationalFamily(new GaussianFamily(structure, CovarianceRegularization.None(5), prior: prior), WeightPosterior.Create(weights, 0.3));
    }

    private protected override double[] CreateRows(Random random, int rowCount, int dimension) =>
        [.. Enumerable.Range(0, rowCount * dimension).Select(at => Laws.Tests.MixtureCase.Normal(random) + (3 * (at / dimension % 4)))];
}

public class FullVariationalContract() : VariationalContract(CovarianceStructure.Full, MixtureWeightPrior.DirichletProcess);

public class TiedVariationalContract() : VariationalContract(CovarianceStructure.Tied, MixtureWeightPrior.Dirichlet);

public class DiagonalVariationalContract() : VariationalContract(CovarianceStructure.Diagonal, MixtureWeightPrior.DirichletProcess);

public class SphericalVariationalContract() : VariationalContract(CovarianceStructure.Spherical, MixtureWeightPrior.Dirichlet);
