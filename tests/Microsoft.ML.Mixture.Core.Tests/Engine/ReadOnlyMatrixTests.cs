namespace Microsoft.ML.Mixture.Engine.Tests;

[Trait("Kind", "Degenerate")]
public class ReadOnlyMatrixTests
{
    private readonly ReadOnlyMatrix _matrix = new(new double[,] { { 1, 2, 3, 4 }, { 5, 6, 7, 8 } });

    /// <summary>The place of row 2^30 of four columns wraps around to the first.</summary>
    [Theory]
    [InlineData(-1)]
    [InlineData(2)]
    [InlineData(1 << 30)]
    [InlineData(int.MinValue)]
    public void Row_ThatIsNotThere_IsNamed(int row)
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(nameof(row), () => _matrix[row, 0]);

        Assert.StartsWith($"There is no row {row}: the matrix has 2, counted from zero.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Column_ThatIsNotThere_Throws() => Assert.Throws<IndexOutOfRangeException>(() => _matrix[0, 4]);
}
